package fix

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/internal/decide"
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
	for i, f := range corpusPlans(t) {
		plans := f.plans
		if i%8 == 0 { // whom plans let in is asked of some, for it takes long
			var err error
			if plans, err = New(f.estate, corpusTime).Plans(f.requests[f.index], 0); err != nil {
				t.Fatal(err)
			}
		}
		narrow := slices.ContainsFunc(plans, func(p *Plan) bool { return p.Verified && !p.drastic() })
		old := valuesOf(f.start)
		for k, p := range plans {
			where := fmt.Sprintf("%s#%d plan %d (%s)", f.name, f.index, k, p.Report().Title)
			if narrow && (blocksOff(p) || p.Widens.Public) {
				t.Errorf("%s opens something to the public or turns Block Public Access off, and another plan does not", where)
			}
			if onlySpares(p) && p.Widens.Principals > 0 {
				t.Errorf("%s spares the caller, and lets in %v", where, p.Widens.Who)
			}
			for _, st := range p.steps {
				if doc := st.place.document(p.end); doc != nil {
					for i := range doc.Statements {
						checkNew(t, where, &doc.Statements[i], old, p)
					}
				}
			}
		}
	}
}

// onlySpares reports a plan of exceptions for the caller: each Deny goes on refusing
// everyone else.
func onlySpares(p *Plan) bool {
	return !slices.ContainsFunc(p.steps, func(st *step) bool { return st.cost != costException })
}

func blocksOff(p *Plan) bool {
	return slices.ContainsFunc(p.steps, func(st *step) bool { return st.place.name == "publicAccessBlock" })
}

// valuesOf are the principals, actions and resources that the documents of an
// estate and request name as they are.
func valuesOf(s *state) map[string]bool {
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
			for _, v := range wildcards(&d.Statements[i]) {
				all[v] = true
			}
		}
	}
	return all
}

// wildcards are the values of a statement that stand for more than one thing. The
// principal "*" with a condition that names the principal is not among them.
func wildcards(s *policy.Statement) []string {
	var list []string
	add := func(element string, values []policy.Value) {
		for _, v := range values {
			if strings.ContainsAny(strings.NewReplacer("${*}", "", "${?}", "").Replace(v.Text), "*?") {
				list = append(list, element+" "+v.Text)
			}
		}
	}
	add("action", s.Actions)
	add("resource", s.Resources)
	named := slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool {
		return c.Key == "aws:PrincipalArn" || c.Key == "aws:PrincipalServiceName"
	})
	for _, p := range s.Principals {
		if p.Text == "*" && !named {
			list = append(list, "principal * of "+strings.Join(texts(s.Actions), ","))
		}
	}
	return list
}

// checkNew complains about a wildcard in an Allow that no policy had before.
func checkNew(t *testing.T, where string, s *policy.Statement, old map[string]bool, p *Plan) {
	t.Helper()
	if s.Effect == policy.Deny {
		return
	}
	for _, v := range wildcards(s) {
		if !old[v] && !asked(p, strings.TrimPrefix(v, "resource ")) {
			t.Errorf("%s: %s", where, v)
		}
	}
}

// asked reports a resource that the action itself is asked on: all, where it has
// none of its own.
func asked(p *Plan, resource string) bool {
	return slices.ContainsFunc(p.start.facts.Checks, func(c decide.Check) bool { return c.Resource == resource })
}
