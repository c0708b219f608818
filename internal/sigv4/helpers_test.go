package sigv4

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The access keys of the tests. The first is that of the S3 API Reference.
var (
	docCred  = Credential{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	longCred = Credential{AccessKeyID: "AKIAEXAMPLE0000ALICE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	tempCred = Credential{AccessKeyID: "ASIAEXAMPLE000000APP", Secret: "abc+DEF/ghiJKLmnoPQRstuVWXyz0123456789AB", SessionToken: "IQoJb3Jp+Z2lu/X2Vj=="}
	docTime  = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	testTime = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
)

func keys(creds ...Credential) KeyMap {
	m := KeyMap{}
	for _, c := range creds {
		m[c.AccessKeyID] = c
	}
	return m
}

// at returns a verifier whose clock stands.
func at(now time.Time, k Keys) *Verifier {
	return &Verifier{Keys: k, Now: func() time.Time { return now }, Target: region("us-east-1")}
}

func region(name string) func(*http.Request) Target {
	return func(*http.Request) Target { return Target{Bucket: "my-bucket", Region: name} }
}

// wire parses a request as the server would. Lines of head end in a line feed.
func wire(t testing.TB, head, body string) *http.Request {
	t.Helper()
	raw := strings.ReplaceAll(strings.TrimSpace(head), "\n", "\r\n") + "\r\n\r\n" + body
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		t.Fatalf("request does not parse: %v\n%s", err, raw)
	}
	return r
}

// received turns a request made in this process into the one that a server
// reads from the wire.
func received(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(r.Write(pw)) }()
	raw, err := io.ReadAll(pr)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(raw))))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	got.Header.Del("User-Agent")
	got.Header.Del("Accept-Encoding")
	return got
}

// request makes a request in this process.
func request(t testing.TB, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func accepted(t testing.TB, v *Verifier, r *http.Request) *Result {
	t.Helper()
	res, err := v.Verify(r)
	if err != nil {
		t.Fatalf("%s %s refused: %v\n%s", r.Method, r.RequestURI, err, detail(err))
	}
	if res == nil {
		t.Fatal("neither result nor error")
	}
	return res
}

func refused(t testing.TB, v *Verifier, r *http.Request) *Error {
	t.Helper()
	res, err := v.Verify(r)
	if err == nil || res != nil {
		t.Fatalf("%s %s: result %v, error %v; want an error alone", r.Method, r.RequestURI, res, err)
	}
	if err.Kind != KindAuthentication {
		t.Errorf("kind %q, want authentication", err.Kind)
	}
	return err
}

func detail(err *Error) string {
	if err.Detail == nil {
		return ""
	}
	return err.Detail.CanonicalRequest + "\n--\n" + err.Detail.StringToSign + "\n-- " + err.Detail.Hint.Text
}

// is checks what an error answers.
func is(t testing.TB, err *Error, gate string, reason Reason, status int, code, message string, extra ...Element) {
	t.Helper()
	if err.Gate != gate || err.Reason != reason || err.Status != status || err.Code != code || err.Message != message {
		t.Errorf("got  %s %s %d %s %q\nwant %s %s %d %s %q", err.Gate, err.Reason, err.Status, err.Code, err.Message, gate, reason, status, code, message)
	}
	if len(extra) == 0 {
		return
	}
	if len(err.Extra) != len(extra) {
		t.Fatalf("elements %v, want %v", err.Extra, extra)
	}
	for i, e := range extra {
		if err.Extra[i] != e {
			t.Errorf("element %d is %v, want %v", i, err.Extra[i], e)
		}
	}
}

// asError returns the *Error in what a body's Read returned.
func asError(t testing.TB, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	return e
}
