package audit

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
)

// A Record is one event in the form of CloudTrail (CloudTrail User Guide, CloudTrail
// record contents).
type Record struct {
	Version      string         `json:"eventVersion"`
	Identity     Identity       `json:"userIdentity"`
	Time         string         `json:"eventTime"`
	EventSource  string         `json:"eventSource"`
	EventName    string         `json:"eventName"`
	Region       string         `json:"awsRegion"`
	SourceIP     string         `json:"sourceIPAddress"`
	UserAgent    string         `json:"userAgent"`
	ErrorCode    string         `json:"errorCode,omitempty"`
	ErrorMessage string         `json:"errorMessage,omitempty"`
	Parameters   map[string]any `json:"requestParameters"`
	Response     map[string]any `json:"responseElements"`
	Additional   map[string]any `json:"additionalEventData,omitempty"`
	RequestID    string         `json:"requestID"`
	EventID      string         `json:"eventID"`
	ReadOnly     bool           `json:"readOnly"`
	Resources    []Resource     `json:"resources,omitempty"`
	Type         string         `json:"eventType"`
	Management   bool           `json:"managementEvent"`
	Recipient    string         `json:"recipientAccountId"`
	VPCEndpoint  string         `json:"vpcEndpointId,omitempty"`
	Category     string         `json:"eventCategory"`

	TLS map[string]string `json:"tlsDetails,omitempty"`

	at time.Time
}

// A Resource is what an event is about.
type Resource struct {
	Account   string `json:"accountId,omitempty"`
	Type      string `json:"type"`
	ARN       string `json:"ARN,omitempty"`
	ARNPrefix string `json:"ARNPrefix,omitempty"`
}

// At returns the time of the event.
func (r *Record) At() time.Time { return r.at.Truncate(time.Second) }

// UserName is what the event history knows the caller by: a user's name, the name of
// a session, "root".
func (r *Record) UserName() string {
	p, err := iam.ParsePrincipal(r.Identity.ARN)
	switch {
	case err != nil || r.Identity.ARN == "":
		return ""
	case p.Kind == iam.RootUser:
		return "root"
	case p.Session != "":
		return p.Session
	}
	return p.Name
}

// Name is what the event history calls a resource: a bucket's name, an ARN.
func (r Resource) Name() string { return strings.TrimPrefix(r.ARN, "arn:aws:s3:::") }

// An Identity is who called (CloudTrail User Guide, userIdentity element).
type Identity struct {
	Type      string          `json:"type"`
	Principal string          `json:"principalId"`
	ARN       string          `json:"arn,omitempty"`
	Account   string          `json:"accountId"`
	AccessKey string          `json:"accessKeyId,omitempty"`
	UserName  string          `json:"userName,omitempty"`
	Session   *SessionContext `json:"sessionContext,omitempty"`
}

// A SessionContext is what temporary credentials are of.
type SessionContext struct {
	Issuer     *Identity         `json:"sessionIssuer,omitempty"`
	Attributes map[string]string `json:"attributes"`
	Source     string            `json:"sourceIdentity,omitempty"`
}

func newRecord(at time.Time, ids wire.IDs, source, name, region string) *Record {
	return &Record{Version: "1.11", Time: at.UTC().Format(time.RFC3339), EventSource: source, EventName: name, Region: region,
		RequestID: ids.Request, EventID: eventID(), Type: "AwsApiCall", at: at}
}

func (r *Record) setCategory(data bool) {
	r.Management, r.Category = !data, "Management"
	if data {
		r.Category = "Data"
	}
}

// What is written of requests that count as made over TLS and were not, as those of
// clients on this machine are.
const (
	tlsVersion  = "TLSv1.3"
	cipherSuite = "TLS_AES_128_GCM_SHA256"
)

// secure tells that a request counts as made over TLS; plain HTTP shows by nothing.
func (r *Record) secure(yes bool, host string) {
	if !yes {
		return
	}
	r.TLS = map[string]string{"tlsVersion": tlsVersion, "cipherSuite": cipherSuite, "clientProvidedHostHeader": host}
	if r.Additional != nil {
		r.Additional["CipherSuite"] = cipherSuite
	}
}

func eventID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// identityOf tells who a caller is; nil is anonymous.
func identityOf(e *estate.Estate, c *world.Caller, accessKey string) Identity {
	if c == nil {
		return Identity{Type: "AWSAccount", Account: "anonymous"}
	}
	p, _ := iam.ParsePrincipal(c.ARN) // the estate's and the sessions' own
	id := Identity{ARN: c.ARN, Account: string(c.Account), AccessKey: accessKey}
	a, held := e.Account(c.Account)
	if !held {
		a = &estate.Account{ID: c.Account}
	}
	switch p.Kind {
	case iam.RootUser:
		id.Type, id.Principal = "Root", string(c.Account)
	case iam.User:
		id.Type, id.UserName = "IAMUser", p.Name
		if u := a.Users[p.Name]; u != nil {
			id.Principal = u.UniqueID(a.ID, p.Name)
		}
	case iam.RoleSession:
		id.Type = "AssumedRole"
	case iam.FederatedUser:
		id.Type = "FederatedUser"
	}
	if c.Session != nil {
		id.Principal = c.Session.UserID
		id.Session = contextOf(a, p, c.Session)
	}
	return id
}

func contextOf(a *estate.Account, p iam.Principal, s *world.Session) *SessionContext {
	c := &SessionContext{Source: s.SourceIdentity, Attributes: map[string]string{
		"creationDate": s.Issued.UTC().Format(time.RFC3339), "mfaAuthenticated": fmt.Sprint(s.MFA)}}
	if r := a.Roles[p.Name]; p.Kind == iam.RoleSession && r != nil {
		c.Issuer = &Identity{Type: "Role", Principal: r.UniqueID(a.ID, p.Name), ARN: r.ARN(a.Partition(), a.ID, p.Name), Account: string(a.ID), UserName: p.Name}
	}
	return c
}

// forAccount is the copy of a record that an account gets. What it may not know of
// callers of other accounts is left out of it.
func (r *Record) forAccount(account iam.AccountID) *Record {
	c := *r
	c.Recipient = string(account)
	if id := &c.Identity; id.Account != string(account) && id.Account != "anonymous" {
		*id = Identity{Type: "AWSAccount", Principal: id.Principal, Account: id.Account}
	}
	return &c
}

func version(auth *sigv4.Result) string {
	if auth.Algorithm == sigv4.AlgorithmV2 {
		return "SigV2"
	}
	return "SigV4"
}

func mechanism(auth *sigv4.Result) string {
	switch auth.Mechanism {
	case sigv4.Query:
		return "QueryString"
	case sigv4.Header:
		return "AuthHeader"
	}
	return "HtmlForm"
}
