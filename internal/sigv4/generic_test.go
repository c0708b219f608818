package sigv4

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

var stsSigner = Signer{Credential: tempCred, Region: "us-east-1", Service: "sts"}

const callerIdentity = "Action=GetCallerIdentity&Version=2011-06-15"

// stsPost returns a signed call of GetCallerIdentity with one change.
func stsPost(t testing.TB, change func(*http.Request)) *http.Request {
	r := request(t, "POST", "https://sts.amazonaws.com/", callerIdentity)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	stsSigner.Sign(r, testTime, sha256Hex([]byte(callerIdentity)), "Content-Type")
	change(r)
	return received(t, r)
}

func stsVerifier(now time.Time, json bool) *Verifier {
	v := at(now, keys(tempCred))
	v.Service, v.JSON = "sts", json
	return v
}

func TestQueryProtocol(t *testing.T) {
	r := stsPost(t, func(*http.Request) {})
	res := accepted(t, stsVerifier(testTime, false), r)
	if res.Mechanism != Header || res.Service != "sts" {
		t.Errorf("result %+v", res)
	}
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != callerIdentity {
		t.Errorf("the body is %q, %v after Verify", body, err)
	}
}

// hashOfNone is the hash of "AWS4-HMAC-SHA256 x".
const hashOfNone = "D6g1GisXlH+T3tugT4kJyB0BFiEOZqjg1nGwgXnvDLA="

func TestGenericRefusals(t *testing.T) {
	altered := func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(strings.Replace(callerIdentity, "Get", "Set", 1)))
	}
	for _, tt := range []struct {
		name    string
		now     time.Duration
		change  func(*http.Request)
		gate    string
		reason  Reason
		status  int
		code    string
		json    string
		message string
	}{
		{"altered body", 0, altered, GateSignature, ReasonSignatureMismatch, 403, "SignatureDoesNotMatch", "InvalidSignatureException", genericMismatchMessage},
		{"unknown key", 0, setAuth("ASIAEXAMPLE000000APP", "ASIANOBODY"), GateCredentials, ReasonUnknownAccessKey, 403, "InvalidClientTokenId", "UnrecognizedClientException",
			"The security token included in the request is invalid."},
		{"no token", 0, del("X-Amz-Security-Token"), GateCredentials, ReasonMissingToken, 403, "InvalidClientTokenId", "UnrecognizedClientException",
			"The security token included in the request is invalid."},
		{"unsigned header", 0, func(r *http.Request) { r.Header.Set("X-Amz-Target", "TrentService.Decrypt") }, GateSignature, ReasonUnsignedHeaders, 403,
			"SignatureDoesNotMatch", "InvalidSignatureException", "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
		{"clock behind", 16 * time.Minute, func(*http.Request) {}, GateSignature, ReasonClockSkew, 403, "SignatureDoesNotMatch", "InvalidSignatureException",
			"Signature expired: 20261122T100000Z is now earlier than 20261122T100100Z (20261122T101600Z - 15 min.)"},
		{"clock ahead", -16 * time.Minute, func(*http.Request) {}, GateSignature, ReasonClockSkew, 403, "SignatureDoesNotMatch", "InvalidSignatureException",
			"Signature not yet current: 20261122T100000Z is still later than 20261122T095900Z (20261122T094400Z + 15 min.)"},
		{"region", 0, setAuth("us-east-1", "eu-west-1"), GateEndpoint, ReasonWrongRegion, 403, "SignatureDoesNotMatch", "InvalidSignatureException",
			"Credential should be scoped to a valid region, not 'eu-west-1'. "},
		{"service", 0, setAuth("/sts/", "/iam/"), GateSignature, ReasonWrongService, 403, "SignatureDoesNotMatch", "InvalidSignatureException",
			"Credential should be scoped to correct service: 'sts'. "},
		{"terminator", 0, setAuth("aws4_request", "aws4"), GateSignature, ReasonWrongTerminator, 403, "SignatureDoesNotMatch", "InvalidSignatureException",
			"Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. "},
		{"date", 0, setAuth("20261122", "20261121"), GateSignature, ReasonWrongDate, 403, "SignatureDoesNotMatch", "InvalidSignatureException",
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261121' != '20261122', from '20261122T100000Z'. "},
		{"credential", 0, setAuth("/us-east-1", ""), GateSignature, ReasonMalformedAuthorization, 400, "IncompleteSignature", "IncompleteSignatureException",
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'ASIAEXAMPLE000000APP/20261122/sts/aws4_request'"},
		{"no date", 0, del("X-Amz-Date"), GateSignature, ReasonMissingDate, 400, "IncompleteSignature", "IncompleteSignatureException",
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=G3zknC7XsrZfWCjAcBLZ8uubB18Rdg63EcaP2XxRI/w="},
		{"bad date", 0, func(r *http.Request) { r.Header.Set("X-Amz-Date", "03032006") }, GateSignature, ReasonMissingDate, 400, "IncompleteSignature", "IncompleteSignatureException",
			"Date must be in ISO-8601 'basic format'. Got '03032006'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"no parameters", 0, func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 x") }, GateSignature, ReasonMalformedAuthorization, 400,
			"IncompleteSignature", "IncompleteSignatureException", "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=" + hashOfNone},
		{"algorithm", 0, setAuth("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"), GateSignature, ReasonUnsupportedAuthorization, 400, "IncompleteSignature", "IncompleteSignatureException",
			"Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			is(t, refused(t, stsVerifier(testTime.Add(tt.now), false), stsPost(t, tt.change)), tt.gate, tt.reason, tt.status, tt.code, tt.message)
			is(t, refused(t, stsVerifier(testTime.Add(tt.now), true), stsPost(t, tt.change)), tt.gate, tt.reason, 400, tt.json, tt.message)
		})
	}
}

