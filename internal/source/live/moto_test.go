package live

import (
	"context"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/request"
)

// moto starts moto_server, an AWS that others wrote, and returns its URL.
func moto(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed; Debian has no package of it, so that scripts/test does not require it")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	host, port, _ := net.SplitHostPort(address)
	server := exec.Command(program, "-H", host, "-p", port)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 600 {
		if answer, err := http.Get("http://" + address + "/moto-api/"); err == nil {
			_ = answer.Body.Close()
			return "http://" + address
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("moto_server does not answer")
	return ""
}

// What is collected from moto is what was put there; what moto does not know is
// unknown, and no error.
func TestCollectFromMoto(t *testing.T) {
	url := moto(t)
	ctx := context.Background()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &url, HTTPClient: awshttp.NewBuildableClient(), Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE000000001", "secret", "")}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	users := iam.NewFromConfig(cfg)
	const read = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	must(users.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice"), Path: aws.String("/team/")}))
	must(users.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("alice"), PolicyName: aws.String("read"), PolicyDocument: aws.String(read)}))
	must(users.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("app"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`)}))
	buckets := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := aws.String("moto-reports")
	must(buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}))
	must(buckets.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Sid":"NotSecret","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::moto-reports/secret/*"}]}`)}))
	must(buckets.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}}))

	s, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Collect(ctx, Scope{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := e.Accounts[s.Account]
	b := a.Buckets["moto-reports"]
	if u := a.Users["alice"]; u == nil || u.Path != "/team/" || len(u.Inline) != 1 || a.Roles["app"] == nil || b == nil || b.Versioning.Status != "Enabled" {
		t.Fatalf("collected %+v\nunknown %+v", a, e.AllUnknowns())
	}
	for key, want := range map[string]string{"secret/k": "denied", "k": "allowed"} {
		r := &request.Request{Principal: "arn:aws:iam::" + string(s.Account) + ":user/team/alice", Operation: "GetObject", Bucket: "moto-reports", Key: key, Unstated: "absent"}
		d, _, err := explain.Request(e, r, explain.Options{})
		if err != nil || d.Verdict.String() != want {
			t.Errorf("%s: %v %v, want %s; unknown %+v", key, d.Verdict, err, want, d.Unknown)
		}
	}
	for _, u := range e.AllUnknowns() {
		t.Logf("unknown: %s: %s", u.What, u.Why)
	}
}
