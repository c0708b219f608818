package presigned

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// A URL is what a presigned URL states. Empty fields are not stated.
type URL struct {
	Kind      string `json:"kind"` // "v4", "v2", "cloudfront", "unsigned"
	Method    string `json:"method"`
	Operation string `json:"operation,omitempty"` // that the method and the URL stand for
	Host      string `json:"host"`
	Bucket    string `json:"bucket,omitempty"`
	Key       string `json:"key,omitempty"`
	VersionID string `json:"versionId,omitempty"`

	AccessPoint string `json:"accessPoint,omitempty"` // NAME-ACCOUNT
	HostRegion  string `json:"hostRegion,omitempty"`  // that the host names

	AccessKeyID   string     `json:"accessKeyId,omitempty"`
	Temporary     bool       `json:"temporary"` // credentials of a session, which end before the URL may
	Region        string     `json:"region,omitempty"`
	Service       string     `json:"service,omitempty"`
	SignedAt      *time.Time `json:"signedAt,omitempty"`
	Validity      int64      `json:"validity,omitempty"` // in seconds, from SignedAt
	Expires       *time.Time `json:"expires,omitempty"`
	SignedHeaders []string   `json:"signedHeaders,omitempty"`

	Problems []Problem `json:"problems"`

	request *http.Request
	target  wire.Target
}

// A Problem is something wrong with a URL. Reason is "" for what S3 never sees.
type Problem struct {
	Reason  reason.Code `json:"reason,omitempty"`
	Summary string      `json:"summary"`
}

// Parse reads a URL as it would be used with an HTTP method at a time. The error
// says why a text is no URL.
func Parse(text, method string, now time.Time) (*URL, error) {
	u := &URL{Method: strings.ToUpper(method), Problems: []Problem{}}
	parsed, err := url.Parse(u.clean(text))
	switch {
	case err != nil:
		return nil, fmt.Errorf("this is no URL: %w", err)
	case parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "":
		return nil, fmt.Errorf("this is no URL of http or https")
	}
	u.request = &http.Request{Method: u.Method, URL: parsed, Host: parsed.Host, Header: http.Header{}, RequestURI: requestURI(parsed)}
	target, wrong := wire.ParseTarget(u.request)
	if wrong != nil {
		return nil, wrong
	}
	u.target = target
	u.Host, u.Bucket, u.Key, u.AccessPoint, u.HostRegion = target.Host, target.Bucket, target.Key, target.AccessPoint, target.Region
	u.VersionID = target.Query.Get("versionId")
	u.operation()
	u.signature(now)
	return u, nil
}

// requestURI is the target as a client sends it.
func requestURI(u *url.URL) string {
	uri := u.EscapedPath()
	if uri == "" {
		uri = "/"
	}
	if u.RawQuery != "" {
		uri += "?" + u.RawQuery
	}
	return uri
}

func (u *URL) problem(code reason.Code, format string, args ...any) {
	u.Problems = append(u.Problems, Problem{code, fmt.Sprintf(format, args...)})
}

// clean undoes what mail, HTML and shells do to a URL, and says so.
func (u *URL) clean(text string) string {
	text = strings.Trim(strings.TrimSpace(text), "<>\"'`")
	joined := strings.Join(strings.Fields(text), "")
	if joined != text {
		u.problem("", "the URL was broken by line ends or blanks, which are taken out here")
	}
	for from, to := range map[string]string{"&amp;": "&", `\u0026`: "&", `\&`: "&", `\?`: "?", `\=`: "="} {
		if strings.Contains(joined, from) {
			u.problem("", "the URL has %q where %q belongs, which is put right here", from, to)
			joined = strings.ReplaceAll(joined, from, to)
		}
	}
	return joined
}

func (u *URL) operation() {
	shape := s3op.Shape{Method: u.Method, Bucket: u.Bucket, Key: u.Key, Header: u.header}
	if u.AccessPoint != "" {
		shape.Bucket = u.AccessPoint
	}
	for _, p := range u.target.Query {
		shape.Query = append(shape.Query, s3op.Param{Name: p.Name, Value: p.Value, HasValue: p.HasValue})
	}
	if spec, no := s3op.Classify(shape); no == nil {
		u.Operation = spec.Name
	}
}

// header is a header of the request: a presigned URL carries them as parameters.
func (u *URL) header(name string) string {
	if !strings.HasPrefix(name, "x-amz-") {
		return ""
	}
	for _, p := range u.target.Query {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

// signature reads how the URL was signed.
func (u *URL) signature(now time.Time) {
	q := u.target.Query
	claim := sigv4.ReadClaim(u.request)
	switch {
	case q.Has("Key-Pair-Id") && q.Has("Signature"):
		u.cloudFront(now)
	case claim.Algorithm == sigv4.AlgorithmV2:
		u.v2(claim, now)
	case q.Has("X-Amz-Signature"), q.Has("X-Amz-Credential"), q.Has("X-Amz-Algorithm"):
		u.v4(claim, now)
	default:
		u.Kind = "unsigned"
		u.misspelt()
	}
}

// misspelt looks for parameters of a signature in another case than S3 knows.
func (u *URL) misspelt() {
	for _, p := range u.target.Query {
		if strings.EqualFold(p.Name, "X-Amz-Signature") || strings.EqualFold(p.Name, "X-Amz-Credential") {
			u.problem(reason.MalformedAuthorization, "the parameter %s is spelt in another case than S3 knows, so the request counts as unsigned", p.Name)
			return
		}
	}
	u.problem("", "the URL carries no signature, so the request is anonymous")
}

func (u *URL) v2(claim sigv4.Claim, now time.Time) {
	u.Kind, u.AccessKeyID, u.Service = "v2", claim.AccessKeyID, "s3"
	u.Temporary = u.target.Query.Has("x-amz-security-token") || strings.HasPrefix(u.AccessKeyID, "ASIA")
	u.until(u.target.Query.Get("Expires"), now)
	u.problem("", "Signature Version 2 works in Regions launched before 30 January 2014 alone, and not for SSE-KMS")
}

func (u *URL) cloudFront(now time.Time) {
	u.Kind, u.Bucket, u.Key, u.Operation = "cloudfront", "", "", ""
	if u.target.Query.Has("Expires") {
		u.until(u.target.Query.Get("Expires"), now)
	}
	u.problem("", "this is a signed URL of CloudFront: its key group decides, and S3 then sees CloudFront as the caller; a 403 with S3's XML comes from the bucket policy for the distribution")
}

// until reads an expiry in seconds of Unix time.
func (u *URL) until(text string, now time.Time) {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		u.problem(reason.MalformedAuthorization, "Expires=%q is no time in seconds since 1970", text)
		return
	}
	at := time.Unix(seconds, 0).UTC()
	u.Expires = &at
	u.expired(now)
}

func (u *URL) expired(now time.Time) {
	if u.Expires != nil && now.After(*u.Expires) {
		u.problem(reason.PresignedExpired, "the URL expired %s ago, at %s", now.Sub(*u.Expires).Round(time.Second), u.Expires.Format(time.RFC3339))
	}
}
