// Package request holds one attempt on S3 as people, logs and programs state
// it: who, what, on which resource, over which network, signed how, at what
// time.
package request

import (
	"bytes"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// A Request is one attempt. Either Operation, with the resource in the fields
// behind it, or Action with Resource is stated.
type Request struct {
	ID          string  `json:"id"`
	Principal   string  `json:"principal"`   // see iam.ParsePrincipal; "" where Auth names an access key
	FederatedBy *string `json:"federatedBy"` // ARN of the IAM user behind a federated user; nil: not stated

	Operation   string `json:"operation"` // S3 API name: stands for all the checks that it needs
	Bucket      string `json:"bucket"`
	Key         string `json:"key"`
	VersionID   string `json:"versionId"`
	CopySource  string `json:"copySource"`  // bucket/key, with ?versionId=… for a version; or an access point object's ARN
	AccessPoint string `json:"accessPoint"` // name, ARN or alias

	Action   string `json:"action"`   // one permission alone, of any service
	Resource string `json:"resource"` // its ARN

	Headers map[string]string `json:"headers"`
	Query   map[string]string `json:"query"`

	SourceIP        *string    `json:"sourceIp"`
	VPCEndpoint     *string    `json:"vpcEndpoint"`
	SecureTransport *bool      `json:"secureTransport"` // nil: true
	Time            *time.Time `json:"time"`            // nil: now

	SessionPolicies []SessionPolicy         `json:"sessionPolicies"`
	SessionTags     *map[string]string      `json:"sessionTags"` // nil: not stated
	MFA             *bool                   `json:"mfa"`         // nil: not stated
	Context         map[string]ContextValue `json:"context"`     // wins over what the rest implies

	Auth *Auth `json:"auth"` // nil: correctly signed by the principal, in the Authorization header
	Body *Body `json:"body"`

	Unstated     string         `json:"unstated"` // "absent": what is not stated is absent rather than not known
	Object       *estate.Object `json:"object"`   // overrides what the estate says of the object
	BucketExists *bool          `json:"bucketExists"`

	Pos    node.Pos            `json:"-"`
	Places map[string]node.Pos `json:"-" node:"positions"` // of the fields

	lower bool // the names of Headers are in lower case
}

// Place returns where a field stands, or the request where it does not.
func (r *Request) Place(field string) node.Pos {
	if at, ok := r.Places[field]; ok {
		return at
	}
	return r.Pos
}

// A SessionPolicy is a policy passed when the session was made: a document, or
// the ARN of a managed policy.
type SessionPolicy struct {
	ARN      string
	Document *policy.Document
}

// UnmarshalNode reads a document, or an ARN.
func (p *SessionPolicy) UnmarshalNode(n *node.Node) error {
	if n.Kind == node.String {
		if text := strings.TrimSpace(n.Text); strings.HasPrefix(text, "{") {
			doc, err := policy.Parse(n.Pos.File, []byte(text))
			p.Document = doc
			return err
		}
		if !strings.HasPrefix(n.Text, "arn:") {
			return n.Errorf("session policy %q is neither a policy document nor the ARN of a managed policy", n.Text)
		}
		p.ARN = n.Text
		return nil
	}
	doc, err := policy.FromNode(n)
	p.Document = doc
	return err
}

// A ContextValue is a condition key's value: one text, several, or none (null
// in a file), which removes the key.
type ContextValue struct{ condition.Value }

// UnmarshalNode reads a scalar, a list, or null.
func (v *ContextValue) UnmarshalNode(n *node.Node) error {
	switch n.Kind {
	case node.Null:
		v.Value = condition.Value{}
	case node.Array:
		list := make([]string, len(n.Items))
		for i, item := range n.Items {
			if item.Kind == node.Array || item.Kind == node.Object {
				return item.Errorf("%s where a condition key's value is expected", item.Kind)
			}
			list[i] = item.Text
		}
		v.Value = condition.Strings(list...)
	case node.Object:
		return n.Errorf("a mapping where a condition key's value is expected")
	default:
		v.Value = condition.String1(n.Text)
	}
	return nil
}

// Auth is how a request was signed, where that is the question. An absent field
// is what a correct client sends.
type Auth struct {
	Type             string     `json:"type" enum:"header,query,post,anonymous"` // "" is header
	AccessKeyID      string     `json:"accessKeyId"`
	Region           string     `json:"region"`
	Service          string     `json:"service"`
	Host             string     `json:"host"`
	SignedAt         *time.Time `json:"signedAt"`
	Expires          *int64     `json:"expires"` // seconds, of a presigned URL
	SignedHeaders    []string   `json:"signedHeaders"`
	TokenExpires     *time.Time `json:"tokenExpires"`
	TokenPresent     *bool      `json:"tokenPresent"`
	TokenMatches     *bool      `json:"tokenMatches"`
	SignatureMatches *bool      `json:"signatureMatches"`
	Version          string     `json:"version"` // "AWS4-HMAC-SHA256" where absent, "AWS" for Signature Version 2
	Pos              node.Pos   `json:"-"`
}

// Body is what an operation carries, where it matters for the decision.
type Body struct {
	Policy             *policy.Document          // PutBucketPolicy, PutAccessPointPolicy
	Grants             []estate.ACLGrant         // PutBucketAcl, PutObjectAcl
	HasGrants          bool                      // Grants was stated
	Owner              string                    // of an ACL
	Objects            []ObjectID                // DeleteObjects
	PublicAccessBlock  *estate.PublicAccessBlock // PutPublicAccessBlock
	Ownership          string                    // PutBucketOwnershipControls
	Versioning         *estate.Versioning        // PutBucketVersioning
	Retention          *estate.Lock              // PutObjectRetention; Mode "" clears it
	LegalHold          string                    // PutObjectLegalHold: ON, OFF
	Tags               map[string]string         // tagging calls, CreateBucket
	Encryption         *estate.Encryption        // PutBucketEncryption
	LocationConstraint string                    // CreateBucket
	Node               *node.Node                // as it was stated
}

// An ObjectID names one object of a DeleteObjects call.
type ObjectID struct {
	Key       string         `json:"key"`
	VersionID string         `json:"versionId"`
	Object    *estate.Object `json:"object"`
}

// Parse reads one request, a list of requests, or JSON lines. The name stands in
// the positions of errors.
func Parse(name string, data []byte) ([]*Request, error) {
	nodes, err := parseNodes(name, data)
	if err != nil {
		return nil, err
	}
	requests := make([]*Request, len(nodes))
	for i, n := range nodes {
		requests[i] = &Request{}
		if err := node.Decode(n, requests[i]); err != nil {
			return nil, err
		}
		if err := requests[i].check(n); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

func parseNodes(name string, data []byte) ([]*node.Node, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // the mark of UTF-8 that Windows sets
	if lines, err := parseLines(name, data); lines != nil || err != nil {
		return lines, err
	}
	n, err := node.Parse(name, data)
	if err == nil {
		return n.List(), nil
	}
	return nil, err
}

// parseLines reads JSON lines: every line that is not blank is a request. It
// returns nil and no error where the first is no JSON object by itself.
func parseLines(name string, data []byte) ([]*node.Node, error) {
	var nodes []*node.Node
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		n, err := node.ParseJSONLine(name, line, number)
		switch {
		case len(nodes) == 0 && (err != nil || n.Kind != node.Object):
			return nil, nil
		case err != nil:
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (r *Request) check(n *node.Node) error {
	switch {
	case n.Kind != node.Object:
		return n.Errorf("a request is a mapping; this is %s", n.Kind)
	case r.Operation == "" && r.Action == "":
		return n.Errorf("a request names an operation (such as \"GetObject\") or an action (such as \"s3:GetObject\")")
	case r.Operation != "" && r.Action != "":
		return n.Errorf("a request names an operation or an action, not both")
	case strings.Contains(r.Operation, ":"):
		return n.Get("operation").Errorf("%q is an action; write \"action\": %[1]q with \"resource\", or an operation such as \"GetObject\"", r.Operation)
	case r.Action != "" && !strings.Contains(r.Action, ":"):
		return n.Get("action").Errorf("action %q lacks its service prefix, as in \"s3:%[1]s\"", r.Action)
	case r.Unstated != "" && r.Unstated != "absent" && r.Unstated != "unknown":
		return n.Get("unstated").Errorf("%q; what is not stated may be \"absent\" or \"unknown\"", r.Unstated)
	case r.Principal == "" && (r.Auth == nil || r.Auth.AccessKeyID == "" && r.Auth.Type != "anonymous"):
		return n.Errorf("a request names its principal, or in auth an accessKeyId")
	}
	return r.checkValues(n)
}

// checkValues complains about a value that its field cannot have, and that would
// otherwise count as something else.
func (r *Request) checkValues(n *node.Node) error {
	if r.SourceIP != nil {
		if _, err := netip.ParseAddr(*r.SourceIP); err != nil {
			return n.Get("sourceIp").Errorf("%q is no IP address; write one such as 203.0.113.7", *r.SourceIP)
		}
	}
	if v := r.VPCEndpoint; v != nil && *v != "" && !strings.HasPrefix(*v, "vpce-") {
		return n.Get("vpcEndpoint").Errorf("%q is no id of a VPC endpoint, such as vpce-1a2b3c4d", *v)
	}
	if f := r.FederatedBy; f != nil && *f != "" && !strings.Contains(*f, ":user/") {
		return n.Get("federatedBy").Errorf("%q is not the ARN of an IAM user, such as arn:aws:iam::111122223333:user/alice", *f)
	}
	if r.Auth != nil {
		if err := estate.CheckValues(r.Auth, n.Get("auth")); err != nil {
			return err
		}
	}
	if r.Object != nil {
		if err := estate.CheckValues(r.Object, n.Get("object")); err != nil {
			return err
		}
	}
	dropNulls(r.Headers, n.Get("headers"))
	dropNulls(r.Query, n.Get("query"))
	if r.Body != nil {
		return r.Body.check(r.Operation, n.Get("body"))
	}
	return nil
}

// dropNulls removes what a file states as null: it was not sent.
func dropNulls(sent map[string]string, n *node.Node) {
	if n == nil {
		return
	}
	for _, m := range n.Members {
		if m.Value.Kind == node.Null {
			delete(sent, m.Name)
		}
	}
}

// check complains about settings that their operation does not know.
func (b *Body) check(operation string, n *node.Node) error {
	switch {
	case operation == "PutBucketVersioning" && b.Versioning != nil:
		return estate.CheckValues(b.Versioning, n)
	case operation == "PutObjectRetention" && b.Retention != nil:
		return estate.CheckValues(b.Retention, n)
	case operation == "PutObjectLegalHold" && b.LegalHold != "" && b.LegalHold != "ON" && b.LegalHold != "OFF":
		return n.Errorf("legal hold %q; a legal hold is \"ON\" or \"OFF\"", b.LegalHold)
	}
	return nil
}

// CheckNames complains about names that S3 takes from nobody, whatever is
// allowed: keys over 1024 bytes (400 KeyTooLongError), and, where a bucket is to
// be made, names against the bucket naming rules (400 InvalidBucketName).
func (r *Request) CheckNames() error {
	if len(r.Key) > 1024 {
		return &node.Error{Pos: r.Place("key"), Msg: fmt.Sprintf("the key has %d bytes; object keys have 1024 at most, and S3 answers 400 KeyTooLongError", len(r.Key))}
	}
	if r.Operation == "CreateBucket" && !bucketSyntax.MatchString(r.Bucket) {
		return &node.Error{Pos: r.Place("bucket"), Msg: fmt.Sprintf("%q cannot name a new bucket, and S3 answers 400 InvalidBucketName; a name has 3 to 63 lower-case letters, digits, dots and hyphens, and begins and ends with a letter or digit", r.Bucket)}
	}
	return nil
}

var bucketSyntax = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// Header returns the value of a header, whose name is given in lower case, and
// whether it was sent. On presigned requests headers may stand in the query.
func (r *Request) Header(name string) (string, bool) {
	if v, ok := r.Headers[name]; ok {
		return v, true
	}
	if !r.lower {
		for k, v := range r.Headers {
			if strings.EqualFold(k, name) {
				return v, true
			}
		}
	}
	return r.queryHeader(name)
}

// SetHeaders states the headers, by names that are in lower case already; looking
// for one that was not sent then costs nothing.
func (r *Request) SetHeaders(headers map[string]string) { r.Headers, r.lower = headers, true }

// queryHeader is Header among the parameters of a presigned URL.
func (r *Request) queryHeader(name string) (string, bool) {
	if !strings.HasPrefix(name, "x-amz-") || name == "x-amz-content-sha256" {
		return "", false
	}
	for k, v := range r.Query {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

// Absent reports whether what is not stated counts as absent.
func (r *Request) Absent() bool { return r.Unstated == "absent" }

// Secure reports whether the request came over TLS.
func (r *Request) Secure() bool { return r.SecureTransport == nil || *r.SecureTransport }

// UnmarshalNode reads a body in the form of its operation: the policy document
// itself, or a mapping of the settings.
func (b *Body) UnmarshalNode(n *node.Node) error {
	b.Node = n
	if n.Kind == node.String && strings.HasPrefix(strings.TrimSpace(n.Text), "{") {
		parsed, err := node.ParseJSON(n.Pos.File, []byte(n.Text))
		if err != nil {
			return err
		}
		n = parsed
	}
	if n.Kind != node.Object {
		return n.Errorf("a body is a mapping; this is %s", n.Kind)
	}
	if n.Get("Statement") != nil {
		doc, err := policy.FromNode(n)
		b.Policy = doc
		return err
	}
	for _, m := range n.Members {
		if err := b.member(m); err != nil {
			return err
		}
	}
	return nil
}

var bodyMembers = []string{"policy", "document", "grants", "acl", "owner", "objects", "publicAccessBlock", "BlockPublicAcls", "IgnorePublicAcls",
	"BlockPublicPolicy", "RestrictPublicBuckets", "ownership", "versioning", "status", "mfaDelete", "retention", "mode", "until", "legalHold", "tags", "encryption", "locationConstraint"}

func (b *Body) member(m node.Member) error {
	switch m.Name {
	case "policy", "document":
		doc, err := policy.FromNode(m.Value)
		b.Policy = doc
		return err
	case "grants":
		b.HasGrants = true
		return node.Decode(m.Value, &b.Grants)
	case "owner":
		return node.Decode(m.Value, &b.Owner)
	case "objects":
		return node.Decode(m.Value, &b.Objects)
	case "publicAccessBlock":
		b.PublicAccessBlock = &estate.PublicAccessBlock{}
		return node.Decode(m.Value, b.PublicAccessBlock)
	case "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets":
		b.PublicAccessBlock = &estate.PublicAccessBlock{}
		return node.Decode(b.Node, b.PublicAccessBlock)
	case "Rules":
		for _, rule := range m.Value.List() {
			if o := rule.Get("ObjectOwnership"); o != nil {
				b.Ownership = o.Text
			}
		}
	case "ownership", "objectOwnership", "ObjectOwnership":
		return node.Decode(m.Value, &b.Ownership)
	case "versioning":
		b.Versioning = &estate.Versioning{}
		return node.Decode(m.Value, b.Versioning)
	case "status", "Status":
		b.LegalHold = m.Value.Text
		return node.Decode(m.Value, &b.versioning().Status)
	case "mfaDelete", "MfaDelete", "MFADelete":
		return node.Decode(m.Value, &b.versioning().MFADelete)
	case "retention":
		b.Retention = &estate.Lock{}
		return b.retention(m.Value)
	case "mode", "Mode", "until", "RetainUntilDate", "retainUntilDate":
		return b.retention(b.Node)
	case "legalHold", "LegalHold":
		b.LegalHold = m.Value.Text
		if m.Value.Kind == node.Bool {
			b.LegalHold = map[string]string{"true": "ON", "false": "OFF"}[m.Value.Text]
		}
	case "tags":
		return node.Decode(m.Value, &b.Tags)
	case "encryption":
		b.Encryption = &estate.Encryption{}
		return node.Decode(m.Value, b.Encryption)
	case "locationConstraint", "LocationConstraint":
		return node.Decode(m.Value, &b.LocationConstraint)
	case "acl":
		var acl estate.ACL
		if err := node.Decode(m.Value, &acl); err != nil {
			return err
		}
		b.Grants, b.HasGrants, b.Owner = acl.Grants, true, acl.Owner
	default:
		msg := fmt.Sprintf("unknown field %q in the body", m.Name)
		if near, ok := node.Nearest(m.Name, bodyMembers); ok {
			msg += fmt.Sprintf("; did you mean %q?", near)
		}
		return &node.Error{Pos: m.Pos, Msg: msg}
	}
	return nil
}

func (b *Body) versioning() *estate.Versioning {
	if b.Versioning == nil {
		b.Versioning = &estate.Versioning{}
	}
	return b.Versioning
}

func (b *Body) retention(n *node.Node) error {
	b.Retention = &estate.Lock{}
	for _, m := range n.Members {
		switch m.Name {
		case "mode", "Mode":
			b.Retention.Mode = m.Value.Text
		case "until", "RetainUntilDate", "retainUntilDate":
			t, err := node.ParseTime(m.Value.Text)
			if err != nil {
				return m.Value.Errorf("%v", err)
			}
			b.Retention.Until = &t
		default:
			return &node.Error{Pos: m.Pos, Msg: fmt.Sprintf("unknown field %q; a retention has mode and until", m.Name)}
		}
	}
	return nil
}
