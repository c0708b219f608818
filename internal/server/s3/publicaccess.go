package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/request"
)

type publicAccessBlock struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PublicAccessBlockConfiguration"`
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

var publicAccessBlockSchema = document.MustSchema(`
PublicAccessBlockConfiguration
  BlockPublicAcls ? bool
  IgnorePublicAcls ? bool
  BlockPublicPolicy ? bool
  RestrictPublicBuckets ? bool
`)

// blockOf reads the settings of a document; those that it leaves out are off.
func blockOf(d *document.Element) *estate.PublicAccessBlock {
	return &estate.PublicAccessBlock{BlockPublicAcls: d.Get("BlockPublicAcls") == "true", IgnorePublicAcls: d.Get("IgnorePublicAcls") == "true",
		BlockPublicPolicy: d.Get("BlockPublicPolicy") == "true", RestrictPublicBuckets: d.Get("RestrictPublicBuckets") == "true"}
}

func (x *exchange) parsePublicAccessBlock(data []byte) error {
	x.body = &request.Body{}
	d, err := readDocument(publicAccessBlockSchema, data)
	if err != nil {
		return err
	}
	if len(d.Children) == 0 {
		return invalidRequest("Must specify at least one configuration.")
	}
	x.body.PublicAccessBlock = blockOf(d)
	return nil
}

func (x *exchange) getPublicAccessBlock() error {
	if x.s.World.Side(x.bucketName).NoPublicAccessBlock {
		return wire.NewError(http.StatusNotFound, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found").
			With("BucketName", x.bucketName)
	}
	p := x.bucket.BlockPublicAccess()
	return x.xml(publicAccessBlock{BlockPublicAcls: p.BlockPublicAcls, IgnorePublicAcls: p.IgnorePublicAcls,
		BlockPublicPolicy: p.BlockPublicPolicy, RestrictPublicBuckets: p.RestrictPublicBuckets})
}

func (x *exchange) putPublicAccessBlock() error {
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		b.PublicAccessBlock, side.NoPublicAccessBlock = x.body.PublicAccessBlock, false
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusOK)
}

func (x *exchange) deletePublicAccessBlock() error {
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		b.PublicAccessBlock, side.NoPublicAccessBlock = &estate.PublicAccessBlock{}, true
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}
