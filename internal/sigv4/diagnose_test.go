package sigv4

import (
	"net/http"
	"strings"
	"testing"
)

// Each case signs a request with one mistake, and wants it named.
func TestDiagnosis(t *testing.T) {
	type mistake struct {
		name    string
		request func() *http.Request // nil: a plain GET
		signer  func(*Signer)        // changes the signer
		wrong   func(*attempt)       // changes what is signed
		part    Part
		text    string
	}
	get := func(target string) func() *http.Request {
		return func() *http.Request { return request(t, "GET", "https://my-bucket.s3.amazonaws.com"+target, "") }
	}
	with := func(name string, values ...string) func() *http.Request {
		return func() *http.Request {
			r := get("/key")()
			r.Header[name] = values
			return r
		}
	}
	header := func(name string, values ...string) func(*attempt) {
		return func(a *attempt) { a.headers = replaced(a.headers, name, values...) }
	}
	for _, tt := range []mistake{
		{"newline in the secret", nil, func(s *Signer) { s.Credential.Secret += "\n" }, nil, PartSecret, "ends in a newline"},
		{"blank in the secret", nil, func(s *Signer) { s.Credential.Secret += " " }, nil, PartSecret, "ends in a blank"},
		{"quoted secret", nil, func(s *Signer) { s.Credential.Secret = `"` + s.Credential.Secret + `"` }, nil, PartSecret, "quotation marks"},
		{"encoded secret", nil, func(s *Signer) { s.Credential.Secret = strings.ReplaceAll(s.Credential.Secret, "/", "%2F") }, nil, PartSecret, "percent-encoded"},
		{"another secret", nil, func(s *Signer) { s.Credential.Secret = "other" }, nil, PartUnknown, "wrong secret access key, or the request was altered"},
		{"another region in the key", nil, nil, func(a *attempt) { a.scope.region = "eu-west-1" }, PartScope, `Region "eu-west-1"`},
		{"another service in the key", nil, nil, func(a *attempt) { a.scope.service = "execute-api" }, PartScope, `service "execute-api"`},
		{"yesterday's key", nil, nil, func(a *attempt) { a.scope.date = "20261121" }, PartScope, "20261121"},
		{"another method", nil, nil, func(a *attempt) { a.method = "HEAD" }, PartMethod, "signed as HEAD and sent as GET"},
		{"port added", nil, nil, header("host", "my-bucket.s3.amazonaws.com:443"), PartHost, ":443"},
		{"behind a proxy", with("X-Forwarded-Host", "s3.example.net"), nil, header("host", "s3.example.net"), PartHost, "host s3.example.net"},
		{"regional endpoint", nil, nil, header("host", "s3.us-east-1.amazonaws.com"), PartHost, "s3.us-east-1.amazonaws.com"},
		{"path encoded twice", get("/a%20b"), nil, func(a *attempt) { a.path = "/a%2520b" }, PartPath, "twice"},
		{"path not encoded", get("/a%20b"), nil, func(a *attempt) { a.path = "/a b" }, PartPath, "did not encode"},
		{"path normalised", get("/a//b/../c"), nil, func(a *attempt) { a.path = "/a/c" }, PartPath, "normalised"},
		{"plus in the path", get("/a+b"), nil, func(a *attempt) { a.path = "/a%20b" }, PartPath, "'+'"},
		{"slash at the end", get("/a/"), nil, func(a *attempt) { a.path = "/a" }, PartPath, "without the '/'"},
		{"slash encoded", get("/a/b"), nil, func(a *attempt) { a.path = "%2Fa%2Fb" }, PartPath, "encoded '/'"},
		{"other addressing style", nil, nil, func(a *attempt) { a.path = "/my-bucket/key" }, PartPath, "path style"},
		{"prefix added by a proxy", get("/s3/key"), nil, func(a *attempt) { a.path = "/key" }, PartPath, "first segment"},
		{"plus sign in the query", get("/?prefix=a+b"), nil, func(a *attempt) { a.query = "prefix=a%2Bb" }, PartQuery, "'+'"},
		{"query not sorted", get("/?b=1&a=1"), nil, func(a *attempt) { a.query = "b=1&a=1" }, PartQuery, "sort"},
		{"query not encoded", get("/?prefix=a/b"), nil, func(a *attempt) { a.query = "prefix=a/b" }, PartQuery, "as it was sent"},
		{"query encoded twice", get("/?prefix=a/b"), nil, func(a *attempt) { a.query = "prefix=a%252Fb" }, PartQuery, "twice"},
		{"parameter without '='", get("/?acl="), nil, func(a *attempt) { a.query = "acl" }, PartQuery, "left out '='"},
		{"query left out", get("/?a=1&b=2"), nil, func(a *attempt) { a.query = "" }, PartQuery, "left out the query"},
		{"parameter added", get("/?a=1&x-id=GetObject"), nil, func(a *attempt) { a.query = "a=1" }, PartQuery, "x-id"},
		{"payload unsigned", nil, nil, func(a *attempt) { a.payload = UnsignedPayload }, PartPayload, UnsignedPayload},
		{"header changed on the way", with("Accept-Encoding", "gzip"), nil, header("accept-encoding", "identity"), PartHeader, `"identity"`},
		{"header not trimmed", with("X-Amz-Meta-A", "a  b"), nil, func(a *attempt) { a.headers = verbatim(a.headers, "x-amz-meta-a") }, PartHeader, "collapse"},
		{"values joined with a blank", with("X-Amz-Meta-A", "a", "b"), nil, header("x-amz-meta-a", "a, b"), PartHeader, "without a blank"},
		{"charset lost", with("Content-Type", "text/plain"), nil, header("content-type", "text/plain; charset=utf-8"), PartHeader, "charset"},
		{"header missing from the canonical request", with("X-Amz-Meta-A", "a"), nil, func(a *attempt) {
			a.headers = a.headers[:len(a.headers)-1]
		}, PartHeader, "x-amz-meta-a out of the canonical headers"},
		{"Date in the string to sign", with("Date", "Sun, 22 Nov 2026 10:00:00 GMT"), nil, func(a *attempt) { a.stamp = "Sun, 22 Nov 2026 10:00:00 GMT" }, PartDate, "value of Date"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.request == nil {
				tt.request = get("/key")
			}
			r, s := tt.request(), formSigner
			if tt.signer != nil {
				tt.signer(&s)
			}
			also := []string{}
			for name := range r.Header {
				if name != "X-Forwarded-Host" {
					also = append(also, name)
				}
			}
			s.Sign(r, testTime, EmptyPayload, also...)
			if tt.wrong != nil {
				a := s.attempt(r, testTime, signedNames(r, also), EmptyPayload, false)
				right := a.sign()
				tt.wrong(a)
				setAuth(right, a.sign())(r)
			}
			v := at(testTime, keys(docCred))
			err := refused(t, v, r)
			if err.Reason != ReasonSignatureMismatch {
				t.Fatalf("%v", err)
			}
			h := err.Detail.Hint
			if h.Part != tt.part || !strings.Contains(h.Text, tt.text) || h.Confirmed != (tt.part != PartUnknown) {
				t.Errorf("hint %+v, want %s with %q", h, tt.part, tt.text)
			}
			if err.Hint() != h.Text || strings.Contains(h.Text, docCred.Secret) {
				t.Errorf("hint %q", err.Hint())
			}
		})
	}
}

