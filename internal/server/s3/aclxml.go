package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

type accessControlPolicy struct {
	XMLName xml.Name   `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccessControlPolicy"`
	Owner   ownerXML   `xml:"Owner"`
	Grants  []grantXML `xml:"AccessControlList>Grant"`
}

type grantXML struct {
	Grantee    granteeXML
	Permission string
}

type granteeXML struct {
	Namespace string `xml:"xmlns:xsi,attr"`
	Type      string `xml:"xsi:type,attr"`
	ID        string `xml:",omitempty"`
	URI       string `xml:",omitempty"`
}

// writeACL answers with grants that were spelled out.
func (x *exchange) writeACL(owner string, grants []estate.ACLGrant) error {
	doc := accessControlPolicy{Owner: ownerXML{world.Canonical(x.estate, owner)}}
	for _, g := range grants {
		doc.Grants = append(doc.Grants, grantXML{
			Grantee:    granteeXML{"http://www.w3.org/2001/XMLSchema-instance", g.Grantee.Type, g.Grantee.ID, g.Grantee.URI},
			Permission: g.Permission,
		})
	}
	return x.xml(doc)
}

// accessControlPolicyIn is what a client sends. The grantee's type may be left
// out where its element tells.
type accessControlPolicyIn struct {
	Owner *ownerXML
	List  *struct {
		Grants []struct {
			Grantee *struct {
				Type         string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
				ID, URI      string
				EmailAddress string
			}
			Permission string
		} `xml:"Grant"`
	} `xml:"AccessControlList"`
}

const maxGrants = 100

func malformedACL() error {
	return wire.NewError(http.StatusBadRequest, "MalformedACLError", "The XML you provided was not well-formed or did not validate against our published schema")
}

func (x *exchange) parseACL(data []byte) error {
	x.body = &request.Body{}
	_, stated, err := x.requestedACL(x.key == "")
	switch {
	case err != nil:
		return err
	case stated && len(data) > 0:
		return wire.NewError(http.StatusBadRequest, "UnexpectedContent", "This request does not support content")
	case stated:
		return nil
	case len(data) == 0:
		return wire.NewError(http.StatusBadRequest, "MissingSecurityHeader", "Your request was missing a required header").
			With("MissingHeaderName", "x-amz-acl")
	}
	var doc accessControlPolicyIn
	if decodeXML(data, "AccessControlPolicy", &doc) != nil || doc.Owner == nil || doc.List == nil || len(doc.List.Grants) > maxGrants {
		return malformedACL()
	}
	x.body.HasGrants, x.body.Owner = true, strings.TrimSpace(doc.Owner.ID)
	if !canonicalID(x.body.Owner) {
		return invalidArgument("Invalid id", "CanonicalUser/ID", x.body.Owner)
	}
	for _, g := range doc.List.Grants {
		if g.Grantee == nil || !slices.Contains(permissions, g.Permission) {
			return malformedACL()
		}
		grantee := estate.Grantee{Type: g.Grantee.Type, ID: g.Grantee.ID, URI: g.Grantee.URI, Email: g.Grantee.EmailAddress}
		x.body.Grants = append(x.body.Grants, estate.ACLGrant{Grantee: grantee, Permission: g.Permission})
		if !slices.Contains([]string{"CanonicalUser", "Group", "AmazonCustomerByEmail"}, grantee.Type) {
			return malformedACL()
		}
		if err := checkGrantee(grantee, "CanonicalUser/ID", "Group/URI"); err != nil {
			return err
		}
	}
	return nil
}

// newACL returns the ACL that PutBucketAcl or PutObjectAcl sets. owner is that of
// the resource; whoever may write an ACL may not change it.
func (x *exchange) newACL(owner string) (*estate.ACL, error) {
	if !x.body.HasGrants {
		acl, _, err := x.requestedACL(x.key == "")
		return acl, err
	}
	if x.body.Owner != world.Canonical(x.estate, owner) {
		return nil, wire.NewError(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	acl := &estate.ACL{Grants: x.body.Grants}
	if acl.Grants == nil {
		acl.Grants = []estate.ACLGrant{}
	}
	return acl, nil
}

func (x *exchange) getBucketACL() error {
	owner := string(x.bucket.Account)
	return x.writeACL(owner, x.effectiveGrants(x.bucket.ACL, owner))
}

func (x *exchange) putBucketACL() error {
	acl, err := x.newACL(string(x.bucket.Account))
	if err != nil {
		return err
	}
	if !x.bucket.ACLsDisabled() {
		err = x.change(func(b *estate.Bucket, _ *world.Side) error { b.ACL = acl; return nil })
	}
	if err != nil {
		return err
	}
	return x.empty(http.StatusOK)
}

// objectOwner is who owns the object: the bucket's account where ACLs are
// disabled.
func (x *exchange) objectOwner(o *store.Object) string {
	if x.bucket.ACLsDisabled() || o.Owner == "" {
		return string(x.bucket.Account)
	}
	return o.Owner
}

func (x *exchange) getObjectACL() error {
	if x.objectErr != nil {
		return x.objectErr
	}
	x.setVersion(&x.object)
	owner := x.objectOwner(&x.object)
	return x.writeACL(owner, x.effectiveGrants(world.ACLOf(&x.object), owner))
}

func (x *exchange) putObjectACL() error {
	switch {
	case x.object.DeleteMarker: // named or not: observed at AWS
		return store.ErrDeleteMarker
	case x.objectErr != nil:
		return x.objectErr
	}
	acl, err := x.newACL(x.objectOwner(&x.object))
	if err != nil {
		return err
	}
	o := x.object
	if !x.bucket.ACLsDisabled() {
		o, err = x.update(func(o *store.Object) error { world.SetACL(&o.Attributes, acl); return nil })
	}
	if err != nil {
		return err
	}
	x.setVersion(&o)
	return x.empty(http.StatusOK)
}
