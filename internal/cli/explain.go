package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/source/live"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

const explainHelp = `explain decides requests in an estate and says why: the gate and statement that
refuses, policy against request, what still stands in the way behind it, and what
is not known.

Without -e the estate is the live AWS account of the credentials at hand: just what
the requests need is read, nothing is written, and the caller is who asks unless
--as names another. What may not be read is told with the permission that would
help. A request that only reads is also made, in its smallest form, and AWS's own
answer stands beside the decision: what it proves of what could not be read is taken
in, and the request decided again. A verdict that stays unknown says what it would be
in each case:

  unknown   policy of bucket reports: AccessDenied; s3:GetBucketPolicy would tell
  would be  allowed where nothing that is unknown denies it
            denied where policy of bucket reports denies it

A request is described by flags and s3://bucket/key, once for each argument, or
read from files with --request. What is not stated of the network, and of a role
session its MFA and tags, is not known, and the verdict is unknown where it could
change the answer; --unstated absent makes all of it absent.

--context sets a condition key, and wins over what the request and the estate
imply: KEY=VALUE, given again for several values, KEY= for an empty value, KEY-
(or KEY=null) to remove it.

--fix adds what would let a denied request through: changes of the request or of
the estate, of which each was made in a copy and decided again. The plan that opens
least comes first; --fix=all shows every one. why403 fix writes them.

With -o json each decision is one line of JSON, in the order asked; --trace adds
the member "trace". An error is then JSON too, on standard error:
{"error": {"message", "file", "line", "column", "hint"}}.

Exit status: 0 allowed, 1 denied, 2 wrong usage or bad input, 3 not known. Of
several requests 1 if any is denied, else 3 if any is not known. With --expect: 0
if every verdict is the one expected, else 1.`

const explainExamples = `  why403 explain -e estate.yaml --as arn:aws:iam::111122223333:user/alice s3://reports/q1.csv
  why403 explain -e estate.yaml --as arn:aws:sts::111122223333:assumed-role/app/s1 --operation PutObject \
      --header x-amz-acl:public-read --source-ip 203.0.113.7 s3://reports/q1.csv
  why403 explain -e estate.yaml --as anonymous --action s3:GetObject s3://reports/q1.csv
  why403 explain -e estate.yaml --request requests.jsonl -o json | jq -r .cause.gate
  why403 explain -e estate.yaml --request smoke.yaml --expect allowed`

func newExplain(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "explain [s3://bucket/key ...]",
		Short:   "Decide requests, and say why",
		Long:    explainHelp,
		Example: explainExamples,
		GroupID: groupDecide,
		Args:    cobra.ArbitraryArgs,
	}
	f := addExplainFlags(cmd)
	cmd.Flags().StringVar(&f.fix, "fix", "", "find what would let a denied request through, and prove it: the plan that opens least, or all")
	cmd.Flags().Lookup("fix").NoOptDefVal = "best"
	must(cmd.RegisterFlagCompletionFunc("fix", cobra.FixedCompletions([]string{"best", "all"}, cobra.ShellCompDirectiveNoFileComp)))
	completeExplain(cmd, f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return runExplain(cmd.Context(), s, cmd, f, args)
	}
	return cmd
}

func runExplain(ctx context.Context, s *System, cmd *cobra.Command, f *explainFlags, args []string) error {
	if !slices.Contains([]string{"", "best", "all"}, f.fix) {
		return usagef("--fix or --fix=all", "--fix=%s: it may be best or all", f.fix)
	}
	var session *live.Session
	if *f.estate == "" {
		var err error
		if session, err = openLive(ctx, s, f.live); err != nil {
			return err
		}
		if f.as == "" && len(f.requests) == 0 {
			f.as = session.ARN
		}
	}
	requests, err := f.gather(s, cmd, args)
	if err != nil {
		return err
	}
	e, err := f.load(ctx, s, session, requests)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(s.Stdout)
	verdicts, err := f.answer(ctx, s, out, e, requests)
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	if err != nil {
		return err
	}
	if status := f.status(verdicts); status != statusOK {
		return statusError(status)
	}
	return nil
}

// load reads the estate of -e, or of live AWS what the requests need.
func (f *explainFlags) load(ctx context.Context, s *System, session *live.Session, requests []*request.Request) (*estate.Estate, error) {
	if session == nil {
		return loadEstate(*f.estate)
	}
	f.asked = func(g *gather.Gatherer, r *request.Request, d *report.Decision) (*report.Decision, error) {
		refused, ok := session.Probe(ctx, r)
		if !ok {
			return d, nil
		}
		return join(g, r, d, refused)
	}
	return collectFor(ctx, s, session, requests)
}

// gather returns the requests that flags describe, or those of the files.
func (f *explainFlags) gather(s *System, cmd *cobra.Command, args []string) ([]*request.Request, error) {
	if len(f.requests) == 0 {
		return flagRequests(cmd, f, args)
	}
	if len(args) > 0 {
		return nil, usagef("state it in the file", "%s cannot be combined with --request", args[0])
	}
	for _, name := range requestFlags {
		if cmd.Flags().Changed(name) && !(name == "as" && f.as == "") {
			return nil, usagef("state it in the file", "--%s cannot be combined with --request", name)
		}
	}
	return f.fileRequests(s)
}

