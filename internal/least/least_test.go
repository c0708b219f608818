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

// one is a record of the role app, with what a test adds to it.
func one(event, more string) string {
	return `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAX:s","arn":"arn:aws:sts::111122223333:assumed-role/app/s","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/app"},"attributes":{"mfaAuthenticated":"false"}}},
		"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"` + event + `","sourceIPAddress":"203.0.113.7","requestID":"` + event + `",` + more + `}`
}

func write(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

const app = "arn:aws:iam::111122223333:role/app"

// Through an access point both its ARN and the bucket's are allowed, the latter for
// requests through it alone (S3 User Guide, Configuring IAM policies for using access
// points), whatever stands in the bucket's place in the record.
func TestAccessPoint(t *testing.T) {
	const point = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap"
	resources := `,"resources":[{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b","accountId":"111122223333"},{"type":"AWS::S3::AccessPoint","ARN":"` + point + `","accountId":"111122223333"}]`
	log := write(t, "trail.json", one("GetObject", `"requestParameters":{"bucketName":"`+point+`","key":"in/a"}`+resources), one("ListObjects", `"requestParameters":{"bucketName":"ap-x-s3alias","list-type":"2","prefix":"in/"}`+resources))
	through := map[string]map[string][]string{"StringEquals": {"s3:DataAccessPointArn": {point}}}
	want := []least.Statement{
		{Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{point + "/object/in/a"}},
		{Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{point}, Condition: map[string]map[string][]string{"StringLike": {"s3:prefix": {"in/"}}}},
		{Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::b/in/a"}, Condition: through},
		{Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{"arn:aws:s3:::b"}, Condition: map[string]map[string][]string{"StringLike": {"s3:prefix": {"in/"}}, "StringEquals": {"s3:DataAccessPointArn": {point}}}},
	}
	a := ask(t, &least.Question{Principal: app}, log)
	if diff := cmp.Diff(want, a.Document.Statement); diff != "" {
		t.Error(diff)
	}
	a = ask(t, &least.Question{Bucket: "b"}, log)
	if len(a.Document.Statement) != 2 || strings.Contains(string(a.Document.JSON()), point+"/object") {
		t.Errorf("%s", a.Document.JSON())
	}
}

// A key that the record does not name is told by the calls that S3 makes to KMS.
func TestKeyOfTheBucket(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	kms := strings.NewReplacer("s3.amazonaws", "kms.amazonaws", `"accountId":"111122223333","session`, `"accountId":"111122223333","invokedBy":"fas.s3.amazonaws.com","session`).Replace(one("Decrypt", `"awsRegion":"us-east-1","requestParameters":{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::b/k"},"keyId":"`+key+`"}`))
	a := ask(t, &least.Question{Principal: app}, write(t, "trail.json", one("GetObject", `"requestParameters":{"bucketName":"b","key":"k"}`), kms))
	want := []least.Statement{
		{Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::b/k"}},
		{Effect: "Allow", Action: []string{"kms:Decrypt"}, Resource: []string{key}, Condition: map[string]map[string][]string{"StringEquals": {"kms:ViaService": {"s3.us-east-1.amazonaws.com"}}}},
	}
	if diff := cmp.Diff(want, a.Document.Statement); diff != "" || a.Requests != 2 {
		t.Errorf("%d requests\n%s", a.Requests, diff)
	}
}

// What a log does not name is not allowed on everything: the source of a copy has a
// line of its own, and of a DeleteObjects call the access log alone names the keys.
func TestWhatTheLogDoesNotName(t *testing.T) {
	line := func(operation, key, status string) string {
		method := strings.Split(operation, ".")[1]
		return `79a5 b [22/Nov/2026:10:00:00 +0000] 203.0.113.7 arn:aws:sts::111122223333:assumed-role/app/s R1 ` + operation + ` ` + key + ` "` + method + ` /` + key + ` HTTP/1.1" ` + status + ` - 1 1 2 1 "-" "a" - h= SigV4 x AuthHeader b.s3.us-east-1.amazonaws.com TLSv1.3 - - -`
	}
	deletes := write(t, "trail.json", one("DeleteObjects", `"requestParameters":{"bucketName":"b","delete":""}`))
	access := write(t, "access.log", line("REST.COPY.OBJECT", "to", "200"), line("REST.COPY.OBJECT_GET", "from", "200"), line("REST.POST.MULTI_OBJECT_DELETE", "-", "200"), line("BATCH.DELETE.OBJECT", "old", "204"))
	a := ask(t, &least.Question{Principal: app}, deletes, access)
	want := []least.Statement{
		{Effect: "Allow", Action: []string{"s3:DeleteObject"}, Resource: []string{"arn:aws:s3:::b/old"}},
		{Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::b/from"}},
		{Effect: "Allow", Action: []string{"s3:PutObject"}, Resource: []string{"arn:aws:s3:::b/to"}},
	}
	if diff := cmp.Diff(want, a.Document.Statement); diff != "" {
		t.Error(diff)
	}
	q := &least.Question{Principal: app, Sources: &ingest.Sources{Paths: []string{deletes, write(t, "more.json", one("GetObject", `"requestParameters":{"bucketName":"b","key":"k"}`))}}, Tally: &ingest.Tally{}}
	a, err := q.Run(t.Context())
	if err != nil || a.Verified || len(a.Document.Statement) != 1 || !strings.Contains(strings.Join(a.Notes, "; "), "1 DeleteObjects calls deleted in b is not in it") {
		t.Errorf("%v, verified %v, notes %q\n%s", err, a.Verified, a.Notes, a.Document.JSON())
	}
}
