package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/render"
)

// An event is a record of CloudTrail, joined from the copies that accounts have.
type event struct {
	record *record.Record
	copies []string // the accounts
}

func (ev *event) join(r *record.Record) {
	ev.record.Join(r.Clone())
	if !slices.Contains(ev.copies, string(r.Recipient)) {
		ev.copies = append(ev.copies, string(r.Recipient))
	}
}

// eventFacts are what a record states. Empty fields are not stated.
type eventFacts struct {
	ID            string     `json:"eventId,omitempty"`
	SharedEventID string     `json:"sharedEventId,omitempty"`
	RequestID     string     `json:"requestId,omitempty"`
	Copies        []string   `json:"copies,omitempty"` // accounts whose copies were joined, where there are several
	Time          *time.Time `json:"time,omitempty"`
	Service       string     `json:"service,omitempty"`
	Name          string     `json:"name"`
	Region        string     `json:"region,omitempty"`
	Caller        caller     `json:"caller"`
	Bucket        string     `json:"bucket,omitempty"`
	Key           string     `json:"key,omitempty"`
	VersionID     string     `json:"versionId,omitempty"`
	AccessPoint   string     `json:"accessPoint,omitempty"`
	KMSKey        string     `json:"kmsKey,omitempty"`
	BucketOwner   string     `json:"bucketOwner,omitempty"`
	SourceIP      string     `json:"sourceIp,omitempty"`
	VPCEndpoint   string     `json:"vpcEndpoint,omitempty"`
	ErrorCode     string     `json:"errorCode,omitempty"`
	ErrorMessage  string     `json:"errorMessage,omitempty"`
}

// A caller is who asked. Secrets are in no record; an access key's id is.
type caller struct {
	Type        string `json:"type,omitempty"`
	Principal   string `json:"principal,omitempty"` // as requests name it; "" where the record alone does not tell
	Is          string `json:"is"`                  // in words
	PrincipalID string `json:"principalId,omitempty"`
	Account     string `json:"account,omitempty"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
	Issuer      string `json:"issuer,omitempty"` // ARN of the role, or of who made the federated session
	MFA         string `json:"mfa,omitempty"`
	InvokedBy   string `json:"invokedBy,omitempty"`
}

func (ev *event) facts(names record.Names) eventFacts {
	r := ev.record
	f := eventFacts{ID: string(r.EventID), SharedEventID: string(r.SharedID), RequestID: string(r.RequestID), Service: string(r.Service), Name: string(r.Event), Region: string(r.Region),
		Bucket: string(r.Bucket), Key: string(r.Key), VersionID: string(r.VersionID), AccessPoint: string(r.AccessPoint), KMSKey: string(r.KeyARN), BucketOwner: string(r.BucketOwner),
		SourceIP: string(r.SourceIP), VPCEndpoint: string(r.VPCEndpoint), ErrorCode: string(r.Error), ErrorMessage: errortext.Hide(string(r.Message)), Caller: callerOf(r, names)}
	if r.Time != 0 {
		when := r.When()
		f.Time = &when
	}
	if len(ev.copies) > 1 {
		f.Copies = ev.copies
	}
	return f
}

func callerOf(r *record.Record, names record.Names) caller {
	w := &r.Who
	principal, _ := r.Principal(names) // "" where it cannot be told
	c := caller{Type: string(w.Type), Principal: principal, PrincipalID: string(w.PrincipalID), Account: string(w.Account), AccessKeyID: string(w.AccessKey),
		Issuer: string(w.IssuerARN), MFA: string(w.MFA), InvokedBy: string(w.InvokedBy)}
	c.Is = c.words(r)
	return c
}

// words says of what kind the caller is (CloudTrail User Guide, userIdentity
// element).
func (c *caller) words(r *record.Record) string {
	if r.Anonymous() {
		return "nobody: the request was not signed"
	}
	account := "account " + c.Account
	if c.Account == "" {
		account = "an account that is not stated"
	}
	switch c.Type {
	case "Root":
		return "the root user of " + account
	case "IAMUser":
		if strings.HasPrefix(c.AccessKeyID, "ASIA") || r.Who.Session {
			return "an IAM user with a session token"
		}
		return "an IAM user"
	case "AssumedRole":
		return strings.TrimSpace("a session of the role " + c.Issuer)
	case "Role":
		return "a role, without a session of its own"
	case "FederatedUser":
		return strings.TrimSpace("a federated session made by " + c.Issuer)
	case "AWSAccount":
		return c.foreign(account)
	case "AWSService":
		return "the AWS service " + c.InvokedBy
	case "IdentityCenterUser", "Directory", "SAMLUser", "WebIdentityUser":
		return "a person or identity of type " + c.Type + ", before any role is assumed"
	}
	return "a caller of type " + c.Type
}

// foreign is a caller of another account, of which the owner's copy tells the id.
func (c *caller) foreign(account string) string {
	kind := map[string]string{"AIDA": "an IAM user", "AROA": "a role's session"}[c.PrincipalID[:min(4, len(c.PrincipalID))]]
	if kind == "" {
		kind = "somebody"
	}
	return kind + " of " + account + "; this copy of the record leaves its ARN out, the caller's account has another copy with the same sharedEventID"
}

// head is the event in a line.
func (f *eventFacts) head() string {
	target := f.KMSKey
	switch {
	case target != "":
	case f.AccessPoint != "":
		target = strings.TrimSuffix(f.AccessPoint+"/"+f.Key, "/")
	case f.Bucket != "":
		target = "s3://" + f.Bucket + "/" + f.Key
	}
	return strings.TrimSpace(strings.TrimSuffix(f.Service, ".amazonaws.com") + " " + f.Name + "  " + target)
}

// rows are the facts, labelled.
func (f *eventFacts) rows() []render.Row {
	var rows []render.Row
	add := func(label string, texts ...string) {
		texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
		if len(texts) > 0 {
			rows = append(rows, render.Row{Label: label, Text: strings.Join(texts, ", ")})
		}
	}
	who := f.Caller.Principal
	if who == "" {
		who = f.Caller.PrincipalID
	}
	add("    as", who)
	add("", f.Caller.Is, prefixed("through ", invoked(&f.Caller)))
	if f.Time != nil {
		add("at", f.Time.Format(time.RFC3339), f.Region)
	}
	add("from", f.SourceIP, prefixed("through ", f.VPCEndpoint))
	add("owner", prefixed("account ", f.BucketOwner))
	add("answer", f.ErrorCode)
	add("", f.ErrorMessage)
	add("event", f.ID, prefixed("request ", f.RequestID))
	if len(f.Copies) > 1 {
		add("joined", "the copies of accounts "+strings.Join(f.Copies, " and "))
	}
	return rows
}

// invoked is the service that acted for the caller, "" for none.
func invoked(c *caller) string {
	if c.Type == "AWSService" {
		return ""
	}
	return c.InvokedBy
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
