package policy_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

// The laws hold for policies of a small world, in which statements often meet.
var (
	lawActions   = []string{"s3:GetObject", "s3:PutObject", "S3:getobject", "s3:Get*", "s3:?utObject", "s3:*", "*", "ec2:RunInstances", "ec2:*"}
	lawResources = []string{
		"*", "arn:aws:s3:*", "arn:aws:s3:::*", "arn:aws:s3:::b", "arn:aws:s3:::b*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/k*", "arn:aws:s3:::b/??",
		"arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username, 'k'}", "arn:aws:s3:::c/*", "arn:a*s:s3:::b/*", "${aws:username}",
	}
	lawPrincipals = []string{
		`"*"`, `{"AWS": "*"}`, `{"AWS": "111122223333"}`, `{"AWS": "arn:aws:iam::111122223333:user/alice"}`, `{"AWS": "arn:aws:iam::111122223333:role/app"}`,
		`{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s1"}`, `{"AWS": ["444455556666", "arn:aws:iam::111122223333:root"]}`, `{"AWS": "arn:aws:sts::111122223333:federated-user/bob"}`,
	}
	lawCallers = []string{
		"anonymous", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:role/app",
		"arn:aws:sts::111122223333:assumed-role/app/s1", "arn:aws:sts::111122223333:federated-user/bob", "arn:aws:iam::444455556666:user/alice",
	}
	lawQueries = []string{"arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::b/kk", "arn:aws:s3:::b/alice/x", "arn:aws:s3:::c/k", "*", ""}

	lawKeys = []struct {
		key       string
		multi     bool
		values    []string // that requests carry and policies test
		operators []string
	}{
		{"aws:username", false, []string{"alice", "k"}, []string{"StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "Null"}},
		{"aws:SourceIp", false, []string{"203.0.113.7", "10.0.0.0/8"}, []string{"IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"}},
		{"aws:SecureTransport", false, []string{"true", "false"}, []string{"Bool", "BoolIfExists", "Null"}},
		{"s3:max-keys", false, []string{"1", "10", "x"}, []string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEqualsIfExists"}},
		{"aws:PrincipalTag/team", false, []string{"a", "A", "${aws:username}"}, []string{"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringNotLike", "ForAllValues:StringEquals"}},
		{"aws:PrincipalArn", false, []string{"arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:role/*"}, []string{"ArnLike", "ArnNotEquals", "ArnEqualsIfExists"}},
		{"aws:CalledVia", true, []string{"a", "b"}, []string{"ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAnyValue:StringNotEquals", "ForAllValues:StringNotEquals", "StringEquals", "StringNotEquals", "ForAnyValue:StringLikeIfExists"}},
	}
)

type random struct{ *rand.Rand }

func newRandom(seed int) random { return random{rand.New(rand.NewPCG(uint64(seed), 403))} }

func pick[T any](r random, list []T) T { return list[r.IntN(len(list))] }

// some picks one or two.
func some[T any](r random, list []T) []T {
	out := []T{pick(r, list)}
	if r.IntN(2) == 0 {
		out = append(out, pick(r, list))
	}
	return out
}

func (r random) statement(effect string) map[string]any {
	s := map[string]any{"Effect": effect}
	s[pick(r, []string{"Action", "Action", "Action", "NotAction"})] = some(r, lawActions)
	s[pick(r, []string{"Resource", "Resource", "Resource", "NotResource"})] = some(r, lawResources)
	if r.IntN(3) > 0 {
		s[pick(r, []string{"Principal", "Principal", "Principal", "NotPrincipal"})] = json.RawMessage(pick(r, lawPrincipals))
	}
	conditions := map[string]map[string][]string{}
	for range r.IntN(3) {
		k := pick(r, lawKeys)
		operator, values := pick(r, k.operators), some(r, k.values)
		if operator == "Null" {
			values = []string{pick(r, []string{"true", "false"})}
		}
		if conditions[operator] == nil {
			conditions[operator] = map[string][]string{}
		}
		conditions[operator][k.key] = values
	}
	s["Condition"] = conditions
	return s
}

func (r random) statements(n int) []map[string]any {
	var out []map[string]any
	for range n {
		out = append(out, r.statement(pick(r, []string{"Allow", "Allow", "Deny"})))
	}
	return out
}

// value is something that a request may carry under key k, or that is not known
// about it.
func (r random) value(k int) condition.Value {
	key := lawKeys[k]
	switch r.IntN(6) {
	case 0:
		return condition.Value{}
	case 1:
		return condition.NotKnown
	case 2:
		if !key.multi {
			return condition.OneOf(some(r, key.values)...)
		}
		return condition.NotKnown
	case 3:
		return condition.SomeValue
	}
	if key.multi {
		return condition.Strings(some(r, key.values)...)
	}
	return condition.String1(pick(r, key.values))
}

// resolve returns what an unsure value of key k might turn out to be.
func (r random) resolve(k int, v condition.Value) condition.Value {
	key := lawKeys[k]
	switch {
	case v.State != condition.Unsure:
		return v
	case !v.Carried && r.IntN(3) == 0:
		return condition.Value{}
	case key.multi:
		return condition.Strings(some(r, append(key.values, "other"))...)
	case len(v.List) > 0:
		return condition.String1(pick(r, v.List))
	}
	return condition.String1(pick(r, append(key.values, "other", "203.0.113.8", "7")))
}

func (r random) layer() condition.Layer {
	var l condition.Layer
	for k := range lawKeys {
		l.Set(condition.Intern(lawKeys[k].key), r.value(k))
	}
	return l
}

func (r random) resolved(l condition.Layer) condition.Layer {
	var out condition.Layer
	for k := range lawKeys {
		v, _ := l.Get(condition.Intern(lawKeys[k].key))
		out.Set(condition.Intern(lawKeys[k].key), r.resolve(k, v))
	}
	return out
}

func set(t testing.TB, c *policy.Caller, documents ...[]map[string]any) *policy.Set {
	t.Helper()
	var named []policy.Named
	for _, statements := range documents {
		text, err := json.Marshal(map[string]any{"Version": policy.Version2012, "Statement": statements})
		if err != nil {
			t.Fatal(err)
		}
		d, err := policy.Parse("p.json", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		named = append(named, policy.Named{Document: d})
	}
	s, err := policy.NewSet(named, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func query(action, resource string, layer condition.Layer) *policy.Query {
	ctx := condition.NewContext(layer)
	return &policy.Query{Action: policy.NewAction(action), Resource: resource, Context: &ctx}
}

type steps []policy.Step

func (s *steps) Record(_ *policy.Set, step policy.Step) { *s = append(*s, step) }

// vias are the four answers of a Result.
type vias struct{ allow, deny, mayAllow, mayDeny policy.Via }

func all(s *policy.Set, q *policy.Query) vias {
	r := s.Eval(q, new(steps))
	return vias{r.Allow, r.Deny, r.MayAllow, r.MayDeny}
}

const laws = 1000 // random policies for each law

// The order of statements, and of policies, never matters.
func TestLawOrder(t *testing.T) {
	for seed := range laws {
		r := newRandom(seed)
		c := caller(t, pick(r, lawCallers))
		a, b := r.statements(4), r.statements(2)
		q := query(pick(r, lawActions[:2]), pick(r, lawQueries), r.layer())
		want := all(set(t, c, a, b), q)
		r.Shuffle(len(a), func(i, j int) { a[i], a[j] = a[j], a[i] })
		if got := all(set(t, c, b, a), q); got != want {
			t.Fatalf("seed %d: %+v before and %+v after reordering", seed, want, got)
		}
	}
}

// One more Deny never takes a Deny away, nor changes what is allowed; one more
// Allow never takes an Allow away.
func TestLawMoreStatements(t *testing.T) {
	for seed := range laws {
		r := newRandom(seed)
		c := caller(t, pick(r, lawCallers))
		a := r.statements(4)
		q := query(pick(r, lawActions[:2]), pick(r, lawQueries), r.layer())
		before := all(set(t, c, a), q)
		for _, effect := range []string{"Deny", "Allow"} {
			after := all(set(t, c, a, []map[string]any{r.statement(effect)}), q)
			lost := before.deny&^after.deny | before.mayDeny&^after.mayDeny | before.allow&^after.allow | before.mayAllow&^after.mayAllow
			if lost != 0 {
				t.Fatalf("seed %d: %+v, and with one more %s %+v", seed, before, effect, after)
			}
			if effect == "Deny" && after.allow != before.allow || effect == "Allow" && after.deny != before.deny {
				t.Fatalf("seed %d: one more %s turns %+v into %+v", seed, effect, before, after)
			}
		}
	}
}

// Whatever the unknown turns out to be, the answer is one that was admitted: a
// sure Allow or Deny stays, and none comes that was not at least possible.
func TestLawUnknown(t *testing.T) {
	unknown := 0
	for seed := range laws {
		r := newRandom(seed)
		c := caller(t, pick(r, lawCallers))
		s := set(t, c, r.statements(4))
		layer := r.layer()
		action, resource := pick(r, lawActions[:2]), pick(r, lawQueries)
		before := all(s, query(action, resource, layer))
		if before.mayAllow|before.mayDeny != 0 {
			unknown++
		}
		for range 5 {
			after := all(s, query(action, resource, r.resolved(layer)))
			lost := before.allow&^after.allow | before.deny&^after.deny
			sudden := (after.allow|after.mayAllow)&^(before.allow|before.mayAllow) | (after.deny|after.mayDeny)&^(before.deny|before.mayDeny)
			if lost|sudden != 0 {
				t.Fatalf("seed %d: %+v, and with more known %+v", seed, before, after)
			}
		}
	}
	if unknown < laws/10 {
		t.Errorf("only %d of %d policies hang on what is not known; the law was hardly tried", unknown, laws)
	}
}

// With the index and without a recorder the Deny, and the Allow where there is
// no Deny, are those of asking every statement.
func TestLawIndex(t *testing.T) {
	for seed := range laws {
		r := newRandom(seed)
		c := caller(t, pick(r, lawCallers))
		s := set(t, c, r.statements(6))
		for range 4 { // of the same action, so that the index is built and used again
			q := query(pick(r, []string{"s3:GetObject", "ec2:RunInstances"}), pick(r, lawQueries), r.layer())
			var rec steps
			want, got := s.Eval(q, &rec), s.Eval(q, nil)
			if len(rec) != s.Len() {
				t.Fatalf("seed %d: %d of %d statements recorded", seed, len(rec), s.Len())
			}
			if (got.Deny != 0) != (want.Deny != 0) {
				t.Fatalf("seed %d: with recorder %+v, without %+v", seed, want, got)
			}
			if want.Deny == 0 && got != want {
				t.Fatalf("seed %d: with recorder %+v, without %+v", seed, want, got)
			}
		}
	}
}
