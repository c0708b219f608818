package logs

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/journal"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/replay"
)

// A Report is the causes of the denials of logs.
type Report struct {
	Records         int64 `json:"records"` // read
	Bad             int64 `json:"bad"`     // could not be read
	Denied          int64 `json:"denied"`  // requests that were refused, each once whatever logs have it
	Agreed          int64 `json:"agreed"`  // records that the estate decides as AWS did
	Disagreed       int64 `json:"disagreed"`
	WithEstate      bool  `json:"withEstate"`
	NetworkActivity bool  `json:"networkActivity"` // the logs hold events of VPC endpoints

	Denials       []*Denial `json:"-"`
	Disagreements []*Denial `json:"-"`
	Timeline      []Bar     `json:"timeline"`
	Notes         []string  `json:"notes"` // what these logs cannot show

	span time.Duration // of a bar
}

// A Denial is requests refused alike.
type Denial struct {
	Section string `json:"type"` // denied, disagreement
	*replay.Group
	Explanation string `json:"explanation"`
}

// A Bar is the denials of one span of the timeline, by gate; "" is those of which
// no gate is known.
type Bar struct {
	Begin  string           `json:"begin"`
	Counts map[string]int64 `json:"counts"`

	begin time.Time
}

// gathering gathers entries into denials.
type gathering struct {
	by    map[replay.GroupKey]*Denial
	hours map[int64]map[string]int64
}

func newGathering() *gathering {
	return &gathering{map[replay.GroupKey]*Denial{}, map[int64]map[string]int64{}}
}

func (g *gathering) add(e *journal.Entry) error {
	id := replay.GroupKey{Label: e.Label, Principal: e.Principal, Operation: e.Operation, Bucket: e.Bucket, Error: e.Error}
	d := g.by[id]
	if d == nil {
		*e = e.Clone()
		id = replay.GroupKey{Label: e.Label, Principal: e.Principal, Operation: e.Operation, Bucket: e.Bucket, Error: e.Error}
		parts := strings.Split(e.Label, "\x00")
		d = &Denial{Section: parts[0], Group: &replay.Group{Principal: e.Principal, Operation: e.Operation, Bucket: e.Bucket}}
		d.Cause, d.Why = replay.ParseCause(parts[1:])
		g.by[id] = d
	}
	d.Add(e)
	if d.Section != sectionDenied {
		return nil
	}
	if e.Time == 0 {
		return nil // a row of a table without the time
	}
	hour := e.Time / 3600
	if g.hours[hour] == nil {
		g.hours[hour] = map[string]int64{}
	}
	g.hours[hour][d.gate()]++
	return nil
}

func (d *Denial) gate() string {
	if d.Cause == nil {
		return ""
	}
	return d.Cause.Gate
}

func (g *gathering) report() *Report {
	out := &Report{Denials: []*Denial{}, Disagreements: []*Denial{}}
	out.Timeline, out.span = g.timeline()
	for _, d := range g.by {
		d.Done()
		d.Explanation = d.explain()
		if d.Section == sectionDisagree {
			out.Disagreements = append(out.Disagreements, d)
			out.Disagreed += d.Count
			continue
		}
		out.Denials = append(out.Denials, d)
		out.Denied += d.Count
	}
	for _, list := range [][]*Denial{out.Denials, out.Disagreements} {
		slices.SortFunc(list, func(a, b *Denial) int {
			return cmp.Or(replay.CompareGroups(a.Group, b.Group), cmp.Compare(a.Example.RequestID, b.Example.RequestID))
		})
	}
	return out
}

// explain says what the cause means.
func (d *Denial) explain() string {
	if d.Cause == nil {
		return d.Why
	}
	if r, ok := reason.Lookup(reason.Code(d.Cause.Reason)); ok {
		return r.Title
	}
	return d.Cause.Summary
}

// maxBars is how many spans a timeline has at most.
const maxBars = 240

// timeline puts hours together until there are few enough spans, and fills the
// gaps.
func (g *gathering) timeline() ([]Bar, time.Duration) {
	if len(g.hours) == 0 {
		return []Bar{}, time.Hour
	}
	hours := slices.Sorted(maps.Keys(g.hours))
	first, last := hours[0], hours[len(hours)-1]
	span := int64(1)
	for _, s := range []int64{1, 3, 6, 12, 24, 7 * 24, 28 * 24} {
		if span = s; (last-first)/s < maxBars {
			break
		}
	}
	for (last-first)/span >= maxBars {
		span *= 2
	}
	first -= first % span
	bars := make([]Bar, (last-first)/span+1)
	for i := range bars {
		at := time.Unix((first+int64(i)*span)*3600, 0).UTC()
		bars[i] = Bar{at.Format(time.RFC3339), map[string]int64{}, at}
	}
	for hour, counts := range g.hours {
		for gate, n := range counts {
			bars[(hour-first)/span].Counts[gate] += n
		}
	}
	return bars, time.Duration(span) * time.Hour
}

// notes says what logs of these kinds cannot show (S3 User Guide, Logging with S3;
// CloudTrail User Guide, Logging network activity events).
func (r *Report) notes(t *ingest.Tally) {
	r.Notes = []string{}
	if t.AccessLog.Load() == 0 {
		r.Notes = append(r.Notes, "CloudTrail never shows requests that failed to authenticate (signature, clock, unknown key, expired token); S3 server access logs do")
	}
	if t.CloudTrail.Load() == 0 {
		r.Notes = append(r.Notes, "access logs tell no cause beyond the error code; CloudTrail's data events do")
	}
	if !r.NetworkActivity {
		r.Notes = append(r.Notes, "requests that a VPC endpoint's policy refused stand in neither log, only in CloudTrail's network activity events")
	}
	if !r.WithEstate {
		r.Notes = append(r.Notes, "the statement that refuses is named where an estate is given (-e)")
	}
}
