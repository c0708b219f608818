package s3

import (
	"crypto/tls"
	"net/http"
	"sync"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

// statements are room for requests that nobody keeps.
var statements = sync.Pool{New: func() any { return &statement{} }}

// allowed asks the engine by its short way whether the request may pass, and tells
// of it if so. Of an allowed request nothing is kept but what it takes to state it
// again: most reports are never asked for.
func (x *exchange) allowed() bool {
	if x.s.Allow == nil || !x.repeatable() {
		return false
	}
	st := statements.Get().(*statement)
	defer statements.Put(st)
	now := x.s.World.Now()
	by, ok := x.s.Allow(x.estate, x.stated(st, now))
	if ok {
		x.s.Allowed(x.ids, by, x.kept(now))
	}
	return ok
}

// repeatable reports requests that can be stated again from what is kept of them:
// not those that carry a document or form, belong to a multipart upload, or read the
// source of a copy. What has a customer's key is not kept for the key's sake.
func (x *exchange) repeatable() bool {
	return x.body == nil && x.auth != nil && x.auth.Form == nil && x.upload == nil && x.get("X-Amz-Copy-Source") == "" && x.get(headerCustomerKey) == ""
}

// stated states the request with what is known of its object.
func (x *exchange) stated(st *statement, now time.Time) *request.Request {
	r := x.requestIn(st, now)
	r.Object = x.factsIn(&st.object)
	return r
}

// A repeat is what is kept of an exchange to state its request again: all that
// requestIn and factsIn look at of one that is repeatable, as it was at that time.
type repeat struct {
	s           *Service
	id, remote  string
	encrypted   bool        // it came over TLS
	sent        http.Header // of the HTTP request
	target      *wire.Target
	query       wire.Query
	header      http.Header
	bucketName  string
	key         string
	accessPoint *estate.AccessPoint
	control     *controlCall
	spec        *s3op.Spec
	auth        *sigv4.Result
	caller      *world.Caller
	estate      *estate.Estate
	bucket      *estate.Bucket
	object      store.Object
	objectErr   error
	now         time.Time
}

func (x *exchange) kept(now time.Time) *repeat {
	return &repeat{
		s: x.s, id: x.ids.Request, remote: x.r.RemoteAddr, encrypted: x.r.TLS != nil, sent: x.r.Header, target: x.target, query: x.query, header: x.header,
		bucketName: x.bucketName, key: x.key, accessPoint: x.accessPoint, control: x.control, spec: x.spec, auth: x.auth, caller: x.caller,
		estate: x.estate, bucket: x.bucket, object: x.object, objectErr: x.objectErr, now: now,
	}
}

// Request implements Stated.
func (k *repeat) Request() *request.Request {
	r := &http.Request{RemoteAddr: k.remote, Header: k.sent}
	if k.encrypted {
		r.TLS = &tls.ConnectionState{}
	}
	x := &exchange{
		s: k.s, r: r, ids: wire.IDs{Request: k.id}, target: k.target, query: k.query,
		header: k.header, bucketName: k.bucketName, key: k.key, accessPoint: k.accessPoint, control: k.control, spec: k.spec, auth: k.auth,
		caller: k.caller, estate: k.estate, bucket: k.bucket, object: k.object, objectErr: k.objectErr,
	}
	return x.stated(&statement{}, k.now)
}
