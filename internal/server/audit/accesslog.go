package audit

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/server/world"
)

// A target is where the access log of a bucket goes.
type target struct {
	Bucket      string `xml:"LoggingEnabled>TargetBucket"`
	Prefix      string `xml:"LoggingEnabled>TargetPrefix"`
	Partitioned *struct {
		Source string `xml:"PartitionDateSource"`
	} `xml:"LoggingEnabled>TargetObjectKeyFormat>PartitionedPrefix"`
}

// targetOf returns where a bucket is logged to. Not ok: it is not.
func targetOf(v world.View, b *estate.Bucket) (t target, ok bool) {
	rec, _ := world.Buckets.Get(v, b.Account, b.Name)
	text := rec.Configurations["BucketLogging"]
	if text == "" || xml.Unmarshal([]byte(text), &t) != nil {
		return t, false
	}
	return t, t.Bucket != ""
}

func hasLog(v world.View, b *estate.Bucket) bool {
	_, ok := targetOf(v, b)
	return ok
}

// log adds a line to the access log of the bucket.
func (a *Recorder) log(s *world.State, x *Access) {
	if !hasLog(s, x.Bucket) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.room() {
		a.lines[x.Bucket.Name] = x.line(a.lines[x.Bucket.Name])
	}
}

// line appends the request in the format of "Amazon S3 server access log format" in
// the S3 User Guide.
func (x *Access) line(b []byte) []byte {
	owner, _ := x.Estate.Account(x.Bucket.Account)
	v, kind := "-", "-"
	if x.Caller != nil && x.Auth != nil {
		v, kind = version(x.Auth), mechanism(x.Auth)
	}
	point := "-"
	if x.Point != nil {
		point = x.Point.ARN(owner.Partition())
	}
	cipher, tls := "-", "-"
	if x.Secure {
		cipher, tls = cipherSuite, tlsVersion
	}
	uri := x.Request.Method + " " + masked(x.Request.RequestURI) + " " + x.Request.Proto
	for _, field := range []string{
		owner.Canonical(), x.Bucket.Name, x.Received.UTC().Format("[02/Jan/2006:15:04:05 -0700]"), dash(x.Remote), x.requester(), x.IDs.Request,
		x.logName(), dash(doubly(x.Key)), `"` + uri + `"`, strconv.Itoa(x.Status), dash(x.Code), number(x.Sent, 0), number(x.Size, -1),
		strconv.FormatInt(x.Duration.Milliseconds(), 10), "-", quoted(x.Request.Referer()), quoted(x.Request.UserAgent()), dash(x.VersionID), x.IDs.Host,
		v, cipher, kind, dash(x.Request.Host), tls, point, "-", "-",
	} {
		b = append(append(b, field...), ' ')
	}
	b[len(b)-1] = '\n'
	return b
}

func (x *Access) logName() string {
	if name := record.LogName(x.Operation); name != "" {
		return name
	}
	kind := "BUCKET"
	if x.Key != "" {
		kind = "OBJECT"
	}
	return "REST." + x.Request.Method + "." + kind
}

// requester is a canonical id for root users, an ARN for others.
func (x *Access) requester() string {
	if x.Caller == nil {
		return "-"
	}
	if p, err := iam.ParsePrincipal(x.Caller.ARN); err == nil && p.Kind == iam.RootUser {
		if a, ok := x.Estate.Account(p.Account); ok {
			return a.Canonical()
		}
	}
	return x.Caller.ARN
}

// masked hides the signature of a presigned URL.
func masked(uri string) string {
	for _, name := range []string{"X-Amz-Signature=", "Signature=", "X-Amz-Security-Token="} {
		if i := strings.Index(uri, name); i >= 0 {
			end := strings.IndexByte(uri[i:], '&')
			if end < 0 {
				end = len(uri) - i
			}
			uri = uri[:i] + name + "XXXXXXXX" + uri[i+end:]
		}
	}
	return uri
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return strings.NewReplacer(" ", "%20", "\n", "%0A", "\r", "%0D").Replace(s)
}

func quoted(s string) string {
	if s == "" {
		return `"-"`
	}
	return `"` + strings.NewReplacer("\n", " ", "\r", " ").Replace(s) + `"`
}

func number(n, none int64) string {
	if n == none {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}

// doubly encodes a key as S3's own records do: a space is "+", and then "%2B".
func doubly(key string) string {
	once := strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
	return strings.ReplaceAll(url.QueryEscape(once), "%2F", "/")
}

// deliverLog writes one file of an access log, under the simple or the partitioned
// form of keys (S3 User Guide, Log object key format).
func (a *Recorder) deliverLog(ctx context.Context, s *world.State, bucket string, lines []byte) error {
	b, ok := s.Estate().Bucket(bucket)
	if !ok {
		return nil // deleted meanwhile
	}
	t, ok := targetOf(s, b)
	if !ok {
		return nil // not logged any more
	}
	if to, ok := s.Estate().Bucket(t.Bucket); ok && to.Account != b.Account {
		return errors.New("AccessDenied: the target bucket " + t.Bucket + " is of another account by now")
	}
	now := a.World.Now()
	key := t.Prefix
	if t.Partitioned != nil {
		key += string(b.Account) + "/" + b.RegionOrDefault() + "/" + bucket + "/" + now.Format("2006/01/02") + "/"
	}
	key += now.Format("2006-01-02-15-04-05-") + strings.ToUpper(world.NewName("", 16))
	return a.put(ctx, s, delivery{service: "logging.s3.amazonaws.com", source: "arn:aws:s3:::" + bucket, account: b.Account, bucket: t.Bucket, key: key,
		contentType: "text/plain"}, bytes.Clone(lines))
}
