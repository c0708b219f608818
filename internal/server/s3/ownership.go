package s3

import (
	"encoding/xml"
	"net/http"
	"slices"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/request"
)

var ownerships = []string{"BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"}

type ownershipControls struct {
	XMLName xml.Name        `xml:"http://s3.amazonaws.com/doc/2006-03-01/ OwnershipControls"`
	Rules   []ownershipRule `xml:"Rule"`
}

type ownershipRule struct{ ObjectOwnership string }

// ownershipControlsIn is ownershipControls without regard to the namespace.
type ownershipControlsIn struct {
	Rules []ownershipRule `xml:"Rule"`
}

func (x *exchange) parseOwnershipControls(data []byte) error {
	x.body = &request.Body{}
	var c ownershipControlsIn
	if err := decodeXML(data, "OwnershipControls", &c); err != nil {
		return err
	}
	if len(c.Rules) != 1 || !slices.Contains(ownerships, c.Rules[0].ObjectOwnership) {
		return malformedXML()
	}
	x.body.Ownership = c.Rules[0].ObjectOwnership
	return nil
}

func (x *exchange) getOwnershipControls() error {
	if x.s.World.Side(x.bucketName).NoOwnershipControls {
		return wire.NewError(http.StatusNotFound, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found").
			With("BucketName", x.bucketName)
	}
	return x.xml(ownershipControls{Rules: []ownershipRule{{x.bucket.ObjectOwnership()}}})
}

func (x *exchange) putOwnershipControls() error {
	want := x.body.Ownership
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		if want == "BucketOwnerEnforced" && x.grantsOthers(b) {
			return wire.NewError(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership",
				"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting").With("BucketName", b.Name)
		}
		b.Ownership, side.NoOwnershipControls = want, false
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusOK)
}

// grantsOthers reports whether the ACL of a bucket gives anyone but its owner
// something.
func (x *exchange) grantsOthers(b *estate.Bucket) bool {
	owner := world.Canonical(x.estate, string(b.Account))
	for _, g := range x.grants(b.ACL, string(b.Account), string(b.Account)) {
		if g.Grantee.ID != owner {
			return true
		}
	}
	return false
}

func (x *exchange) deleteOwnershipControls() error {
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		b.Ownership, side.NoOwnershipControls = "ObjectWriter", true
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

// change changes the bucket of the request.
func (x *exchange) change(f func(*estate.Bucket, *world.Side) error) error {
	return x.s.World.ChangeBucket(x.ctx, x.bucketName, f)
}
