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

// A newPolicy is what PutBucketPolicy brings.
type newPolicy struct {
	text     string
	document estate.Document
}

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
	x.body.Policy, x.parsed = doc.Document, newPolicy{string(data), doc}
	return nil
}

func (x *exchange) getBucketPolicy() error {
	text, ok, err := x.s.World.PolicyText(x.ctx, x.bucket)
	if err != nil {
		return err
	}
	if !ok {
		return x.noBucketPolicy()
	}
	x.set("Content-Type", "application/json")
	x.set("Content-Length", strconv.Itoa(len(text)))
	x.wrote = true
	x.w.WriteHeader(http.StatusOK)
	_, err = io.WriteString(x.w, text)
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
	p := x.parsed.(newPolicy)
	if err := x.s.World.SetPolicy(x.ctx, x.bucketName, p.text, p.document); err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

func (x *exchange) deleteBucketPolicy() error {
	if err := x.s.World.SetPolicy(x.ctx, x.bucketName, "", estate.Document{}); err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}
