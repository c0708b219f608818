package cli

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/s3op"
)

// A completion lists what a word could become, each with a tab and a description.
type completion = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// completeExplain lets the shell complete explain from the estate that -e names.
func completeExplain(cmd *cobra.Command, f *explainFlags) {
	from := func(list func(*estate.Estate, string) []string) completion { return fromEstate(f.estate, list) }
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		list, directive := from(targets)(cmd, args, word)
		return list, directive | cobra.ShellCompDirectiveNoSpace
	}
	flags := map[string]completion{
		"as":           from(principals),
		"vpc-endpoint": from(vpcEndpoints),
		"access-point": from(accessPoints),
		"operation":    completeOperations,
		"action":       completeActions,
		"context":      completeContext,
		"source-ip":    cobra.NoFileCompletions,
		"header":       cobra.NoFileCompletions,
		"query":        cobra.NoFileCompletions,
		"version-id":   cobra.NoFileCompletions,
		"resource":     cobra.NoFileCompletions,
		"time":         cobra.NoFileCompletions,
		"session-tag":  cobra.NoFileCompletions,
		"copy-source":  cobra.NoFileCompletions,
	}
	for name, complete := range flags {
		must(cmd.RegisterFlagCompletionFunc(name, complete))
	}
}

// fromEstate completes from the estate that -e names.
func fromEstate(path *string, list func(*estate.Estate, string) []string) completion {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		e, err := loadEstate(*path)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return starting(list(e, word), word), cobra.ShellCompDirectiveNoFileComp
	}
}

// starting keeps what begins with a word.
func starting(list []string, word string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return !strings.HasPrefix(s, word) })
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func principals(e *estate.Estate, _ string) []string {
	list := []string{"anonymous\tan unsigned request"}
	for _, id := range sortedKeys(e.Accounts) {
		a := e.Accounts[id]
		arn := func(kind, path, name string) string {
			if path == "" {
				path = "/"
			}
			return iam.ARN{Partition: "aws", Service: "iam", Account: id, Resource: kind + path + name}.String()
		}
		suffix := ""
		if a.Name != "" {
			suffix = " of " + a.Name
		}
		for _, name := range sortedKeys(a.Users) {
			list = append(list, arn("user", a.Users[name].Path, name)+"\tuser"+suffix)
		}
		for _, name := range sortedKeys(a.Roles) {
			list = append(list, arn("role", a.Roles[name].Path, name)+"\trole"+suffix)
		}
		list = append(list, iam.ARN{Partition: "aws", Service: "iam", Account: id, Resource: "root"}.String()+"\troot user"+suffix)
	}
	return list
}

// targets lists buckets, and, behind a bucket's name, its keys.
func targets(e *estate.Estate, word string) []string {
	name, _, inside := strings.Cut(strings.TrimPrefix(word, s3Scheme), "/")
	inside = inside && strings.HasPrefix(word, s3Scheme)
	var list []string
	for _, id := range sortedKeys(e.Accounts) {
		for _, bucket := range sortedKeys(e.Accounts[id].Buckets) {
			if !inside {
				list = append(list, s3Scheme+bucket+"\tbucket of "+string(id), s3Scheme+bucket+"/")
				continue
			}
			if bucket != name {
				continue
			}
			for _, key := range sortedKeys(e.Accounts[id].Buckets[bucket].Objects) {
				list = append(list, s3Scheme+bucket+"/"+key)
			}
		}
	}
	return list
}

func vpcEndpoints(e *estate.Estate, _ string) []string {
	var list []string
	for _, id := range sortedKeys(e.Accounts) {
		for _, name := range sortedKeys(e.Accounts[id].VPCEndpoints) {
			list = append(list, name+"\tof "+string(id))
		}
	}
	return list
}

func accessPoints(e *estate.Estate, _ string) []string {
	var list []string
	for _, id := range sortedKeys(e.Accounts) {
		a := e.Accounts[id]
		for _, name := range sortedKeys(a.AccessPoints) {
			list = append(list, name+"\tof "+string(id))
		}
		for _, bucket := range sortedKeys(a.Buckets) {
			for _, name := range sortedKeys(a.Buckets[bucket].AccessPoints) {
				list = append(list, name+"\tof bucket "+bucket)
			}
		}
	}
	return list
}

func completeOperations(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, spec := range s3op.All() {
		list = append(list, spec.Name+"\t"+spec.Action)
	}
	return starting(list, word), cobra.ShellCompDirectiveNoFileComp
}

func completeActions(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	service, _, ok := strings.Cut(word, ":")
	if !ok {
		service = "s3"
	}
	return starting(slices.Clone(iamdata.Actions(service)), word), cobra.ShellCompDirectiveNoFileComp
}

func completeContext(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	return starting(contextKeys(), word), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// contextKeys lists the condition keys that an S3 request can carry, ready for
// their value.
func contextKeys() []string {
	seen := map[string]bool{}
	for _, name := range iamdata.Actions("s3") {
		if id, ok := iamdata.ActionID(name); ok {
			for _, key := range iamdata.ActionByID(id).ConditionKeys {
				seen[key] = true
			}
		}
	}
	for _, key := range globalKeys {
		seen[key] = true
	}
	var list []string
	for key := range seen {
		if free := strings.IndexAny(key, "$<"); free >= 0 {
			key = key[:free]
		} else {
			key += "="
		}
		list = append(list, key)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// globalKeys are the global condition keys that decide S3 requests; all others
// can be written as well.
var globalKeys = []string{"aws:CalledViaFirst", "aws:CalledViaLast", "aws:CurrentTime", "aws:EpochTime", "aws:FederatedProvider", "aws:MultiFactorAuthAge",
	"aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
	"aws:PrincipalServiceName", "aws:PrincipalTag/${TagKey}", "aws:PrincipalType", "aws:referer", "aws:RequestedRegion", "aws:ResourceAccount",
	"aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "aws:SourceIdentity", "aws:SourceIp",
	"aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpce", "aws:TokenIssueTime", "aws:UserAgent", "aws:userid", "aws:username",
	"aws:ViaAWSService", "aws:VpcSourceIp"}
