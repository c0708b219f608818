package s3

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

type ownerXML struct {
	ID string
}

type bucketXML struct {
	Name         string
	CreationDate wire.Time
	BucketRegion string `xml:",omitempty"`
	BucketArn    string `xml:",omitempty"`
}

type listBucketsResult struct {
	XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
	Owner             ownerXML
	Buckets           []bucketXML `xml:"Buckets>Bucket"`
	Prefix            string      `xml:",omitempty"`
	ContinuationToken string      `xml:",omitempty"`
}

// listBuckets is ListBuckets: the buckets of the caller's account.
func (x *exchange) listBuckets() error {
	res := listBucketsResult{Owner: ownerXML{world.Canonical(x.estate, string(x.account()))}, Prefix: x.query.Get("prefix")}
	limit, paged := 0, x.query.Has("max-buckets")
	if paged {
		n, err := strconv.Atoi(x.query.Get("max-buckets"))
		if err != nil || n < 1 || n > 10000 {
			return invalidArgument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets", x.query.Get("max-buckets"))
		}
		limit = n
	}
	if region := x.query.Get("bucket-region"); region != "" && !slices.Contains(regions, region) {
		return invalidParameter("Argument value "+region+" is not a valid AWS Region", "bucket-region")
	}
	after, err := decodeToken(x.query.Get("continuation-token"))
	if err != nil {
		return err
	}
	narrowed := paged || x.query.Has("prefix") || x.query.Has("bucket-region") || x.query.Has("continuation-token")
	res.Buckets = []bucketXML{}
	for _, b := range x.ownBuckets() {
		if !strings.HasPrefix(b.Name, res.Prefix) || b.Name <= after && after != "" ||
			x.query.Has("bucket-region") && x.query.Get("bucket-region") != b.RegionOrDefault() {
			continue
		}
		if paged && len(res.Buckets) == limit {
			res.ContinuationToken = encodeToken(res.Buckets[limit-1].Name)
			break
		}
		row, err := x.bucketRow(b, narrowed)
		if errors.Is(err, store.ErrNoSuchBucket) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		res.Buckets = append(res.Buckets, row)
	}
	return x.xml(res)
}

func (x *exchange) bucketRow(b *estate.Bucket, region bool) (bucketXML, error) {
	kept, err := x.store().Bucket(x.ctx, b.Name)
	row := bucketXML{Name: b.Name, CreationDate: wire.Time(kept.Created)}
	if region {
		row.BucketRegion = b.RegionOrDefault()
	}
	return row, err
}

// ownBuckets are the buckets of the caller's account by name.
func (x *exchange) ownBuckets() []*estate.Bucket {
	var list []*estate.Bucket
	if a, ok := x.estate.Account(x.account()); ok {
		for _, b := range a.Buckets {
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b *estate.Bucket) int { return strings.Compare(a.Name, b.Name) })
	return list
}

type createBucketConfiguration struct {
	LocationConstraint *string
	Tags               []tagIn `xml:"Tags>Tag"`
}

func (x *exchange) parseCreateBucket(data []byte) error {
	x.body = &request.Body{}
	if len(data) == 0 {
		return nil
	}
	var c createBucketConfiguration
	if err := decodeXML(data, "CreateBucketConfiguration", &c); err != nil {
		return err
	}
	list, err := tagsIn(c.Tags)
	if err != nil {
		return err
	}
	tags, err := tagMap(list, maxBucketTags)
	if err != nil {
		return ofNewBucket(err)
	}
	if c.LocationConstraint != nil {
		if x.body.LocationConstraint = strings.TrimSpace(*c.LocationConstraint); x.body.LocationConstraint == "" {
			return malformedXML()
		}
	}
	if len(tags) > 0 {
		x.body.Tags = tags
	}
	return nil
}

// ofNewBucket words the refusal of system tags as CreateBucket does (observed at AWS).
func ofNewBucket(err error) error {
	var e *wire.Error
	if errors.As(err, &e) && e.Message == systemTag {
		return wire.NewError(e.Status, e.Code, `User-defined tag keys can't start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.`)
	}
	return err
}

// endpointRegion is the Region that the client meant to speak to: that of the
// Host, else that of its signature.
func (x *exchange) endpointRegion() string {
	switch {
	case x.target.Region != "":
		return x.target.Region
	case x.target.AWS():
		return estate.DefaultRegion
	case x.auth.Region != "":
		return x.auth.Region
	}
	return x.s.Region
}