func TestDiagnosisOfSignedHeaders(t *testing.T) {
	r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key", "")
	formSigner.Sign(r, testTime, EmptyPayload)
	const unsorted = "x-amz-date;x-amz-content-sha256;host"
	a := formSigner.attempt(r, testTime, signedNames(r, nil), EmptyPayload, false)
	sorted, right := a.signed, a.sign()
	a.signed = unsorted
	setAuth(sorted, unsorted)(r)
	setAuth(right, a.sign())(r)
	if h := refused(t, at(testTime, keys(docCred)), r).Detail.Hint; h.Part != PartSignedHeaders || !h.Confirmed {
		t.Errorf("hint %+v", h)
	}
}

func TestDiagnosisOfSigV2(t *testing.T) {
	v := at(testTime, keys(docCred))
	v.AllowSigV2 = true
	r := request(t, "GET", "https://s3.amazonaws.com/my-bucket/key", "")
	s := formSigner
	s.Credential.Secret += "\n"
	s.SignV2(r, testTime, "")
	if h := refused(t, v, r).Detail.Hint; h.Part != PartSecret || !h.Confirmed {
		t.Errorf("hint %+v", h)
	}
	formSigner.SignV2(r, testTime, "")
	r.Method = "HEAD"
	if h := refused(t, v, r).Detail.Hint; h.Part != PartMethod || !h.Confirmed {
		t.Errorf("hint %+v", h)
	}
}
