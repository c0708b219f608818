package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/query"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
)

const diffHelp = `diff lists the access that two estates give differently: which principal gains or
loses which action, on which keys, and under which conditions, in both directions.
Anonymous callers, any other AWS account and all that policies name are among the
principals.

It compares decisions, not texts: a policy that was rewritten without effect makes
no row. What the changes cannot affect is not asked about.

--expect turns it into a test: same (no row), or no-gain (none gains).

Exit status: 0 where the question was answered, 1 where --expect is not met, 2
wrong usage or bad input.`

const diffExamples = `  why403 diff estate.yaml estate.new.yaml
  why403 diff old/ new/ --bucket reports -o json
  why403 diff estate.yaml proposed.yaml --expect no-gain`

func newDiff(s *System) *cobra.Command {
	var f *queryFlags
	var narrow narrowing
	var expect *choice
	cmd := &cobra.Command{
		Use:     "diff OLD NEW",
		Short:   "List the access that two estates give differently",
		Long:    diffHelp,
		Example: diffExamples,
		GroupID: groupAsk,
		Args:    exactly(2, "diff wants two estates", "such as why403 diff old.yaml new.yaml"),
		RunE: func(_ *cobra.Command, args []string) error {
			return runDiff(s, f, &narrow, expect.value, args)
		},
		ValidArgsFunction: cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault),
	}
	addNarrowing(cmd, &narrow, cobra.NoFileCompletions)
	expect = choiceFlag(cmd, "expect", "", "", "exit 0 if there is no change, or no gain, else 1", "same", "no-gain")
	f = addQueryFlags(cmd)
	return cmd
}

func runDiff(s *System, f *queryFlags, narrow *narrowing, expect string, args []string) error {
	now, err := f.clock()
	if err != nil {
		return err
	}
	var estates [2]*estate.Estate
	for i, path := range args {
		if estates[i], err = loadEstate(path); err != nil {
			return err
		}
	}
	scope, err := narrow.scope(estates[:]...)
	if err != nil {
		return err
	}
	scope.Now = now()
	d, err := query.Difference(estates[0], estates[1], scope)
	if err != nil {
		return aboutRequest(err)
	}
	rows := d.Rows()
	if err := writeDiff(s, f, rows); err != nil {
		return err
	}
	for i := range rows {
		if expect == "same" || expect == "no-gain" && rows[i].Change != "lost" {
			return statusError(statusDenied)
		}
	}
	return nil
}

func writeDiff(s *System, f *queryFlags, rows []report.AccessChange) error {
	header := []string{"change", "principal", "kind", "account", "bucket", "accessPoint", "keys", "actions", "before", "after"}
	handled, err := writeRows(s.Stdout, f.output.value, rows, header, func(r *report.AccessChange) []string {
		return []string{r.Change, r.Principal, r.Kind, r.Account, r.Bucket, r.AccessPoint, strings.Join(r.Keys, "; "), strings.Join(r.Actions, "; "),
			render.AccessWords(&r.Before), render.AccessWords(&r.After)}
	})
	if handled || err != nil {
		return err
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(s.Stdout, "Both estates give the same access.")
		return err
	}
	var cells [][]string
	for i := range rows {
		r := &rows[i]
		cells = append(cells, []string{r.Change, r.Principal, render.Places([]string{r.Bucket}, r.AccessPoint, r.Keys),
			render.AccessWords(&r.Before), render.AccessWords(&r.After), query.ActionWords(r.Actions, r.Keys != nil)})
	}
	return render.Table(s.Stdout, []string{"CHANGE", "PRINCIPAL", "ON", "BEFORE", "AFTER", "ACTIONS"}, cells, f.render(s))
}
