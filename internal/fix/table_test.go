package fix

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

var update = flag.Bool("update", false, "write docs/fixes.md anew")

const tableFile = "../../docs/fixes.md"

// hopelessCases are the denied requests of the corpus that no change of a policy, a
// setting or the request mends, and why. Whatever else is denied must have a
// verified plan.
var hopelessCases = map[reason.Code]string{
	reason.NoSuchBucket:             "the bucket does not exist",
	reason.DeleteMarkerByVersion:    "the version named is a delete marker",
	reason.Retention:                "compliance mode, which nobody can shorten",
	reason.KeyNotFound:              "the key that the object is under does not exist",
	reason.KeyPolicyDoesNotDelegate: "an AWS managed key, used outside the service that it serves",
	reason.NoAllowKeyPolicy:         "an AWS managed key, used outside its service, or by another account",
}

// Every denied request of the corpus that can be mended gets a verified plan, and
// what cannot is named in the table with why.
func TestTable(t *testing.T) {
	table := newTable(corpusPlans(t))
	for _, f := range table.none {
		if _, ok := hopelessCases[f.stuck().Reason]; !ok {
			t.Errorf("%s#%d (%s): no plan, stuck at %s", f.name, f.index, f.reason(), f.stuck().Reason)
		}
	}
	got := table.markdown()
	if *update {
		if err := os.WriteFile(tableFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(tableFile)
	if err != nil || string(want) != got {
		t.Errorf("docs/fixes.md is not what the corpus gives (go generate ./internal/fix writes it): %v", err)
	}
}

func (f *fixed) reason() reason.Code { return f.start.decision.Refusals[0].Reason }

// stuck is the refusal that nothing mends.
func (f *fixed) stuck() *stuckAt {
	s := &search{Fixer: New(f.estate, corpusTime), start: f.start, seen: map[string]bool{}}
	end := s.complete(&course{end: f.start})
	if end.stuck == nil {
		return &stuckAt{Reason: f.reason()}
	}
	return &stuckAt{Reason: end.stuck.Reason}
}

type stuckAt struct{ Reason reason.Code }

// A tally counts plans by the reason of the cause.
type tally struct {
	rows        map[reason.Code]*row
	none, open  []*fixed
	denied, all int
}

type row struct{ denied, verified, request, plans int }

func newTable(list []*fixed) *tally {
	t := &tally{rows: map[reason.Code]*row{}}
	for _, f := range list {
		r := t.rows[f.reason()]
		if r == nil {
			r = &row{}
			t.rows[f.reason()] = r
		}
		r.denied++
		t.denied++
		switch {
		case len(f.plans) == 0:
			t.none = append(t.none, f)
			continue
		case !f.plans[0].Verified:
			t.open = append(t.open, f)
			continue
		}
		t.all++
		r.verified++
		r.plans += len(f.plans)
		if len(f.plans[0].Report().Change) == 0 {
			r.request++
		}
	}
	return t
}

const tableHead = `# Fixes over the corpus

Generated from testdata/corpus by the test of internal/fix; do not edit (` + "`go generate ./internal/fix`" + `).

For every denied request of the corpus: whether why403 fix finds a plan, made in a
copy of the estate or of the request, after which the engine decides allowed. The
test holds that no verified plan uses ` + "`*`" + ` where an ARN or a key is known, lets
anonymous callers in, or turns Block Public Access off while anything else helps; and
that what a plan writes into the estate's files, loaded again, allows the request.

| cause | denied | verified plan | of these by the request alone | plans |
|---|---:|---:|---:|---:|
`

func (t *tally) markdown() string {
	var b strings.Builder
	b.WriteString(tableHead)
	var request, plans int
	for _, code := range sortedKeys(t.rows) {
		r := t.rows[code]
		fmt.Fprintf(&b, "| [%s](reasons/%s.md) | %d | %d | %d | %d |\n", code, code, r.denied, r.verified, r.request, r.plans)
		request, plans = request+r.request, plans+r.plans
	}
	fmt.Fprintf(&b, "| all | %d | %d | %d | %d |\n", t.denied, t.all, request, plans)
	fmt.Fprintf(&b, "\n## Not verified, for want of what was not read (%d)\n\nA plan is found, and whether it suffices hangs on what the estate does not hold;\nwhy403 fix says what to read.\n\n", len(t.open))
	for _, f := range t.open {
		fmt.Fprintf(&b, "- %s, request %d: %s\n", f.name, f.index+1, f.plans[0].Report().Unknown[0].What)
	}
	fmt.Fprintf(&b, "\n## Beyond mending (%d)\n\nNo policy, setting or request lets these through.\n\n", len(t.none))
	for _, f := range t.none {
		fmt.Fprintf(&b, "- %s, request %d: %s\n", f.name, f.index+1, hopelessCases[f.stuck().Reason])
	}
	return b.String()
}

// No plan opens more than it must.
func TestPlansOpenLittle(t *testing.T) {
	for _, f := range corpusPlans(t) {
		narrow := slices.ContainsFunc(f.plans, func(p *Plan) bool { return p.Verified && !blocksOff(p) && !p.Widens.Public })
		old := statements(f.start)
		for k, p := range f.plans {
			where := fmt.Sprintf("%s#%d plan %d (%s)", f.name, f.index, k, p.Report().Title)
			if blocksOff(p) && narrow {
				t.Errorf("%s turns Block Public Access off, and another plan does not", where)
			}
			if p.Widens.Public && narrow {
				t.Errorf("%s opens something to the public, and another plan does not", where)
			}
			for _, st := range p.steps {
				doc := st.place.document(p.end)
				if doc == nil {
					continue
				}
				for i := range doc.Statements {
					if s := &doc.Statements[i]; !old[text(s)] {
						checkNew(t, where, s, st.place.kind, p)
					}
				}
			}
		}
	}
}

func blocksOff(p *Plan) bool {
	return slices.ContainsFunc(p.steps, func(st *step) bool { return st.place.name == "publicAccessBlock" })
}

func text(s *policy.Statement) string {
	n, _ := s.Node()
	return string(node.AppendJSON(nil, n))
}

// statements are those of all documents of an estate, by their text.
func statements(s *state) map[string]bool {
	all := map[string]bool{}
	docs := s.estate.AllDocuments()
	for _, a := range s.estate.Accounts {
		for _, k := range a.Keys {
			docs = append(docs, k.Policy())
		}
	}
	for _, sp := range s.request.SessionPolicies {
		if sp.Document != nil {
			docs = append(docs, sp.Document)
		}
	}
	for _, d := range docs {
		for i := range d.Statements {
			all[text(&d.Statements[i])] = true
		}
	}
	return all
}

// checkNew holds a statement that a plan adds or changes against what is to be
// opened.
func checkNew(t *testing.T, where string, s *policy.Statement, k kind, p *Plan) {
	t.Helper()
	if s.Effect == policy.Deny {
		return
	}
	limited := slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool {
		return c.Key == "aws:PrincipalArn" || c.Key == "aws:PrincipalAccount" || c.Key == "aws:PrincipalServiceName"
	})
	for _, pr := range s.Principals {
		if pr.Text == "*" && !limited {
			t.Errorf("%s: principal * in %s", where, text(s))
		}
	}
	if limited && k != endpointPolicy && k != serviceControlPolicy && k != boundaryPolicy {
		return // a public statement that was there, limited to its own account
	}
	for _, a := range s.Actions {
		if strings.ContainsAny(a.Text, "*?") {
			t.Errorf("%s: action %s in %s", where, a.Text, text(s))
		}
	}
	for _, r := range s.Resources {
		if plain := strings.NewReplacer("${*}", "", "${?}", "").Replace(r.Text); strings.Contains(plain, "*") && !asked(p, r.Text) {
			t.Errorf("%s: resource %s in %s", where, r.Text, text(s))
		}
	}
}

// asked reports a resource that the action itself is asked on: all, where it has
// none of its own.
func asked(p *Plan, resource string) bool {
	for i := range p.start.facts.Checks {
		if p.start.facts.Checks[i].Resource == resource {
			return true
		}
	}
	return false
}
