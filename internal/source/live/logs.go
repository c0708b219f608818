package live

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/why403/why403/internal/ingest"
)

// Logs lists and reads the log files of buckets. It asks for nothing but
// s3:ListBucket and s3:GetObject.
type Logs struct{ cfg aws.Config }

var _ ingest.Lister = &Logs{}

// NewLogs returns Logs that use the credentials, region and endpoint that the AWS
// SDKs would on this machine.
func NewLogs(ctx context.Context) (*Logs, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("find AWS credentials: %w", plainError{err})
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	return LogsOf(cfg), nil
}

// LogsOf is NewLogs with a configuration of the SDK.
func LogsOf(cfg aws.Config) *Logs { return &Logs{cfg} }

// in is the client for a Region's buckets.
func (l *Logs) in(region string) *s3.Client {
	return s3.NewFromConfig(l.cfg, func(o *s3.Options) {
		o.Region = region
		o.UsePathStyle = l.cfg.BaseEndpoint != nil         // names of buckets before that of another endpoint rarely resolve
		o.DisableLogOutputChecksumValidationSkipped = true // most files of logs have none
	})
}

// List implements ingest.Lister.
func (l *Logs) List(ctx context.Context, bucket, prefix string, each func(ingest.Object) error) error {
	client := l.in(l.cfg.Region)
	input := &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix}
	pages := s3.NewListObjectsV2Paginator(client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if region := regionHeader(err); region != "" && region != client.Options().Region {
			client = l.in(region)
			pages = s3.NewListObjectsV2Paginator(client, input)
			continue
		}
		if err != nil {
			return &unlistedError{bucket, prefix, err}
		}
		for _, o := range page.Contents {
			key := aws.ToString(o.Key)
			read := func() (io.ReadCloser, error) { return object(ctx, client, bucket, key) }
			if err := each(ingest.Object{Name: "s3://" + bucket + "/" + key, Size: aws.ToInt64(o.Size), Open: read}); err != nil {
				return err
			}
		}
	}
	return nil
}

// An unlistedError says that logs in a bucket cannot be listed.
type unlistedError struct {
	bucket, prefix string
	err            error
}

func (e *unlistedError) Error() string {
	return "list s3://" + e.bucket + "/" + e.prefix + ": " + Plain(e.err)
}
func (e *unlistedError) Unwrap() error { return e.err }

// Hint names the permissions that reading needs where they are wanting.
func (e *unlistedError) Hint() string {
	if statusOf(e.err) != 403 {
		return ""
	}
	return "it needs s3:ListBucket on the bucket, s3:GetObject on its objects, and kms:Decrypt where they are encrypted with a KMS key"
}

func object(ctx context.Context, client *s3.Client, bucket, key string) (io.ReadCloser, error) {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, plainError{err})
	}
	return out.Body, nil
}
