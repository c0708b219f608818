package cli

import (
	"cmp"
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
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/replay"
)

const eventHelp = `event explains records of CloudTrail one by one: a single record, an array, a
file of a trail, an event of EventBridge, the answer of lookup-events, compressed
or not. It says who asked for what, by every kind of principal, and what AWS's
answer tells of the cause. The copies of one event that two accounts have, each
with parts left out, are joined by their sharedEventID.

With -e each request is decided in that estate besides, with all that the record
states; what no record has, such as most headers, is not known. A decision that
contradicts what AWS answered is shown as such. For whole trails see why403 logs.

Exit status: 0 if the records were understood; with -e that of explain, where an
event that cannot be decided counts as not known.`

const eventExamples = `  why403 event record.json
  why403 event -e estate.yaml record.json
  aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=PutBucketPolicy | why403 event -`

type eventFlags struct {
	estate        *string
	output, color *choice
}

func newEvent(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use: "event FILE|- …", Short: "Explain records of CloudTrail", Long: eventHelp, Example: eventExamples,
		GroupID: groupDecide, Args: cobra.ArbitraryArgs,
	}
	f := &eventFlags{estate: estateFlag(cmd), output: outputFlag(cmd), color: colorFlag(cmd)}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd, s, args) }
	return cmd
}

// An explainedEvent is the answer of event in JSON, one line for each.
type explainedEvent struct {
	Event eventFacts `json:"event"`
	explainedMessage
	// Undecided says why the request could not be decided in the estate; "" where
	// it was, and without an estate.
	Undecided string `json:"undecided,omitempty"`
}

func (f *eventFlags) run(cmd *cobra.Command, s *System, args []string) error {
	if len(args) == 0 {
		return usagef("a file, or - for standard input, such as aws cloudtrail lookup-events | why403 event -", "no record is given")
	}
	list, err := events(cmd, s, args)
	if err != nil {
		return err
	}
	var e *estate.Estate
	var names record.Names
	if *f.estate != "" {
		if e, err = loadEstate(*f.estate); err != nil {
			return err
		}
		names = replay.NamesOf(e)
	}
	verdicts := map[iam.Verdict]int{}
	for i, ev := range list {
		out := explainEvent(ev, e, names)
		if i > 0 && f.output.value == "text" {
			if _, err := io.WriteString(s.Stdout, "\n"); err != nil {
				return err
			}
		}
		if err := f.show(s, out); err != nil {
			return err
		}
		switch {
		case out.Decision != nil:
			verdicts[out.Decision.Verdict]++
		case e != nil:
			verdicts[iam.Unknown]++
		}
	}
	if status := verdictsStatus(verdicts); status != statusOK {
		return statusError(status)
	}
	return nil
}

// explainEvent says what a record tells, and what an estate does, where there is
// one.
func explainEvent(ev *event, e *estate.Estate, names record.Names) *explainedEvent {
	r := ev.record
	out := &explainedEvent{Event: ev.facts(names)}
	answer := replay.AnswerOf(r)
	if r.Failed() {
		out.Message = new(replay.Messages).Told(r)
		out.Message.Status = cmp.Or(out.Message.Status, r.Status)
		out.Reading = out.Message.Reading()
	} else {
		out.Reading = errortext.Reading{Says: "AWS let this request through"}
	}
	if string(r.Type) == "AwsVpceEvent" {
		out.Reading.Next = append(out.Reading.Next, "network activity names neither bucket nor key: what was asked for stands in the caller's program alone")
	}
	if e == nil {
		return out
	}
	out.decideRecord(r, e, names)
	if out.Decision == nil {
		return out
	}
	switch {
	case answer == replay.Worked && out.Decision.Verdict == iam.Denied:
		out.Contradiction = "AWS let this through, and the estate refuses it: something that decides differs from the estate, has changed since, or stands in no record"
	case answer != replay.Refused:
		out.Contradiction = "" // no policy was asked, or AWS's answer is none of theirs
	}
	return out
}

// decideRecord has the record's request decided, or that of AWS's message where the
// record is of another service than S3.
func (out *explainedEvent) decideRecord(r *record.Record, e *estate.Estate, names record.Names) {
	q, err := r.Request(names)
	if errors.Is(err, record.ErrNotS3) && out.Message != nil {
		if said, ok := out.Message.Request(); ok {
			q, err = said, nil
		}
	}
	switch {
	case err != nil:
	case replay.AnswerOf(r) == replay.Worked:
		out.Decision, _, err = explain.With(gather.New(e, time.Now), q, explain.Options{})
	default:
		err = out.explainedMessage.decide(e, q)
	}
	if err != nil {
		out.Undecided = oneLine(err.Error())
	}
}

// verdictsStatus is what several verdicts come to.
func verdictsStatus(verdicts map[iam.Verdict]int) int {
	switch {
	case verdicts[iam.Denied] > 0:
		return statusDenied
	case verdicts[iam.Unknown] > 0:
		return statusUnknown
	}
	return statusOK
}

func (f *eventFlags) show(s *System, out *explainedEvent) error {
	if f.output.value == "json" {
		enc := json.NewEncoder(s.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	}
	o := render.Options{Width: s.width(s.Stdout), Color: s.color(f.color.value, s.Stdout)}
	var b strings.Builder
	if err := render.Event(&b, out.Event.head(), out.Event.rows(), out.Message, out.Reading, o); err != nil {
		return err
	}
	if out.Contradiction != "" {
		b.WriteString("\nCONTRADICTION  " + render.Clean(out.Contradiction) + "\n")
	}
	if out.Undecided != "" {
		b.WriteString("\nnot decided: " + render.Clean(out.Undecided) + "\n")
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

// maxEvents bounds what is explained one by one.
const maxEvents = 1000

// events reads the records, those that are copies of one event as one.
func events(cmd *cobra.Command, s *System, paths []string) ([]*event, error) {
	src, options, err := (&logFlags{workers: 1}).sources(cmd.Context(), s, paths) // one thread keeps their order
	if err != nil {
		return nil, err
	}
	var list []*event
	by := map[string]*event{}
	tally := &ingest.Tally{}
	err = ingest.Run(cmd.Context(), src, options, tally, func(int) func(*record.Record) error {
		return func(r *record.Record) error {
			id := cmp.Or(string(r.SharedID), string(r.EventID))
			if known := by[id]; known != nil && id != "" {
				known.join(r)
				return nil
			}
			if len(list) == maxEvents {
				return usagef("why403 logs groups the denials of whole trails by their cause", "more than %d events are too many to explain one by one", maxEvents)
			}
			ev := &event{record: r.Clone(), copies: []string{string(r.Recipient)}}
			list, by[id] = append(list, ev), ev
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	complainOfBad(s.Stderr, tally)
	if len(list) == 0 {
		return nil, usagef("a record is a JSON object with eventName and userIdentity", "there is no record of CloudTrail in it")
	}
	return list, nil
}
