package cli

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/query"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/report"
)

// queryFlags are what who-can, can and diff have in common.
type queryFlags struct {
	output, color *choice
	time          string
}

func addQueryFlags(cmd *cobra.Command) *queryFlags {
	f := &queryFlags{}
	cmd.Flags().StringVar(&f.time, "time", "", "the `TIME` that is asked about, RFC 3339; now where not given")
	must(cmd.RegisterFlagCompletionFunc("time", cobra.NoFileCompletions))
	f.output = choiceFlag(cmd, "output", "o", "text", "form of the answer", "text", "json", "csv")
	f.color = colorFlag(cmd)
	return f
}

// clock is the time that is asked about.
func (f *queryFlags) clock() (func() time.Time, error) {
	now := time.Now()
	if f.time != "" {
		t, err := node.ParseTime(f.time)
		if err != nil {
			return nil, usagef("such as --time 2026-11-22T10:00:00Z", "--time: %v", err)
		}
		now = t
	}
	return func() time.Time { return now }, nil
}

// engine reads an estate and makes it ready to be asked.
func (f *queryFlags) engine(path string) (*query.Engine, error) {
	now, err := f.clock()
	if err != nil {
		return nil, err
	}
	e, err := loadEstate(path)
	if err != nil {
		return nil, err
	}
	return query.New(e, now), nil
}

func (f *queryFlags) render(s *System) render.Options {
	return render.Options{Width: s.width(s.Stdout), Color: s.color(f.color.value, s.Stdout)}
}

// writeRows writes rows as JSON lines or CSV; handled is false for text.
func writeRows[R any](w io.Writer, form string, rows []R, header []string, record func(*R) []string) (handled bool, err error) {
	switch form {
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		for i := range rows {
			if err := encoder.Encode(rows[i]); err != nil {
				return true, err
			}
		}
		return true, nil
	case "csv":
		out := csv.NewWriter(w)
		if err := out.Write(header); err != nil {
			return true, err
		}
		for i := range rows {
			if err := out.Write(record(&rows[i])); err != nil {
				return true, err
			}
		}
		out.Flush()
		return true, out.Error()
	}
	return false, nil
}

// conditionWords is the part of an access beside its verdict, for a column of its own.
func conditionWords(a *report.Access) string {
	if words := render.AccessWords(a); words != "yes" && words != "no" {
		return words
	}
	return ""
}

// parseAsk reads what is asked about: an operation or an action, on what an
// s3:// argument names.
func parseAsk(what, where string) (*query.Ask, error) {
	t, err := parseTarget(where)
	if err != nil {
		return nil, err
	}
	a := &query.Ask{Bucket: t.bucket, AccessPoint: t.accessPoint, Key: t.path}
	if strings.Contains(what, ":") {
		if err := knownAction(what); err != nil {
			return nil, err
		}
		if service, _, _ := strings.Cut(what, ":"); !strings.EqualFold(service, "s3") {
			return nil, usagef("operations such as GetObject count the KMS permissions that they need", "who-can answers for actions of S3, not for %s", what)
		}
		a.Action = what
	} else if _, err := knownOperation(what); err != nil {
		return nil, err
	} else {
		a.Operation = what
	}
	return a, a.Fit()
}

// operationOrAction accepts the words of --action.
func operationOrAction(names []string) error {
	for _, n := range names {
		if strings.Contains(n, ":") {
			if err := knownAction(n); err != nil {
				return err
			}
		} else if _, err := knownOperation(n); err != nil {
			return err
		}
	}
	return nil
}

func completeAsk(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	if strings.Contains(word, ":") {
		return completeActions(nil, nil, word)
	}
	var list []string
	for _, spec := range s3op.All() {
		if spec.Scope == s3op.Bucket || spec.Scope == s3op.Object {
			list = append(list, spec.Name+"\t"+spec.Action)
		}
	}
	return starting(append(list, "s3:\tan action alone"), word), cobra.ShellCompDirectiveNoFileComp
}