// A presigned GetCallerIdentity, as Kubernetes sends it to prove who it is.
func TestPresignedQueryProtocol(t *testing.T) {
	r := request(t, "GET", "https://sts.amazonaws.com/?"+callerIdentity, "")
	u := stsSigner.Presign(r, testTime, time.Minute)
	get := func() *http.Request { return received(t, request(t, "GET", u, "")) }
	if res := accepted(t, stsVerifier(testTime, false), get()); res.Mechanism != Query || res.Expires != time.Minute {
		t.Errorf("result %+v", res)
	}
	is(t, refused(t, stsVerifier(testTime.Add(2*time.Minute), false), get()), GateSignature, ReasonPresignedExpired, 403, "SignatureDoesNotMatch",
		"Signature expired: 20261122T100000Z is now earlier than 20261122T100100Z (20261122T100200Z - 1 min.)")
}

func TestUnsignedGenericRequest(t *testing.T) {
	v := stsVerifier(testTime, false)
	basic := request(t, "POST", "https://sts.amazonaws.com/", callerIdentity)
	basic.Header.Set("Authorization", "Basic x")
	is(t, refused(t, v, basic), GateSignature, ReasonMissingAuthentication, 403, "MissingAuthenticationToken", "Request is missing Authentication Token")
	if res := accepted(t, v, request(t, "POST", "https://sts.amazonaws.com/", callerIdentity)); res.Mechanism != Anonymous {
		t.Errorf("result %+v", res)
	}
	is(t, v.MissingAuthentication(), GateSignature, ReasonMissingAuthentication, 403, "MissingAuthenticationToken", "Request is missing Authentication Token")
	is(t, new(Verifier).MissingAuthentication(), GateSignature, ReasonMissingAuthentication, 403, "AccessDenied", "Access Denied")
}

func TestGenericBodyLimit(t *testing.T) {
	v := stsVerifier(testTime, false)
	v.MaxBody = int64(len(callerIdentity)) - 1
	if err := refused(t, v, stsPost(t, func(*http.Request) {})); err.Reason != ReasonBodyTooLarge || err.Status != 413 {
		t.Errorf("%v", err)
	}
}

// Services other than S3 normalise the path and encode it once more.
func TestCanonicalPathOfOtherServices(t *testing.T) {
	for raw, want := range map[string]string{
		"/": "/", "//": "/", "/a/../b/./": "/b/", "/a//b": "/a/b", "/a%20b": "/a%2520b", "/arn%3Aaws": "/arn%253Aaws", "/a:b": "/a%3Ab",
	} {
		if got := canonicalPathGeneric(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}
