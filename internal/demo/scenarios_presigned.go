package demo

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// presignedScenarios are about presigned URLs, which the SDK makes and plain HTTP
// uses.
var presignedScenarios = []Scenario{
	{
		Name:  "presigned-expired",
		Title: "The presigned URL has expired",
		Story: "The link in the mail was good for 15 minutes, and is opened an hour later.",
		Attempts: []Attempt{{"somebody opens ben's URL of an hour ago", authentication(iam.GateSignature, reason.PresignedExpired, 403, "AccessDenied"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/ben").clock(-time.Hour).open(ctx, "reports", "2026/q1.csv", func(url string) string { return url })
			}}},
	},
	{
		Name:  "presigned-other-key",
		Title: "The presigned URL was altered to name another object",
		Story: "The key in the path was edited, or encoded anew by a proxy or a mail program; the signature is for the path as it was.",
		Attempts: []Attempt{{"somebody edits ben's URL", authentication(iam.GateSignature, reason.SignatureMismatch, 403, "SignatureDoesNotMatch"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/ben").open(ctx, "reports", "2026/q1.csv", func(url string) string { return strings.Replace(url, "2026/q1.csv", "2025/q4.csv", 1) })
			}}},
	},
	{
		Name:  "presigned-altered-header",
		Title: "An upload to a presigned URL sends a header with another value than the signed one",
		Story: "The URL was made for one Content-Type, and the browser sends that of the file it has.",
		Attempts: []Attempt{
			{"a browser uploads with the signed Content-Type", allowed(200), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").upload(ctx, "reports", "2026/scan.pdf", func(http.Header) {})
			}},
			{"a browser uploads with another one", authentication(iam.GateSignature, reason.SignatureMismatch, 403, "SignatureDoesNotMatch"), func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").upload(ctx, "reports", "2026/scan.pdf", func(h http.Header) { h.Set("Content-Type", "image/png") })
			}},
		},
	},
	{
		Name:  "presigned-added-header",
		Title: "An upload to a presigned URL sends a header that is not signed",
		Story: "The client adds x-amz-server-side-encryption on its own; every x-amz header must have been known when the URL was made.",
		Attempts: []Attempt{{"a browser uploads with a further header", authentication(iam.GateSignature, reason.UnsignedHeaders, 403, "AccessDenied"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").upload(ctx, "reports", "2026/scan.pdf", func(h http.Header) { h.Set("X-Amz-Server-Side-Encryption", "AES256") })
			}}},
	},
	{
		Name:  "presigned-wrong-region",
		Title: "The presigned URL was made for another Region",
		Story: "The application signs for its own Region, the bucket is elsewhere; a browser cannot sign again, so the link never works.",
		Attempts: []Attempt{{"somebody opens a URL that was signed for us-east-1", authentication(iam.GateEndpoint, reason.WrongRegion, 400, "AuthorizationQueryParametersError"),
			func(ctx context.Context, s *Stage) error {
				return s.as("prod/admin").open(ctx, "eu-reports", "2026/q1.csv", func(url string) string { return url })
			}}},
	},
	{
		Name:  "presigned-without-permission",
		Title: "Whoever made the presigned URL may not read the object",
		Story: "Anybody can presign anything; S3 asks what the signer may do only when the URL is used.",
		Attempts: []Attempt{{"somebody opens a URL that ana made", noIdentity, func(ctx context.Context, s *Stage) error {
			return s.as("prod/ana").open(ctx, "reports", "2026/q1.csv", func(url string) string { return url })
		}}},
	},
}

// open makes a presigned URL and opens it, as edit leaves it.
func (c caller) open(ctx context.Context, bucket, key string, edit func(string) string) error {
	signed, err := c.presignGet(ctx, bucket, key)
	if err != nil {
		return err
	}
	return c.fetch(ctx, signed.Method, edit(signed.URL), "", nil)
}

// upload makes a presigned URL for a PDF file and uploads to it, with the headers
// that edit leaves.
func (c caller) upload(ctx context.Context, bucket, key string, edit func(http.Header)) error {
	if c.err != nil {
		return c.err
	}
	signed, err := c.presigner().PresignPutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, ContentType: aws.String("application/pdf")})
	if err != nil {
		return err
	}
	header := signed.SignedHeader.Clone()
	edit(header)
	return c.fetch(ctx, signed.Method, signed.URL, "%PDF-1.7\n", header)
}
