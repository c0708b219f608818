package cli

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

const messageHelp = `message explains an error that was pasted: the output of the AWS CLI, of an SDK,
of Terraform or rclone, the XML that a browser shows, a CloudTrail record. Lines
may be wrapped anywhere. Without arguments, or for -, it reads standard input.

The text alone tells which gate refused, what it cannot mean, and what hides
behind the same words. With -e, and where the text says who asked for what, the
request is decided in that estate besides; a decision that contradicts what AWS
answered is shown as such.

Exit status: 0 if the text was understood; with -e that of explain.`

const messageExamples = `  why403 message 'An error occurred (403) when calling the HeadObject operation: Forbidden'
  terraform apply 2>&1 | why403 message
  aws s3 cp s3://reports/q1.csv . 2>&1 | why403 message -e estate.yaml`

func newMessage(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "message [TEXT ...]",
		Short:   "Explain an error message that was pasted",
		Long:    messageHelp,
		Example: messageExamples,
		GroupID: groupDecide,
		Args:    cobra.ArbitraryArgs,
	}
	f := &messageFlags{estate: estateFlag(cmd), output: outputFlag(cmd), color: colorFlag(cmd)}
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.RunE = func(_ *cobra.Command, args []string) error { return f.run(s, args) }
	return cmd
}

type messageFlags struct {
	estate        *string
	output, color *choice
}

// An explained message is the answer of message in JSON.
type explainedMessage struct {
	*errortext.Message
	Reading  errortext.Reading `json:"reading"`
	Decision *report.Decision  `json:"decision,omitempty"`
	// Contradiction says in which the decision differs from what AWS answered; ""
	// where it does not.
	Contradiction string `json:"contradiction,omitempty"`

	Times int `json:"times,omitempty"` // how often it was met, by run
}

func (f *messageFlags) run(s *System, args []string) error {
	text, err := pasted(s, args)
	if err != nil {
		return err
	}
	m, ok := errortext.Parse(text)
	if !ok {
		return usagef("paste the whole output of the program that failed", "this text holds no answer of AWS that refuses something")
	}
	out := explainedMessage{Message: &m, Reading: m.Reading()}
	if *f.estate != "" {
		if err := f.decide(&out); err != nil {
			return err
		}
	}
	if err := f.show(s, s.Stdout, &out); err != nil {
		return err
	}
	if out.Decision != nil {
		if status := verdictStatus(out.Decision.Verdict); status != statusOK {
			return statusError(status)
		}
	}
	return nil
}

// pasted is the text of the arguments, or of standard input.
func pasted(s *System, args []string) (string, error) {
	if len(args) > 0 && (len(args) > 1 || args[0] != "-") {
		return strings.Join(args, " "), nil
	}
	data, err := io.ReadAll(io.LimitReader(s.Stdin, 64<<20))
	return string(data), err
}

func (f *messageFlags) decide(out *explainedMessage) error {
	e, err := loadEstate(*f.estate)
	if err != nil {
		return err
	}
	r, ok := out.Request()
	if !ok {
		out.Reading.Next = append(out.Reading.Next, "the text does not say who asked for what: describe the request with why403 explain -e "+*f.estate)
		return nil
	}
	return out.decide(e, r)
}

// decide has a request decided, and sets it against what AWS answered. Where AWS
// refused and the estate lets the request pass on the assumption that the object
// exists, it is decided for an object that does not: that reads as 403 as well.
func (out *explainedMessage) decide(e *estate.Estate, r *request.Request) error {
	g := gather.New(e, time.Now)
	d, _, err := explain.With(g, r, explain.Options{})
	if err == nil && d.Verdict == iam.Allowed && len(d.Assumed) > 0 && r.Object == nil {
		no := false
		missing := *r
		missing.Object = &estate.Object{Exists: &no}
		if m, _, err := explain.With(g, &missing, explain.Options{}); err == nil && m.Verdict == iam.Denied {
			d = m
		}
	}
	if err == nil && d.Verdict == iam.Unknown {
		if d, err = join(g, r, d, out.Message); err == nil && d.Verdict == iam.Unknown {
			d.Cases, err = explain.Cases(g, r)
		}
	}
	if err != nil {
		return errors.Join(usagef("", "the request of this message cannot be decided"), err)
	}
	out.Decision, out.Contradiction = d, contradiction(out.Message, d)
	return nil
}

// contradiction says in which a decision differs from what AWS answered.
func contradiction(m *errortext.Message, d *report.Decision) string {
	switch {
	case d.Verdict == iam.Allowed:
		return "AWS refused this, and the estate allows it: something that decides differs from the estate, or was not stated"
	case d.Cause == nil || m.Refusal == nil || answers(m, d):
		return ""
	}
	return "AWS named the gate " + m.Refusal.Gate.String() + " (" + m.Refusal.Kind.String() + "), the estate makes it " + d.Cause.Gate.String() + " (" + d.Cause.Kind.String() + ")"
}

// answers reports whether AWS's gate is among those that refuse in the estate. Of a key
// that does not exist AWS's words are about s3:ListBucket, which a decision on a HEAD,
// that has no words, does not repeat.
func answers(m *errortext.Message, d *report.Decision) bool {
	if d.Cause.Reason == string(reason.MissingKeyReadsAs403) && m.Action == "s3:ListBucket" {
		return true
	}
	for _, c := range append([]*report.Cause{d.Cause}, d.Contributing...) {
		named, ok := errortext.Parse(d.Message)
		if c.Gate == m.Refusal.Gate || ok && named.Refusal != nil && named.Refusal.Gate == m.Refusal.Gate {
			return true
		}
	}
	return false
}

func (f *messageFlags) show(s *System, w io.Writer, out *explainedMessage) error {
	if f.output.value == "json" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	}
	o := render.Options{Width: s.width(w), Color: s.color(f.color.value, w)}
	if out.Refusal != nil && out.Decision == nil {
		o.More = "What this reason means: why403 reason " + string(out.Refusal.Reason)
	}
	var b strings.Builder
	if err := render.Message(&b, out.Message, out.Reading, o); err != nil {
		return err
	}
	if out.Contradiction != "" {
		b.WriteString("\nCONTRADICTION  " + render.Clean(out.Contradiction) + "\n")
	}
	if out.Decision != nil {
		b.WriteString("\n")
		o.More = ""
		d := *out.Decision
		d.Evidence = nil // which is the message itself
		if err := render.Text(&b, &d, nil, o); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
