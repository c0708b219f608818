package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
)

const runHelp = `run runs a program, and explains each 403 that its calls to S3 met, and the errors
of the same family: expired tokens, the wrong Region, disabled ACLs, KMS keys, and
refusals behind a 200, as DeleteObjects gives for single keys. "why403 -- PROGRAM"
is short for it. The program's output and exit status are its own; explanations come
at the end, on standard error or in the file of --report, one for each distinct
refusal. The answer to a HEAD has no body: without --mitm it is asked again as a GET
of one byte, whose answer says why. With -e each refusal is decided in an estate
besides.

  $ why403 -- aws s3 cp q1.csv s3://reports/2026/ --no-progress
  upload failed: ./q1.csv to s3://reports/2026/q1.csv An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:iam::111122223333:user/reader is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::reports/2026/q1.csv" because no identity-based policy allows the s3:PutObject action
  why403: refusal 1 of 1
  MESSAGE  s3:PutObject  arn:aws:s3:::reports/2026/q1.csv
      as    arn:aws:iam::111122223333:user/reader
  status    403 AccessDenied
  call      PutObject
  request   7YJ43VA5JWGSAOXZ

  means     identity, implicit-deny                                       no-allow-identity
            no statement of the caller's identity-based policies allows s3:PutObject
  but not   an explicit Deny of any policy, which would have been named instead
  or else   in one account a bucket policy that names the caller would do as well; S3 speaks of the identity-based policy alone

  What this reason means: why403 reason no-allow-identity

The program's AWS SDK is pointed, by AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_STS, at
a proxy on the loopback interface, which signs each request anew with the same
credentials and sends it on to where it would have gone. It finds the secrets where
SDKs do, and those of sessions that the program makes itself in STS's answers.

--mitm is for what does not go that way: programs that look at no AWS_ENDPOINT_URL,
access point ARNs, S3 Control, FIPS, dual-stack and accelerated endpoints, directory
buckets, credentials that only the program knows, and URLs that it presigns, which
are for the proxy otherwise. HTTPS_PROXY then leads the program to the proxy, which
lets everything pass as it is signed; connections to S3, STS and KMS end in it, by
certificates of an authority that is made for this run. Its key stays in memory, it
can speak for AWS's domains alone, and the program trusts it by AWS_CA_BUNDLE,
SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and NODE_EXTRA_CA_CERTS, which keep
whom they named before. Other connections are tunnelled as they are, by the proxy
that was set before, if any. Java programs and the AWS SDK for JavaScript look at
none of this: run those without --mitm.

Exit status: that of the program; 128 and the signal if a signal ended it; 2 if it
cannot be run.`

const runExamples = `  why403 -- aws s3 cp s3://reports/q1.csv .
  why403 run -e estate.yaml -- python3 report.py
  why403 run --mitm -- terraform apply
  why403 run -o json --report refusals.jsonl -- ./nightly-backup`

type runFlags struct {
	estate        *string
	as, report    string
	mitm          bool
	output, color *choice
}

func newRun(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "run -- PROGRAM [ARGUMENT ...]",
		Short:   "Run a program, and explain each 403 that it meets",
		Long:    runHelp,
		Example: runExamples,
		GroupID: groupDecide,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("such as why403 -- aws s3 ls s3://reports", "nothing says what to run")
			}
			return nil
		},
	}
	f := &runFlags{estate: estateFlag(cmd), output: outputFlag(cmd), color: colorFlag(cmd)}
	cmd.Flags().StringVar(&f.as, "as", "", "`ARN` of who the program's credentials belong to, where answers do not tell")
	cmd.Flags().BoolVar(&f.mitm, "mitm", false, "stand between by HTTPS_PROXY and an authority for this run, and sign nothing")
	cmd.Flags().StringVar(&f.report, "report", "", "write the explanations to a `file` instead of standard error")
	cmd.Flags().SetInterspersed(false) // the program's flags are its own
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) }
	return cmd
}

func (f *runFlags) run(ctx context.Context, s *System, args []string) error {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return usagef("", "%v", err)
	}
	if *f.estate != "" { // before anything is run
		if _, err := loadEstate(*f.estate); err != nil {
			return err
		}
	}
	report, done, err := f.open(s)
	if err != nil {
		return err
	}
	defer done()
	w := &way{System: s, args: args, met: &refusals{}}
	defer w.close()
	stand := w.endpoint
	if f.mitm {
		stand = w.intercept
	}
	env, err := stand()
	if err != nil {
		return err
	}
	status, err := start(ctx, s, path, args, env)
	w.close() // nobody waits for an answer
	if err != nil {
		return err
	}
	w.note(f.mitm, status)
	if err := f.tell(s, report, w.met.distinct()); err != nil {
		return err
	}
	if status != 0 {
		return statusError(status)
	}
	return nil
}

// open is where explanations go.
func (f *runFlags) open(s *System) (w io.Writer, done func(), err error) {
	if f.report == "" {
		return s.Stderr, func() {}, nil
	}
	file, err := os.OpenFile(f.report, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, usagef("", "%v", err)
	}
	return file, func() { _ = file.Close() }, nil // each was written at once
}

// tell explains what the program met.
func (f *runFlags) tell(s *System, w io.Writer, list []*met) error {
	m := &messageFlags{output: f.output, color: f.color}
	var e *estate.Estate
	if *f.estate != "" && len(list) > 0 {
		var err error
		if e, err = loadEstate(*f.estate); err != nil {
			return err
		}
	}
	for i, r := range list {
		out := explainedMessage{Message: r.message, Reading: r.reading(f.mitm), Times: r.times}
		if e != nil && r.request != nil {
			r.decide(&out, e, f.as)
		}
		if f.output.value == "text" {
			head := fmt.Sprintf("why403: refusal %d of %d", i+1, len(list))
			if r.times > 1 {
				head += fmt.Sprintf(", met %d times", r.times)
			}
			fmt.Fprintln(w, head)
		}
		if err := m.show(s, w, &out); err != nil {
			return err
		}
	}
	return nil
}
