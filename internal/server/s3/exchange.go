package s3

import (
	"context"
	"net/http"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// An exchange is one request and its answer.
type exchange struct {
	s      *Service
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	ids    wire.IDs
	target *wire.Target
	query  wire.Query
	header http.Header // of the request, with those that a presigned URL carries in its query

	bucketName  string
	key         string
	accessPoint *estate.AccessPoint // that the request came through; nil for none
	parts       []audit.Part        // what the access log tells besides
	control     *controlCall        // nil: not an operation of S3 Control
	spec        *s3op.Spec
	op          operation

	auth   *sigv4.Result
	caller *world.Caller // nil: anonymous

	body    *request.Body
	parsed  any   // what the operation's parse made of the body
	bodyErr error // of a body that does not parse: told only to those who may

	estate    *estate.Estate
	bucket    *estate.Bucket // nil: there is none
	object    store.Object
	objectErr error  // why there is no object
	stored    string // the version that the request names, as the store names it

	pending   store.Upload // that the request names
	uploadErr error        // why there is no such upload
	upload    *upload      // its state, or that of the finished one; nil for none

	sourceRevision int64 // of the copy's source that was decided on

	code codeState // of the code in x-amz-mfa

	cause *report.Cause // of the refusal, where a decision is the reason

	wrote        bool // the answer has begun
	authRecorded bool // a refusal by the verifier was recorded
}

// resolve tells bucket and key, with access points taken for what they lead to.
func (x *exchange) resolve() {
	x.estate = x.s.World.Estate()
	if x.target.Control {
		x.resolveControl()
		return
	}
	x.bucketName, x.key = x.target.Bucket, x.target.Key
	label := x.target.AccessPoint
	if label == "" && x.target.VirtualHosted {
		if _, ok := x.estate.Bucket(x.bucketName); !ok {
			label = x.bucketName // NAME-ACCOUNT.localhost
		}
	}
	var ap *estate.AccessPoint
	var ok bool
	if name, account, isLabel := wire.NameAndAccount(label); isLabel {
		if a, held := x.estate.Account(iam.AccountID(account)); held {
			region := x.claimedRegion()
			ap, ok = x.estate.AccessPoint("arn:" + estate.PartitionOf(region) + ":s3:" + region + ":" + account + ":accesspoint/" + name)
			if !ok {
				ap, ok = x.estate.AccessPoint(name, a.ID)
			}
		}
	}
	if !ok && strings.HasSuffix(x.bucketName, "-s3alias") {
		ap, ok = x.estate.AccessPoint(x.bucketName)
	}
	if ok {
		x.accessPoint, x.bucketName = ap, ap.Bucket
	} else if x.target.AccessPoint != "" {
		x.bucketName = x.target.AccessPoint // exists as little
	}
}

// classify finds the operation, or says why there is none.
func (x *exchange) classify() error {
	shape := s3op.Shape{Method: x.r.Method, Bucket: x.bucketName, Key: x.key, Header: func(name string) string {
		if strings.EqualFold(name, "host") {
			return x.r.Host
		}
		if v := x.r.Header.Get(name); v != "" || !strings.HasPrefix(name, "x-amz-") {
			return v
		}
		return x.queryFold(name)
	}}
	if x.control != nil {
		shape = x.controlShape()
	}
	for _, p := range x.query {
		shape.Query = append(shape.Query, s3op.Param{Name: p.Name, Value: p.Value, HasValue: p.HasValue})
	}
	spec, no := s3op.Classify(shape)
	if no == nil {
		x.spec = spec
		wire.Name(x.w, "s3", spec.Name)
		return nil
	}
	if no.Condition != "" {
		return wire.NewError(no.Status, no.Code, preconditionMessage).With("Condition", no.Condition)
	}
	return wire.NewError(no.Status, no.Code, methodNotAllowed).With("Method", no.Method).With("ResourceType", no.ResourceType)
}

const methodNotAllowed = "The specified method is not allowed against this resource."

// queryFold returns a parameter that stands for a header of a presigned URL.
func (x *exchange) queryFold(name string) string {
	for _, p := range x.query {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

// get returns a header of the request.
func (x *exchange) get(name string) string { return x.header.Get(name) }

// versionID returns the version that the request names, "" for none.
func (x *exchange) versionID() string { return x.query.Get("versionId") }

// account returns the caller's account, "" for an anonymous one.
func (x *exchange) account() iam.AccountID {
	if x.caller == nil {
		return ""
	}
	return x.caller.Account
}

// set puts a header of the answer, unless it is empty.
func (x *exchange) set(name, value string) {
	if value != "" {
		x.w.Header().Set(name, value)
	}
}

// empty answers without a body.
func (x *exchange) empty(status int) error {
	x.wrote = true
	if status != http.StatusNoContent {
		x.w.Header().Set("Content-Length", "0")
	}
	x.w.WriteHeader(status)
	return nil
}

// xml answers with a document.
func (x *exchange) xml(v any) error {
	x.wrote = true
	if err := wire.WriteXML(x.w, http.StatusOK, v); err != nil {
		return &clientGone{err}
	}
	return nil
}

// store returns the objects.
func (x *exchange) store() store.Store { return x.s.World.Store() }
