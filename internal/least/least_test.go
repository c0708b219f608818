package least_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/loggen"
	"github.com/why403/why403/internal/least"
)

// trail writes a CloudTrail file of requests by the role app: operation, key or
// parameters, and error code.
func trail(t *testing.T, requests ...[3]string) string {
	t.Helper()
	var records []string
	for i, r := range requests {
		parameters := r[1]
		if !strings.HasPrefix(parameters, `"`) {
			parameters = fmt.Sprintf(`"key":%q`, r[1])
		}
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/app/s%d","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/svc/app"},"attributes":{"mfaAuthenticated":"false"}}},
			"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":%q,"errorCode":%q,"sourceIPAddress":"203.0.113.7","requestParameters":{"bucketName":"b",%s},"requestID":"R%d"}`, i, r[0], r[2], parameters, i))
	}
	path := filepath.Join(t.TempDir(), "trail.json")
	if err := os.WriteFile(path, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func ask(t *testing.T, q *least.Question, paths ...string) *least.Answer {
	t.Helper()
	q.Sources, q.Tally, q.Options = &ingest.Sources{Paths: paths}, &ingest.Tally{}, ingest.Options{Workers: 2, Strict: true}
	a, err := q.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !a.Verified {
		t.Errorf("not verified: %q\n%s", a.Refused, a.Document.JSON())
	}
	return a
}

// What was refused is not in the policy; one key stays one key, many of a shape
// become a pattern, and characters that a policy takes for wildcards stand for
// themselves.
func TestPolicy(t *testing.T) {
	requests := [][3]string{{"GetObject", "conf/app.yaml", ""}, {"GetObject", "conf/a*b?.yaml", ""}, {"PutObject", "secret", "AccessDenied"}, {"ListObjects", `"list-type":"2","prefix":"in/"`, ""}}
	for i := range 40 {
		requests = append(requests, [3]string{"PutObject", fmt.Sprintf("out/part-%04d.csv", i*37), ""})
	}
	a := ask(t, &least.Question{Principal: "arn:aws:iam::111122223333:role/svc/app"}, trail(t, requests...))
	want := []least.Statement{
		{Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::b/conf/a${*}b${?}.yaml", "arn:aws:s3:::b/conf/app.yaml"}},
		{Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{"arn:aws:s3:::b"}, Condition: map[string]map[string][]string{"StringLike": {"s3:prefix": {"in/"}}}},
		{Effect: "Allow", Action: []string{"s3:PutObject"}, Resource: []string{"arn:aws:s3:::b/out/part-*.csv"}},
	}
	if diff := cmp.Diff(want, a.Document.Statement); diff != "" {
		t.Error(diff)
	}
}

// Each principal of a generated estate, and each bucket, gets a policy that lets all
// of its requests through.
func TestVerifiedOverTraffic(t *testing.T) {
	e, err := estate.Load("../../bench/loggen/estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	g, err := loggen.New(e, 5)
	if err != nil {
		t.Fatal(err)
	}
	g.Denied = 0.2
	dir := t.TempDir()
	if err := (&loggen.Folder{Dir: dir, Trail: true, Access: true}).Write(g, 1500); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for name := range e.Accounts["111122223333"].Roles {
		q := &least.Question{Principal: "arn:aws:iam::111122223333:role/" + name, Sources: &ingest.Sources{Paths: []string{dir}}, Tally: &ingest.Tally{}}
		a, err := q.Run(t.Context())
		if errors.Is(err, least.ErrNothing) {
			continue
		}
		if err != nil || !a.Verified || len(a.Document.JSON()) > 10240 {
			t.Errorf("%s: %v, %d bytes, refused %q", name, err, len(a.Document.JSON()), a.Refused)
		}
		asked++
	}
	for name := range e.Accounts["111122223333"].Buckets {
		ask(t, &least.Question{Bucket: name}, dir)
	}
	if asked < 5 {
		t.Errorf("%d roles did anything", asked)
	}
}
