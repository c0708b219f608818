package clienttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// goProgram names the variable that makes a Go program of this test binary.
const goProgram = "WHY403_GO_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(goProgram) != "" {
		os.Exit(goSession())
	}
	os.Exit(m.Run())
}

// goSession is as Go programs are that use the SDK: all of its configuration comes from
// the environment and the shared files. It writes an object, reads it back, and asks
// for one that the role app may not read; that it prints, and ends with status 7.
func goSession() int {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return failed(err)
	}
	c := s3.NewFromConfig(cfg)
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	bucket, key := aws.String("reports"), aws.String("app/go+ü .bin")
	if _, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: bytes.NewReader(body)}); err != nil {
		return failed(err)
	}
	got, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return failed(err)
	}
	if back, err := io.ReadAll(got.Body); err != nil || !bytes.Equal(back, body) {
		return failed(fmt.Errorf("%d bytes came back: %w", len(back), err))
	}
	fmt.Println("written and read")
	if _, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("elsewhere")}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 7
	}
	return 0
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// goClient is a program with the SDK for Go, and what its environment needs.
func goClient(t *testing.T) (path, variable string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path, goProgram + "=1"
}
