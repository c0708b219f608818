package cli

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// flagRequests makes the requests that flags and s3:// arguments describe, one
// for each argument.
func flagRequests(cmd *cobra.Command, f *explainFlags, args []string) ([]*request.Request, error) {
	if f.as == "" {
		return nil, usagef("such as --as arn:aws:iam::111122223333:user/alice, or --as anonymous", "--as does not say who makes the request")
	}
	if _, err := iam.ParsePrincipal(f.as); err != nil {
		return nil, usagef("write the ARN of a user, role, role session or root, a service such as logging.s3.amazonaws.com, or anonymous", "--as: %v", err)
	}
	base, err := circumstances(cmd, f)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		r := *base
		return []*request.Request{&r}, f.call(&r, nil)
	}
	var list []*request.Request
	for _, arg := range args {
		t, err := parseTarget(arg)
		if err != nil {
			return nil, err
		}
		r := *base
		if err := f.call(&r, &t); err != nil {
			return nil, err
		}
		list = append(list, &r)
	}
	return list, nil
}

// call fills in what is asked for.
func (f *explainFlags) call(r *request.Request, t *target) error {
	if f.action != "" || f.resource != "" {
		return f.permission(r, t)
	}
	if t == nil && f.operation == "" {
		return usagef("such as why403 explain s3://bucket/key, or --operation ListBuckets, or --request FILE", "nothing says what is asked for")
	}
	if t == nil {
		t = &target{}
	}
	r.Bucket, r.Key, r.AccessPoint = t.bucket, t.path, t.accessPoint
	if f.accessPoint != "" {
		if t.accessPoint != "" {
			return usagef("", "both --access-point and the argument name an access point")
		}
		r.AccessPoint = f.accessPoint
	}
	r.Operation = f.operation
	if r.Operation == "" {
		r.Operation = "GetObject"
		if t.path == "" || strings.HasSuffix(t.path, "/") {
			r.Operation = "ListObjectsV2"
		}
	}
	return f.shape(r)
}

// listing are the operations that take a prefix in the place of a key.
var listing = map[string]bool{"ListObjects": true, "ListObjectsV2": true, "ListObjectVersions": true, "ListMultipartUploads": true}

// shape checks that the operation and what it is asked on fit each other.
func (f *explainFlags) shape(r *request.Request) error {
	spec, err := knownOperation(r.Operation)
	if err != nil {
		return err
	}
	if listing[spec.Name] && r.Key != "" {
		if p, ok := r.Query["prefix"]; ok && p != r.Key {
			return usagef("", "the prefix is given twice, as %q and in --query as %q", r.Key, p)
		}
		r.Query = with(r.Query, "prefix", r.Key)
		r.Key = ""
	}
	named := r.Bucket != "" || r.AccessPoint != ""
	switch {
	case spec.Scope == s3op.Object && (!named || r.Key == ""):
		return usagef("write s3://bucket/key", "%s is asked on an object, and none is named", spec.Name)
	case spec.Scope == s3op.Bucket && !named:
		return usagef("write s3://bucket", "%s is asked on a bucket, and none is named", spec.Name)
	case spec.Scope == s3op.Bucket && r.Key != "" && spec.Name != "DeleteObjects":
		return usagef("write s3://"+r.Bucket, "%s is asked on a bucket, but key %q is named", spec.Name, r.Key)
	}
	if spec.Name == "DeleteObjects" && r.Key != "" && r.Body == nil {
		r.Body = &request.Body{Objects: []request.ObjectID{{Key: r.Key, VersionID: r.VersionID}}}
		r.Key, r.VersionID = "", ""
	}
	return nil
}

// permission fills in a question about one action alone.
func (f *explainFlags) permission(r *request.Request, t *target) error {
	switch {
	case f.action == "":
		return usagef("such as --action s3:GetObject", "--resource is given without --action")
	case f.operation != "":
		return usagef("an operation stands for all the actions that it needs, --action asks about one alone", "--action and --operation cannot be combined")
	case f.resource != "" && t != nil:
		return usagef("", "both --resource and %s name a resource", s3Scheme+t.bucket)
	case f.resource == "" && t == nil:
		return usagef("such as --resource arn:aws:s3:::bucket/key, or s3://bucket/key", "--action is given without a resource")
	}
	if err := knownAction(f.action); err != nil {
		return err
	}
	r.Action, r.Resource = f.action, f.resource
	if t != nil {
		r.Resource = t.arn(f.as)
	}
	return nil
}

