package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/logs"
)

const logsHelp = `logs reads CloudTrail files (.json.gz, in AWS's folders or not, answers of
lookup-events, network activity) and S3 server access logs, mixed, and groups the
denials in them by cause: gate, policy, statement, caller, operation, bucket, and
the patterns of keys that the data show; with counts, first and last time, an
example, and what it means. A request that several logs have counts once.

Without an estate the cause is what AWS's own message tells. With one (-e) the
engine decides every record, names the statement with file and line, and lists
apart where it disagrees with AWS, with the likely reason.

-o json writes a line for each group and a last one with the sums; -o html a page
with a timeline that opens without a network.`

type logsFlags struct {
	*logFlags
	estate *string
	output *choice
	limit  int
}

func newLogs(s *System) *cobra.Command {
	f := &logsFlags{}
	cmd := &cobra.Command{
		Use: "logs PATH…", Short: "Explain the denials in CloudTrail files and access logs", GroupID: groupLogs, Long: logsHelp,
		Example: "  why403 logs AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/\n  why403 logs trail/ access/ -e estate.yaml --since 48h --bucket reports\n" +
			"  aws cloudtrail lookup-events | why403 logs -\n  why403 logs access/ -o html > denials.html",
		Args: cobra.ArbitraryArgs,
	}
	f.logFlags = addLogFlags(cmd)
	f.estate = estateFlag(cmd)
	f.output = choiceFlag(cmd, "output", "o", "text", "form of the answer", "text", "json", "csv", "html")
	cmd.Flags().IntVar(&f.limit, "limit", 20, "show `N` groups as text; 0: all")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd, s, args) }
	return cmd
}

func (f *logsFlags) run(cmd *cobra.Command, s *System, args []string) error {
	src, options, err := f.sources(cmd.Context(), s, args)
	if err != nil {
		return err
	}
	a := &logs.Analysis{Sources: src, Options: options, Tally: &ingest.Tally{}}
	if a.Filter, err = f.filter(time.Now()); err != nil {
		return err
	}
	if *f.estate != "" {
		if a.Estate, err = loadEstate(*f.estate); err != nil {
			return err
		}
	}
	var out *logs.Report
	err = reading(cmd, s, src, a.Tally, func(ctx context.Context) error { out, err = a.Run(ctx); return err })
	if err != nil {
		return err
	}
	switch f.output.value {
	case "json":
		return out.JSON(s.Stdout)
	case "csv":
		return out.CSV(s.Stdout)
	case "html":
		return out.HTML(s.Stdout)
	}
	return out.Text(s.Stdout, f.limit)
}
