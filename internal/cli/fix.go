package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/fix"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

const fixHelp = `fix finds the smallest changes that let a denied request through, and proves each by
deciding again in a copy of the estate: changes of the request where a Deny is meant
to be met, then statements for this principal, action and key, then settings. It
says who else would gain.

Requests are described as for why403 explain. --as also takes the form in which the
fix is written: cli (commands of the AWS CLI), terraform, cloudformation, patch (a
unified diff of the estate's files), json. --handover writes a letter to the
administrator of each account that has something to do.

--write makes the change in the estate's own files, never in AWS: all files or none,
each kept beside itself as FILE.bak, after the edited files were loaded and the
request was decided again. With --dry-run it shows the edit, and writes nothing.

Exit status: 0 a verified fix was found (or nothing is refused), 1 nothing helps,
2 wrong usage or bad input, 3 a fix was found that something unread keeps from being
verified.`

const fixExamples = `  why403 fix -e estate.yaml --as arn:aws:iam::111122223333:user/alice s3://reports/q1.csv
  why403 fix -e estate.yaml --request r.json --all
  why403 fix -e estate.yaml --request r.json --as terraform
  why403 fix -e estate.yaml --request r.json --handover
  why403 fix -e estate.yaml --request r.json --write --dry-run`

// fixFlags are the flags of fix besides those that describe a request.
type fixFlags struct {
	*explainFlags
	write, dryRun, handover bool
	plan                    int
}

func newFix(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "fix [s3://bucket/key ...]",
		Short:   "Find, prove and write the smallest fix",
		Long:    fixHelp,
		Example: fixExamples,
		GroupID: groupDecide,
		Args:    cobra.ArbitraryArgs,
	}
	f := &fixFlags{explainFlags: addExplainFlags(cmd)}
	flags := cmd.Flags()
	for _, name := range []string{"expect", "gates", "trace"} {
		must(flags.MarkHidden(name))
	}
	flags.Lookup("all").Usage = "show every plan, not the best alone"
	flags.IntVar(&f.plan, "plan", 1, "take plan `N` of those that --all shows")
	flags.BoolVar(&f.handover, "handover", false, "write a letter to the administrator of each account")
	flags.BoolVar(&f.write, "write", false, "make the change in the estate's files")
	flags.BoolVar(&f.dryRun, "dry-run", false, "with --write: show the edit, and write nothing")
	completeExplain(cmd, f.explainFlags)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, cmd, args) }
	return cmd
}

func (f *fixFlags) run(ctx context.Context, s *System, cmd *cobra.Command, args []string) error {
	switch {
	case f.dryRun && !f.write:
		return usagef("why403 fix --write --dry-run", "--dry-run says what --write would do, which is not given")
	case f.plan < 1:
		return usagef("plans are counted from 1", "--plan %d", f.plan)
	}
	requests, err := f.gather(s, cmd, args)
	if err != nil {
		return err
	}
	if f.write && len(requests) > 1 {
		return usagef("write them one by one: each fix changes what the next is decided on", "--write takes one request")
	}
	e, err := loadEstate(*f.estate)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(s.Stdout)
	status, err := f.requests(ctx, s, out, e, requests)
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	if err == nil && status != statusOK {
		return statusError(status)
	}
	return err
}

// requests fixes one request after the other, and returns the worst status.
func (f *fixFlags) requests(ctx context.Context, s *System, out io.Writer, e *estate.Estate, requests []*request.Request) (int, error) {
	now := time.Now()
	gatherer := gather.New(e, func() time.Time { return now })
	fixer := fix.Over(e, gatherer, now)
	fixer.ForPrefix = f.forPrefix
	worst := statusOK
	for i, r := range requests {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := r.CheckNames(); err != nil {
			return 0, aboutRequest(err)
		}
		d, _, err := explain.With(gatherer, r, explain.Options{})
		if err != nil {
			return 0, aboutRequest(err)
		}
		if i > 0 && f.output.value == "text" {
			fmt.Fprintln(out)
		}
		status, err := f.one(s, out, e, fixer, r, d)
		if err != nil {
			return 0, err
		}
		worst = worse(worst, status)
	}
	return worst, nil
}

// worse is the status that says more: 1 before 3 before 0.
func worse(a, b int) int {
	if a == statusDenied || b == statusDenied {
		return statusDenied
	}
	return max(a, b)
}

