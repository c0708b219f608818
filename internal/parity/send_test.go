package parity

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/sigv4"
)

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// encode writes text for a URL as Signature Version 4 does; keep are the
// characters that stay besides.
func encode(s, keep string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~"+keep, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
	}
	return b.String()
}

// query writes the parameters that tell the operation, and those of the request.
func (q *question) query() string {
	given := maps.Clone(q.asked.Query)
	if given == nil {
		given = map[string]string{}
	}
	if q.uploadID != "" {
		given["uploadId"] = q.uploadID
	}
	var list []string
	add := func(name, value string) {
		if name == "" {
			return
		}
		if v, ok := given[name]; ok {
			delete(given, name)
			value = v
		}
		if value != "" {
			value = "=" + encode(value, "")
		}
		list = append(list, encode(name, "")+value)
	}
	value := ""
	if q.spec.Subresource == "list-type" {
		value = "2"
	}
	add(q.spec.Subresource, value)
	for _, name := range q.spec.Parameters {
		add(name, "2") // of SelectObjectContent; for the rest any will do
	}
	if q.asked.VersionID != "" {
		add("versionId", q.asked.VersionID)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		list = append(list, encode(name, "")+"="+encode(given[name], ""))
	}
	return strings.Join(list, "&")
}

// address returns the Host, "" for that of the server, and the path.
func (q *question) address(e *estate.Estate) (host, path string) {
	bucket, key := q.bucket(e), encode(q.asked.Key, "/")
	endpoint := "localhost"
	if v := q.asked.VPCEndpoint; v != nil {
		endpoint = *v + ".localhost"
	}
	if p := q.point(e); p != nil {
		return p.Name + "-" + string(p.Account) + "." + endpoint, "/" + key
	}
	if a := q.asked.Auth; bucket != "" && q.index%2 == 1 && (a == nil || a.Host == "") {
		return bucket + "." + endpoint, "/" + key // every other request is virtual-hosted
	}
	path = "/"
	if bucket != "" {
		path += encode(bucket, "")
	}
	if q.asked.Key != "" {
		path += "/" + key
	}
	if q.asked.VPCEndpoint != nil {
		return endpoint, path
	}
	if a := q.asked.Auth; a != nil && a.Host != "" {
		if rest, ok := strings.CutPrefix(a.Host, bucket+"."); ok && bucket != "" {
			return bucket + "." + rest, "/" + key
		}
		return a.Host, path
	}
	return "", path
}

// region is what the request is signed for.
func (q *question) region(e *estate.Estate) string {
	if a := q.asked.Auth; a != nil && a.Region != "" {
		return a.Region
	}
	if p := q.point(e); p != nil {
		return p.Region
	}
	if b, ok := e.Bucket(q.bucket(e)); ok {
		return b.RegionOrDefault()
	}
	return estate.DefaultRegion
}

// build makes the HTTP request, signed as the question says.
func (q *question) build(t *testing.T, base string, s *setup) *http.Request {
	t.Helper()
	host, path := q.address(s.estate)
	target := base + path
	if text := q.query(); text != "" {
		target += "?" + text
	}
	body := q.body()
	r, err := http.NewRequestWithContext(t.Context(), q.spec.Method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	unsigned := q.headers(r, body)
	q.sign(t, r, s, body)
	for name, v := range unsigned {
		r.Header.Set(name, v)
	}
	q.simulate(r)
	return r
}

// headers puts the headers of the request, and returns those that are sent but not
// signed.
func (q *question) headers(r *http.Request, body string) (unsigned map[string]string) {
	r.Header.Set("User-Agent", "") // none, unless stated
	unsigned = map[string]string{}
	for name, v := range q.asked.Headers {
		if a := q.asked.Auth; a != nil && a.SignedHeaders != nil && strings.HasPrefix(strings.ToLower(name), "x-amz-") && !slices.Contains(a.SignedHeaders, strings.ToLower(name)) {
			unsigned[name] = v
			continue
		}
		r.Header.Set(name, v)
	}
	if _, stated := q.asked.Header("x-amz-object-attributes"); !stated && q.spec.Name == "GetObjectAttributes" {
		r.Header.Set("x-amz-object-attributes", "ETag") // which it demands
	}
	if source := q.source(); source != "" && q.spec.SourceAction != "" {
		r.Header.Set("x-amz-copy-source", source)
	}
	if !q.spec.Read {
		sum := md5.Sum([]byte(body))
		r.Header.Set("Content-MD5", base64.StdEncoding.EncodeToString(sum[:]))
	}
	return unsigned
}

func (q *question) sign(t *testing.T, r *http.Request, s *setup, body string) {
	t.Helper()
	a := q.asked.Auth
	signer := sigv4.Signer{Credential: q.credential(s), Region: q.region(s.estate)}
	at := q.at()
	if a != nil && a.SignedAt != nil {
		at = *a.SignedAt
	}
	switch {
	case q.signsQuery():
		expires := int64(3600)
		if a.Expires != nil {
			expires = *a.Expires
		}
		signed, err := url.Parse(signer.Presign(r, at, time.Duration(expires)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		r.URL = signed
	case q.signsHeader():
		payload := r.Header.Get("x-amz-content-sha256")
		if payload == "" {
			payload = hashOf(body)
		}
		signer.Sign(r, at, payload)
	case q.principal.Kind != iam.Anonymous:
		t.Fatalf("nothing says how %s signs", q.asked.Principal)
	}
}

// simulate states the network in the headers that the endpoint is told to honour.
func (q *question) simulate(r *http.Request) {
	if ip := q.asked.SourceIP; ip != nil {
		r.Header.Set("x-why403-source-ip", *ip)
	}
	if secure := q.asked.SecureTransport; secure != nil && !*secure {
		r.Header.Set("x-why403-secure-transport", "false")
	}
}

// An answer is what came over the wire.
type answer struct {
	status  int
	id      string
	body    string
	code    string
	message string
}

// client follows no redirect and adds no header.
var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
}

func send(t *testing.T, r *http.Request) answer {
	t.Helper()
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, id: res.Header.Get("X-Amz-Request-Id"), body: string(body)}
	a.code, a.message = errorOf(body)
	return a
}
