package s3

import (
	"context"
	"net/http"
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
// gathered, every gate asked. The estate is that of the load command.
func BenchmarkAuthorize(b *testing.B) {
	e, err := estate.Load("../../../bench/estate.yaml")
	if err != nil {
		b.Fatal(err)
	}
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