func (f *explainFlags) fileRequests(s *System) ([]*request.Request, error) {
	var list []*request.Request
	for _, name := range f.requests {
		data, shown, err := readFile(s, name)
		if err != nil {
			return nil, fmt.Errorf("read requests: %w", err)
		}
		requests, err := request.Parse(shown, data)
		if err != nil {
			return nil, err
		}
		if len(requests) == 0 {
			return nil, usagef("", "%s holds no request", shown)
		}
		list = append(list, requests...)
	}
	return list, f.defaults(list)
}

// defaults fills in what --time and --unstated say, where a request does not.
func (f *explainFlags) defaults(list []*request.Request) error {
	for _, r := range list {
		if r.Time == nil && f.time != "" {
			t, err := node.ParseTime(f.time)
			if err != nil {
				return usagef("such as --time 2026-11-22T10:00:00Z", "--time: %v", err)
			}
			r.Time = &t
		}
		if r.Unstated == "" {
			r.Unstated = f.unstated.value
		}
	}
	return checkNames(list)
}

// readFile reads a file, or standard input for "-", and returns how to name it.
func readFile(s *System, name string) (data []byte, shown string, err error) {
	if name == "-" {
		data, err = io.ReadAll(s.Stdin)
		return data, "standard input", err
	}
	data, err = os.ReadFile(name)
	return data, name, err
}

// answer decides and shows every request. All are looked at before the first is
// shown, so that a mistake in one leaves nothing half-written.
func (f *explainFlags) answer(ctx context.Context, s *System, out io.Writer, e *estate.Estate, requests []*request.Request) (map[iam.Verdict]int, error) {
	now := time.Now()
	gatherer := gather.New(e, func() time.Time { return now })
	for _, r := range requests {
		if err := r.CheckNames(); err != nil {
			return nil, aboutRequest(err)
		}
		if _, err := gatherer.Facts(r); err != nil {
			return nil, aboutRequest(err)
		}
	}
	verdicts := map[iam.Verdict]int{}
	options := f.render(s, e)
	for i, r := range requests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, steps, err := explain.With(gatherer, r, explain.Options{Trace: f.trace})
		if err != nil {
			return nil, aboutRequest(err)
		}
		if f.asked != nil {
			if d, err = f.asked(gatherer, r, d); err != nil {
				return nil, err
			}
		}
		if d.Cases, err = explain.Cases(gatherer, r); err != nil || d.Verdict != iam.Unknown {
			d.Cases = nil
		}
		verdicts[d.Verdict]++
		if err := f.addFixes(d, e, gatherer, r, now); err != nil {
			return nil, err
		}
		if i == len(requests)-1 {
			options.More = f.next(s, d)
		}
		if err := f.show(out, i, d, steps, options); err != nil {
			return nil, err
		}
	}
	if len(requests) > 1 && f.output.value == "text" {
		fmt.Fprintf(out, "\n%s\n", render.Summary(verdicts))
	}
	return verdicts, nil
}

// aboutRequest is a complaint about a request, which has no place where flags
// describe it.
func aboutRequest(err error) error {
	var placed *node.Error
	if errors.As(err, &placed) && !placed.Pos.IsValid() {
		return usagef("see why403 explain --help", "%s", placed.Msg)
	}
	return err
}

func (f *explainFlags) show(out io.Writer, i int, d *report.Decision, steps []report.Step, o render.Options) error {
	if f.output.value == "json" {
		if f.trace && steps == nil {
			steps = []report.Step{}
		}
		return render.JSON(out, d, steps)
	}
	if i > 0 {
		fmt.Fprintln(out)
	}
	return render.Text(out, d, steps, o)
}

func (f *explainFlags) render(s *System, e *estate.Estate) render.Options {
	return render.Options{
		Width: s.width(s.Stdout), Color: s.color(f.color.value, s.Stdout),
		Gates: f.gates, Trace: f.trace, All: f.all, Dir: e.Dir,
	}
}

// next is the last line: what to run to learn more.
func (f *explainFlags) next(s *System, d *report.Decision) string {
	switch {
	case f.trace && d.Cause != nil:
		return "What this reason means: why403 reason " + d.Cause.Reason
	case f.trace:
		return ""
	}
	more, flag := "See every statement considered: ", "--trace"
	if d.Verdict == iam.Denied && f.fix == "" {
		more, flag = "See what would let it through: ", "--fix"
	}
	if slices.Contains(f.requests, "-") {
		return more + "the same command with " + flag
	}
	args := append([]string{"explain", flag}, s.args...)
	if len(s.args) > 0 && s.args[0] == "explain" {
		args = append([]string{"explain", flag}, s.args[1:]...)
	}
	return more + command(args...)
}

// command writes a command line that a shell takes.
func command(args ...string) string {
	line := "why403"
	for _, a := range args {
		if strings.ContainsAny(a, " '\"\\$&|;<>()*?[]#~`!{}\t\n") || a == "" {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		line += " " + a
	}
	return line
}

// status is what the verdicts come to.
func (f *explainFlags) status(verdicts map[iam.Verdict]int) int {
	if f.expect.value != "" {
		for v := range verdicts {
			if v.String() != f.expect.value {
				return statusDenied
			}
		}
		return statusOK
	}
	switch {
	case verdicts[iam.Denied] > 0:
		return statusDenied
	case verdicts[iam.Unknown] > 0:
		return statusUnknown
	}
	return statusOK
}

// verdictStatus is the exit status of one verdict.
func verdictStatus(v iam.Verdict) int {
	switch v {
	case iam.Allowed:
		return statusOK
	case iam.Denied:
		return statusDenied
	}
	return statusUnknown
}
