package replay

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest/accesslog"
	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/loggen"
	"github.com/why403/why403/internal/ingest/record"
)

// classEstate has a condition on each thing that a class may leave out.
const classEstate = `{"version": 1, "accounts": {
"111122223333": {
 "roles": {
  "app": {"inline": {"p": {"Version": "2012-10-17", "Statement": [
   {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::one/*", "arn:aws:s3:::one", "arn:aws:s3:::two/data/*/img*.jpg", "arn:aws:s3:::two"]},
   {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/data/2026/11/20/part-001??-*"},
   {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::one/logs/*", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/25", "198.51.100.7"]}}}]}}},
  "late": {"inline": {"p": {"Version": "2012-10-17", "Statement": [
   {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-11-20T00:05:00Z"}}},
   {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::one/home/${aws:userid}/*"}]}}}
 },
 "users": {"alice": {"inline": {"p": {"Version": "2012-10-17", "Statement": [
   {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::*"]},
   {"Effect": "Deny", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "logs*"}}},
   {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringLike": {"aws:UserAgent": "*Boto3*"}}}]}}}},
 "buckets": {
  "one": {"document": {"Version": "2012-10-17", "Statement": [
    {"Sid": "TLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::one/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    {"Sid": "Sessions", "Effect": "Deny", "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/app/session-7"}, "Action": "s3:*", "Resource": "arn:aws:s3:::one/*"}]},
   "objects": {"reports/q1.csv": {"tags": {"secret": "yes"}}}},
  "two": {"listed": true, "objects": {"reports/q2.csv": {}}, "unknown": [{"what": "document", "why": "AccessDenied"}]}
 }}}}`

func parseEstate(t testing.TB, text string) *estate.Estate {
	t.Helper()
	e, err := estate.Parse("estate.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// eachRecord generates traffic of an estate and reads it back out of both kinds
// of log.
func eachRecord(t testing.TB, e *estate.Estate, n int, denied float64, handle func(*record.Record)) {
	t.Helper()
	g, err := loggen.New(e, 7)
	if err != nil {
		t.Fatal(err)
	}
	g.Denied = denied
	var trail, access []byte
	for range n {
		ev, err := g.Next()
		if err != nil {
			t.Fatal(err)
		}
		trail = append(ev.AppendCloudTrail(trail, "111122223333"), '\n')
		access = ev.AppendAccessLog(access, e.Accounts["111122223333"])
	}
	each := func(r *record.Record) error { handle(r); return nil }
	if err := (&cloudtrail.Reader{Handle: each, Bad: func(b *cloudtrail.Bad) error { return b }}).Read("trail", bytes.NewReader(trail)); err != nil {
		t.Fatal(err)
	}
	if err := (&accesslog.Reader{Handle: each, Bad: func(b *accesslog.Bad) error { return b }}).Read("access", bytes.NewReader(access)); err != nil {
		t.Fatal(err)
	}
}

// TestClassDecidesAsEachRecord holds a class to its members, one by one.
func TestClassDecidesAsEachRecord(t *testing.T) {
	before := parseEstate(t, classEstate)
	after := parseEstate(t, string(bytes.ReplaceAll([]byte(classEstate), []byte("one/logs/*"), []byte("one/logs/2026/11/20/a*"))))
	d, alone := NewDecider(before, after), NewDecider(before, after)
	forks := []*Decider{d, d.Fork(), d.Fork()}
	records, verdicts := 0, map[string]int{}
	eachRecord(t, before, 1500, 0, func(r *record.Record) {
		records++
		got, want := forks[records%3].Decide(r), alone.Alone(r)
		if diff := cmp.Diff(plain(alone, r, want), plain(d, r, got)); diff != "" {
			t.Errorf("%s %s %s/%s by %s from %s at %d\n%s", r.Kind, r.Event, r.Bucket, r.Key, r.Who.ARN, r.SourceIP, r.Time, diff)
		}
		verdicts[fmt.Sprint(got.Before, got.After)]++
	})
	if len(verdicts) < 4 {
		t.Errorf("verdicts %v: the estate tells nothing apart", verdicts)
	}
	t.Logf("%d records, %d classes, %v", records, len(d.common.known), verdicts)
}

// A class is what saves the work: without conditions on the session, the agent and
// the time they do not tell records apart.
func TestClassesAreFew(t *testing.T) {
	e := parseEstate(t, `{"version": 1, "accounts": {"111122223333": {"roles": {"app": {"inline": {"p": {"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::one", "arn:aws:s3:::one/data/*"]}]}}}}, "buckets": {"one": {}}}}}`)
	d := NewDecider(e, nil)
	eachRecord(t, e, 2000, 0, func(r *record.Record) { d.Decide(r) })
	if len(d.known) > 150 {
		t.Errorf("%d classes of one caller and one bucket", len(d.known))
	}
}

// plain is what of an outcome its class determines: not the names of the one
// request that was decided for all.
func plain(d *Decider, r *record.Record, o *Outcome) []string {
	if o.Err != nil {
		return []string{o.Err.Error()}
	}
	s := []string{fmt.Sprint(o.Before, o.After, o.Same, o.NoWorse, o.NoBetter)}
	for _, f := range []*Finding{o.Was, o.Is} {
		if f != nil {
			s = append(s, f.Cause...)
		}
	}
	if o.After == iam.Unknown {
		s = append(s, d.Missing(r, o))
	}
	return s
}