// newRegion returns the Region of a bucket to be made.
func (x *exchange) newRegion() (string, error) {
	endpoint, want := x.endpointRegion(), x.body.LocationConstraint
	if want == "EU" {
		want = "eu-west-1"
	}
	switch {
	case want == "" && endpoint == estate.DefaultRegion:
		return endpoint, nil
	case want == "":
		return "", illegalLocation("unspecified")
	case want != endpoint && endpoint != estate.DefaultRegion:
		return "", illegalLocation(want)
	case want == estate.DefaultRegion, !slices.Contains(regions, want):
		return "", wire.NewError(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid").
			With("LocationConstraint", want)
	}
	return want, nil
}

func illegalLocation(want string) error {
	return wire.NewError(http.StatusBadRequest, "IllegalLocationConstraintException",
		"The "+want+" location constraint is incompatible for the region specific endpoint this request was sent to.")
}

func (x *exchange) createBucket() error {
	if !wire.ValidBucketName(x.bucketName) {
		return x.invalidBucketName()
	}
	if err := x.checkNamespace(); err != nil {
		return err
	}
	region, err := x.newRegion()
	if err != nil {
		return err
	}
	if x.bucket != nil {
		return x.bucketTaken(region)
	}
	b, err := x.newBucket(region)
	if err != nil {
		return err
	}
	if err := x.s.World.CreateBucket(x.ctx, b); errors.Is(err, store.ErrBucketExists) {
		x.bucket, _ = x.s.World.Estate().Bucket(x.bucketName)
		return x.bucketTaken(region)
	} else if err != nil {
		return err
	}
	x.set("Location", x.bucketAddress(region))
	return x.empty(http.StatusOK)
}

// bucketAddress is where CreateBucket says the bucket is: its path in us-east-1, its host elsewhere (observed at AWS).
func (x *exchange) bucketAddress(region string) string {
	if region == estate.DefaultRegion {
		return "/" + x.bucketName
	}
	host := x.r.Host
	if !x.target.VirtualHosted {
		host = x.bucketName + "." + host
	}
	return "http://" + host + "/"
}

// createAgain is what CreateBucket does in us-east-1 to a bucket of the caller's
// account: it sets the ACL anew, where ACLs are enabled ("Error responses",
// BucketAlreadyOwnedByYou).
func (x *exchange) createAgain() error {
	acl, stated, err := x.requestedACL(true)
	if err != nil {
		return err
	}
	if !x.bucket.ACLsDisabled() {
		if !stated {
			acl = nil
		}
		if err := x.change(func(b *estate.Bucket, _ *world.Side) error { b.ACL = acl; return nil }); err != nil {
			return err
		}
	}
	x.set("Location", "/"+x.bucketName)
	return x.empty(http.StatusOK)
}

// bucketTaken is the answer to CreateBucket where the name is taken.
func (x *exchange) bucketTaken(region string) error {
	if x.bucket == nil || x.bucket.Account != x.account() {
		return wire.NewError(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.").
			With("BucketName", x.bucketName)
	}
	if region == estate.DefaultRegion && x.bucket.RegionOrDefault() == region && len(x.body.Tags) == 0 { // with tags: observed at AWS
		return x.createAgain()
	}
	return wire.NewError(http.StatusConflict, "BucketAlreadyOwnedByYou",
		"Your previous request to create the named bucket succeeded and you already own it.").With("BucketName", x.bucketName)
}

// newBucket is a bucket as CreateBucket asks for it.
func (x *exchange) newBucket(region string) (*estate.Bucket, error) {
	b := &estate.Bucket{Name: x.bucketName, Account: x.account(), Region: region, Tags: x.body.Tags}
	b.Ownership = x.get("X-Amz-Object-Ownership")
	if _, stated := x.header["X-Amz-Object-Ownership"]; stated && !slices.Contains(ownerships, b.Ownership) {
		return nil, invalidParameter("Invalid x-amz-object-ownership header: "+b.Ownership, "x-amz-object-ownership")
	}
	acl, stated, err := x.requestedACL(true)
	if err != nil {
		return nil, err
	}
	if stated && acl.Canned != "private" && b.ACLsDisabled() {
		return nil, wire.NewError(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership",
			"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting").With("BucketName", b.Name)
	}
	if stated {
		if x.isPublicACL(acl) {
			return nil, wire.NewError(http.StatusBadRequest, "InvalidBucketAclWithBlockPublicAccessError",
				"Bucket cannot have public ACLs set with BlockPublicAccess enabled").With("BucketName", b.Name)
		}
		b.ACL = acl
	}
	if strings.EqualFold(x.get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
		b.ObjectLock.Enabled, b.Versioning.Status = true, "Enabled"
	}
	return b, nil
}

func (x *exchange) deleteBucket() error {
	if len(x.estate.AccessPointsOf(x.bucketName)) > 0 {
		return wire.NewError(http.StatusBadRequest, "BucketHasAccessPointsAttached",
			"The bucket you tried to delete has access points attached. Delete your access points before deleting your bucket.").With("BucketName", x.bucketName)
	}
	if err := x.s.World.DeleteBucket(x.ctx, x.bucketName); err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

func (x *exchange) headBucket() error {
	x.set("X-Amz-Bucket-Region", x.bucket.RegionOrDefault())
	x.set("X-Amz-Access-Point-Alias", fmt.Sprint(x.accessPoint != nil && x.target.Bucket == x.accessPoint.Alias))
	x.set("Content-Type", "application/xml")
	x.wrote = true
	x.w.WriteHeader(http.StatusOK)
	return nil
}

func (x *exchange) getBucketLocation() error {
	type location struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Value   string   `xml:",chardata"`
	}
	region := x.bucket.RegionOrDefault()
	if region == estate.DefaultRegion {
		region = ""
	}
	return x.xml(location{Value: region})
}
