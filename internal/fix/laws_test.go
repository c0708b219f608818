package fix

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/request"
)

// A world is a small estate, made at random, and a request in it.
type world struct{ *rand.Rand }

func (w world) one(list ...string) string { return list[w.IntN(len(list))] }

var (
	someActions    = []string{"s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:*", "s3:Get*", "*"}
	someResources  = []string{"arn:aws:s3:::one", "arn:aws:s3:::one/*", "arn:aws:s3:::one/a/*", "arn:aws:s3:::two/*", "*"}
	somePrincipals = []string{`"*"`, `{"AWS": "arn:aws:iam::111122223333:user/ann"}`, `{"AWS": "arn:aws:iam::444455556666:role/app"}`, `{"AWS": "444455556666"}`, `{"AWS": "111122223333"}`}
	someConditions = []string{``, ``, ``, `, "Condition": {"Bool": {"aws:SecureTransport": "false"}}`, `, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`,
		`, "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, `, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/bob"}}`}
)

func (w world) statement(principal bool) string {
	s := `{"Effect": "` + w.one("Allow", "Allow", "Deny") + `"`
	if principal {
		s += `, "Principal": ` + w.one(somePrincipals...)
	}
	return s + `, "Action": "` + w.one(someActions...) + `", "Resource": "` + w.one(someResources...) + `"` + w.one(someConditions...) + `}`
}

func (w world) policy(principal bool) string {
	var list []string
	for range 1 + w.IntN(3) {
		list = append(list, w.statement(principal))
	}
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(list, ", ") + `]}`
}

// estate writes an estate: two accounts, a user or two and a role in each, two
// buckets, a boundary, a key, an organization with a policy.
func (w world) estate() string {
	user := func(boundary string) string {
		out := `{"inline": {"p": ` + w.policy(false) + `}`
		if w.IntN(4) == 0 {
			out += `, "boundary": "` + boundary + `"`
		}
		return out + `}`
	}
	bucket := func() string {
		out := `{"publicAccessBlock": ` + w.one("true", "false", "false")
		if w.IntN(3) > 0 {
			out += `, "document": ` + w.policy(true)
		}
		return out + `, "ownership": "` + w.one("BucketOwnerEnforced", "BucketOwnerPreferred") + `"}`
	}
	org := ""
	if w.IntN(3) == 0 {
		org = `, "organizations": {"o-exampleorg01": {"managementAccount": "999999999999", "policies": {"S": {"type": "scp", "document": ` + w.policy(false) + `}},
			"root": {"id": "r-ab12", "scps": ["FullAWSAccess", "S"], "accounts": ["111122223333", "444455556666"]}}}`
	}
	return `{"version": 1, "accounts": {
		"111122223333": {"managedPolicies": {"limit": {"document": ` + w.policy(false) + `}},
			"users": {"ann": ` + user("limit") + `, "bob": ` + user("limit") + `}, "roles": {"app": ` + user("limit") + `}, "buckets": {"one": ` + bucket() + `, "two": ` + bucket() + `}},
		"444455556666": {"managedPolicies": {"limit": {"document": ` + w.policy(false) + `}}, "users": {"eve": ` + user("limit") + `}, "roles": {"app": ` + user("limit") + `}}}` + org + `}`
}

var somePeople = []string{"anonymous", "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/bob", "arn:aws:iam::111122223333:role/app",
	"arn:aws:iam::444455556666:user/eve", "arn:aws:iam::444455556666:role/app", "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"}

func (w world) request() *request.Request {
	secure := w.IntN(2) == 0
	ip := w.one("203.0.113.7", "198.51.100.9")
	r := &request.Request{Principal: w.one(somePeople[:6]...), Operation: w.one("GetObject", "PutObject", "ListObjectsV2"), Bucket: w.one("one", "two"),
		SourceIP: &ip, SecureTransport: &secure, Unstated: "absent"}
	if r.Operation != "ListObjectsV2" {
		r.Key = w.one("a/1", "b/1")
	}
	return r
}

func parsed(t *testing.T, text string) *estate.Estate {
	t.Helper()
	e, err := estate.Parse("estate.json", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return e
}

func encoded(t *testing.T, e *estate.Estate) string {
	t.Helper()
	var b strings.Builder
	if err := e.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func verdictIn(t *testing.T, e *estate.Estate, r *request.Request) iam.Verdict {
	t.Helper()
	f, err := gather.New(e, func() time.Time { return corpusTime }).Facts(r)
	if err != nil {
		t.Fatal(err)
	}
	return decide.Allowed(f)
}

// checkLaws holds the plans of one random world against the laws.
func checkLaws(t *testing.T, seed uint64, widens bool) (plans int) {
	w := world{rand.New(rand.NewPCG(seed, 403))}
	text := w.estate()
	e, r := parsed(t, text), w.request()
	before := encoded(t, e)
	f := New(e, corpusTime)
	found, err := f.Plans(r, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		where := fmt.Sprintf("seed %d, %s", seed, p.Report().Title)
		if !p.Verified {
			t.Errorf("%s: nothing is unread, and it is not verified", where)
			continue
		}
		again := parsedYAML(t, encoded(t, p.Estate()))
		if v := verdictIn(t, again, p.Request()); v != iam.Allowed {
			t.Errorf("%s: written out and read again it decides %s", where, v)
		}
		undone := undo(t, p)
		if got, want := encoded(t, undone), before; got != want {
			t.Errorf("%s: undone, the estate is another\n%s\nwant\n%s", where, got, want)
		}
		if v := verdictIn(t, undone, r); v != iam.Denied {
			t.Errorf("%s: undone it decides %s", where, v)
		}
		if widens {
			gained(t, where, e, p)
		}
	}
	if after := encoded(t, e); after != before {
		t.Errorf("seed %d: the estate was changed", seed)
	}
	return len(found)
}

func parsedYAML(t *testing.T, text string) *estate.Estate {
	t.Helper()
	e, err := estate.Parse("estate.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return e
}

// undo makes the reverse of a plan's changes, last first.
func undo(t *testing.T, p *Plan) *estate.Estate {
	t.Helper()
	root, err := node.Parse("estate.yaml", []byte(encoded(t, p.start.estate)))
	if err != nil {
		t.Fatal(err)
	}
	var back []node.Change
	for _, st := range p.steps {
		for _, c := range st.estate {
			back = append(back, reverse(root, c))
			if root, err = root.With(c); err != nil {
				t.Fatalf("%s %s: %v", c.Op, c.Path, err)
			}
		}
	}
	slices.Reverse(back)
	e, err := p.Estate().With(back...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func reverse(root *node.Node, c node.Change) node.Change {
	parent := root
	for _, part := range c.Path[:len(c.Path)-1] {
		parent = step1(parent, part)
	}
	last := c.Path[len(c.Path)-1]
	if last == "-" {
		return removed(c.Path[:len(c.Path)-1].To(itoa(len(parent.Items))))
	}
	if old := step1(parent, last); old != nil {
		return added(c.Path, old)
	}
	return removed(c.Path)
}

// gained compares who a plan says to let in with what everybody is answered before
// and after, one by one.
func gained(t *testing.T, where string, e *estate.Estate, p *Plan) {
	t.Helper()
	before, after := gather.New(e, func() time.Time { return corpusTime }), gather.New(p.Estate(), func() time.Time { return corpusTime })
	meant := []string{principalARN(&p.start.facts.Caller), principalARN(&p.end.facts.Caller)}
	stranger := "arn:aws:iam::777788889999:root"
	want := map[string]bool{}
	for _, who := range append([]string{stranger}, somePeople...) {
		if slices.Contains(meant, who) {
			continue
		}
		for _, r := range everything(who) {
			a, errA := before.Facts(r)
			b, errB := after.Facts(r)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if who == stranger {
				continue // its own account is not held, so nothing of it is known; the engine takes it to allow all
			}
			if decide.Allowed(a) != iam.Allowed && decide.Allowed(b) == iam.Allowed {
				want[who] = true
			}
		}
	}
	got := map[string]bool{}
	for _, who := range p.Widens.Who {
		if who != "other-accounts" {
			got[who] = true
		}
	}
	for who := range want {
		if !got[who] {
			t.Errorf("%s: %s gains, and widens names %v", where, who, p.Widens.Who)
		}
	}
	for who := range got {
		if !want[who] {
			t.Errorf("%s: widens names %s, who gains nothing of what was asked", where, who)
		}
	}
	if want["anonymous"] && !p.Widens.Public {
		t.Errorf("%s: anonymous callers gain, and it is not public", where)
	}
}

// everything is what one principal may ask of the two buckets, in every
// circumstance that the random policies tell apart.
func everything(who string) []*request.Request {
	var list []*request.Request
	for _, op := range []string{"GetObject", "PutObject", "DeleteObject", "GetObjectTagging", "AbortMultipartUpload", "ListParts", "ListObjectsV2", "GetBucketTagging", "PutBucketTagging", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucket"} {
		for _, bucket := range []string{"one", "two"} {
			for _, key := range []string{"a/1", "b/1"} {
				for _, secure := range []bool{true, false} {
					for _, ip := range []string{"203.0.113.7", "198.51.100.9"} {
						r := &request.Request{Principal: who, Operation: op, Bucket: bucket, SourceIP: &ip, SecureTransport: &secure, Unstated: "absent"}
						if strings.Contains(op, "Object") && op != "ListObjectsV2" || op == "AbortMultipartUpload" || op == "ListParts" {
							r.Key = key
						}
						list = append(list, r)
					}
				}
			}
		}
	}
	return list
}

// A verified plan decides allowed, undoing it brings back the estate and its
// answer, and whom it lets in is what asking everybody tells.
func TestLaws(t *testing.T) {
	plans := 0
	for seed := range uint64(40) {
		plans += checkLaws(t, seed, true)
	}
	if plans < 40 {
		t.Errorf("%d plans in 40 worlds", plans)
	}
}

func FuzzLaws(f *testing.F) {
	for _, seed := range []uint64{1, 2, 3, 1 << 40} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { checkLaws(t, seed, false) })
}
