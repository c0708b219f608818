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
type Logs struct{ client *s3.Client }

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
func LogsOf(cfg aws.Config) *Logs {
	return &Logs{s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = cfg.BaseEndpoint != nil // names of buckets before that of another endpoint rarely resolve
	})}
}

// List implements ingest.Lister.
func (l *Logs) List(ctx context.Context, bucket, prefix string, each func(ingest.Object) error) error {
	pages := s3.NewListObjectsV2Paginator(l.client, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, plainError{err})
		}
		for _, o := range page.Contents {
			key := aws.ToString(o.Key)
			open := func() (io.ReadCloser, error) { return l.open(ctx, bucket, key) }
			if err := each(ingest.Object{Name: "s3://" + bucket + "/" + key, Size: aws.ToInt64(o.Size), Open: open}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Logs) open(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	out, err := l.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, plainError{err})
	}
	return out.Body, nil
}
