package s3

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
	"github.com/why403/why403/request"
)

// BenchmarkAuthorize is what authorization adds to a GetObject whose signature is
// verified and whose object is known: the request stated for the engine, its facts
// gathered, every gate asked, what states it again kept. The estate is that of the load
// command, with a role; callers are its user, a session of the role, and one with a
// policy of its own.
func BenchmarkAuthorize(b *testing.B) {
	text, err := os.ReadFile("../../../bench/estate.yaml")
	if err != nil {
		b.Fatal(err)
	}
	const role = `roles: {app: {attached: ["arn:aws:iam::111122223333:policy/read"], boundary: "arn:aws:iam::111122223333:policy/limit"}}`
	e, err := estate.Parse("estate.yaml", []byte(strings.Replace(string(text), "    users:\n", "    "+role+"\n    users:\n", 1)))
	if err != nil {
		b.Fatal(err)
	}
	session := &world.Caller{ARN: "arn:aws:sts::111122223333:assumed-role/app/s", Account: "111122223333", Session: &world.Session{Issued: time.Now()}}
	limited := *session
	limited.Session = &world.Session{Issued: time.Now(), Policies: []string{`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}`}}
	for _, of := range []struct {
		name   string
		caller *world.Caller
	}{{"user", nil}, {"session", session}, {"limited", &limited}} {
		b.Run(of.name, func(b *testing.B) { benchmarkAuthorize(b, e, of.caller) })
	}
}

func benchmarkAuthorize(b *testing.B, e *estate.Estate, caller *world.Caller) {
	st, err := embedded.Open(b.TempDir(), embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	w, err := world.Open(b.Context(), st, e, nil)
	if err != nil {
		b.Fatal(err)
	}
	g := gather.New(w.Estate(), time.Now)
	var work gather.Work
	s := New(Options{World: w, Region: "us-east-1", Allow: func(_ *estate.Estate, r *request.Request) (Reporter, bool) {
		f, err := g.FactsIn(&work, r)
		return nil, err == nil && decide.Allowed(f) == iam.Allowed
	}, Allowed: func(wire.IDs, Reporter, Stated) {}})
	r, _ := http.NewRequest(http.MethodGet, "http://127.0.0.1:4033/bench/bench/4096/00000001", nil)
	r.RequestURI, r.RemoteAddr = r.URL.Path, "127.0.0.1:50000"
	sigv4.Signer{Credential: sigv4.Credential{AccessKeyID: "AKIALOAD000000000001", Secret: "load/Secret+Key0000000000000000000000001"}, Region: "us-east-1"}.
		Sign(r, time.Now(), sigv4.UnsignedPayload)
	target, _ := wire.ParseTarget(r)
	x := &exchange{s: s, r: r, ctx: b.Context(), ids: wire.NewIDs(), target: &target, query: target.Query, header: r.Header}
	x.r = r.WithContext(context.WithValue(x.ctx, exchangeKey{}, x))
	x.resolve()
	if err := x.classify(); err != nil {
		b.Fatal(err)
	}
	if err := x.authenticate(); err != nil {
		b.Fatal(err)
	}
	if caller != nil {
		x.caller = caller
		if err := w.AddSession(b.Context(), caller.Session); err != nil {
			b.Fatal(err)
		}
	}
	x.bucket, _ = x.estate.Bucket("bench")
	x.object = store.Object{Bucket: "bench", Key: x.key, VersionID: store.NullVersion, Size: 4096, Attributes: store.Attributes{Owner: "111122223333"}}
	if x.spec.Scope != s3op.Object {
		b.Fatal(x.spec.Name)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := x.decide(); err != nil {
			b.Fatal(err)
		}
	}
}
