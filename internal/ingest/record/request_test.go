package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/why403/why403/internal/ingest/accesslog"
	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/request"
)

// names is an estate that holds a role, an endpoint and an account.
type names struct{}

func (names) HasEndpoint(id string) bool { return id == "vpce-1a2b3c4d" }
func (names) PrincipalOfID(account, id string) (string, bool) {
	return "arn:aws:iam::444455556666:role/jobs/reader", account == "444455556666" && id == "AROAEXAMPLEREADER0000"
}
func (names) PrincipalOfCanonicalID(id string) (string, bool) {
	return "arn:aws:iam::111122223333:root", strings.HasPrefix(id, "79a5")
}

// requestOf reads one CloudTrail record of S3 with the members given, and makes it
// a request.
func requestOf(t *testing.T, members string) string {
	t.Helper()
	text := `{"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com",` + members + `}`
	var out string
	r := &cloudtrail.Reader{Bad: func(b *cloudtrail.Bad) error { return b }, Handle: func(r *record.Record) error { out = show(r); return nil }}
	if err := r.Read("f", strings.NewReader(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

// show writes what of a request matters here.
func show(r *record.Record) string {
	q, err := r.Request(names{})
	if err != nil {
		return "error: " + err.Error()
	}
	s := q.Principal + " " + q.Operation + q.Action
	if q.FederatedBy != nil {
		s += " by " + *q.FederatedBy
	}
	if q.MFA != nil {
		s += fmt.Sprint(" mfa=", *q.MFA)
	}
	if q.SourceIP != nil {
		s += " ip=" + *q.SourceIP
	}
	if q.VPCEndpoint != nil {
		s += " through " + *q.VPCEndpoint
	}
	if q.SecureTransport != nil {
		s += fmt.Sprint(" tls=", *q.SecureTransport)
	}
	if q.Auth != nil {
		s += " auth=" + q.Auth.Type + q.Auth.Version
	}
	for _, key := range []string{"aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime", "aws:CalledVia", "s3:TlsVersion", "kms:EncryptionContext:aws:s3:arn"} {
		if v, ok := q.Context[key]; ok {
			s += " " + key + "=" + v.String()
		}
	}
	return s
}

const object = `"eventName":"GetObject","requestParameters":{"bucketName":"b","key":"k"}`

// Every kind of principal, by the shapes of the fact sheet (CloudTrail User Guide,
// userIdentity element).
func TestPrincipals(t *testing.T) {
	for _, c := range []struct{ name, identity, want string }{
		{"user", `{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE0000ALICE"}`, "arn:aws:iam::111122223333:user/alice GetObject"},
		{"user with a session and MFA", `{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","sessionContext":{"attributes":{"creationDate":"2026-11-22T09:00:00Z","mfaAuthenticated":"true"}}}`,
			"arn:aws:iam::111122223333:user/alice GetObject mfa=true aws:MultiFactorAuthAge=3600 aws:TokenIssueTime=2026-11-22T09:00:00Z"},
		{"user with a session without MFA", `{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","sessionContext":{"attributes":{"creationDate":"20261122T090000Z","mfaAuthenticated":"false"}}}`,
			"arn:aws:iam::111122223333:user/alice GetObject aws:MultiFactorAuthPresent=false aws:TokenIssueTime=2026-11-22T09:00:00Z"},
		{"role session", `{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/app/session-1","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/service/app"},"attributes":{"mfaAuthenticated":"false"}}}`,
			"arn:aws:sts::111122223333:assumed-role/app/session-1 GetObject mfa=false"},
		{"root", `{"type":"Root","arn":"arn:aws:iam::111122223333:root","principalId":"111122223333"}`, "arn:aws:iam::111122223333:root GetObject"},
		{"federated user", `{"type":"FederatedUser","arn":"arn:aws:sts::111122223333:federated-user/carol","sessionContext":{"sessionIssuer":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/broker"},"attributes":{}}}`,
			"arn:aws:sts::111122223333:federated-user/carol GetObject by arn:aws:iam::111122223333:user/broker"},
		{"another account's, known", `{"type":"AWSAccount","principalId":"AROAEXAMPLEREADER0000:batch-17","accountId":"444455556666"}`, "arn:aws:sts::444455556666:assumed-role/reader/batch-17 GetObject"},
		{"another account's, not known", `{"type":"AWSAccount","principalId":"AIDAEXAMPLESOMEBODY00","accountId":"444455556666"}`, "error: " + record.ErrCaller.Error()},
		{"service", `{"type":"AWSService","invokedBy":"logging.s3.amazonaws.com"}`, "logging.s3.amazonaws.com GetObject"},
		{"service for a user", `{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","invokedBy":"cloudformation.amazonaws.com"}`, "arn:aws:iam::111122223333:user/alice GetObject aws:CalledVia=[cloudformation.amazonaws.com]"},
		{"anonymous", `{"type":"AWSAccount","principalId":"","accountId":"anonymous"}`, "anonymous GetObject"},
		{"anonymous, of old", `{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}`, "anonymous GetObject"},
		{"identity center", `{"type":"IdentityCenterUser","accountId":"111122223333"}`, "error: " + record.ErrKind.Error()},
	} {
		if got := requestOf(t, object+`,"userIdentity":`+c.identity); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// What the wire tells, and what it does not.
func TestCircumstances(t *testing.T) {
	const root = `"userIdentity":{"type":"Root","arn":"r"},`
	for _, c := range []struct{ name, members, want string }{
		{"public address", object + `,"sourceIPAddress":"203.0.113.7"`, "r GetObject ip=203.0.113.7"},
		{"endpoint of the estate", object + `,"sourceIPAddress":"10.0.0.7","vpcEndpointId":"vpce-1a2b3c4d"`, "r GetObject ip=10.0.0.7 through vpce-1a2b3c4d"},
		{"the console's own endpoint", object + `,"sourceIPAddress":"203.0.113.7","vpcEndpointId":"vpce-c94096a0"`, "r GetObject"},
		{"AWS Internal", object + `,"sourceIPAddress":"AWS Internal"`, "r GetObject"},
		{"TLS", object + `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"x"}`, "r GetObject tls=true s3:TlsVersion=1.3"},
		{"plain HTTP", object + `,"additionalEventData":{"SignatureVersion":"SigV4","AuthenticationMethod":"AuthHeader"}`, "r GetObject tls=false"},
		{"presigned, SigV2", object + `,"additionalEventData":{"SignatureVersion":"SigV2","CipherSuite":"x","AuthenticationMethod":"QueryString"}`, "r GetObject tls=true auth=queryAWS"},
		{"list V2", `"eventName":"ListObjects","requestParameters":{"bucketName":"b","list-type":"2"}`, "r ListObjectsV2"},
		{"list V1", `"eventName":"ListObjects","requestParameters":{"bucketName":"b","list-type":["1"]}`, "r ListObjects"},
		{"preflight", `"eventName":"PreflightRequest","requestParameters":{"bucketName":"b","key":"k"}`, "r OptionsObject"},
		{"network activity", `"eventName":"GetObject","eventType":"AwsVpceEvent","errorCode":"VpceAccessDenied"`, "error: " + record.ErrNoBucket.Error()},
	} {
		if got := requestOf(t, root+c.members); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// The requester of access logs, and records that stand for half a call.
func TestAccessLogRequests(t *testing.T) {
	const owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
	for _, c := range []struct{ requester, operation, key, want string }{
		{"-", "REST.GET.OBJECT", "k", "anonymous GetObject ip=192.0.2.1"},
		{owner, "REST.GET.ACL", "-", "arn:aws:iam::111122223333:root GetBucketAcl ip=192.0.2.1"},
		{"svc:cloudfront.amazonaws.com", "REST.GET.ACL", "k", "cloudfront.amazonaws.com GetObjectAcl ip=192.0.2.1"},
		{"arn:aws:iam::111122223333:user/alice", "BATCH.DELETE.OBJECT", "k", "arn:aws:iam::111122223333:user/alice s3:DeleteObject ip=192.0.2.1"},
		{"arn:aws:iam::111122223333:user/alice", "REST.COPY.OBJECT_GET", "k", "arn:aws:iam::111122223333:user/alice s3:GetObject ip=192.0.2.1"},
		{"-", "S3.EXPIRE.OBJECT", "k", "error: " + record.ErrService.Error()},
		{"-", "WEBSITE.GET.OBJECT", "k", "anonymous GetObject ip=192.0.2.1 auth=anonymous"},
	} {
		line := owner + " b [22/Nov/2026:10:00:02 +0000] 192.0.2.1 " + c.requester + " D630 " + c.operation + " " + c.key + ` "GET /k HTTP/1.1" 200 - 1 1 2 1 "-" "a" - h=`
		var got string
		r := &accesslog.Reader{Bad: func(b *accesslog.Bad) error { return b }, Handle: func(r *record.Record) error { got = show(r); return nil }}
		if err := r.Read("f", strings.NewReader(line)); err != nil || got != c.want {
			t.Errorf("%s %s: %v\n got %s\nwant %s", c.requester, c.operation, err, got, c.want)
		}
	}
}

// A header that the log does not have is not known, rather than not sent.
func TestHeadersThatNoLogHas(t *testing.T) {
	const put = `{"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","userIdentity":{"type":"Root","arn":"r"},"eventName":"PutObject","requestParameters":{"bucketName":"b","key":"k","x-amz-acl":"private"}}`
	const line = "79a5 b [22/Nov/2026:10:00:02 +0000] 192.0.2.1 - D630 REST.PUT.OBJECT k \"PUT /k HTTP/1.1\" 200 - 1 1 2 1 \"-\" \"a\" - h="
	var trail, access, read *request.Request
	keep := func(to **request.Request) func(*record.Record) error {
		return func(r *record.Record) (err error) { *to, err = r.Request(names{}); return err }
	}
	for _, c := range []struct {
		text string
		to   **request.Request
	}{{put, &trail}, {strings.Replace(put, "PutObject", "GetObject", 1), &read}} {
		if err := (&cloudtrail.Reader{Handle: keep(c.to), Bad: func(b *cloudtrail.Bad) error { return b }}).Read("f", strings.NewReader(c.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&accesslog.Reader{Handle: keep(&access), Bad: func(b *accesslog.Bad) error { return b }}).Read("f", strings.NewReader(line)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		q      *request.Request
		key    string
		marked bool
	}{
		{"CloudTrail", trail, "s3:x-amz-acl", false}, {"CloudTrail", trail, "s3:x-amz-server-side-encryption", false}, {"CloudTrail", trail, "s3:RequestObjectTag/", true}, {"CloudTrail", trail, "aws:Referer", true},
		{"access log", access, "s3:x-amz-acl", true}, {"access log", access, "s3:x-amz-server-side-encryption", true}, {"access log", access, "aws:Referer", false},
		{"CloudTrail read", read, "s3:RequestObjectTag/", false},
	} {
		if _, ok := c.q.Context[c.key]; ok != c.marked {
			t.Errorf("%s: %s marked as not known: %v, want %v", c.name, c.key, ok, c.marked)
		}
	}
}
