package clienttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// sdk is the configuration of a client with the keys of one user. The HTTP client
// is one that can be built on, since AWS_CA_BUNDLE may be set.
func (p *endpoint) sdk(accessKey, secret, token string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &p.url, HTTPClient: awshttp.NewBuildableClient(),
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secret, token),
	}
}

func (p *endpoint) s3(accessKey, secret, token string, path bool) *s3.Client {
	return s3.NewFromConfig(p.sdk(accessKey, secret, token), func(o *s3.Options) { o.UsePathStyle = path; o.RetryMaxAttempts = 1 })
}

// errorCode returns what an API refused with.
func errorCode(err error) (code, message string) {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode(), api.ErrorMessage()
	}
	return "", ""
}

// The AWS SDK for Go: streams with trailing checksums, listings, copies and
// refusals as typed errors.
func TestGoSDK(t *testing.T) {
	p, ctx := start(t), context.Background()
	c := p.s3("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "", true)
	bucket := aws.String("why403-go")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	must(err)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	put, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("dir/ü +&.bin"), Body: bytes.NewReader(big),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, Metadata: map[string]string{"colour": "blue"}, ContentType: aws.String("text/plain")})
	must(err)
	if aws.ToString(put.ChecksumSHA256) == "" {
		t.Error("no checksum came back")
	}
	got, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("dir/ü +&.bin"), ChecksumMode: types.ChecksumModeEnabled})
	must(err)
	body, err := io.ReadAll(got.Body)
	must(err)
	if !bytes.Equal(body, big) || got.Metadata["colour"] != "blue" || aws.ToString(got.ContentType) != "text/plain" {
		t.Errorf("got %d bytes, %v, %v", len(body), got.Metadata, got.ContentType)
	}
	_, err = c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String("why403-go/dir/%C3%BC%20%2B%26.bin")})
	must(err)
	for i := range 5 {
		_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("many/" + string(rune('a'+i))), Body: strings.NewReader("x")})
		must(err)
	}
	var keys []string
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String("many/"), MaxKeys: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		must(err)
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
	}
	if strings.Join(keys, " ") != "many/a many/b many/c many/d many/e" {
		t.Errorf("listed %v", keys)
	}
	_, err = c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("none")})
	var noKey *types.NoSuchKey
	if !errors.As(err, &noKey) {
		t.Errorf("missing key: %v", err)
	}
	_, err = c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("none")})
	var notFound *types.NotFound
	if !errors.As(err, &notFound) {
		t.Errorf("missing key: %v", err)
	}
	nobody := p.s3("AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001", "", true)
	_, err = nobody.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("copy")})
	const want = `User: arn:aws:iam::111122223333:user/nobody is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::why403-go/copy" because no identity-based policy allows the s3:GetObject action`
	if code, message := errorCode(err); code != "AccessDenied" || message != want {
		t.Errorf("%s: %s", code, message)
	}
	deleted, err := c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: aws.String("copy")}, {Key: aws.String("many/a")}}}})
	must(err)
	if len(deleted.Deleted) != 2 {
		t.Errorf("deleted %v", deleted.Deleted)
	}
}

// Streams of unknown hash go as aws-chunked with a trailer over TLS, and presigned
// URLs work for whoever has them until they end.
func TestGoSDKPresigned(t *testing.T) {
	p, ctx := start(t), context.Background()
	c := s3.NewPresignClient(p.s3("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "", true))
	put, err := c.PresignPutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("reports"), Key: aws.String("presigned"), Metadata: map[string]string{"a": "b"}},
		s3.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequest("PUT", put.URL, strings.NewReader("hello"))
	for name, values := range put.SignedHeader {
		if name != "Host" && name != "Content-Length" {
			r.Header[name] = values
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != 200 {
		b, _ := io.ReadAll(res.Body)
		t.Fatalf("%v %d %s", err, res.StatusCode, b)
	}
	get, err := c.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("reports"), Key: aws.String("presigned"), ResponseContentType: aws.String("text/x-test")})
	if err != nil {
		t.Fatal(err)
	}
	if res, err = http.Get(get.URL); err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/x-test" {
		t.Errorf("%v %v", err, res)
	}
	if res, _ = http.Get(get.URL + "0"); res.StatusCode != 403 {
		t.Errorf("altered URL: %d", res.StatusCode)
	}
}

// A session of a role, with session policy and tags.
func TestGoSDKSession(t *testing.T) {
	p, ctx := start(t), context.Background()
	client := sts.NewFromConfig(p.sdk("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", ""))
	res, err := client.AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::111122223333:role/service/app"), RoleSessionName: aws.String("go"),
		Policy: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := p.s3(*res.Credentials.AccessKeyId, *res.Credentials.SecretAccessKey, *res.Credentials.SessionToken, true)
	if _, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("reports"), Key: aws.String("app/k"), Body: strings.NewReader("x")}); err != nil {
		t.Error(err)
	}
	_, err = c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("reports"), Key: aws.String("app/k")})
	if _, message := errorCode(err); !strings.HasSuffix(message, "because no session policy allows the s3:GetObject action") {
		t.Errorf("session policy: %v", err)
	}
	_, err = client.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/guarded"), RoleSessionName: aws.String("go")})
	if code, _ := errorCode(err); code != "AccessDenied" {
		t.Errorf("guarded role: %v", err)
	}
}
