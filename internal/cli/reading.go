package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/ingest"
)

// reading runs what reads logs: it shows how far that is on a terminal, ends it where
// the person at it does, and tells of records that could not be read.
func reading(cmd *cobra.Command, s *System, src *ingest.Sources, t *ingest.Tally, run func(context.Context) error) error {
	ctx, stop := stoppable(cmd.Context())
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	shown := watch(s, src, t)
	err := run(ctx)
	shown()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return &interruptedError{t.Files.Load()}
	}
	if err != nil {
		return err
	}
	complainOfBad(s.Stderr, t)
	if t.Records.Load() == 0 && t.Bad.Load() > 0 {
		return usagef("CloudTrail and S3 server access logs are read, as AWS delivers them and out of Athena, CloudTrail Lake and CloudWatch", "none of it is a record of a log")
	}
	return nil
}

// An interruptedError says that a person ended the reading.
type interruptedError struct{ files int64 }

func (e *interruptedError) Error() string {
	return fmt.Sprintf("interrupted after %d files of logs; nothing is reported of them", e.files)
}

// ExitCode is what shells give to a command that an interrupt ended.
func (e *interruptedError) ExitCode() int { return 130 }
