package demo

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A caller is who calls, from where, and with what mistakes. Its methods return
// changed copies.
type caller struct {
	stage   *Stage
	creds   aws.CredentialsProvider
	region  string
	host    string // in place of the endpoint's address
	virtual bool   // the bucket stands in the host
	header  http.Header
	ahead   time.Duration // of the caller's clock
	err     error         // why there is no such caller
}

// as returns the holder of an access key of the estate, named ACCOUNT/USER.
func (s *Stage) as(name string) caller {
	account, user, _ := strings.Cut(name, "/")
	k, err := keyOf(s.estate, account, user)
	return caller{stage: s, creds: credentials.NewStaticCredentialsProvider(k.id, k.secret, ""), region: "us-east-1", header: http.Header{}, err: err}
}

// anonymous returns a caller that does not sign.
func (s *Stage) anonymous() caller {
	return caller{stage: s, creds: aws.AnonymousCredentials{}, region: "us-east-1", header: http.Header{}}
}

// keys makes the caller sign with these credentials.
func (c caller) keys(id, secret, token string) caller {
	c.creds = credentials.NewStaticCredentialsProvider(id, secret, token)
	return c
}

// in makes the caller sign for a Region.
func (c caller) in(region string) caller {
	c.region = region
	return c
}

// virtualHosted makes the caller write the bucket into the host.
func (c caller) virtualHosted() caller {
	c.virtual = true
	if c.host == "" {
		c.host = "localhost"
	}
	return c
}

// through sends the requests through a VPC endpoint.
func (c caller) through(endpoint string) caller {
	c.host = endpoint + ".localhost"
	return c.virtualHosted()
}

// from sends the requests from an address.
func (c caller) from(ip string) caller { return c.with("X-Why403-Source-Ip", ip) }

// insecurely sends the requests without TLS.
func (c caller) insecurely() caller { return c.with("X-Why403-Secure-Transport", "false") }

// with adds a header that is not signed.
func (c caller) with(name, value string) caller {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return c
}

// clock puts the caller's clock ahead.
func (c caller) clock(ahead time.Duration) caller {
	c.ahead = ahead
	return c
}

func (c caller) url() string {
	if c.host == "" {
		return c.stage.URL()
	}
	_, port, _ := strings.Cut(c.stage.addr, ":")
	return "http://" + c.host + ":" + port
}

func (c caller) http(service string) *recorder {
	return &recorder{client: c.stage.client, header: c.header, service: service, exchanges: &c.stage.exchanges}
}

// s3 returns a client of S3.
func (c caller) s3() *s3.Client {
	return s3.New(s3.Options{
		Region: c.region, Credentials: c.creds, BaseEndpoint: aws.String(c.url()), UsePathStyle: !c.virtual, HTTPClient: c.http("s3"),
		Retryer: aws.NopRetryer{}, HTTPSignerV4: clockSigner{signer(), c.ahead}, DisableLogOutputChecksumValidationSkipped: true,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	})
}

// sts returns a client of STS.
func (c caller) sts() *sts.Client {
	return sts.New(sts.Options{Region: c.region, Credentials: c.creds, BaseEndpoint: aws.String(c.stage.URL()), HTTPClient: c.http("sts"), Retryer: aws.NopRetryer{}})
}

// assume returns a session of a role. A session policy narrows it, unless it is
// empty.
func (c caller) assume(ctx context.Context, role, policy string) (caller, error) {
	if c.err != nil {
		return c, c.err
	}
	in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("demo")}
	if policy != "" {
		in.Policy = &policy
	}
	out, err := c.sts().AssumeRole(ctx, in)
	if err != nil {
		return c, err
	}
	return c.keys(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken), nil
}

func (c caller) get(ctx context.Context, bucket, key string) error {
	return c.getWith(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
}

func (c caller) getWith(ctx context.Context, in *s3.GetObjectInput) error {
	if c.err != nil {
		return c.err
	}
	out, err := c.s3().GetObject(ctx, in)
	if err != nil {
		return err
	}
	defer out.Body.Close()
	_, err = io.Copy(io.Discard, out.Body)
	return err
}

func (c caller) list(ctx context.Context, bucket string) error {
	if c.err != nil {
		return c.err
	}
	_, err := c.s3().ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	return err
}

// put uploads a few bytes; acl may be empty.
func (c caller) put(ctx context.Context, bucket, key string, acl types.ObjectCannedACL) error {
	_, err := c.putWith(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, ACL: acl})
	return err
}

func (c caller) putWith(ctx context.Context, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
	if c.err != nil {
		return nil, c.err
	}
	in.Body = strings.NewReader("why 403?\n")
	return c.s3().PutObject(ctx, in)
}

// presignGet returns the URL of an object, for 15 minutes.
func (c caller) presignGet(ctx context.Context, bucket, key string) (*v4.PresignedHTTPRequest, error) {
	if c.err != nil {
		return nil, c.err
	}
	return c.presigner().PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
}

func (c caller) presigner() *s3.PresignClient {
	return s3.NewPresignClient(c.s3(), s3.WithPresignExpires(15*time.Minute), func(o *s3.PresignOptions) { o.Presigner = clockSigner{signer(), c.ahead} })
}

// fetch uses a presigned URL, as a browser or curl does.
func (c caller) fetch(ctx context.Context, method, url, body string, header http.Header) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range header {
		if !strings.EqualFold(name, "Host") && !strings.EqualFold(name, "Content-Length") {
			req.Header[name] = values
		}
	}
	res, err := c.http("s3").Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return err
}

// signer returns the SDK's signer, set for S3.
func signer() *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
}

// A clockSigner signs by a clock that is wrong.
type clockSigner struct {
	signer *v4.Signer
	ahead  time.Duration
}

// SignHTTP implements s3.HTTPSignerV4.
func (s clockSigner) SignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request, payload, service, region string, at time.Time, o ...func(*v4.SignerOptions)) error {
	return s.signer.SignHTTP(ctx, creds, r, payload, service, region, at.Add(s.ahead), o...)
}

// PresignHTTP implements s3.HTTPPresignerV4.
func (s clockSigner) PresignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request, payload, service, region string, at time.Time, o ...func(*v4.SignerOptions)) (string, http.Header, error) {
	return s.signer.PresignHTTP(ctx, creds, r, payload, service, region, at.Add(s.ahead), o...)
}
