package s3

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

var accessPointSchema = document.MustSchema(`
CreateAccessPointRequest
  Bucket
  VpcConfiguration ?
    VpcId
  PublicAccessBlockConfiguration ?
    BlockPublicAcls ? bool
    IgnorePublicAcls ? bool
    BlockPublicPolicy ? bool
    RestrictPublicBuckets ? bool
  BucketAccountId ?
  Tags ?
    Tag *
      Key
      Value
`)

var accessPointName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$`)

// createAccessPoint follows "Access points naming rules, restrictions, and
// limitations", with the errors that AWS gave in 2024, and for buckets of others "Using access points with general purpose
// buckets that another account owns".
func (x *exchange) createAccessPoint() error {
	d, c := x.parsed.(*document.Element), x.control
	if !accessPointName.MatchString(c.name) || strings.HasSuffix(c.name, "-s3alias") {
		return wire.NewError(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.").With("URI", "accesspoint/"+c.name)
	}
	b, ok := x.estate.Bucket(d.Get("Bucket"))
	owner := iam.AccountID(d.Get("BucketAccountId"))
	if owner == "" {
		owner = c.account
	}
	switch {
	case !ok:
		return invalidRequest("Amazon S3 AccessPoint can only be created for existing bucket")
	case b.Account != owner:
		return wire.NewError(http.StatusForbidden, "AccessDenied", "Access Denied")
	case b.RegionOrDefault() != c.region:
		return invalidRequest("The bucket " + b.Name + " is in " + b.RegionOrDefault() + ", and an access point is in the Region of its bucket")
	}
	var list []tagXML
	for _, t := range d.Child("Tags").All("Tag") {
		list = append(list, tagXML{t.Get("Key"), t.Get("Value")})
	}
	tags, err := controlTags(list)
	if err != nil {
		return err
	}
	err = x.s.World.Change(x.ctx, func(change *world.Change) error {
		name := world.AccessPointName(c.region, c.name)
		if _, taken := world.AccessPoints.Get(change, c.account, name); taken {
			return wire.NewError(http.StatusConflict, "AccessPointAlreadyOwnedByYou",
				"Your previous request to create the named accesspoint succeeded and you already own it.")
		}
		world.AccessPoints.Put(change, c.account, name, world.AccessPoint{Created: x.s.World.Now(), AccessPoint: estate.AccessPoint{
			Name: c.name, Account: c.account, Bucket: b.Name, BucketAccount: b.Account, Region: c.region,
			VPC: d.Get("VpcConfiguration", "VpcId"), PublicAccessBlock: newPointBlock(d), Tags: tags,
		}})
		return nil
	})
	if err != nil {
		return err
	}
	made, err := x.point()
	if err != nil {
		return err
	}
	answer := document.New("CreateAccessPointResult")
	answer.Add("AccessPointArn", c.arn)
	answer.Add("Alias", made.Alias)
	return x.controlDocument(answer)
}

// newPointBlock reads the settings of Block Public Access, nil for the default: all
// on. They cannot be changed later.
func newPointBlock(d *document.Element) *estate.PublicAccessBlock {
	p := d.Child("PublicAccessBlockConfiguration")
	if p == nil {
		return nil
	}
	return blockOf(p)
}

// point returns the access point that the request names.
func (x *exchange) point() (world.AccessPoint, error) {
	p, ok := world.AccessPoints.Get(x.s.World, x.control.account, world.AccessPointName(x.control.region, x.control.name))
	if !ok {
		return p, noSuchAccessPoint(x.control.name)
	}
	return p, nil
}

func noSuchAccessPoint(name string) *wire.Error {
	return wire.NewError(http.StatusNotFound, "NoSuchAccessPoint", "The specified accesspoint does not exist").With("AccessPointName", name)
}

// changePoint changes the access point that the request names.
func (x *exchange) changePoint(change func(*world.AccessPoint) error) error {
	name := world.AccessPointName(x.control.region, x.control.name)
	return x.s.World.Change(x.ctx, func(c *world.Change) error {
		p, ok := world.AccessPoints.Get(c, x.control.account, name)
		if !ok {
			return noSuchAccessPoint(x.control.name)
		}
		if err := change(&p); err != nil {
			return err
		}
		world.AccessPoints.Put(c, x.control.account, name, p)
		return nil
	})
}

func (x *exchange) deleteAccessPoint() error {
	name := world.AccessPointName(x.control.region, x.control.name)
	err := x.s.World.Change(x.ctx, func(c *world.Change) error {
		if _, ok := world.AccessPoints.Get(c, x.control.account, name); !ok {
			return noSuchAccessPoint(x.control.name)
		}
		world.AccessPoints.Delete(c, x.control.account, name)
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

func (x *exchange) getAccessPoint() error {
	p, err := x.point()
	if err != nil {
		return err
	}
	d := document.New("GetAccessPointResult")
	d.Add("Name", p.Name)
	d.Add("Bucket", p.Bucket)
	addOrigin(d, &p.AccessPoint)
	addBlock(d.Add("PublicAccessBlockConfiguration", ""), p.BlockPublicAccess())
	if !p.Created.IsZero() {
		d.Add("CreationDate", p.Created.UTC().Format(time.RFC3339))
	}
	d.Add("Alias", p.Alias)
	d.Add("AccessPointArn", x.control.arn)
	endpoints := d.Add("Endpoints", "")
	for _, e := range []struct{ key, host string }{{"ipv4", "s3-accesspoint."}, {"fips", "s3-accesspoint-fips."}, {"dualstack", "s3-accesspoint.dualstack."}, {"fips_dualstack", "s3-accesspoint-fips.dualstack."}} {
		entry := endpoints.Add("entry", "")
		entry.Add("key", e.key)
		entry.Add("value", e.host+p.Region+".amazonaws.com")
	}
	d.Add("BucketAccountId", string(p.BucketAccount))
	return x.controlDocument(d)
}

func addOrigin(d *document.Element, p *estate.AccessPoint) {
	d.Add("NetworkOrigin", p.Origin())
	if p.VPC != "" {
		d.Add("VpcConfiguration", "").Add("VpcId", p.VPC)
	}
}

const maxPoints = 1000

// listAccessPoints lists the account's access points in the Region, in pages.
func (x *exchange) listAccessPoints() error {
	limit := maxPoints
	if v := x.query.Get("maxResults"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > maxPoints {
			return invalidArgument("Argument maxResults must be an integer between 0 and 1000", "maxResults", v)
		}
		if n > 0 {
			limit = n
		}
	}
	after, err := decodeToken(x.query.Get("nextToken"))
	if err != nil {
		return err
	}
	answer := document.New("ListAccessPointsResult")
	list := answer.Add("AccessPointList", "")
	last := ""
	for name, p := range world.AccessPoints.All(x.s.World, x.control.account) {
		if p.Region != x.control.region || x.query.Has("bucket") && p.Bucket != x.query.Get("bucket") || name <= after && after != "" {
			continue
		}
		if len(list.Children) == limit {
			answer.Add("NextToken", encodeToken(last))
			break
		}
		last = name
		addPoint(list, &p.AccessPoint)
	}
	return x.controlDocument(answer)
}

func addPoint(list *document.Element, p *estate.AccessPoint) {
	d := list.Add("AccessPoint", "")
	d.Add("Name", p.Name)
	addOrigin(d, p)
	d.Add("Bucket", p.Bucket)
	d.Add("AccessPointArn", p.ARN(estate.PartitionOf(p.Region)))
	d.Add("Alias", p.Alias)
	d.Add("BucketAccountId", string(p.BucketAccount))
}
