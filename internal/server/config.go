package server

import (
	"crypto/tls"
	"errors"
	"io"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/oidc"
	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// DefaultListen is the address of why403 serve.
const DefaultListen = "127.0.0.1:4033"

// A Decider decides requests. It is called from many goroutines.
type Decider interface {
	Decide(*estate.Estate, *request.Request) *report.Decision
}

// An Allower is a Decider that has a shorter way for what is allowed.
type Allower interface {
	Decider

	// Allow reports whether a request is allowed; a refusal, or what is not known, it leaves to Decide. It keeps nothing
	// of the request. by makes the report later: what Decide would have said.
	Allow(*estate.Estate, *request.Request) (by s3.Reporter, allowed bool)
}

// DeciderFunc is a function that is a Decider.
type DeciderFunc func(*estate.Estate, *request.Request) *report.Decision

// Decide calls f.
func (f DeciderFunc) Decide(e *estate.Estate, r *request.Request) *report.Decision { return f(e, r) }

// Config is what an endpoint is made of. Estate and Store are needed, all else has
// a default.
type Config struct {
	// Estate is what the endpoint starts with. What Store holds of earlier runs
	// wins over it.
	Estate *estate.Estate

	// Store keeps objects and changes. The endpoint does not close it.
	Store store.Store

	// Listen is the address for Run; "" is DefaultListen.
	Listen string

	// TLS is how connections are encrypted; nil: they are not. It must hold a
	// certificate.
	TLS *tls.Config

	// MetricsListen is an address for Run on which /metrics and /healthz are answered;
	// "": they are under /_why403/ on Listen alone, for peers on the loopback interface.
	MetricsListen string

	// Region is that of requests that name none; "" is us-east-1.
	Region string

	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// Log takes one line a request, and behind it what Render says of a refusal;
	// nil: nothing is logged. With LogJSON each line is an object of JSON.
	Log     io.Writer
	LogJSON bool

	// Render turns a refusal into text for the log; nil: its summary alone is
	// logged.
	Render func(*report.Decision) string

	// Decider decides; nil is [NewEngine].
	Decider Decider

	// SimulateNetwork honours the request headers x-why403-source-ip (an address)
	// and x-why403-secure-transport (true or false). They are never part of a
	// signature, so whoever can reach the endpoint can then state any address.
	SimulateNetwork bool

	// PlainIsInsecure makes requests over plain HTTP count as made without TLS:
	// aws:SecureTransport is false. By default they count as made over TLS, so that
	// estates that demand it can be rehearsed on the loopback interface.
	PlainIsInsecure bool

	// Soft lets pass what the engine refuses, and logs what it would have refused.
	// Bad signatures are refused all the same.
	Soft bool

	// OIDC are the keys of the OpenID Connect providers whose tokens STS takes. They
	// are never fetched.
	OIDC oidc.KeySets

	// Patience is how long a client may be silent, or send next to nothing, while it
	// sends a body, and how long it may take nothing of an answer; 0 is thirty
	// seconds.
	Patience time.Duration

	// ExplainToCallers tells every caller why it is refused, in headers of the answer.
	// Without it those of the resource's own account are told.
	ExplainToCallers bool

	// Keep is how many decisions can be asked for by request id; 0 is 1000.
	Keep int
}

func (c Config) withDefaults() (Config, error) {
	if c.Estate == nil || c.Store == nil {
		return c, errors.New("an endpoint needs an estate and a store")
	}
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.Region == "" {
		c.Region = estate.DefaultRegion
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	if c.Decider == nil {
		c.Decider = NewEngine()
	}
	if c.Keep <= 0 {
		c.Keep = 1000
	}
	return c, nil
}
