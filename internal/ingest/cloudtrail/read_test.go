package cloudtrail_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/record"
)

const (
	denied = `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/app/session-1"},"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","errorCode":"AccessDenied","errorMessage":"User: x is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::my-bucket/data/report.csv\" because","requestParameters":{"bucketName":"my-bucket","Host":["h"],"key":"data/report.csv"},"eventID":"e1"}`
	passed = `{"eventVersion":"1.11","eventSource":"s3.amazonaws.com","eventName":"PutObject","requestParameters":{"bucketName":"my-bucket","key":"a \"errorCode\" in a key"},"eventID":"e2"}`
)

func read(t *testing.T, text string, failedOnly bool) (names []string, bad []string) {
	t.Helper()
	r := &cloudtrail.Reader{Options: cloudtrail.Options{FailedOnly: failedOnly},
		Handle: func(r *record.Record) error {
			names = append(names, fmt.Sprintf("%s %s/%s %s", r.Event, r.Bucket, r.Key, r.Error))
			return nil
		},
		Bad: func(b *cloudtrail.Bad) error { bad = append(bad, b.Error()); return nil }}
	if err := r.Read("f", iotest.OneByteReader(strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	return names, bad
}

// The envelopes of the fact sheet's 1.11: what people have at hand.
func TestEnvelopes(t *testing.T) {
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	both := []string{"GetObject my-bucket/data/report.csv AccessDenied", `PutObject my-bucket/a "errorCode" in a key `}
	for name, text := range map[string]string{
		"trail":        `{"Records":[` + denied + "," + passed + `]}`,
		"spaced":       "{ \"Records\" : [\n  " + strings.ReplaceAll(denied, `{"`, `{ "`) + " ,\n " + passed + "\n ] }\n",
		"array":        "[" + denied + "," + passed + "]",
		"lines":        denied + "\n" + passed + "\n",
		"LookupEvents": `{"NextToken":"t","Events":[{"EventId":"1","CloudTrailEvent":` + quoted(denied) + `},{"CloudTrailEvent":` + quoted(passed) + `,"Username":"u"}]}`,
		"lookup last":  `{"Events":[{"CloudTrailEvent":` + quoted(denied) + `},{"CloudTrailEvent":` + quoted(passed) + `}],"NextToken":"t"}`,
		"EventBridge":  `{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":` + denied + `} {"version":"0","detail":` + passed + `}`,
		"CloudWatch":   `{"events":[{"timestamp":1,"message":` + quoted(denied) + `},{"timestamp":2,"message":` + quoted(passed) + `}],"searchedLogStreams":[]}`,
		"other order":  `{"Records":[` + `{"errorCode":"AccessDenied",` + strings.Replace(denied[1:], `"errorCode":"AccessDenied",`, "", 1) + "," + passed + `]}`,
	} {
		names, bad := read(t, text, false)
		if diff := cmp.Diff(both, names); diff != "" || bad != nil {
			t.Errorf("%s: %v\n%s", name, bad, diff)
		}
		names, bad = read(t, text, true)
		if diff := cmp.Diff(both[:1], names); diff != "" || bad != nil {
			t.Errorf("%s, failed only: %v\n%s", name, bad, diff)
		}
	}
}

// What is no record is told by its place, and what follows is read.
func TestBadRecords(t *testing.T) {
	names, bad := read(t, "{\"Records\":[\n"+denied[:40]+"\n,"+passed+",\n"+denied+`,{"eventVersion":"1`, false)
	if len(names) != 2 || len(bad) != 2 || !strings.HasPrefix(bad[0], "f:2:1: ") || !strings.HasPrefix(bad[1], "f:4:") {
		t.Errorf("read %v, complained %v", names, bad)
	}
}

// asEncodingJSON reads the same fields by the standard library.
func asEncodingJSON(text []byte) (map[string]string, bool) {
	var r map[string]any
	if json.Unmarshal(text, &r) != nil {
		return nil, false
	}
	str := func(v any) string { s, _ := v.(string); return s }
	member := func(v any, name string) string { m, _ := v.(map[string]any); return str(m[name]) }
	return map[string]string{"event": str(r["eventName"]), "source": str(r["eventSource"]), "error": str(r["errorCode"]), "message": str(r["errorMessage"]), "request": str(r["requestID"]),
		"id": str(r["eventID"]), "ip": str(r["sourceIPAddress"]), "arn": member(r["userIdentity"], "arn"), "type": member(r["userIdentity"], "type"), "bucket": member(r["requestParameters"], "bucketName")}, true
}

// FuzzRecord holds the walk to what encoding/json reads. Left out are texts in
// which the two differ by design: names that occur twice, halves of
// surrogate pairs, and bytes that are no UTF-8.
func FuzzRecord(f *testing.F) {
	f.Add(denied)
	f.Add(passed)
	f.Add(`{"eventName":"é\ud83d\ude00\n\/","eventSource":null,"userIdentity":{"arn":"\"","type":[1,{"a":"}"}]},"requestParameters":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		want, ok := asEncodingJSON([]byte(text))
		trimmed := strings.TrimSpace(text)
		if !ok || !strings.HasPrefix(trimmed, "{") || want["event"] == "" || odd(text) {
			read(t, text, true) // must not panic
			return
		}
		var got map[string]string
		r := &cloudtrail.Reader{Handle: func(r *record.Record) error {
			got = map[string]string{"event": string(r.Event), "source": string(r.Service), "error": string(r.Error), "message": string(r.Message), "request": string(r.RequestID),
				"id": string(r.EventID), "ip": string(r.SourceIP), "arn": string(r.Who.ARN), "type": string(r.Who.Type), "bucket": string(r.Bucket)}
			return nil
		}, Bad: func(b *cloudtrail.Bad) error { return b }}
		if err := r.Read("f", strings.NewReader(`{"Records":[`+text+`]}`)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q\n%s", text, diff)
		}
	})
}

// odd reports texts for which the readers differ by design.
func odd(text string) bool {
	if strings.ToValidUTF8(text, "") != text || strings.Contains(text, `"detail"`) || strings.Contains(text, "message") && !strings.Contains(text, "errorMessage") || strings.Contains(text, `\ud`) {
		return true
	}
	names := map[string]int{}
	d := json.NewDecoder(strings.NewReader(text))
	for {
		tok, err := d.Token()
		if err != nil {
			return false
		}
		if s, ok := tok.(string); ok {
			if names[s]++; names[s] > 1 {
				return true
			}
		}
	}
}
