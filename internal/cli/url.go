package cli

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/ingest/presigned"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

const urlHelp = `url explains a presigned URL: what it asks for, who signed it, for which Region
and host, until when, which headers must be sent with it, and what is wrong with
it. A URL of CloudFront is recognised. Signatures and tokens are never shown.

With -e the use of the URL is decided for its signer, and its signature is checked
where the estate holds the secret of the access key. --as says who signed it,
where the estate does not know the access key: that of a session, say. A URL that
is not in quotes ends, in a shell, at its first &; - reads it from standard input.

Exit status: 0 if nothing is wrong, 1 if S3 refuses it, 2 wrong usage, 3 not known.`

const urlExamples = `  why403 url 'https://reports.s3.amazonaws.com/q1.csv?X-Amz-Algorithm=…'
  aws s3 presign s3://reports/q1.csv | why403 url -e estate.yaml -
  why403 url --method PUT -e estate.yaml --as arn:aws:sts::111122223333:assumed-role/app/s1 'https://…'`

type urlFlags struct {
	estate                                  *string
	output, color                           *choice
	method, as, time, sourceIP, vpcEndpoint string
}

func newURL(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "url URL",
		Short:   "Explain a presigned URL",
		Long:    urlHelp,
		Example: urlExamples,
		GroupID: groupDecide,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("put the URL in quotes, or pipe it to why403 url -", "why403 url takes one URL, and was given %d", len(args))
			}
			return nil
		},
	}
	f := &urlFlags{estate: estateFlag(cmd), output: outputFlag(cmd), color: colorFlag(cmd)}
	cmd.Flags().StringVar(&f.method, "method", "GET", "HTTP `METHOD` that the URL is used with")
	cmd.Flags().StringVar(&f.as, "as", "", "`ARN` of who signed it")
	cmd.Flags().StringVar(&f.time, "time", "", "when it is used, `TIME` such as 2026-11-22T10:00:00Z (default: now)")
	cmd.Flags().StringVar(&f.sourceIP, "source-ip", "", "`ADDRESS` that it is used from")
	cmd.Flags().StringVar(&f.vpcEndpoint, "vpc-endpoint", "", "`ID` of the VPC endpoint that it is used through")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.RunE = func(_ *cobra.Command, args []string) error { return f.run(s, args[0]) }
	return cmd
}

// An explainedURL is the answer of url in JSON.
type explainedURL struct {
	*presigned.URL
	Signature []string         `json:"signature,omitempty"` // what was found out about it
	Decision  *report.Decision `json:"decision,omitempty"`
}

func (f *urlFlags) run(s *System, text string) error {
	if text == "-" {
		data, err := io.ReadAll(io.LimitReader(s.Stdin, 1<<20))
		if err != nil {
			return err
		}
		text = string(data)
	}
	now := time.Now().UTC()
	if f.time != "" {
		t, err := node.ParseTime(f.time)
		if err != nil {
			return usagef("such as --time 2026-11-22T10:00:00Z", "--time: %v", err)
		}
		now = t
	}
	u, err := presigned.Parse(text, f.method, now)
	if err != nil {
		return usagef("put the URL in quotes, as the program printed it", "%v", err)
	}
	out := &explainedURL{URL: u}
	if *f.estate != "" {
		if err := f.decide(out, now); err != nil {
			return err
		}
	}
	if err := f.show(s, out); err != nil {
		return err
	}
	return out.status()
}

// status is 1 where S3 refuses, whoever signed.
func (u *explainedURL) status() error {
	if u.Decision != nil {
		if status := verdictStatus(u.Decision.Verdict); status != statusOK {
			return statusError(status)
		}
		return nil
	}
	for _, p := range u.Problems {
		if p.Reason != "" {
			return statusError(statusDenied)
		}
	}
	return nil
}

// estateKeys are the access keys of an estate.
type estateKeys struct{ *estate.Estate }

// Credential implements [sigv4.Keys].
func (e estateKeys) Credential(id string) (sigv4.Credential, bool) {
	holder, ok := e.AccessKey(id)
	if !ok {
		return sigv4.Credential{}, false
	}
	return sigv4.Credential{AccessKeyID: id, Secret: holder.Key.Secret}, true
}

func (f *urlFlags) decide(out *explainedURL, now time.Time) error {
	e, err := loadEstate(*f.estate)
	if err != nil {
		return err
	}
	r, ok := out.Request(f.as, now)
	if !ok {
		out.Signature = append(out.Signature, "not decided: S3 refuses a URL of this form before it looks at who signed it")
		return nil
	}
	if _, held := e.AccessKey(out.AccessKeyID); !held && f.as == "" && out.Kind != "unsigned" && out.Temporary {
		out.Signature = append(out.Signature, "the estate does not hold the session of "+out.AccessKeyID+": say who signed with --as ARN")
		return statusUnknownSigner(out)
	}
	f.network(r)
	out.verify(e, r)
	out.Decision, _, err = explain.With(gather.New(e, time.Now), r, explain.Options{})
	return err
}

// statusUnknownSigner makes the answer one that is not known.
func statusUnknownSigner(out *explainedURL) error {
	out.Decision = &report.Decision{Verdict: iam.Unknown, Operation: out.Operation, Checks: []report.Check{}, Contributing: []*report.Cause{}, Fixes: []report.Fix{},
		Unknown: []report.Unknown{{Gate: iam.GateCredentials, What: "who holds the access key " + out.AccessKeyID, Why: "it is one of a session", Need: "--as"}}}
	return nil
}

func (f *urlFlags) network(r *request.Request) {
	if f.sourceIP != "" {
		r.SourceIP = &f.sourceIP
	}
	if f.vpcEndpoint != "" {
		r.VPCEndpoint = &f.vpcEndpoint
	}
}

// verify checks the signature, and states what came out in the request.
func (u *explainedURL) verify(e *estate.Estate, r *request.Request) {
	if u.Kind == "unsigned" {
		return
	}
	matches, known, hint := u.URL.Verify(estateKeys{e})
	switch {
	case !known:
		u.Signature = append(u.Signature, "not checked: the estate does not hold the secret of "+u.AccessKeyID+"; it is taken for right")
		return
	case matches:
		u.Signature = append(u.Signature, "it matches")
	default:
		line := "it does not match: the URL was altered, or used with another method or host than it was signed for"
		if hint != "" {
			line += "; " + hint
		}
		u.Signature = append(u.Signature, line)
	}
	r.Auth.SignatureMatches = &matches
}

func (f *urlFlags) show(s *System, out *explainedURL) error {
	if f.output.value == "json" {
		enc := json.NewEncoder(s.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	}
	o := render.Options{Width: s.width(s.Stdout), Color: s.color(f.color.value, s.Stdout)}
	var b strings.Builder
	if err := render.URL(&b, out.URL, out.Signature, o); err != nil {
		return err
	}
	if out.Decision != nil {
		b.WriteString("\n")
		if err := render.Text(&b, out.Decision, nil, o); err != nil {
			return err
		}
	}
	_, err := io.WriteString(s.Stdout, b.String())
	return err
}