// arn returns the ARN of a target in the partition of a principal.
func (t *target) arn(principal string) string {
	if strings.HasPrefix(t.accessPoint, "arn:") {
		if t.path == "" {
			return t.accessPoint
		}
		return t.accessPoint + "/object/" + t.path
	}
	partition := "aws"
	if p, err := iam.ParsePrincipal(principal); err == nil && p.Partition != "" {
		partition = p.Partition
	}
	arn := "arn:" + partition + ":s3:::" + t.bucket
	if t.path != "" {
		arn += "/" + t.path
	}
	return arn
}

// circumstances makes a request of all but what is asked for.
func circumstances(cmd *cobra.Command, f *explainFlags) (*request.Request, error) {
	r := &request.Request{Principal: f.as, VersionID: f.versionID, CopySource: strings.TrimPrefix(f.copySource, s3Scheme), Unstated: f.unstated.value}
	changed := cmd.Flags().Changed
	if changed("source-ip") {
		if _, err := netip.ParseAddr(f.sourceIP); err != nil {
			return nil, usagef("such as --source-ip 203.0.113.7", "--source-ip: %q is no IP address", f.sourceIP)
		}
		r.SourceIP = &f.sourceIP
	}
	if changed("vpc-endpoint") {
		if !strings.HasPrefix(f.vpcEndpoint, "vpce-") {
			return nil, usagef("such as --vpc-endpoint vpce-1a2b3c4d", "--vpc-endpoint: %q is no id of a VPC endpoint", f.vpcEndpoint)
		}
		r.VPCEndpoint = &f.vpcEndpoint
	}
	if changed("insecure") && changed("secure-transport") && f.insecure == f.secure {
		return nil, usagef("", "--insecure and --secure-transport contradict each other")
	}
	if changed("insecure") || changed("secure-transport") {
		secure := f.secure && !f.insecure
		r.SecureTransport = &secure
	}
	if changed("mfa") {
		r.MFA = &f.mfa
	}
	if f.objectMissing {
		r.Object = &estate.Object{Exists: new(bool)}
	}
	return r, f.parse(r)
}

// parse fills in the fields whose flags have a form of their own.
func (f *explainFlags) parse(r *request.Request) error {
	if f.time != "" {
		t, err := node.ParseTime(f.time)
		if err != nil {
			return usagef("such as --time 2026-11-22T10:00:00Z", "--time: %v", err)
		}
		r.Time = &t
	}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" {
			return usagef("such as --header x-amz-acl:private", "--header %q is not NAME:VALUE", h)
		}
		value = strings.TrimSpace(value)
		if old, ok := r.Headers[name]; ok {
			value = old + "," + value
		}
		r.Headers = with(r.Headers, name, value)
	}
	var err error
	if r.Query, err = pairs("query", "prefix=home/", f.query); err != nil {
		return err
	}
	tags, err := pairs("session-tag", "team=data", f.tags)
	if err != nil {
		return err
	}
	if tags != nil {
		r.SessionTags = &tags
	}
	if r.Context, err = contextValues(f.context); err != nil {
		return err
	}
	return f.files(r)
}

// files reads the documents that flags name.
func (f *explainFlags) files(r *request.Request) error {
	for _, p := range f.sessionPolicies {
		if strings.HasPrefix(p, "arn:") {
			r.SessionPolicies = append(r.SessionPolicies, request.SessionPolicy{ARN: p})
			continue
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return fmt.Errorf("read session policy: %w", err)
		}
		doc, err := policy.Parse(p, data)
		if err != nil {
			return err
		}
		r.SessionPolicies = append(r.SessionPolicies, request.SessionPolicy{Document: doc})
	}
	if f.body == "" {
		return nil
	}
	data, err := os.ReadFile(f.body)
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	n, err := node.Parse(f.body, data)
	if err != nil {
		return err
	}
	r.Body = &request.Body{}
	return r.Body.UnmarshalNode(n)
}
