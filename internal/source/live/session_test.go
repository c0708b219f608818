package live

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/why403/why403/policy"
)

// A session sends nothing that could change anything.
func TestOnlyReads(t *testing.T) {
	sent := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { sent++; w.WriteHeader(http.StatusNotFound) }))
	defer h.Close()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &h.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
		APIOptions: []func(*middleware.Stack) error{onlyReads}}
	bucket := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	ctx, name := context.Background(), aws.String("name")
	for what, call := range map[string]func() error{
		"PutObject": func() error { _, err := bucket.PutObject(ctx, &s3.PutObjectInput{Bucket: name, Key: name}); return err },
		"DeleteObject": func() error {
			_, err := bucket.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: name})
			return err
		},
		"RestoreObject": func() error {
			_, err := bucket.RestoreObject(ctx, &s3.RestoreObjectInput{Bucket: name, Key: name})
			return err
		},
		"CreateUser": func() error {
			_, err := iam.NewFromConfig(cfg).CreateUser(ctx, &iam.CreateUserInput{UserName: name})
			return err
		},
		"Decrypt": func() error {
			_, err := kms.NewFromConfig(cfg).Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: []byte("x")})
			return err
		},
		"ScheduleKeyDelete": func() error {
			_, err := kms.NewFromConfig(cfg).ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: name})
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "no operation that only reads") || sent > 0 {
			t.Errorf("%s: %v, %d requests sent", what, err, sent)
		}
	}
	if _, err := bucket.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: name}); err == nil || sent == 0 {
		t.Errorf("a read was not sent: %v", err)
	}
}

// The policy of collect --print-policy is one, and names reads that exist.
func TestCollectorPolicy(t *testing.T) {
	for role, statements := range map[string]int{"": 6, "audit": 7} {
		doc, err := policy.Parse("policy.json", []byte(CollectorPolicy(role)))
		if err != nil || len(doc.Statements) != statements {
			t.Fatalf("%d statements, %v", len(doc.Statements), err)
		}
		for _, f := range policy.Lint(doc, policy.Identity) {
			t.Errorf("%+v", f)
		}
	}
}
