package s3

import (
	"encoding/hex"
	"net/http"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/request"
)

// Canned ACLs: "Canned ACL" in the Amazon S3 User Guide.
var (
	bucketCanned = []string{"private", "public-read", "public-read-write", "aws-exec-read", "authenticated-read", "log-delivery-write",
		"bucket-owner-read", "bucket-owner-full-control"}
	objectCanned = []string{"private", "public-read", "public-read-write", "aws-exec-read", "authenticated-read", "bucket-owner-read", "bucket-owner-full-control"}
	permissions  = []string{"FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"}
)

// execRead is the canonical user id of the service that reads AMI bundles.
const execRead = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"

// requestedACL returns the ACL that the headers of a request ask for, and
// whether they ask for any.
func (x *exchange) requestedACL(bucket bool) (*estate.ACL, bool, error) {
	asked := s3op.UploadACL(&request.Request{Headers: x.headers(), Query: x.query.Map()})
	switch {
	case asked.CannedAndGrants():
		return nil, false, invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
	case asked.HasCanned:
		known := objectCanned
		if bucket {
			known = bucketCanned
		}
		if !slices.Contains(known, asked.Canned) {
			return nil, false, invalidArgument("", "x-amz-acl", asked.Canned)
		}
		return &estate.ACL{Canned: asked.Canned}, true, nil
	case len(asked.Headers) == 0:
		return nil, false, nil
	}
	acl := &estate.ACL{}
	for _, h := range asked.Headers {
		if h.Err != nil {
			return nil, false, invalidArgument("Argument format not recognized", h.Name, h.Value)
		}
		for _, g := range h.Grantees {
			if err := checkGrantee(g, "id", "uri"); err != nil {
				return nil, false, err
			}
			acl.Grants = append(acl.Grants, estate.ACLGrant{Grantee: g, Permission: h.Permission})
		}
	}
	return acl, true, nil
}

// checkGrantee refuses grantees that nobody can be; idName and uriName are how
// S3 names the argument.
func checkGrantee(g estate.Grantee, idName, uriName string) error {
	switch g.Type {
	case "CanonicalUser":
		if g.ID != world.AnonymousID && !canonicalID(g.ID) {
			return invalidArgument("Invalid id", idName, g.ID)
		}
	case "Group":
		if g.URI != s3op.AllUsers && g.URI != s3op.AuthenticatedUsers && g.URI != s3op.LogDelivery {
			return invalidArgument("Invalid group uri", uriName, g.URI)
		}
	default: // grants by e-mail ended on 1 October 2025
		return wire.NewError(http.StatusMethodNotAllowed, "MethodNotAllowed", methodNotAllowed)
	}
	return nil
}

// canonicalID reports whether an id has the form of a canonical user's.
func canonicalID(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) == 32
}

// isPublicACL reports whether an ACL grants a group of everybody something.
func (x *exchange) isPublicACL(acl *estate.ACL) bool {
	return slices.ContainsFunc(x.grants(acl, "", ""), publicGrant)
}

func publicGrant(g estate.ACLGrant) bool {
	return g.Grantee.URI == s3op.AllUsers || g.Grantee.URI == s3op.AuthenticatedUsers
}

// grants spells out an ACL with canonical ids. owner is who owns the bucket or
// object, bucketOwner whose the bucket is, as the store keeps owners.
func (x *exchange) grants(acl *estate.ACL, owner, bucketOwner string) []estate.ACLGrant {
	user := func(owner, permission string) estate.ACLGrant {
		return estate.ACLGrant{Grantee: estate.Grantee{Type: "CanonicalUser", ID: world.Canonical(x.estate, owner)}, Permission: permission}
	}
	group := func(uri, permission string) estate.ACLGrant {
		return estate.ACLGrant{Grantee: estate.Grantee{Type: "Group", URI: uri}, Permission: permission}
	}
	full := user(owner, "FULL_CONTROL")
	if acl == nil {
		return []estate.ACLGrant{full}
	}
	switch acl.Canned {
	case "":
		list := slices.Clone(acl.Grants)
		for i := range list {
			if list[i].Grantee.Type == "CanonicalUser" {
				list[i].Grantee.ID = world.Canonical(x.estate, list[i].Grantee.ID)
			}
		}
		return list
	case "public-read":
		return []estate.ACLGrant{full, group(s3op.AllUsers, "READ")}
	case "public-read-write":
		return []estate.ACLGrant{full, group(s3op.AllUsers, "READ"), group(s3op.AllUsers, "WRITE")}
	case "authenticated-read":
		return []estate.ACLGrant{full, group(s3op.AuthenticatedUsers, "READ")}
	case "log-delivery-write":
		return []estate.ACLGrant{full, group(s3op.LogDelivery, "WRITE"), group(s3op.LogDelivery, "READ_ACP")}
	case "aws-exec-read":
		return []estate.ACLGrant{full, user(execRead, "READ")}
	case "bucket-owner-read", "bucket-owner-full-control":
		if owner == bucketOwner {
			break
		}
		if acl.Canned == "bucket-owner-read" {
			return []estate.ACLGrant{full, user(bucketOwner, "READ")}
		}
		return []estate.ACLGrant{full, user(bucketOwner, "FULL_CONTROL")}
	}
	return []estate.ACLGrant{full}
}

// effectiveGrants are the grants that count: those of the owner alone where ACLs
// are disabled, and none to everybody where IgnorePublicAcls is on.
func (x *exchange) effectiveGrants(acl *estate.ACL, owner string) []estate.ACLGrant {
	bucketOwner := string(x.bucket.Account)
	if x.bucket.ACLsDisabled() {
		return x.grants(nil, bucketOwner, bucketOwner)
	}
	list := x.grants(acl, owner, bucketOwner)
	if x.ignoresPublicACLs() {
		list = slices.DeleteFunc(list, publicGrant)
	}
	return list
}

func (x *exchange) ignoresPublicACLs() bool {
	if x.bucket.BlockPublicAccess().IgnorePublicAcls {
		return true
	}
	a, ok := x.estate.Account(x.bucket.Account)
	return ok && a.BlockPublicAccess().IgnorePublicAcls
}
