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

// log adds the request, and its parts, to the access logs of their buckets.
func (a *Recorder) log(s *world.State, x *Access) {
	whole := Part{Operation: x.logName(), Bucket: x.Bucket, Key: x.Key, VersionID: x.VersionID, Status: x.Status, Code: x.Code}
	for _, p := range append([]Part{whole}, x.Parts...) {
		if p.Bucket == nil || !hasLog(s, p.Bucket) {
			continue
		}
		a.mu.Lock()
		if a.room() {
			a.lines[p.Bucket.Name] = x.line(a.lines[p.Bucket.Name], &p)
		}
		a.mu.Unlock()
	}
}

// line appends the request, or a part of it, in the format of "Amazon S3 server access
// log format" in the S3 User Guide. Of a batch the lines of its keys have no part of
// HTTP in them.
func (x *Access) line(b []byte, p *Part) []byte {
	owner, _ := x.Estate.Account(p.Bucket.Account)
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
	uri := `"` + x.Request.Method + " " + masked(x.Request.RequestURI) + " " + x.Request.Proto + `"`
	sent, size, took, referer, agent := number(x.Sent, 0), number(x.Size, -1), strconv.FormatInt(x.Duration.Milliseconds(), 10), quoted(x.Request.Referer()), quoted(x.Request.UserAgent())
	if strings.HasPrefix(p.Operation, "BATCH.") {
		uri, sent, size, took, referer, agent = "-", "-", "-", "-", "-", "-"
	}
	for _, field := range []string{
		owner.Canonical(), p.Bucket.Name, x.Received.UTC().Format("[02/Jan/2006:15:04:05 -0700]"), dash(x.Remote), x.requester(), x.IDs.Request,
		p.Operation, dash(doubly(p.Key)), uri, strconv.Itoa(p.Status), dash(p.Code), sent, size,
		took, "-", referer, agent, dash(p.VersionID), x.IDs.Host,
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

// masked hides the signature and the token of a presigned URL.
func masked(uri string) string {
	path, query, _ := strings.Cut(uri, "?")
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, ok := strings.Cut(part, "=")
		switch strings.ToLower(name) {
		case "x-amz-signature", "signature", "x-amz-security-token":
			if ok {
				parts[i] = name + "=XXXXXXXX"
			}
		}
	}
	return strings.TrimSuffix(path+"?"+strings.Join(parts, "&"), "?")
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
