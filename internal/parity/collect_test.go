package parity

import (
	"bytes"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/source/live"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// leastCollected is how many requests are decided from collected estates at least.
const leastCollected = 2000

// What is collected by the SDK from an endpoint decides requests as the estate does
// that the endpoint was started with, or says that something could not be read.
func TestCollect(t *testing.T) {
	n := &tally{skipped: map[string]int{}, wire: map[string]int{}}
	t.Run("corpus", func(t *testing.T) {
		for _, c := range corpusCases(t) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				fromCollected(t, c.withUnits(), n)
			})
		}
	})
	t.Logf("%d requests decided from collected estates", n.compared)
	for _, why := range slices.Sorted(maps.Keys(n.skipped)) {
		t.Logf("%5d %s", n.skipped[why], why)
	}
	if n.compared < leastCollected {
		t.Errorf("%d requests were decided from collected estates, and are to be %d at least", n.compared, leastCollected)
	}
}

func fromCollected(t *testing.T, c *corpusCase, n *tally) {
	e, originals, requests := c.estate(t), c.parse(t), c.parse(t)
	if why := cannotServe(e); why != "" {
		for range requests {
			n.count(n.skipped, why)
		}
		return
	}
	objects := statesObjects(e)
	scope := live.Scope{}
	for _, r := range requests {
		if key, ok := r.Header("x-amz-server-side-encryption-aws-kms-key-id"); ok && key != "" && keyed(key) {
			scope.Keys = append(scope.Keys, key)
		}
		if objects && r.Key != "" && stated(e, r) {
			scope.Objects = append(scope.Objects, live.Object{Bucket: r.Bucket, Key: r.Key})
		}
	}
	got := collected(t, c.estate(t), scope)
	for i, r := range requests {
		why := beyond(r)
		if objects && !stated(e, r) {
			why = "the object is not stated, and does not exist in an endpoint that states others"
		}
		if why != "" {
			n.count(n.skipped, why)
			continue
		}
		want, have := decided(t, e, originals[i]), decided(t, got, r)
		switch {
		case want.Verdict == have.Verdict && causeOf(want) == causeOf(have):
			n.mu.Lock()
			n.compared++
			n.mu.Unlock()
		case inEffect(want, have):
			n.count(n.skipped, "denied by what an ACL in effect does not show any more")
		case have.Verdict == iam.Unknown:
			n.count(n.skipped, "not known from what was read: "+unreadOf(t, got, r))
		default:
			t.Errorf("request %d: collected %v %s, original %v %s", i, have.Verdict, causeOf(have), want.Verdict, causeOf(want))
		}
	}
}

// keyed reports a reference to a KMS key that the SDK takes.
func keyed(ref string) bool { return !strings.ContainsAny(ref, " ") && !strings.HasSuffix(ref, "/") }

func causeOf(d *report.Decision) reason.Code {
	if d.Cause == nil {
		return ""
	}
	return reason.Code(d.Cause.Reason)
}

// cannotServe says why an endpoint does not hold an estate as it is.
func cannotServe(e *estate.Estate) string {
	if len(e.AllUnknowns()) > 0 {
		return "the estate has unknowns, which an endpoint has not"
	}
	return ""
}

// beyond says what of a request no collected estate holds.
func beyond(r *request.Request) string {
	if r.Auth != nil && r.Auth.AccessKeyID != "" {
		return "the request is about an access key, whose secret is not collected"
	}
	return ""
}

// unreadOf names what a decision hangs on.
func unreadOf(t *testing.T, e *estate.Estate, r *request.Request) string {
	t.Helper()
	d := full(t, e, r)
	var names []string
	for _, u := range d.Unknown {
		names = append(names, ofWhat(u.What))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// ofWhat is the kind of a thing, without its name.
func ofWhat(what string) string {
	kind, _, _ := strings.Cut(what, " of ")
	kind, _, _ = strings.Cut(kind, " ")
	return kind
}

// unitID is the id of an organizational unit that is shorter than AWS's are.
var unitID = regexp.MustCompile(`\bou-[0-9a-z]{4,32}-[0-9a-z]{1,7}\b`)

// withUnits is the case with ids of units that the Organizations API takes.
func (c *corpusCase) withUnits() *corpusCase {
	long := func(text []byte) []byte {
		return unitID.ReplaceAllFunc(text, func(id []byte) []byte { return append(bytes.Clone(id), "0000000"...) })
	}
	out := &corpusCase{name: c.name, files: fstest.MapFS{}, requestFile: c.requestFile, requests: long(c.requests)}
	for name, f := range c.files {
		out.files[name] = &fstest.MapFile{Data: long(f.Data)}
	}
	return out
}

// inEffect reports causes that differ since S3 shows the ACL in effect, not the one
// that is stored (S3 User Guide, Blocking public access, IgnorePublicAcls; and
// Controlling ownership of objects, Bucket owner enforced).
func inEffect(want, have *report.Decision) bool {
	stored, shown := causeOf(want), causeOf(have)
	return want.Verdict == iam.Denied && have.Verdict == iam.Denied && (stored == reason.ACLsDisabled || stored == reason.IgnorePublicACLs) &&
		(shown == reason.NoAllowACL || shown == reason.NoAllowResourcePolicy || shown == reason.NoAllowIdentity)
}

// collected serves an estate, and collects each of its accounts as the root user.
func collected(t *testing.T, e *estate.Estate, scope live.Scope) *estate.Estate {
	t.Helper()
	for _, o := range e.Organizations { // from the management account the tree is read
		if id := o.ManagementAccount; id != "" && e.Accounts[id] == nil {
			e.Accounts[id] = &estate.Account{ID: id}
		}
	}
	for id, a := range e.Accounts {
		if a.Root == nil {
			a.Root = &estate.Root{}
		}
		if a.Root.AccessKeys == nil {
			a.Root.AccessKeys = map[string]*estate.AccessKey{}
		}
		a.Root.AccessKeys[rootKey(id)] = &estate.AccessKey{Secret: secret}
	}
	if err := e.Link(); err != nil {
		t.Fatal(err)
	}
	g := newRig(t, &setup{estate: e})
	defer g.close(t)
	clock := time.Now() // by which the SDK signs
	g.clock.Store(&clock)
	var list []*live.Session
	for _, id := range slices.Sorted(maps.Keys(e.Accounts)) {
		list = append(list, session(t, g.http.URL, id))
	}
	out, err := live.CollectAll(context.Background(), list, scope, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func rootKey(id iam.AccountID) string { return "AKIAROOT" + string(id) }

func session(t *testing.T, url string, id iam.AccountID) *live.Session {
	t.Helper()
	s, err := live.New(context.Background(), aws.Config{Region: "us-east-1", BaseEndpoint: &url, HTTPClient: awshttp.NewBuildableClient(),
		Credentials: credentials.NewStaticCredentialsProvider(rootKey(id), secret, "")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
