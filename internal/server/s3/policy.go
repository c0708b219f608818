package s3

import (
	"encoding/xml"
	"io"
	"net/http"
	"strconv"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

func (x *exchange) parsePolicy(data []byte) error {
	x.body = &request.Body{}
	if err := checkPolicyText(data); err != nil {
		return err
	}
	doc, err := world.ParsePolicy(x.bucketName, data)
	if err != nil {
		return malformedPolicy(policyComplaint(err))
	}
	if err := x.checkPolicy(doc.Document); err != nil {
		return err
	}
	x.body.Policy, x.parsed = doc.Document, doc
	return nil
}

func (x *exchange) getBucketPolicy() error {
	text := x.bucket.Document.Text()
	if text == "" {
		return x.noBucketPolicy()
	}
	x.set("Content-Type", "application/json")
	x.set("Content-Length", strconv.Itoa(len(text)))
	x.wrote = true
	x.w.WriteHeader(http.StatusOK)
	_, err := io.WriteString(x.w, text)
	return err
}

// getBucketPolicyStatus tells whether the policy is public, whatever Block Public
// Access makes of it.
func (x *exchange) getBucketPolicyStatus() error {
	type policyStatus struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PolicyStatus"`
		IsPublic bool
	}
	if x.bucket.Document.Document == nil {
		return x.noBucketPolicy()
	}
	public, _ := policy.Public(x.bucket.Document.Document, false)
	return x.xml(policyStatus{IsPublic: public})
}

func (x *exchange) noBucketPolicy() error {
	return wire.NewError(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist").With("BucketName", x.bucketName)
}

func (x *exchange) putBucketPolicy() error {
	if err := x.s.World.SetPolicy(x.ctx, x.bucketName, x.parsed.(estate.Document)); err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

func (x *exchange) deleteBucketPolicy() error {
	if err := x.s.World.SetPolicy(x.ctx, x.bucketName, estate.Document{}); err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}
