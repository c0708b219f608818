package query

import (
	"slices"
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
)

// hanging is what an open decision hangs on: condition keys, each with the values
// that policies compare it with.
type hanging struct {
	order  []condition.Key
	tests  map[condition.Key][]test
	points []string // VPCs that an access point takes requests from
	gates  []string // VPC endpoints with a policy of their own
}

// test is one comparison of a key.
type test struct {
	operator string // in lower case, without set operator and IfExists
	text     string

	// fits is the pattern of a resource that has the key for a variable, where
	// text is the value with which it matches what is asked about.
	fits string

	// equals is the key that the value is the variable of, where that is not known
	// either; 0 for none.
	equals condition.Key
}

// hangs lists what the decisions of one principal hang on. Several decisions, of
// one request before and after a change, are taken together.
func hangs(facts []*decide.Facts, decisions []*decide.Decision) *hanging {
	h := &hanging{tests: map[condition.Key][]test{}}
	for i, d := range decisions {
		for j := range d.Trace.Steps {
			if s := &d.Trace.Steps[j]; s.Truth == condition.Unknown {
				h.step(facts[i], s)
			}
		}
		for _, p := range facts[i].Caller.Endpoint.Possible {
			h.gates = addNew(h.gates, p.ID)
		}
		for j := range facts[i].Checks {
			if ap := facts[i].Checks[j].AccessPoint; ap != nil && ap.VPC != "" && ap.FromVPC == condition.Unknown && ap.Missing == nil {
				h.points = addNew(h.points, ap.VPC)
			}
		}
	}
	return h
}

func addNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// step takes in one statement whose answer is open.
func (h *hanging) step(f *decide.Facts, s *decide.TraceStep) {
	check := checkOf(f, int(s.Check))
	st, _ := s.Set.At(int(s.Statement))
	for _, k := range s.Set.UnsureKeys(int(s.Statement), &check.Context) {
		if _, ok := h.tests[k]; !ok {
			h.order = append(h.order, k)
			h.tests[k] = nil
		}
		h.statement(k, st, check)
	}
}

// checkOf returns a check by the number that a trace gives it: from -1 downwards
// the listing behind a check.
func checkOf(f *decide.Facts, n int) *decide.Check {
	if n < 0 {
		return f.Checks[-1-n].List
	}
	return &f.Checks[n]
}

// statement notes what a statement compares a key with.
func (h *hanging) statement(k condition.Key, st *policy.Statement, check *decide.Check) {
	for i := range st.Conditions {
		c := &st.Conditions[i]
		own := condition.Intern(c.Key)
		for _, v := range c.Values {
			switch {
			case own == k && !strings.Contains(v.Text, "${"):
				h.note(k, test{operator: bareOperator(c.Operator), text: v.Text})
			case own == k:
				text, open := expand(v.Text, check)
				h.note(k, test{operator: bareOperator(c.Operator), text: text, equals: open})
			default:
				if other := check.Context.Lookup(own); other.State == condition.Present && !other.Multi {
					h.solve(k, v.Text, other.One, "")
				}
			}
		}
	}
	for _, r := range st.Resources {
		h.solve(k, r.Text, check.Resource, r.Text)
	}
}

func (h *hanging) note(k condition.Key, t test) {
	if !slices.Contains(h.tests[k], t) {
		h.tests[k] = append(h.tests[k], t)
	}
}

// bareOperator takes the set operator, IfExists and a negation off an operator.
func bareOperator(operator string) string {
	op := strings.ToLower(operator)
	if _, rest, ok := strings.Cut(op, ":"); ok {
		op = rest
	}
	op = strings.TrimSuffix(op, "ifexists")
	return strings.Replace(strings.Replace(op, "notequals", "equals", 1), "not", "", 1)
}

// expand replaces the variables of a condition's value. One that is not known
// becomes a wildcard and, where it is all of the value, is returned.
func expand(value string, check *decide.Check) (text string, open condition.Key) {
	var b strings.Builder
	for rest := value; ; {
		before, behind, ok := strings.Cut(rest, "${")
		b.WriteString(before)
		if !ok {
			return b.String(), open
		}
		name, behind, _ := strings.Cut(behind, "}")
		name, _, _ = strings.Cut(name, ",")
		k := condition.Intern(name)
		v := check.Context.Lookup(k)
		switch {
		case name == "*" || name == "?" || name == "$":
			b.WriteString(name)
		case v.State == condition.Present && !v.Multi:
			b.WriteString(v.One)
		case value == "${"+name+"}" && v.State == condition.Unsure:
			open = k
		default:
			b.WriteByte('*')
		}
		rest = behind
	}
}

// solve notes the values of a variable with which a pattern would match a text.
func (h *hanging) solve(k condition.Key, pattern, text, fits string) {
	before, rest, ok := strings.Cut(pattern, "${")
	if !ok {
		return
	}
	name, behind, _ := strings.Cut(rest, "}")
	name, _, _ = strings.Cut(name, ",")
	value, ok := strings.CutPrefix(text, before)
	if !ok || condition.Intern(name) != k {
		return
	}
	end := strings.IndexAny(behind, "*?$")
	switch {
	case behind == "":
		h.note(k, test{operator: "stringequals", text: value, fits: fits})
	case end == 0:
		value, _, _ = strings.Cut(value, "/")
		h.note(k, test{operator: "stringequals", text: value, fits: fits})
	default:
		if end > 0 {
			behind = behind[:end]
		}
		for at, n := 0, 0; n < 4; n++ {
			i := strings.Index(value[at:], behind)
			if i < 0 {
				return
			}
			h.note(k, test{operator: "stringequals", text: value[:at+i], fits: fits})
			at += i + 1
		}
	}
}

// takesHeader tells the keys that stand for a header of the same name.
func takesHeader(key string) (string, bool) {
	name, ok := strings.CutPrefix(strings.ToLower(key), "s3:")
	return name, ok && strings.HasPrefix(name, "x-amz-") && name != "x-amz-content-sha256"
}

// writes reports whether an operation's KMS leg follows from its headers.
func writes(operation string) bool {
	spec, ok := s3op.Lookup(operation)
	return ok && len(spec.KMSNeeds) > 0 && !spec.Read
}
