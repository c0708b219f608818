package sigv4

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
)

func readJSON(t testing.TB, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// signedByBotocore is what testdata/sign_with_botocore.py writes.
type signedByBotocore struct {
	Kind, AccessKeyID, Service, Region, Method, URL, Body string
	Headers, Fields                                       map[string]string
}

func botocoreRequests(t testing.TB) []signedByBotocore {
	var file struct{ Requests []signedByBotocore }
	readJSON(t, "testdata/botocore.json", &file)
	if len(file.Requests) != 96 { // as docs/compatibility.md says
		t.Fatalf("%d requests, want 96", len(file.Requests))
	}
	return file.Requests
}

// head prints the request as it goes over the wire.
func (q signedByBotocore) head(t testing.TB) string {
	u, err := url.Parse(q.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, target, _ := strings.Cut(strings.TrimPrefix(q.URL, u.Scheme+"://"), "/")
	head := q.Method + " /" + target + " HTTP/1.1\nHost: " + u.Host + "\n"
	names := make([]string, 0, len(q.Headers))
	for name := range q.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		head += name + ": " + q.Headers[name] + "\n"
	}
	return head
}

func verifierFor(q signedByBotocore) *Verifier {
	v := at(testTime, keys(longCred, tempCred))
	v.Service, v.AllowSigV2, v.JSON = q.Service, true, q.Service == "kms"
	v.Target = region(q.Region)
	return v
}

func TestRequestsSignedByBotocoreAreAccepted(t *testing.T) {
	mechanisms := map[string]Mechanism{"header": Header, "query": Query, "v2-header": Header, "v2-query": Query}
	for _, q := range botocoreRequests(t) {
		if q.Kind == "post" {
			continue
		}
		t.Run(q.Kind+" "+q.Service+" "+q.Method+" "+q.URL[:min(len(q.URL), 100)], func(t *testing.T) {
			r := wire(t, q.head(t), q.Body)
			res := accepted(t, verifierFor(q), r)
			if res.Mechanism != mechanisms[q.Kind] || res.Credential.AccessKeyID != q.AccessKeyID {
				t.Errorf("result %+v", res)
			}
			body, err := io.ReadAll(res.Body(r.Body))
			if err != nil || string(body) != q.Body {
				t.Errorf("body %q, %v; want %q", body, err, q.Body)
			}
		})
	}
}

// Law: a request that was accepted is refused once its signature, path or
// query changes.
func TestChangedRequestsAreRefused(t *testing.T) {
	for _, q := range botocoreRequests(t) {
		if q.Kind == "post" {
			continue
		}
		changed := q
		changed.URL = strings.Replace(q.URL, ".com/", ".com/x", 1)
		changed.URL = strings.Replace(changed.URL, ":8443/", ":8443/x", 1)
		if changed.URL == q.URL {
			t.Fatalf("%s did not change", q.URL)
		}
		err := refused(t, verifierFor(changed), wire(t, changed.head(t), q.Body))
		if err.Reason != ReasonSignatureMismatch {
			t.Errorf("%s: %v, want a signature mismatch", changed.URL, err)
		}
	}
}

func TestFormsSignedByBotocoreAreAccepted(t *testing.T) {
	n := 0
	for _, q := range botocoreRequests(t) {
		if q.Kind != "post" {
			continue
		}
		n++
		fields := []FormField{}
		for name, value := range q.Fields {
			fields = append(fields, FormField{name, value})
		}
		slices.SortFunc(fields, func(a, b FormField) int { return strings.Compare(a.Name, b.Name) })
		res := accepted(t, verifierFor(q), formRequest(t, fields, "cat.jpg", "meow"))
		if key, _ := res.Form.Get("KEY"); key != "uploads/cat.jpg" || res.Mechanism != Post {
			t.Errorf("key %q, result %+v", key, res)
		}
		if file, err := io.ReadAll(res.Form.File); err != nil || string(file) != "meow" {
			t.Errorf("file %q, %v", file, err)
		}
	}
	if n != 2 {
		t.Errorf("%d forms, want 2", n)
	}
}

// The AWS Signature Version 4 test suite, for services other than S3.
func TestAWSSuite(t *testing.T) {
	var suite struct {
		Region, Service, AccessKeyID, Secret string
		Date                                 time.Time
		Requests                             []struct {
			Name, Method, Path, Body, Authorization string
			Query                                   map[string]any
			Headers                                 map[string]string
		}
	}
	readJSON(t, "testdata/awssuite/suite.json", &suite)
	if len(suite.Requests) != 23 { // as docs/compatibility.md says
		t.Fatalf("%d requests, want 23", len(suite.Requests))
	}
	for _, q := range suite.Requests {
		t.Run(q.Name, func(t *testing.T) {
			query := url.Values{}
			for name, value := range q.Query {
				switch value := value.(type) {
				case string:
					query.Add(name, value)
				case []any:
					for _, v := range value {
						query.Add(name, v.(string))
					}
				}
			}
			r, err := http.NewRequest(q.Method, "https://"+q.Headers["host"]+q.Path, strings.NewReader(q.Body))
			if err != nil {
				t.Fatal(err)
			}
			r.URL.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
			for name, value := range q.Headers {
				if name != "host" {
					r.Header.Set(name, value)
				}
			}
			r.Header.Set("Authorization", q.Authorization)
			cred := Credential{AccessKeyID: suite.AccessKeyID, Secret: suite.Secret, SessionToken: q.Headers["x-amz-security-token"]}
			v := at(suite.Date, keys(cred))
			v.Service = suite.Service
			accepted(t, v, r)
		})
	}
}
