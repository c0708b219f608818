package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/ingest/journal"
	"github.com/why403/why403/internal/ingest/keypattern"
	"github.com/why403/why403/report"
)

// A Report is what a change would have meant for the requests of logs.
type Report struct {
	StillWorks   int64 `json:"stillWorks"`   // records
	StillRefused int64 `json:"stillRefused"` // records
	Ignored      int64 `json:"ignored"`      // records of requests that permissions do not decide

	NewlyDenied  []*Group `json:"newlyDenied"`  // worked, and would be refused
	NewlyAllowed []*Group `json:"newlyAllowed"` // were refused, and would work
	CannotTell   []*Group `json:"cannotTell"`
	Contradicted []*Group `json:"contradicted"` // the estate before the change says otherwise than AWS did

	Lockouts []Lockout `json:"lockouts"` // administrators who lose their buckets

	counts [numCategories]int64
}

// A Group is requests alike in caller, operation, bucket and cause.
type Group struct {
	Principal string `json:"principal"` // of a role's sessions the role
	Operation string `json:"operation"`
	Bucket    string `json:"bucket,omitempty"`

	Cause *Cause `json:"cause,omitempty"` // what refuses, or refused
	Why   string `json:"why,omitempty"`   // why it cannot be told, or what AWS did

	Count       int64                `json:"count"` // requests, each once whatever logs have it
	First, Last time.Time            `json:"-"`
	FirstText   string               `json:"first"`
	LastText    string               `json:"last"`
	Example     Example              `json:"example"`
	Keys        []keypattern.Pattern `json:"keys,omitempty"`

	keys keypattern.Set
}

// A Cause is what refuses a group.
type Cause struct {
	Gate      string            `json:"gate"`
	Kind      string            `json:"kind"`
	Reason    string            `json:"reason"`
	Action    string            `json:"action,omitempty"`
	Policy    string            `json:"policy,omitempty"`
	Statement *report.Statement `json:"statement,omitempty"`
	Source    string            `json:"source,omitempty"` // file:line
	Summary   string            `json:"summary"`
}

// An Example is the first request of a group.
type Example struct {
	RequestID string `json:"requestId,omitempty"`
	EventID   string `json:"eventId,omitempty"`
	Time      string `json:"time"`
	Key       string `json:"key,omitempty"`
	SourceIP  string `json:"sourceIp,omitempty"`
	Message   string `json:"message,omitempty"`
}

// A GroupKey is what the requests of a group have in common.
type GroupKey struct{ Label, Principal, Operation, Bucket, Error string }

// groups gathers entries into groups.
type groups struct {
	by map[GroupKey]*Group
	of map[*Group]Category
}

func newGroups() *groups {
	return &groups{by: map[GroupKey]*Group{}, of: map[*Group]Category{}}
}

func (gs *groups) add(e *journal.Entry) error {
	if slices.Contains(settled, e.Label) {
		return nil // counted already
	}
	id := GroupKey{e.Label, e.Principal, e.Operation, e.Bucket, ""}
	g := gs.by[id]
	if g == nil {
		*e = e.Clone()
		id = GroupKey{e.Label, e.Principal, e.Operation, e.Bucket, ""}
		g = &Group{Principal: e.Principal, Operation: e.Operation, Bucket: e.Bucket}
		parts := strings.Split(e.Label, "\x00")
		gs.of[g] = Category(parts[0][0] - '0')
		g.Cause, g.Why = ParseCause(parts[1:])
		gs.by[id] = g
	}
	g.Add(e)
	return nil
}

// named reports the buckets of the groups.
func (gs *groups) named(bucket string) bool {
	for _, g := range gs.by {
		if g.Bucket == bucket {
			return true
		}
	}
	return false
}

