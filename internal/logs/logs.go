package logs

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/ingest/journal"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/replay"
)

// An Analysis finds the causes of the denials in logs.
type Analysis struct {
	Estate  *estate.Estate // nil: what AWS's messages tell has to do
	Filter  replay.Filter
	Sources *ingest.Sources
	Options ingest.Options
	Tally   *ingest.Tally
}

// Run reads the logs. With an estate it reads all records, since requests that
// worked show whether the estate is right; without, the failed ones.
func (a *Analysis) Run(ctx context.Context) (*Report, error) {
	j := journal.New()
	var mu sync.Mutex
	var hands []*hand
	var decider *replay.Decider
	if a.Options.FailedOnly = a.Estate == nil; a.Estate != nil {
		decider = replay.NewDecider(a.Estate, nil)
	}
	err := ingest.Run(ctx, a.Sources, a.Options, a.Tally, func(int) func(*record.Record) error {
		h := &hand{a: a, journal: j}
		if decider != nil {
			h.decider = decider.Fork()
		}
		mu.Lock()
		hands = append(hands, h)
		mu.Unlock()
		return h.record
	})
	if err != nil {
		return nil, err
	}
	g := newGathering()
	if err := j.Each(g.add); err != nil {
		return nil, err
	}
	out := g.report()
	for _, h := range hands {
		out.Agreed += h.agreed
		out.NetworkActivity = out.NetworkActivity || h.network
	}
	out.WithEstate = a.Estate != nil
	out.Records, out.Bad = a.Tally.Records.Load(), a.Tally.Bad.Load()
	out.notes(a.Tally)
	return out, nil
}

// hand is one goroutine's work.
type hand struct {
	a       *Analysis
	decider *replay.Decider
	journal *journal.Journal
	texts   replay.Messages
	agreed  int64
	network bool
}

// The sections of a report.
const (
	sectionDenied   = "denied"
	sectionDisagree = "disagreement"
)

func (h *hand) record(r *record.Record) error {
	vpce := string(r.Type) == "AwsVpceEvent"
	if !r.IsS3() && !r.IsKMS() || !h.a.Filter.Take(r) {
		return nil
	}
	h.network = h.network || vpce
	if !r.Refused() {
		return h.worked(r)
	}
	m := h.texts.Told(r)
	section, parts, rank := sectionDenied, textParts(m), uint8(1)
	if len(parts[0]) > 0 {
		rank = 2
	}
	if h.decider != nil && !vpce && replay.AnswerOf(r) == replay.Refused {
		var disagrees string
		parts, disagrees = h.engine(r, m, parts)
		if disagrees != "" {
			section = sectionDisagree
			parts = append(parts[:7:7], disagrees)
		}
		rank = 3
	}
	return h.journal.Add(replay.EntryOf(r, section+"\x00"+strings.Join(parts, "\x00"), rank))
}

// worked compares a request that AWS let through with the estate.
func (h *hand) worked(r *record.Record) error {
	if h.decider == nil || replay.AnswerOf(r) != replay.Worked {
		return nil
	}
	o := h.decider.Decide(r)
	if o.Err != nil || o.Before == iam.Unknown {
		return nil
	}
	if o.Before == iam.Allowed {
		h.agreed++
		return nil
	}
	parts := append(slices.Clone(o.Was.Cause), "AWS let it through: the policy has changed since, or the log does not tell what the condition asks for")
	return h.journal.Add(replay.EntryOf(r, sectionDisagree+"\x00"+strings.Join(parts, "\x00"), 3))
}

// textParts are the parts of a cause that AWS's own words tell.
func textParts(m *errortext.Message) []string {
	if m.Refusal == nil {
		return []string{"", "", "", "", "", "", "", untold(m)}
	}
	return []string{m.Refusal.Gate.String(), m.Refusal.Kind.String(), string(m.Refusal.Reason), m.PolicyARN, "", "", m.Action}
}

// untold says why a bare answer tells no cause.
func untold(m *errortext.Message) string {
	if m.Code == "" || m.Code == "AccessDenied" {
		return "AWS tells no cause: access logs never do, and S3 does not to callers of other organizations"
	}
	return "error code " + m.Code
}

// engine returns the engine's cause of a request that AWS refused, and how it
// disagrees with AWS, if it does.
func (h *hand) engine(r *record.Record, m *errortext.Message, told []string) (parts []string, disagrees string) {
	o := h.decider.Decide(r)
	switch {
	case o.Err != nil || o.Before == iam.Unknown:
		return h.untoldTwice(r, told, o), "" // the words of AWS are all there is
	case o.Before == iam.Allowed:
		return told, "the estate allows it: " + likely(r, m)
	}
	own := o.Was.Cause
	if m.Refusal == nil || o.Was.Message == "" {
		h.agreed++
		return own, ""
	}
	says := h.texts.Read("AccessDenied", string(r.Event), o.Was.Message)
	if says.Refusal == nil || says.Refusal.Gate == m.Refusal.Gate && says.Refusal.Kind == m.Refusal.Kind {
		h.agreed++
		return own, ""
	}
	return told, "the estate refuses it for another cause, gate " + says.Refusal.Gate.String() + ": one of the two policies has changed since"
}

// untoldTwice says why the estate does not tell the cause either, where AWS does not.
func (h *hand) untoldTwice(r *record.Record, told []string, o *replay.Outcome) []string {
	if told[0] != "" || len(told) < 8 {
		return told
	}
	var why string
	if o.Err != nil {
		why = o.Err.Error()
	} else {
		why = h.decider.Missing(r, o)
	}
	return append(slices.Clone(told[:7]), told[7]+"; nor does the estate: "+why)
}

// likely says what may be behind a refusal that the estate does not show.
func likely(r *record.Record, m *errortext.Message) string {
	if m.Refusal == nil {
		text := "a policy has changed since, or one that AWS asks was not collected"
		switch op := r.Operation(); {
		case op == "GetObject" || op == "HeadObject":
			text += "; or the key does not exist, which S3 answers with 403 to callers who may not list"
		case r.Kind == record.AccessLog && replay.Uploads(op):
			text += "; or it asked for an ACL, tags or encryption, which access logs do not tell"
		}
		return text
	}
	switch m.Refusal.Gate {
	case iam.GateSession:
		return "session policies stand in no log and in no estate"
	case iam.GateSCP, iam.GateRCP:
		return "organization policies have changed since, or were not collected"
	case iam.GateVPCEndpoint:
		return "the policy of the VPC endpoint has changed since, or was not collected"
	case iam.GateKMS:
		return "the key's policy or grants have changed since, or were not collected"
	}
	return "the policy has changed since"
}
