package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/replay"
)

const replayHelp = `replay decides the requests that logs hold once more, in the estate as it is and
after a change, and says who would break: requests that worked and would be
refused, with the statement that refuses them, requests that were refused and
would work, and those about which it cannot be told, and why.

Logs are CloudTrail files (.json.gz, in AWS's folders or not) and S3 server access
logs, mixed; a request that several logs have counts once.

--with names a change, and may be given several times:
` + replay.Forms + `

That a request worked proves that whatever the estate does not hold let it pass;
where a change leaves all that a decision rests on as it is, what worked still
works. Requests that the estate as it is decides otherwise than AWS did are listed
apart: policies have changed since, or something was not collected.

Exit status: 0, or with --fail-on 1 where such requests were found.`

type replayFlags struct {
	*logFlags
	estate       *string
	logs, with   []string
	failOn       *choice
	output       *choice
	contradicted bool
}

func newReplay(s *System) *cobra.Command {
	f := &replayFlags{}
	cmd := &cobra.Command{
		Use: "replay --logs PATH… -e ESTATE --with CHANGE", Short: "Say whom a change of policy would have broken", GroupID: groupLogs, Long: replayHelp,
		Example: "  why403 replay --logs AWSLogs/ -e estate.yaml --with bucket-policy:my-bucket=new.json\n" +
			"  why403 replay --logs trail/ --logs access/ -e estate.yaml --with public-access-block:111122223333=on --fail-on newly-denied",
		Args: cobra.ArbitraryArgs,
	}
	f.logFlags = addLogFlags(cmd)
	f.estate = estateFlag(cmd)
	cmd.Flags().StringArrayVar(&f.logs, "logs", nil, "`PATH` of logs: a file, a folder, s3://BUCKET/PREFIX, - for standard input")
	cmd.Flags().StringArrayVar(&f.with, "with", nil, "the `CHANGE` to try")
	cmd.Flags().BoolVar(&f.contradicted, "contradicted", false, "also list the requests that the estate as it is decides otherwise than AWS did")
	f.failOn = choiceFlag(cmd, "fail-on", "", "", "exit with status 1 where such requests are found", "newly-denied", "newly-allowed", "any")
	f.output = choiceFlag(cmd, "output", "o", "text", "form of the answer", "text", "json", "csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd, s, args) }
	return cmd
}

func (f *replayFlags) run(cmd *cobra.Command, s *System, args []string) error {
	src, options, err := f.sources(cmd.Context(), s, append(f.logs, args...))
	if err != nil {
		return err
	}
	filter, err := f.filter(time.Now())
	if err != nil {
		return err
	}
	if len(f.with) == 0 {
		return usagef("such as --with bucket-policy:my-bucket=new.json; why403 replay --help lists the forms", "no change is given (--with)")
	}
	before, err := loadEstate(*f.estate)
	if err != nil {
		return err
	}
	after, err := changed(*f.estate, f.with)
	if err != nil {
		return err
	}
	tally := &ingest.Tally{}
	rp := &replay.Replay{Before: before, After: after, Filter: filter, Sources: src, Options: options, Tally: tally}
	var out *replay.Report
	err = reading(cmd, s, src, tally, func(ctx context.Context) error { out, err = rp.Run(ctx); return err })
	if err != nil {
		return err
	}
	if err := f.print(s, out, tally); err != nil {
		return err
	}
	return f.status(out)
}

// changed reads the estate once more and makes the changes to it.
func changed(path string, with []string) (*estate.Estate, error) {
	after, err := estate.Load(path)
	if err != nil {
		return nil, err
	}
	for i, change := range with {
		next, err := replay.Apply(after, change)
		if err != nil {
			return nil, err
		}
		if next != after && i > 0 {
			return nil, usagef("give it first", "--with %s is an estate as a whole, and would undo the changes before it", change)
		}
		after = next
	}
	return after, nil
}

func (f *replayFlags) print(s *System, out *replay.Report, t *ingest.Tally) error {
	switch f.output.value {
	case "csv":
		return out.CSV(s.Stdout)
	case "json":
		enc := json.NewEncoder(s.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			Records int64 `json:"records"` // read
			Bad     int64 `json:"bad"`     // could not be read
			*replay.Report
		}{t.Records.Load(), t.Bad.Load(), out})
	}
	if _, err := fmt.Fprintf(s.Stdout, "%d records read; %d would work still, %d would be refused still, %d are no requests that permissions decide\n",
		t.Records.Load(), out.StillWorks, out.StillRefused, out.Ignored); err != nil {
		return err
	}
	return out.Text(s.Stdout, f.contradicted)
}

// status is what --fail-on makes of the report.
func (f *replayFlags) status(out *replay.Report) error {
	denied, allowed := len(out.NewlyDenied) > 0, len(out.NewlyAllowed) > 0
	if f.failOn.value == "newly-denied" && denied || f.failOn.value == "newly-allowed" && allowed ||
		f.failOn.value == "any" && (denied || allowed || len(out.CannotTell) > 0) {
		return statusError(statusDenied)
	}
	return nil
}