// one fixes one request.
func (f *fixFlags) one(s *System, out io.Writer, e *estate.Estate, fixer *fix.Fixer, r *request.Request, d *report.Decision) (int, error) {
	options := render.Options{Width: s.width(s.Stdout), Color: s.color(f.color.value, s.Stdout), Dir: e.Dir}
	if d.Verdict != iam.Denied {
		return f.nothing(out, d, options)
	}
	plans, err := f.plans(fixer, r)
	if err != nil {
		return 0, err
	}
	if len(plans) == 0 {
		if f.output.value == "json" {
			return statusDenied, render.JSON(out, d, nil)
		}
		return statusDenied, render.NoFix(out, d, fixer.WhyNot(r), options)
	}
	status := statusOK
	if !plans[0].Verified {
		status = statusUnknown
	}
	if f.write {
		return status, f.writeFiles(s, out, plans[0])
	}
	return status, f.print(out, d, plans, options)
}

func (f *fixFlags) nothing(out io.Writer, d *report.Decision, o render.Options) (int, error) {
	status := statusOK
	if d.Verdict == iam.Unknown {
		status = statusUnknown
	}
	if f.output.value == "json" {
		return status, render.JSON(out, d, nil)
	}
	why := "nothing refuses this request"
	if d.Verdict == iam.Unknown {
		why = "whether the request is allowed is not known; why403 explain says what would tell"
	}
	return status, render.NoFix(out, d, why, o)
}

// plans finds the plans that are wanted: with --write, those of the estate alone.
func (f *fixFlags) plans(fixer *fix.Fixer, r *request.Request) ([]*fix.Plan, error) {
	most := f.plan
	if f.all || f.write {
		most = 0
	}
	plans, err := fixer.Plans(r, most)
	if err != nil || len(plans) == 0 {
		return plans, err
	}
	if f.write {
		var own []*fix.Plan
		for _, p := range plans {
			if p.Verified && p.OfEstate() {
				own = append(own, p)
			}
		}
		if plans = own; len(own) == 0 {
			return nil, usagef("why403 fix without --write shows it", "no change of the estate alone lets this request through: the request must change, or something that could not be read be known")
		}
	}
	if f.plan > len(plans) {
		return nil, usagef("why403 fix --all shows them", "--plan %d: there are %d plans", f.plan, len(plans))
	}
	if f.all && !f.write {
		return plans, nil
	}
	return plans[f.plan-1 : f.plan], nil
}

// print writes plans in the form that was asked for.
func (f *fixFlags) print(out io.Writer, d *report.Decision, plans []*fix.Plan, o render.Options) error {
	if f.handover {
		return printLetters(out, plans[0])
	}
	for _, p := range plans {
		d.Fixes = append(d.Fixes, reported(p))
	}
	switch {
	case f.output.value == "json":
		return render.JSON(out, d, nil)
	case f.form == "":
		return render.Fixes(out, d, o)
	}
	for i, p := range plans {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if err := printForm(out, p, &d.Fixes[i], fix.Form(f.form)); err != nil {
			return err
		}
	}
	return nil
}

func printForm(out io.Writer, p *fix.Plan, r *report.Fix, form fix.Form) error {
	text := ""
	switch form {
	case fix.CLI:
		text = p.CLI()
	case fix.Terraform:
		text = p.Terraform()
	case fix.CloudFormation:
		text = p.CloudFormation()
	case fix.Patch:
		text = r.Diff
	case fix.JSON:
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	}
	_, err := io.WriteString(out, text)
	return err
}

func printLetters(out io.Writer, p *fix.Plan) error {
	for i, l := range p.Handover() {
		if i > 0 {
			fmt.Fprintf(out, "\n%s\n\n", strings.Repeat("-", 8))
		}
		if _, err := io.WriteString(out, l.Text); err != nil {
			return err
		}
	}
	return nil
}

// writeFiles makes a plan's edits in the estate's files.
func (f *fixFlags) writeFiles(s *System, out io.Writer, p *fix.Plan) error {
	edits, err := p.Files(nil)
	if err != nil {
		return err
	}
	if err := p.Check(edits); err != nil {
		return err
	}
	if f.dryRun {
		for _, e := range edits {
			fmt.Fprint(out, e.Diff())
		}
		fmt.Fprintf(s.Stderr, "why403: nothing was written; loaded with this edit, the request is allowed\n")
		return nil
	}
	backups, err := fix.Write(edits)
	if err != nil {
		return err
	}
	for i, e := range edits {
		fmt.Fprintf(out, "wrote %s (before: %s)\n", e.Path, backups[i])
	}
	return nil
}
