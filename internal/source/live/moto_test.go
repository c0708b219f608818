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
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
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

// An organization of moto's is collected whole: the tree with its policies, and each
// account as the role that is in it.
func TestOrganizationFromMoto(t *testing.T) {
	url := moto(t)
	ctx := context.Background()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &url, HTTPClient: awshttp.NewBuildableClient(), Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE000000001", "secret", "")}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	org := organizations.NewFromConfig(cfg)
	_, err := org.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll})
	must(err)
	made, err := org.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: aws.String("prod"), Email: aws.String("prod@example.com")})
	must(err)
	roots, err := org.ListRoots(ctx, nil)
	must(err)
	unit, err := org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: roots.Roots[0].Id, Name: aws.String("prod")})
	must(err)
	account := made.CreateAccountStatus.AccountId
	_, err = org.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: account, SourceParentId: roots.Roots[0].Id, DestinationParentId: unit.OrganizationalUnit.Id})
	must(err)
	_, err = org.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: roots.Roots[0].Id, PolicyType: orgtypes.PolicyTypeServiceControlPolicy})
	must(err)
	scp, err := org.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: aws.String("NoPut"), Description: aws.String("-"), Type: orgtypes.PolicyTypeServiceControlPolicy,
		Content: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}`)})
	must(err)
	_, err = org.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: scp.Policy.PolicySummary.Id, TargetId: unit.OrganizationalUnit.Id})
	must(err)
	s, err := New(ctx, cfg)
	must(err)
	inside, err := s.assume(ctx, "arn:aws:iam::"+*account+":role/audit")
	must(err)
	member := inside.config.Copy()
	member.APIOptions = nil // the test makes things
	_, err = iam.NewFromConfig(member).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})
	must(err)
	_, err = iam.NewFromConfig(member).PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("all"), PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`)})
	must(err)
	_, err = s3.NewFromConfig(member, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("moto-theirs")})
	must(err)

	e, err := s.CollectOrganization(ctx, "audit", Scope{}, nil)
	must(err)
	for operation, want := range map[string]string{"PutObject": "denied scp", "GetObject": "allowed "} {
		r := &request.Request{Principal: "arn:aws:iam::" + *account + ":user/bob", Operation: operation, Bucket: "moto-theirs", Key: "k", Unstated: "absent"}
		d, _, err := explain.Request(e, r, explain.Options{})
		must(err)
		got := d.Verdict.String() + " "
		if d.Cause != nil {
			got += d.Cause.Gate.String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s; unknown %+v", operation, got, want, d.Unknown)
		}
	}
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