// Add counts a request.
func (g *Group) Add(e *journal.Entry) {
	if at := time.Unix(e.Time, 0).UTC(); g.Count == 0 || g.First.Unix() == 0 || e.Time != 0 && at.Before(g.First) || at.Equal(g.First) && cmp.Or(e.RequestID, e.EventID) < cmp.Or(g.Example.RequestID, g.Example.EventID) {
		g.First = at
		*e = e.Clone()
		g.Example = Example{e.RequestID, e.EventID, "", e.Key, e.SourceIP, e.Message}
	}
	if at := time.Unix(e.Time, 0).UTC(); at.After(g.Last) {
		g.Last = at
	}
	g.Count++
	if e.Key != "" {
		g.keys.Add(e.Key)
	}
}

// Done fills in what follows from the requests.
func (g *Group) Done() {
	g.FirstText, g.LastText = timeText(g.First), timeText(g.Last)
	g.Example.Time = g.FirstText
	g.Keys = g.keys.Patterns()
	if len(g.Keys) > maxPatterns {
		rest := keypattern.Pattern{Text: fmt.Sprintf("(%d more)", len(g.Keys)-maxPatterns)}
		for _, p := range g.Keys[maxPatterns:] {
			rest.Count += p.Count
		}
		g.Keys = append(g.Keys[:maxPatterns:maxPatterns], rest)
	}
}

// timeText writes a time, "" for one that no record tells.
func timeText(t time.Time) string {
	if t.Unix() <= 0 {
		return ""
	}
	return t.Format(time.RFC3339)
}

// maxPatterns is how many patterns of keys a group shows.
const maxPatterns = 8

// ParseCause reads the cause of a Finding, and why it cannot be told where that
// stands behind it.
func ParseCause(p []string) (*Cause, string) {
	why := ""
	if len(p) > 7 {
		why = p[7]
	}
	if len(p) < 7 || p[0] == "" {
		return nil, why
	}
	c := &Cause{Gate: p[0], Kind: p[1], Reason: p[2], Policy: p[3], Source: p[5], Action: p[6]}
	if index, sid, ok := strings.Cut(p[4], "\x01"); ok {
		n, _ := strconv.Atoi(index)
		c.Statement = &report.Statement{Index: n, Sid: sid}
	}
	c.Summary = c.summary()
	return c, why
}

// summary says in one line what refuses.
func (c *Cause) summary() string {
	s := strings.ReplaceAll(c.Kind, "-", " ")
	switch {
	case c.Statement != nil && c.Statement.Sid != "":
		s += fmt.Sprintf(" by statement %q", c.Statement.Sid)
	case c.Statement != nil:
		s += fmt.Sprintf(" by statement %d", c.Statement.Index)
	}
	if c.Policy != "" {
		s += " of " + c.Policy
	}
	s += ", gate " + c.Gate
	if c.Source != "" {
		s += " (" + c.Source + ")"
	}
	return s
}

// report puts the groups into the report, those of most requests first.
func (gs *groups) report(out *Report) {
	out.StillWorks, out.StillRefused, out.Ignored = out.counts[StillWorks], out.counts[StillRefused], out.counts[Ignored]
	for _, g := range gs.by {
		g.Done()
		switch gs.of[g] {
		case NewlyDenied:
			out.NewlyDenied = append(out.NewlyDenied, g)
		case NewlyAllowed:
			out.NewlyAllowed = append(out.NewlyAllowed, g)
		case Contradicted:
			out.Contradicted = append(out.Contradicted, g)
		default:
			out.CannotTell = append(out.CannotTell, g)
		}
	}
	for _, list := range []*[]*Group{&out.NewlyDenied, &out.NewlyAllowed, &out.CannotTell, &out.Contradicted} {
		if *list == nil {
			*list = []*Group{}
		}
		slices.SortFunc(*list, CompareGroups)
	}
}

// CompareGroups orders groups: by principal within what counts most.
func CompareGroups(a, b *Group) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Bucket, b.Bucket),
		cmp.Compare(a.Why, b.Why), cmp.Compare(a.causeText(), b.causeText()))
}

func (g *Group) causeText() string {
	if g.Cause == nil {
		return ""
	}
	return fmt.Sprint(g.Cause.Summary, g.Cause.Reason, g.Cause.Action)
}

// Requests counts the requests of groups.
func Requests(list []*Group) (n int64) {
	for _, g := range list {
		n += g.Count
	}
	return n
}
