package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/query"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
)

const whoCanHelp = `who-can lists every principal that may do something: anonymous callers, any other
AWS account, root users, users, roles (as a session), and the sessions, federated
users, services and principals of other accounts that policies, ACLs and grants
name.

ACTION is an operation of S3, such as GetObject, which stands for all that it
needs, KMS included; or an action, such as s3:GetObject, for that permission
alone. Without a key, GetObject and its like are answered for all keys, with the
patterns of keys on which a principal has access. Behind a listing's bucket stands
its prefix.

What the question leaves open, the network, MFA, tags of sessions and objects,
headers that the caller may choose, is no guess: a row says under which named
conditions access is given, each decided again and found allowed. What could not
be read is said, and never counts as a yes or a no.

The bucket's access points count as ways to it, for those whom it refuses
directly.

--explain PRINCIPAL explains one row, as why403 explain does. With -o json each row
is one line.

Exit status: 0 where the question was answered, 2 wrong usage or bad input.`

const whoCanExamples = `  why403 who-can GetObject s3://reports/2026/q1.csv -e estate.yaml
  why403 who-can s3:PutObject s3://drop -e estate.yaml
  why403 who-can GetObject s3://reports/2026/q1.csv -e estate.yaml --explain arn:aws:iam::111122223333:role/analyst
  why403 who-can DeleteBucket s3://reports -e estate.yaml -o csv`

type whoCanFlags struct {
	*queryFlags
	estate  *string
	all     bool
	explain string
}

func newWhoCan(s *System) *cobra.Command {
	f := &whoCanFlags{}
	cmd := &cobra.Command{
		Use:     "who-can ACTION s3://bucket/key",
		Short:   "List every principal that may do something",
		Long:    whoCanHelp,
		Example: whoCanExamples,
		GroupID: groupAsk,
		Args:    exactly(2, "who-can wants an action and what it is on", "such as why403 who-can GetObject s3://bucket/key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(s, args)
		},
	}
	f.estate = estateFlag(cmd)
	cmd.Flags().BoolVar(&f.all, "all", false, "list those who may not, too")
	cmd.Flags().StringVar(&f.explain, "explain", "", "explain the row of one `PRINCIPAL`")
	f.queryFlags = addQueryFlags(cmd)
	must(cmd.RegisterFlagCompletionFunc("explain", fromEstate(f.estate, principals)))
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		switch len(args) {
		case 0:
			return completeAsk(cmd, args, word)
		case 1:
			list, directive := fromEstate(f.estate, targets)(cmd, args, word)
			return list, directive | cobra.ShellCompDirectiveNoSpace
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// exactly wants a number of arguments.
func exactly(n int, complaint, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef(hint, "%s", complaint)
		}
		return nil
	}
}

func (f *whoCanFlags) run(s *System, args []string) error {
	a, err := parseAsk(args[0], args[1])
	if err != nil {
		return err
	}
	e, err := f.engine(*f.estate)
	if err != nil {
		return err
	}
	if f.explain != "" {
		return f.explainRow(s, e, a)
	}
	rows, err := e.WhoCan(a, f.all)
	if err != nil {
		return aboutRequest(err)
	}
	if a.Action != "" && e.UnderKMS(a) {
		fmt.Fprintf(s.Stderr, "why403: hint: %s is asked about alone; what is encrypted under a KMS key needs a permission on that, too, which counts in %s\n",
			a.Action, command("who-can", strings.TrimPrefix(a.Action, "s3:"), args[1]))
	}
	handled, err := writeRows(s.Stdout, f.output.value, rows, []string{"principal", "kind", "account", "accessPoint", "keys", "verdict", "condition"}, func(w *report.Who) []string {
		return []string{w.Principal, w.Kind, w.Account, w.AccessPoint, strings.Join(w.Keys, "; "), w.Verdict.String(), conditionWords(&w.Access)}
	})
	if handled || err != nil {
		return err
	}
	return f.text(s, e, args, rows)
}

// text writes the table, who was left out, and what to run next.
func (f *whoCanFlags) text(s *System, e *query.Engine, args []string, rows []report.Who) error {
	header, byKey := []string{"PRINCIPAL", "KIND", "MAY"}, false
	for i := range rows {
		byKey = byKey || rows[i].Keys != nil
	}
	if byKey {
		header = []string{"PRINCIPAL", "KIND", "KEYS", "MAY"}
	}
	var cells [][]string
	may := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		row := []string{r.Principal, r.Kind}
		if byKey {
			row = append(row, strings.Join(r.Keys, ", "))
		}
		cells = append(cells, append(row, render.WhoWords(r)))
		if words := render.AccessWords(&r.Access); words != "no" {
			may[r.Principal] = true
		}
	}
	if len(rows) > 0 {
		if err := render.Table(s.Stdout, header, cells, f.render(s)); err != nil {
			return err
		}
		fmt.Fprintln(s.Stdout)
	}
	n := len(e.Principals())
	fmt.Fprintf(s.Stdout, "%d of %d principals may, or may under the conditions named; %d may not.\n", len(may), n, n-len(may))
	return f.next(s.Stdout, args, rows)
}

func (f *whoCanFlags) next(w io.Writer, args []string, rows []report.Who) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintf(w, "See them all: %s\n", command("who-can", args[0], args[1], "-e", *f.estate, "--all"))
		return err
	}
	_, err := fmt.Fprintf(w, "Explain a row: %s\n", command("who-can", args[0], args[1], "-e", *f.estate, "--explain", rows[len(rows)-1].Principal))
	return err
}

// explainRow explains the request that stands for one row.
func (f *whoCanFlags) explainRow(s *System, e *query.Engine, a *query.Ask) error {
	if a.NeedsKey() {
		return usagef("such as s3://bucket/key", "--explain wants the key that is asked about")
	}
	access, err := e.Access(f.explain, a)
	if err != nil {
		return usagef("why403 who-can --all lists them; also a session of a role may be named", "--explain: %v", err)
	}
	r, err := e.Request(f.explain, a)
	if err != nil {
		return err
	}
	d, steps, err := explain.With(e.Gatherer(), r, explain.Options{})
	if err != nil {
		return aboutRequest(err)
	}
	d.Principal = f.explain
	if f.output.value == "json" {
		return render.JSON(s.Stdout, d, steps)
	}
	o := f.render(s)
	o.Dir = e.Dir()
	if err := render.Text(s.Stdout, d, steps, o); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.Stdout, "\nMay %s: %s\n", f.explain, render.AccessWords(access))
	return err
}
