package awsapi

import (
	"context"
	"net/http"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
)

// A Call is one request to a service.
type Call struct {
	Operation string
	Caller    *world.Caller // nil for an unsigned one
	Estate    *estate.Estate
	Region    string // of the signature, else of the Host, else us-east-1
	IDs       wire.IDs

	s    *Service
	r    *http.Request
	auth *sigv4.Result
	op   *operation

	recorded bool // a decision that refused was
}

// HTTP returns the request as it was sent.
func (c *Call) HTTP() *http.Request { return c.r }

// Auth returns how the request was signed.
func (c *Call) Auth() *sigv4.Result { return c.auth }

// Service returns the service's name, "iam".
func (c *Call) Service() string { return c.s.model.service }

// Context returns the request's context.
func (c *Call) Context() context.Context { return c.r.Context() }

// World returns the state that the call reads and changes.
func (c *Call) World() *world.World { return c.s.World }

// Now returns the time of the endpoint's clock.
func (c *Call) Now() time.Time { return c.s.World.Now() }

// AccountID returns the caller's account; "" for an unsigned call.
func (c *Call) AccountID() iam.AccountID {
	if c.Caller == nil {
		return ""
	}
	return c.Caller.Account
}

// Account returns the caller's account, as it was when the call began.
func (c *Call) Account() *estate.Account {
	a, _ := c.Estate.Account(c.AccountID())
	return a
}

// Principal returns the caller's principal.
func (c *Call) Principal() iam.Principal {
	if c.Caller == nil {
		return iam.Principal{}
	}
	p, _ := iam.ParsePrincipal(c.Caller.ARN) // the estate's and the sessions' own
	return p
}

// Partition returns the partition of the caller's account, "aws" where there is
// none.
func (c *Call) Partition() string {
	if a := c.Account(); a != nil {
		return a.Partition()
	}
	return "aws"
}
