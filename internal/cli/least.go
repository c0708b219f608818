package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/least"
)

const leastHelp = `least writes the smallest policy that the use of S3 in logs needs: for a user or
role its identity-based policy, for s3://BUCKET the bucket's policy. It holds the
permissions of the requests that worked, on the keys that they named, with
wildcards where the keys show a pattern and nowhere else.

The logs are then read once more, and each request is decided where nothing but
this policy allows anything. Exit status 1 tells that some would be refused.`

type leastFlags struct {
	*logFlags
	logs   []string
	output *choice
}

func newLeast(s *System) *cobra.Command {
	f := &leastFlags{}
	cmd := &cobra.Command{
		Use: "least --logs PATH… ARN|s3://BUCKET", Short: "Write the smallest policy that the observed use needs", GroupID: groupLogs, Long: leastHelp,
		Example: "  why403 least --logs AWSLogs/ arn:aws:iam::111122223333:role/app > app.json\n  why403 least --logs access/ --since 720h s3://reports",
		Args:    cobra.ArbitraryArgs,
	}
	f.logFlags = addLogFlags(cmd)
	cmd.Flags().StringArrayVar(&f.logs, "logs", nil, "`PATH` of logs: a file, a folder, s3://BUCKET/PREFIX")
	f.output = outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd, s, args) }
	return cmd
}

func (f *leastFlags) run(cmd *cobra.Command, s *System, args []string) error {
	if len(args) != 1 {
		return usagef("write one ARN of a user or role, or s3://BUCKET; logs go behind --logs", "%d arguments are given", len(args))
	}
	q := &least.Question{Tally: &ingest.Tally{}}
	if name, ok := strings.CutPrefix(args[0], s3Scheme); ok {
		q.Bucket = strings.TrimSuffix(name, "/")
	} else if p, err := iam.ParsePrincipal(args[0]); err != nil || p.Kind != iam.User && p.Kind != iam.RoleSession {
		return usagef("write the ARN of a user or role, or s3://BUCKET", "%q is neither", args[0])
	}
	if q.Bucket == "" {
		q.Principal = args[0]
	}
	var err error
	if q.Sources, q.Options, err = f.sources(cmd.Context(), s, f.logs); err != nil {
		return err
	}
	if q.Filter, err = f.filter(time.Now()); err != nil {
		return err
	}
	var a *least.Answer
	err = reading(cmd, s, q.Sources, q.Tally, func(ctx context.Context) error { a, err = q.Run(ctx); return err })
	if err != nil {
		return err
	}
	return f.print(s, a)
}

// print writes the policy to standard output, and what is to be said of it beside.
func (f *leastFlags) print(s *System, a *least.Answer) error {
	if f.output.value == "json" {
		enc := json.NewEncoder(s.Stdout)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(a); err != nil {
			return err
		}
	} else if _, err := s.Stdout.Write(a.Document.JSON()); err != nil {
		return err
	}
	for _, n := range a.Notes {
		fmt.Fprintf(s.Stderr, "why403: hint: %s\n", n)
	}
	if !a.Verified {
		for _, text := range a.Refused {
			fmt.Fprintf(s.Stderr, "why403: warning: not allowed by it: %s\n", text)
		}
		return statusError(statusDenied)
	}
	fmt.Fprintf(s.Stderr, "why403: verified: each of %d records of requests that worked is allowed by it\n", a.Requests)
	return nil
}
