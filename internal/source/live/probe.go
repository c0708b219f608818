package live

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/request"
)

// Probe makes a request that reads, with the session's own credentials, in the
// smallest form: one byte of an object, one key of a listing. It returns what AWS
// answered; nil for success. ok is false for requests that are not made: those
// that would write, and those that state what a probe cannot.
func (s *Session) Probe(ctx context.Context, r *request.Request) (refused *errortext.Message, ok bool) {
	if r.Principal != s.ARN || r.Auth != nil || r.AccessPoint != "" || len(r.Headers) > 0 {
		return nil, false
	}
	c := &collector{s: s, ctx: ctx}
	region, exists := c.regionOf(r.Bucket)
	if !exists {
		region = ""
	}
	client := c.client(region, false)
	version := aws.String(r.VersionID)
	if r.VersionID == "" {
		version = nil
	}
	var err error
	switch r.Operation {
	case "GetObject":
		var out *s3.GetObjectOutput
		if out, err = client.GetObject(ctx, &s3.GetObjectInput{Bucket: &r.Bucket, Key: &r.Key, VersionId: version, Range: aws.String("bytes=0-0")}); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(out.Body, 1)) // what it holds is none of ours
			_ = out.Body.Close()
		}
	case "HeadObject":
		_, err = client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &r.Bucket, Key: &r.Key, VersionId: version})
	case "ListObjectsV2":
		_, err = client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &r.Bucket, Prefix: aws.String(r.Query["prefix"]), Delimiter: aws.String(r.Query["delimiter"]), MaxKeys: aws.Int32(1)})
	case "HeadBucket":
		_, err = client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.Bucket})
	default:
		return nil, false
	}
	if err == nil || statusOf(err) == http.StatusRequestedRangeNotSatisfiable { // an empty object
		return nil, true
	}
	return messageOf(r.Operation, err), statusOf(err) != 0
}

// messageOf is AWS's answer as a message.
func messageOf(operation string, err error) *errortext.Message {
	m, _ := errortext.Parse(err.Error()) // what it does not tell stays empty
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorMessage() != "" {
		m.Text = api.ErrorMessage()
	}
	m.Operation, m.Status = operation, statusOf(err)
	return &m
}
