package gather

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/request"
)

const logBucket = `
version: 1
accounts:
  "111122223333":
    buckets:
      logs:
        region: us-east-1
        document:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {Service: logging.s3.amazonaws.com}
              Action: s3:PutObject
              Resource: arn:aws:s3:::logs/*
              Condition: {StringEquals: {"aws:SourceAccount": "111122223333"}}
`

// A Gatherer keeps callers; what one request leaves unstated must not settle what
// the next one does.
func TestCallersAreNotSharedAcrossWhatIsUnstated(t *testing.T) {
	e, err := estate.ParseFS(fstest.MapFS{"estate.yaml": {Data: []byte(logBucket)}}, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const head = `{"principal": "logging.s3.amazonaws.com", "operation": "PutObject", "bucket": "logs", "key": "k"`
	requests, err := request.Parse("requests", []byte(head+`, "unstated": "absent"}`+"\n"+head+"}\n"+head+`, "unstated": "absent"}`))
	if err != nil {
		t.Fatal(err)
	}
	g := New(e, time.Now)
	for i, want := range []iam.Verdict{iam.Denied, iam.Unknown, iam.Denied} {
		f, err := g.Facts(requests[i])
		if err != nil {
			t.Fatal(err)
		}
		if got := decide.Decide(f).Verdict; got != want {
			t.Errorf("request %d: %v, want %v", i, got, want)
		}
	}
}

// Of callers without end only so many are kept.
func TestLimit(t *testing.T) {
	e, err := estate.Parse("estate.yaml", []byte("version: 1\naccounts:\n  \"111122223333\":\n    roles: {app: {}}\n    buckets: {b: {}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	g := New(e, time.Now).WithLimit(10)
	for i := range 100 {
		r := &request.Request{Principal: fmt.Sprintf("arn:aws:sts::111122223333:assumed-role/app/s%d", i), Operation: "GetObject", Bucket: "b", Key: "k"}
		if _, err := g.Facts(r); err != nil {
			t.Fatal(err)
		}
	}
	if len(g.callers) > 10 || len(g.buckets) > 10 || len(g.sides) > 10 {
		t.Errorf("%d callers, %d buckets and %d policies are kept", len(g.callers), len(g.buckets), len(g.sides))
	}
}
