package s3

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/request"
)

// A controlCall is what a request to S3 Control addresses: "Actions of Amazon S3
// Control" in the API Reference. Its operations go the way of those of S3, which
// they share signatures, documents and decisions with.
type controlCall struct {
	account iam.AccountID // x-amz-account-id
	region  string        // where the access point is, or is to be
	name    string        // of the access point in the path; "" for none
	arn     string        // of the access point, or of what is tagged
}

const controlNamespace = "http://awss3control.amazonaws.com/doc/2018-08-20/"

// resolveControl tells what the path of a request to S3 Control names.
func (x *exchange) resolveControl() {
	c := &controlCall{account: iam.AccountID(x.r.Header.Get("X-Amz-Account-Id")), region: x.claimedRegion()}
	x.control, x.bucketName, x.key = c, "", ""
	kind, rest, _ := strings.Cut(x.target.Key, "/")
	switch kind {
	case "accesspoint":
		c.name, _, _ = strings.Cut(rest, "/")
		if c.name != "" {
			c.arn = "arn:" + estate.PartitionOf(c.region) + ":s3:" + c.region + ":" + string(c.account) + ":accesspoint/" + c.name
		}
	case "tags":
		c.arn = rest
	}
}

// claimedRegion is the Region of the endpoint that the Host names, else that of the
// signature, else the service's own.
func (x *exchange) claimedRegion() string {
	if x.target.Region != "" {
		return x.target.Region
	}
	if region := sigv4.ReadClaim(x.r).Region; region != "" {
		return region
	}
	return x.s.Region
}

// controlShape is the shape of a request to S3 Control.
func (x *exchange) controlShape() s3op.Shape {
	return s3op.Shape{Method: x.r.Method, Bucket: x.target.Bucket, Key: x.target.Key, Header: x.r.Header.Get}
}

// atControl states to the engine what an operation of S3 Control acts on.
func (x *exchange) atControl(r *request.Request) {
	if strings.Contains(x.control.arn, ":accesspoint/") {
		r.AccessPoint = x.control.arn
	} else {
		r.Resource = x.control.arn
	}
}

// controlOperations are the rows of S3 Control in the table of operations.
func controlOperations(table map[string]operation) {
	for name, op := range map[string]operation{
		"GetAccountPublicAccessBlock":    {act: (*exchange).getAccountBlock},
		"PutAccountPublicAccessBlock":    {limit: xmlLimit, parse: (*exchange).parsePublicAccessBlock, act: (*exchange).putAccountBlock},
		"DeleteAccountPublicAccessBlock": {act: (*exchange).deleteAccountBlock},

		"CreateAccessPoint": {limit: xmlLimit, parse: parsed(accessPointSchema), act: (*exchange).createAccessPoint},
		"GetAccessPoint":    {act: (*exchange).getAccessPoint},
		"DeleteAccessPoint": {act: (*exchange).deleteAccessPoint},
		"ListAccessPoints":  {act: (*exchange).listAccessPoints},

		"PutAccessPointPolicy":       {limit: xmlLimit, parse: (*exchange).parsePointPolicy, act: (*exchange).putPointPolicy},
		"GetAccessPointPolicy":       {act: (*exchange).getPointPolicy},
		"DeleteAccessPointPolicy":    {act: (*exchange).deletePointPolicy},
		"GetAccessPointPolicyStatus": {act: (*exchange).getPointPolicyStatus},

		"TagResource":         {limit: xmlLimit, parse: parsed(tagResourceSchema), act: (*exchange).tagResource},
		"UntagResource":       {act: (*exchange).untagResource},
		"ListTagsForResource": {act: (*exchange).listTags},
	} {
		table[name] = op
	}
}

// parsed reads a document into exchange.parsed.
func parsed(schema *document.Schema) func(*exchange, []byte) error {
	return func(x *exchange, data []byte) error {
		x.body = &request.Body{}
		d, err := readDocument(schema, data)
		x.parsed = d
		return err
	}
}

// controlDocument answers with a document of S3 Control.
func (x *exchange) controlDocument(d *document.Element) error {
	return x.sendXML(d.XMLIn(controlNamespace))
}

func trueOrFalse(b bool) string { return strconv.FormatBool(b) }

// addBlock adds the settings of Block Public Access.
func addBlock(d *document.Element, p estate.PublicAccessBlock) {
	d.Add("BlockPublicAcls", trueOrFalse(p.BlockPublicAcls))
	d.Add("IgnorePublicAcls", trueOrFalse(p.IgnorePublicAcls))
	d.Add("BlockPublicPolicy", trueOrFalse(p.BlockPublicPolicy))
	d.Add("RestrictPublicBuckets", trueOrFalse(p.RestrictPublicBuckets))
}

// getAccountBlock is GetPublicAccessBlock of S3 Control: what the organization
// assigns, else the account's own settings.
func (x *exchange) getAccountBlock() error {
	a, _ := x.estate.Account(x.control.account)
	if a == nil {
		return noAccountBlock(x.control.account)
	}
	block, _, assigned := a.OrganizationPublicAccessBlock()
	if !assigned {
		if a.PublicAccessBlock == nil {
			return noAccountBlock(x.control.account)
		}
		block = *a.PublicAccessBlock
	}
	d := document.New("PublicAccessBlockConfiguration")
	addBlock(d, block)
	return x.controlDocument(d)
}

func noAccountBlock(account iam.AccountID) error {
	return wire.NewError(http.StatusNotFound, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found").
		With("AccountId", string(account))
}

func (x *exchange) putAccountBlock() error {
	return x.setAccountBlock(x.body.PublicAccessBlock, http.StatusOK)
}

func (x *exchange) deleteAccountBlock() error { return x.setAccountBlock(nil, http.StatusNoContent) }

func (x *exchange) setAccountBlock(block *estate.PublicAccessBlock, status int) error {
	err := x.s.World.Change(x.ctx, func(c *world.Change) error {
		a, _ := world.Accounts.Get(c, x.control.account, "")
		a.PublicAccessBlock = block
		world.Accounts.Put(c, x.control.account, "", a)
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(status)
}
