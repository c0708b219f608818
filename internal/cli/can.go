package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/query"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
)

const canHelp = `can lists what a principal may do in S3: on each bucket and through each access
point of the estate, with which actions, on which keys, under which conditions.

The keys are patterns, found from the policies: they divide the keys of a bucket
into classes, and one key of every class is decided. An action that an operation
is named after is asked with all that the operation needs, KMS included. Buckets
on which the answers are alike share a row.

PRINCIPAL is the ARN of a user, role, role session, root user or federated user, a
service, anonymous, or other-accounts for any AWS account that the estate neither
holds nor names.

Exit status: 0 where the question was answered, 2 wrong usage or bad input.`

const canExamples = `  why403 can arn:aws:iam::111122223333:role/analyst -e estate.yaml
  why403 can anonymous -e estate.yaml
  why403 can arn:aws:iam::111122223333:user/alice -e estate.yaml --bucket reports --action GetObject --action s3:PutObject`

// narrowing are the flags that bound what is asked about.
type narrowing struct{ buckets, actions []string }

func addNarrowing(cmd *cobra.Command, f *narrowing, buckets completion) {
	cmd.Flags().StringArrayVar(&f.buckets, "bucket", nil, "only this `BUCKET`; may be given again")
	cmd.Flags().StringArrayVar(&f.actions, "action", nil, "only this `ACTION`, or operation; may be given again")
	must(cmd.RegisterFlagCompletionFunc("bucket", buckets))
	must(cmd.RegisterFlagCompletionFunc("action", completeAsk))
}

// scope checks what the flags name.
func (f *narrowing) scope(estates ...*estate.Estate) (query.Scope, error) {
	if err := operationOrAction(f.actions); err != nil {
		return query.Scope{}, err
	}
	s := query.Scope{Actions: f.actions}
	for _, name := range f.buckets {
		name = strings.TrimSuffix(strings.TrimPrefix(name, s3Scheme), "/")
		held := slices.ContainsFunc(estates, func(e *estate.Estate) bool { _, ok := e.Bucket(name); return ok })
		if !held {
			return s, usagef("", "the estate does not hold bucket %q", name)
		}
		s.Buckets = append(s.Buckets, name)
	}
	return s, nil
}

func bucketNames(e *estate.Estate, _ string) []string {
	var list []string
	for _, id := range sortedKeys(e.Accounts) {
		for _, name := range sortedKeys(e.Accounts[id].Buckets) {
			list = append(list, name+"\tbucket of "+string(id))
		}
	}
	return list
}

func newCan(s *System) *cobra.Command {
	var f *queryFlags
	var narrow narrowing
	var path *string
	cmd := &cobra.Command{
		Use:     "can PRINCIPAL",
		Short:   "List what a principal may do in S3",
		Long:    canHelp,
		Example: canExamples,
		GroupID: groupAsk,
		Args:    exactly(1, "can wants one principal", "such as why403 can arn:aws:iam::111122223333:user/alice"),
		RunE: func(_ *cobra.Command, args []string) error {
			return runCan(s, f, &narrow, *path, args[0])
		},
	}
	path = estateFlag(cmd)
	addNarrowing(cmd, &narrow, fromEstate(path, bucketNames))
	f = addQueryFlags(cmd)
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return fromEstate(path, principals)(cmd, args, word)
	}
	return cmd
}

func runCan(s *System, f *queryFlags, narrow *narrowing, path, principal string) error {
	e, err := f.engine(path)
	if err != nil {
		return err
	}
	scope, err := narrow.scope(e.Estate())
	if err != nil {
		return err
	}
	rights, err := e.Can(principal, scope)
	if err != nil {
		return usagef("write the ARN of a user, role, role session or root, a service, anonymous or other-accounts", "%v", err)
	}
	handled, err := writeRows(s.Stdout, f.output.value, rights, []string{"buckets", "accessPoint", "keys", "actions", "verdict", "condition"}, func(r *report.Right) []string {
		return []string{strings.Join(r.Buckets, "; "), r.AccessPoint, strings.Join(r.Keys, "; "), strings.Join(r.Actions, "; "), r.Verdict.String(), conditionWords(&r.Access)}
	})
	if handled || err != nil {
		return err
	}
	if len(rights) == 0 {
		_, err := fmt.Fprintf(s.Stdout, "%s may do nothing on the buckets of this estate.\n", render.Clean(principal))
		return err
	}
	var cells [][]string
	for i := range rights {
		r := &rights[i]
		cells = append(cells, []string{render.Places(r.Buckets, r.AccessPoint, r.Keys), render.AccessWords(&r.Access), query.ActionWords(r.Actions, r.Keys != nil)})
	}
	return render.Table(s.Stdout, []string{"ON", "MAY", "ACTIONS"}, cells, f.render(s))
}
