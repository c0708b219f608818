package policy

import (
	"slices"
	"sort"
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
)

// statement is a Statement made ready to be asked.
type statement struct {
	source     *Statement
	effect     Effect
	actions    actionSet
	resources  []condition.Pattern
	conditions []condition.Condition
	delegates  bool // hands the decision to access points
}

var (
	keyDataAccessPointAccount = condition.Intern("s3:DataAccessPointAccount")
	keyDataAccessPointARN     = condition.Intern("s3:DataAccessPointArn")
)

// compile returns the document's statements, compiled once.
func (d *Document) compile() ([]statement, error) {
	d.once.Do(func() {
		d.compiled = make([]statement, len(d.Statements))
		for i := range d.Statements {
			if d.compiled[i], d.err = compileStatement(d, &d.Statements[i]); d.err != nil {
				return
			}
		}
	})
	return d.compiled, d.err
}

func compileStatement(d *Document, src *Statement) (statement, error) {
	st := statement{source: src, effect: src.Effect, actions: newActionSet(src.Actions, src.NotAction)}
	for _, r := range src.Resources {
		p, err := condition.CompileResource(r.Text, d.Variables())
		if err != nil {
			return st, &Error{Pos: r.Pos, Msg: err.Error()}
		}
		st.resources = append(st.resources, p)
	}
	for _, c := range src.Conditions {
		compiled, err := condition.Compile(c.Operator, c.Key, texts(c.Values), d.Variables())
		if err != nil {
			return st, &Error{Pos: c.Pos, Msg: err.Error()}
		}
		st.conditions = append(st.conditions, compiled)
		if k := compiled.Key; (k == keyDataAccessPointAccount || k == keyDataAccessPointARN) && !compiled.Negated() && !compiled.IsNull() {
			st.delegates = src.Effect == Allow
		}
	}
	return st, nil
}

// actionSet is the set of actions that a statement speaks of. Actions of which
// the program has data are a bit each; others are compared as text.
type actionSet struct {
	known [(iamdata.NumActions + 63) / 64]uint64
	other []actionPattern
	not   bool
}

type actionPattern struct {
	service string // lower case; "*" for a lone "*"
	name    condition.Pattern
}

func newActionSet(values []Value, not bool) actionSet {
	set := actionSet{not: not}
	for _, v := range values {
		set.add(strings.ToLower(v.Text))
	}
	return set
}

func (s *actionSet) add(text string) {
	if id, ok := iamdata.ActionID(text); ok {
		s.known[id/64] |= 1 << (id % 64)
		return
	}
	p := compileAction(text)
	s.other = append(s.other, p)
	wild := strings.IndexAny(text, "*?")
	if wild < 0 {
		return // an action without data, or none
	}
	prefix := text[:wild]
	from := sort.Search(iamdata.NumActions, func(i int) bool { return actionsLower[actionsSorted[i]] >= prefix })
	for _, id := range actionsSorted[from:] {
		if !strings.HasPrefix(actionsLower[id], prefix) {
			return
		}
		if p.match(actionsLower[id]) {
			s.known[id/64] |= 1 << (id % 64)
		}
	}
}

// actionsLower holds the names of the actions with data in lower case.
var actionsLower = func() (names [iamdata.NumActions]string) {
	for id := range names {
		names[id] = strings.ToLower(iamdata.ActionByID(id).Name)
	}
	return names
}()

// actionsSorted holds the ids of these actions in the order of their lower-case
// names, so that those of a common prefix stand together.
var actionsSorted = func() (ids [iamdata.NumActions]int) {
	for id := range ids {
		ids[id] = id
	}
	slices.SortFunc(ids[:], func(a, b int) int { return strings.Compare(actionsLower[a], actionsLower[b]) })
	return ids
}()

func compileAction(text string) actionPattern {
	service, name, ok := strings.Cut(text, ":")
	if !ok {
		name = text
		if text != "*" {
			service, name = "", "" // no service prefix: names no action
		}
	}
	p, _ := condition.Dialect{Wildcards: true}.Compile(name) // no variables, so no error
	return actionPattern{service, p}
}

// match compares with an action in lower case. The service prefix takes no
// wildcards, except that "*" alone (or "*:*") is every action.
func (p *actionPattern) match(action string) bool {
	service, name, _ := strings.Cut(action, ":")
	if p.service != "*" && p.service != service {
		return false
	}
	return p.name.Match(name, nil) == condition.True
}

// has reports whether the statement speaks of the action.
func (s *actionSet) has(a Action) bool {
	if a.id >= 0 {
		return s.known[a.id/64]&(1<<(a.id%64)) != 0 != s.not
	}
	for i := range s.other {
		if s.other[i].match(a.lower) {
			return !s.not
		}
	}
	return s.not
}

// An Action is an action prepared for matching.
type Action struct {
	id    int // -1 where the program has no data on it
	lower string
	name  string
}

// NewAction prepares an action such as "s3:GetObject".
func NewAction(name string) Action {
	if id, ok := iamdata.ActionID(name); ok {
		return Action{id, actionsLower[id], iamdata.ActionByID(id).Name}
	}
	return Action{-1, strings.ToLower(name), name}
}

// String returns the action's name, in AWS's spelling where it is known.
func (a Action) String() string { return a.name }

// Is reports whether the two are the same action.
func (a Action) Is(b Action) bool { return a.id == b.id && (a.id >= 0 || a.lower == b.lower) }

// all reports whether the set is every action.
func (s *actionSet) all() bool {
	return !s.not && len(s.other) == 1 && s.other[0].service == "*" && s.other[0].name.MatchesAll()
}
