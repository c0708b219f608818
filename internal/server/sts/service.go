package sts

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Options are what a Service works with.
type Options struct {
	World *world.World

	// Decide is the engine. It is asked what the caller's own policies say.
	Decide func(*estate.Estate, *request.Request) *report.Decision

	// Denied is told why a call was refused, in a sentence or two.
	Denied func(r *http.Request, ids wire.IDs, why string)

	// Failed is told of errors that are ours.
	Failed func(r *http.Request, ids wire.IDs, err error)

	// State fills in what the connection tells: network, transport and time.
	State func(r *http.Request, into *request.Request)
}

// A Service answers requests to STS.
type Service struct {
	Options
	verifier sigv4.Verifier
}

// New returns a service. All functions of o must be set.
func New(o Options) *Service {
	s := &Service{Options: o}
	s.verifier = sigv4.Verifier{Service: "sts", Keys: o.World, Now: o.World.Now, MaxBody: 1 << 20}
	return s
}

// A call is one request.
type call struct {
	s      *Service
	r      *http.Request
	ids    wire.IDs
	caller *world.Caller
	form   url.Values
	estate *estate.Estate
}

// Serve answers one request.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, ids wire.IDs) {
	w.Header().Set("X-Amzn-Requestid", ids.Request)
	c := &call{s: s, r: r, ids: ids, estate: s.World.Estate()}
	answer, err := c.run()
	if err != nil {
		c.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_ = wire.WriteXML(w, http.StatusOK, answer) // the client may be gone
}

// run authenticates and acts.
func (c *call) run() (any, error) {
	res, refused := c.s.verifier.Verify(c.r)
	if refused != nil {
		return nil, refused
	}
	if err := c.r.ParseForm(); err != nil {
		return nil, invalid("MalformedQueryString", "The query string contains a syntax error.")
	}
	c.form = c.r.Form
	c.caller, _ = res.Credential.Principal.(*world.Caller)
	if c.caller == nil {
		return nil, c.s.verifier.MissingAuthentication()
	}
	switch action := c.form.Get("Action"); action {
	case "GetCallerIdentity":
		return c.getCallerIdentity()
	case "AssumeRole":
		return c.assumeRole()
	case "":
		return nil, invalid("MissingAction", "The request is missing an action or operation parameter.")
	default:
		if known[action] {
			return nil, wire.NewError(http.StatusNotImplemented, "NotImplemented", "The operation "+action+" is not implemented.")
		}
		return nil, invalid("InvalidAction", "Could not find operation "+action+" for version "+c.form.Get("Version"))
	}
}

// known are the operations of STS that this endpoint does not have.
var known = map[string]bool{"GetSessionToken": true, "GetFederationToken": true, "AssumeRoleWithSAML": true, "AssumeRoleWithWebIdentity": true,
	"AssumeRoot": true, "DecodeAuthorizationMessage": true, "GetAccessKeyInfo": true}

func invalid(code, message string) *wire.Error {
	return wire.NewError(http.StatusBadRequest, code, message)
}

// errorResponse is an error of the query protocol.
type errorResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`

	RequestID string `xml:"RequestId"`
}

func (c *call) fail(w http.ResponseWriter, err error) {
	e := errorResponse{Type: "Sender", RequestID: c.ids.Request}
	status := http.StatusInternalServerError
	switch err := err.(type) { //nolint:errorlint // both come as they are
	case *wire.Error:
		status, e.Code, e.Message = err.Status, err.Code, err.Message
	case *sigv4.Error:
		status, e.Code, e.Message = err.Status, err.Code, err.Message
		why := err.Message
		if hint := err.Hint(); hint != "" {
			why += " " + hint
		}
		c.s.Denied(c.r, c.ids, why)
	default:
		c.s.Failed(c.r, c.ids, err)
		e.Type, e.Code, e.Message = "Receiver", "InternalFailure", "The request processing has failed because of an unknown error, exception or failure."
	}
	body, _ := xml.Marshal(e) // texts alone
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // the client may be gone
}

type callerIdentity struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

func (c *call) getCallerIdentity() (any, error) {
	return callerIdentity{Arn: c.caller.ARN, UserID: c.userID(), Account: string(c.caller.Account), RequestID: c.ids.Request}, nil
}

// userID is the caller's unique id: AIDA… of a user, AROA…:SESSION of a role
// session, the account id of a root user.
func (c *call) userID() string {
	if c.caller.Session != nil {
		return c.caller.Session.UserID
	}
	if a, ok := c.estate.Account(c.caller.Account); ok {
		if u, name, ok := a.UserByARN(c.caller.ARN); ok {
			return u.UniqueID(a.ID, name)
		}
	}
	return string(c.caller.Account)
}
