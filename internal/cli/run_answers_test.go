package cli

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/internal/proxy"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// refusal is an answer to a request line, by its target signed for us-east-1.
func refusal(t *testing.T, line, service string, status int, header http.Header, body string) *proxy.Refusal {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	r, err := http.NewRequest(method, "http://127.0.0.1"+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.RequestURI = target
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00")
	if service == "kms" {
		r.Header.Set("X-Amz-Target", "TrentService.Decrypt")
	}
	to, _ := wire.ParseTarget(r)
	return &proxy.Refusal{Request: r, Service: service, Target: to, Claim: sigv4.ReadClaim(r), Status: status, Header: header, Body: []byte(body)}
}

// Answers in the shapes that AWS documents, and what is told of them: status, code,
// operation, reason. Answers that are about other things than access are not told of.
func TestRunReadsAnswers(t *testing.T) {
	xml := func(code, message, more string) string {
		return `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>" + code + "</Code><Message>" + message + "</Message>" + more + "<RequestId>4442587FB7D0A2F9</RequestId><HostId>h</HostId></Error>"
	}
	const putObject = "User: arn:aws:iam::111122223333:user/a is not authorized to perform: s3:PutObject on resource: &quot;arn:aws:s3:::b/k&quot; because no identity-based policy allows the s3:PutObject action"
	region := http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}
	for _, test := range []struct {
		line, service string
		status        int
		header        http.Header
		body          string
		want          string // "" for nothing
	}{
		{"PUT /b/k", "s3", 403, nil, xml("AccessDenied", putObject, ""), "403 AccessDenied PutObject no-allow-identity"},
		{"GET /b/k", "s3", 403, nil, xml("AccessDenied", "Access Denied", ""), "403 AccessDenied GetObject "},
		{"GET /b/k", "s3", 400, nil, xml("ExpiredToken", "The provided token has expired.", "<Token-0>secret</Token-0>"), "400 ExpiredToken GetObject expired-token"},
		{"GET /b?list-type=2", "s3", 400, region, xml("AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'", "<Region>eu-west-1</Region>"), "400 AuthorizationHeaderMalformed ListObjectsV2 wrong-region"},
		{"GET /b/k", "s3", 301, region, xml("PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.", "<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>"), "301 PermanentRedirect GetObject wrong-region"},
		{"HEAD /b", "s3", 301, region, "", "301  HeadBucket wrong-region"},
		{"HEAD /b", "s3", 400, region, "", "400  HeadBucket wrong-region"},
		{"HEAD /b/k", "s3", 403, nil, "", "403  HeadObject "},
		{"PUT /b/k?acl", "s3", 400, nil, xml("AccessControlListNotSupported", "The bucket does not allow ACLs", ""), "400 AccessControlListNotSupported PutObjectAcl acl-not-supported"},
		{"GET /b/k", "s3", 400, nil, xml("KMS.DisabledException", "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab is disabled.", ""), "400 KMS.DisabledException GetObject kms-key-disabled"},
		{"POST /", "kms", 400, http.Header{"X-Amzn-Requestid": {"r"}}, `{"__type":"com.amazonaws.kms#AccessDeniedException","Message":"User: arn:aws:iam::111122223333:user/a is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/k because no identity-based policy allows the kms:Decrypt action"}`, "400 AccessDeniedException Decrypt no-allow-kms-identity"},
		{"POST /", "sts", 403, nil, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/r</Message></Error></ErrorResponse>", "403 AccessDenied a call of STS "},
		{"GET /federation/credentials", "sso", 403, http.Header{"X-Amzn-Errortype": {"ForbiddenException:http://internal.amazon.com/x"}}, `{"message":"No access"}`, "403 ForbiddenException a call of SSO "},
		{"POST /b?delete", "s3", 200, nil, "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>k</Key><VersionId>v</VersionId><Code>AccessDenied</Code><Message>Access Denied</Message></Error><Error><Key>l</Key><Code>InternalError</Code><Message>m</Message></Error></DeleteResult>", "403 AccessDenied DeleteObjects "},
		{"PUT /b/k?uploadId=1&partNumber=1", "s3", 200, nil, "  " + xml("AccessDenied", "Access Denied", ""), "403 AccessDenied UploadPart "},
		{"GET /b/k", "s3", 404, nil, xml("NoSuchKey", "The specified key does not exist.", ""), ""},
		{"HEAD /b/k", "s3", 404, nil, "", ""},
		{"PUT /b/k", "s3", 503, nil, xml("SlowDown", "Please reduce your request rate.", ""), ""},
		{"PUT /b/k", "s3", 400, nil, xml("BadDigest", "x", ""), ""},
		{"POST /", "kms", 400, nil, `{"__type":"NotFoundException","message":"x"}`, ""},
	} {
		if test.header == nil {
			test.header = http.Header{}
		}
		var got []string
		for _, m := range readRefusals(refusal(t, test.line, test.service, test.status, test.header, test.body)) {
			got = append(got, fmt.Sprint(m.message.Status, " ", m.message.Code, " ", m.message.Operation, " ", reasonOf(m.message)))
			if strings.Contains(fmt.Sprintf("%+v", m.message), "secret") {
				t.Errorf("%s: the token is kept: %+v", test.line, m.message)
			}
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s %d %s: %q, want %q", test.line, test.status, test.body, got, test.want)
		}
	}
}

// One explanation for each distinct refusal; that of a Region goes when the same
// request was answered elsewhere; requests that were not sent say what to do.
func TestRunDistinct(t *testing.T) {
	const denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
	const elsewhere = "<Error><Code>PermanentRedirect</Code><Message>m</Message></Error>"
	l := &refusals{}
	for _, line := range []string{"GET /b/1", "GET /b/2", "PUT /b/1", "GET /c/1"} {
		l.add(refusal(t, line, "s3", 403, http.Header{}, denied))
	}
	l.add(refusal(t, "GET /d/1", "s3", 301, http.Header{}, elsewhere))
	l.add(refusal(t, "GET /e/1", "s3", 301, http.Header{}, elsewhere))
	l.add(refusal(t, "GET /f/1", "s3", 301, http.Header{}, elsewhere))
	l.passed(refusal(t, "GET /d/1", "s3", 200, nil, "").Request)
	l.add(refusal(t, "GET /e/1", "s3", 403, http.Header{}, denied))
	var got []string
	for _, m := range l.distinct() {
		got = append(got, fmt.Sprintf("%s %s %d", m.sent, m.message.Code, m.times))
	}
	want := []string{"GET /b/1 AccessDenied 2", "PUT /b/1 AccessDenied 1", "GET /c/1 AccessDenied 1", "GET /f/1 PermanentRedirect 1", "GET /e/1 AccessDenied 1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	r := refusal(t, "GET /b/1", "s3", 400, http.Header{}, "<Error><Code>Why403UnknownCredentials</Code><Message>m</Message></Error>")
	r.Unable = fmt.Errorf("it %w: %w", proxy.ErrForward, errors.New("no secret"))
	for mitm, next := range map[bool][]string{false: {byMITM}, true: nil} {
		reading := readRefusals(r)[0].reading(mitm)
		if !strings.Contains(reading.Says, "did not send this request on: it cannot be signed anew: no secret") || !slices.Equal(reading.Next, next) {
			t.Errorf("%+v", reading)
		}
	}
}
