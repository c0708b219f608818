package s3

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Options are what a Service works with.
type Options struct {
	World *world.World

	// Decide is the engine.
	Decide func(*estate.Estate, *request.Request) *report.Decision

	// Allow is the engine's short way for requests that are allowed, and Allowed is
	// told of them in place of Record; nil: there is none. Allow must keep nothing of
	// the request. Both say by which state of the engine it was allowed, and again
	// states the request as it was.
	Allow   func(*estate.Estate, *request.Request) (by Reporter, allowed bool)
	Allowed func(ids wire.IDs, by Reporter, again Stated)

	// Record is told every other decision on a request, once.
	Record func(r *http.Request, ids wire.IDs, d *report.Decision)

	// Failed is told of errors that are ours.
	Failed func(r *http.Request, ids wire.IDs, err error)

	// Region is that of requests whose Host and signature name none.
	Region string

	// SimulateNetwork honours the headers x-why403-source-ip and
	// x-why403-secure-transport.
	SimulateNetwork bool

	// PlainIsInsecure makes requests without TLS count as such. Else they count as
	// made over TLS, so that estates that demand it can be rehearsed on the
	// loopback interface.
	PlainIsInsecure bool

	// Audit says of which requests Done is told; nil: of none.
	Audit *audit.Recorder

	// Done is told of a request when all but its answer is known.
	Done func(w http.ResponseWriter, a *audit.Access)

	// Soft lets pass what the engine refuses. Requests that are not properly signed
	// are refused all the same.
	Soft bool
}

// A Reporter makes the report of a request that it has allowed, from the state in
// which it did. Report gathers what the report says, in the same words whenever it is
// called; what it returns makes the report of that, and holds no estate.
type Reporter interface {
	Report(*request.Request) func() *report.Decision
}

// A Stated is a request that can be stated again.
type Stated interface{ Request() *request.Request }

// A Service answers requests to S3.
type Service struct {
	Options
	verifier   sigv4.Verifier
	verifierV2 sigv4.Verifier // also takes Signature Version 2
}

// New returns a service. All functions of o must be set.
func New(o Options) *Service {
	s := &Service{Options: o}
	target := func(r *http.Request) sigv4.Target {
		x, _ := r.Context().Value(exchangeKey{}).(*exchange)
		return x.sigTarget()
	}
	s.verifier.Keys, s.verifier.Now, s.verifier.Target = o.World, o.World.Now, target
	s.verifierV2.Keys, s.verifierV2.Now, s.verifierV2.Target = o.World, o.World.Now, target
	s.verifierV2.AllowSigV2 = true
	return s
}

// exchangeKey is under which a request's context holds its exchange.
type exchangeKey struct{}

// Serve answers one request to S3, whose target was parsed.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, t *wire.Target, ids wire.IDs) {
	fold(r.Header)
	x := &exchange{s: s, w: w, ctx: r.Context(), ids: ids, target: t, query: ownParameters(r, t.Query), header: r.Header}
	x.r = r.WithContext(context.WithValue(x.ctx, exchangeKey{}, x))
	if t.Website {
		x.website()
		return
	}
	if leavesRoot(t.Key) {
		w.WriteHeader(http.StatusBadRequest) // and nothing else: S3 does not get to see it
		return
	}
	received := s.World.Now()
	err := x.run()
	x.tell(err, received)
	if err == nil {
		return
	}
	x.fail(err)
}

// maxAttempts bounds how often a request is decided anew because its object was
// replaced between the decision and the act.
const maxAttempts = 32

func (x *exchange) run() error {
	x.resolve()
	if err := checkHeaderSize(x.r); err != nil {
		return err
	}
	if x.r.Method == http.MethodOptions {
		return x.preflight()
	}
	x.crossOrigin()
	notAllowed := x.classify()
	if err := x.authenticate(); err != nil {
		return err
	}
	if notAllowed != nil {
		return notAllowed
	}
	if x.accessPoint != nil && !x.spec.ThroughAccessPoint && !x.spec.AnyResource {
		return wire.NewError(http.StatusMethodNotAllowed, "MethodNotAllowed", methodNotAllowed).With("Method", x.r.Method).With("ResourceType", "ACCESSPOINT")
	}
	x.op = operations[x.spec.Name]
	if x.auth.Streaming() && !x.op.streams {
		return sigv4.ErrStreamingOperation()
	}
	if err := x.parseBody(); err != nil {
		return err
	}
	return x.attempt()
}

// leavesRoot reports whether a key goes further up than down: "Naming Amazon S3 objects" in the Amazon S3 User Guide.
func leavesRoot(key string) bool {
	if !strings.Contains(key, "..") {
		return false
	}
	depth := 0
	for part := range strings.SplitSeq(key, "/") {
		switch part {
		case "..":
			depth--
		case "", ".":
		default:
			depth++
		}
		if depth < 0 {
			return true
		}
	}
	return false
}

// attempt decides and acts, anew where the object was replaced in between.
func (x *exchange) attempt() error {
	for attempt := 1; ; attempt++ {
		err := x.decideAndAct()
		if !errors.Is(err, errChanged) || attempt == maxAttempts {
			return err
		}
	}
}

// errChanged says that the object is not the one that was decided on.
var errChanged = errors.New("the object changed meanwhile")

func (x *exchange) decideAndAct() error {
	if err := x.gather(); err != nil {
		return err
	}
	decide := x.decide
	if x.op.decide != nil {
		decide = func() error { return x.op.decide(x) }
	}
	if err := decide(); err != nil {
		return err
	}
	if x.takeCode(); x.code == codeSpent {
		if err := decide(); err != nil {
			return err
		}
	}
	if x.bodyErr != nil {
		return x.bodyErr
	}
	if x.bucket == nil && x.spec.Name != "CreateBucket" && (x.spec.Scope == s3op.Bucket || x.spec.Scope == s3op.Object) {
		return x.noSuchBucket()
	}
	if x.op.act == nil {
		return wire.NewError(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented")
	}
	x.tellCharged()
	return x.op.act(x)
}
