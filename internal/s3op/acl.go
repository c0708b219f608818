package s3op

import (
	"fmt"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/request"
)

// The predefined groups of S3 (S3 User Guide, ACL overview, Amazon S3 predefined
// groups).
const (
	AllUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	AuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	LogDelivery        = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

// An ACLRequest is the ACL that a request asks for: one of the canned ones, grants
// in headers, or, for the calls that set an ACL, grants in the body. What S3 refuses
// as malformed, such as a canned ACL together with grants, is kept as it was sent.
type ACLRequest struct {
	Canned    string // value of x-amz-acl
	HasCanned bool

	Headers []GrantHeader // in the order read, read-acp, write, write-acp, full-control

	// Body are the grants of the body, and Owner its owner.
	Body    []estate.ACLGrant
	HasBody bool
	Owner   string
}

// A GrantHeader is one x-amz-grant-… header.
type GrantHeader struct {
	Name       string // "x-amz-grant-read"
	Permission string // "READ"
	Value      string // as sent
	Grantees   []estate.Grantee
	Err        error // the value is not a list of id=, uri= and emailAddress=
}

var grantHeaders = []GrantHeader{
	{Name: "x-amz-grant-read", Permission: "READ"},
	{Name: "x-amz-grant-read-acp", Permission: "READ_ACP"},
	{Name: "x-amz-grant-write", Permission: "WRITE"},
	{Name: "x-amz-grant-write-acp", Permission: "WRITE_ACP"},
	{Name: "x-amz-grant-full-control", Permission: "FULL_CONTROL"},
}

// UploadACL returns the ACL that a request asks for, of whatever operation.
func UploadACL(r *request.Request) ACLRequest {
	spec, _ := Lookup(r.Operation)
	return newCall(spec, r, nil).acl()
}

func aclOf(header func(string) (string, bool), body *request.Body) ACLRequest {
	var a ACLRequest
	a.Canned, a.HasCanned = header("x-amz-acl")
	for _, h := range grantHeaders {
		if v, ok := header(h.Name); ok {
			h.Value = v
			h.Grantees, h.Err = ParseGrantees(v)
			a.Headers = append(a.Headers, h)
		}
	}
	if body != nil && body.HasGrants {
		a.Body, a.HasBody, a.Owner = body.Grants, true, body.Owner
	}
	return a
}

// Stated reports whether the request asks for any ACL.
func (a ACLRequest) Stated() bool { return a.HasCanned || len(a.Headers) > 0 || a.HasBody }

// CannedAndGrants reports whether the request has both a canned ACL and grant
// headers, which S3 answers with 400 InvalidRequest.
func (a ACLRequest) CannedAndGrants() bool { return a.HasCanned && len(a.Headers) > 0 }

// HeadersAndBody reports whether the request has an ACL in headers and another in
// the body, which S3 answers with 400 UnexpectedContent.
func (a ACLRequest) HeadersAndBody() bool { return (a.HasCanned || len(a.Headers) > 0) && a.HasBody }

// Err returns the first grant header that cannot be read, nil if there is none.
func (a ACLRequest) Err() error {
	for _, h := range a.Headers {
		if h.Err != nil {
			return fmt.Errorf("%s: %w", h.Name, h.Err)
		}
	}
	return nil
}

// Grants returns the grants of the headers and the body. What a canned ACL grants
// is not among them, as it hangs on who owns bucket and object.
func (a ACLRequest) Grants() []estate.ACLGrant {
	var grants []estate.ACLGrant
	for _, h := range a.Headers {
		for _, g := range h.Grantees {
			grants = append(grants, estate.ACLGrant{Grantee: g, Permission: h.Permission})
		}
	}
	return append(grants, a.Body...)
}

// IsPublic reports whether the ACL grants anything to everyone or to all AWS
// accounts, which is what BlockPublicAcls refuses (S3 User Guide, Blocking public
// access to your Amazon S3 storage, the meaning of "public").
func (a ACLRequest) IsPublic() bool {
	switch a.Canned {
	case "public-read", "public-read-write", "authenticated-read":
		return true
	}
	for _, g := range a.Grants() {
		if g.Grantee.URI == AllUsers || g.Grantee.URI == AuthenticatedUsers {
			return true
		}
	}
	return false
}

// GrantsBeyondBucketOwner reports whether the ACL gives anyone but the bucket's
// owner something, apart from the new object's owner, whose own the object is. The
// owner is known by canonical id or account id; where an id is "", a grant to that
// kind of id counts as beyond. So does what S3 would not understand.
func (a ACLRequest) GrantsBeyondBucketOwner(canonicalID string, account iam.AccountID) bool {
	if a.HasCanned {
		switch a.Canned {
		case "private", "bucket-owner-read", "bucket-owner-full-control":
		default:
			return true
		}
	}
	if a.Err() != nil {
		return true
	}
	for _, g := range a.Grants() {
		if !isOwner(g.Grantee, canonicalID, account) {
			return true
		}
	}
	return false
}

// IsBucketOwnerFullControl reports whether the ACL is bucket-owner-full-control:
// the canned one, or grants that say no more and no less. It is the one ACL that a
// bucket with BucketOwnerEnforced accepts.
func (a ACLRequest) IsBucketOwnerFullControl(canonicalID string, account iam.AccountID) bool {
	grants := a.Grants()
	if a.HasCanned {
		return a.Canned == "bucket-owner-full-control" && len(a.Headers) == 0 && !a.HasBody
	}
	if len(grants) == 0 || a.Err() != nil {
		return false
	}
	for _, g := range grants {
		if g.Permission != "FULL_CONTROL" || !isOwner(g.Grantee, canonicalID, account) {
			return false
		}
	}
	return true
}

func isOwner(g estate.Grantee, canonicalID string, account iam.AccountID) bool {
	return g.URI == "" && g.Email == "" && g.ID != "" && (g.ID == canonicalID || g.ID == string(account))
}

// ParseGrantees reads the value of a grant header: grantees as id="…", uri="…" or
// emailAddress="…", separated by commas, with or without quotes. S3 answers
// anything else with 400 InvalidArgument.
func ParseGrantees(value string) ([]estate.Grantee, error) {
	var grantees []estate.Grantee
	for len(strings.TrimSpace(value)) > 0 {
		var one string
		one, value = cutGrantee(value)
		g, err := parseGrantee(one)
		if err != nil {
			return nil, err
		}
		grantees = append(grantees, g)
	}
	if len(grantees) == 0 {
		return nil, fmt.Errorf("no grantee")
	}
	return grantees, nil
}

// cutGrantee splits at the first comma that no quotes enclose.
func cutGrantee(s string) (one, rest string) {
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ',':
			if !quoted {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

func parseGrantee(s string) (estate.Grantee, error) {
	kind, v, ok := strings.Cut(s, "=")
	v = strings.TrimSpace(v)
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		v = v[1 : len(v)-1]
	}
	if ok && v != "" && !strings.Contains(v, `"`) {
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "id":
			return estate.Grantee{Type: "CanonicalUser", ID: v}, nil
		case "uri":
			return estate.Grantee{Type: "Group", URI: v}, nil
		case "emailaddress":
			return estate.Grantee{Type: "AmazonCustomerByEmail", Email: v}, nil
		}
	}
	return estate.Grantee{}, fmt.Errorf("%q is not id=, uri= or emailAddress= with a value", strings.TrimSpace(s))
}
