package explain_test

import (
	"strings"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

const text = `version: 1
accounts:
  "111122223333":
    users:
      alice:
        inline:
          far:
            Version: "2012-10-17"
            Statement:
              - {Sid: TwoParts, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::other/*", Condition: {Bool: {"aws:SecureTransport": "false"}}}
              - {Sid: OtherBucket, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::other/*"}
              - {Sid: Condition, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*", Condition: {StringEquals: {"s3:ExistingObjectTag/team": "data"}}}
              - {Sid: OnBucket, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports"}
              - {Sid: OtherAction, Effect: Allow, Action: "s3:PutObject", Resource: "*"}
    buckets:
      reports: {listed: true, objects: {q1.csv: {tags: {team: sales}}}}
`

func decide(t *testing.T, requestJSON string, o explain.Options) (*report.Decision, []report.Step) {
	t.Helper()
	e, err := estate.Parse("estate.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	requests, err := request.Parse("request.json", []byte(requestJSON))
	if err != nil {
		t.Fatal(err)
	}
	d, steps, err := explain.Request(e, requests[0], o)
	if err != nil {
		t.Fatal(err)
	}
	return d, steps
}

const getObject = `{"principal": "arn:aws:iam::111122223333:user/alice", "operation": "GetObject", "bucket": "reports", "key": "q1.csv"}`

// Statements that missed by one part come nearest first: a condition or a
// mistaken ARN of this bucket before another bucket; those that missed by two
// parts, or allow something else, are no near misses.
func TestNearMissesNearestFirst(t *testing.T) {
	d, _ := decide(t, getObject, explain.Options{})
	var sids []string
	for _, m := range d.Cause.NearMisses {
		sids = append(sids, m.Statement.Sid+" "+m.Reason)
	}
	got := strings.Join(sids, ", ")
	want := "Condition condition-not-met, OnBucket object-action-on-bucket-arn, OtherBucket other-resource"
	if got != want {
		t.Errorf("near misses: %s\nwant: %s", got, want)
	}
}

// A near miss sets the policy's value against the request's.
func TestNearMissCompares(t *testing.T) {
	d, _ := decide(t, getObject, explain.Options{})
	c := d.Cause.NearMisses[0].Compare[0]
	if c.Key != "s3:ExistingObjectTag/team" || c.Policy[0] != "data" || c.Request != "sales" || c.Matched != "false" {
		t.Errorf("comparison: %+v", c)
	}
	if src := d.Cause.NearMisses[0].Source; src.File != "estate.yaml" || src.Line != 12 {
		t.Errorf("place: %+v, want estate.yaml:12", src)
	}
}

// The trace holds every statement that was asked, with the part that failed.
func TestTraceHoldsEveryStatement(t *testing.T) {
	_, steps := decide(t, getObject, explain.Options{Trace: true})
	failed := map[string]string{}
	for _, s := range steps {
		failed[s.Statement.Sid] = s.Failed
	}
	for sid, part := range map[string]string{"TwoParts": "resource", "OtherBucket": "resource", "Condition": "condition", "OnBucket": "resource", "OtherAction": "action"} {
		if failed[sid] != part {
			t.Errorf("%s failed at %q, want %q", sid, failed[sid], part)
		}
	}
	if d, steps := decide(t, getObject, explain.Options{}); steps != nil || d == nil {
		t.Error("a trace that was not asked for")
	}
}

// A request that the engine does not understand is an error with a place, not a
// decision.
func TestErrors(t *testing.T) {
	e, err := estate.Parse("estate.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ request, want string }{
		{`{"principal": "arn:aws:iam::111122223333:user/alice", "operation": "GetObjct", "bucket": "reports", "key": "k"}`, `request.json:1:1: unknown operation "GetObjct"; did you mean "GetObject"?`},
		{`{"principal": "arn:aws:iam::111122223333:group/dev", "operation": "GetObject", "bucket": "reports", "key": "k"}`, "groups never make requests"},
		{`{"principal": "arn:aws:iam::111122223333:user/alice", "operation": "GetObject", "bucket": "reports"}`, "GetObject needs a key"},
	} {
		requests, err := request.Parse("request.json", []byte(tt.request))
		if err != nil {
			t.Fatal(err)
		}
		if d, _, err := explain.Request(e, requests[0], explain.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) || d != nil {
			t.Errorf("%s: got %v, want %s", tt.request, err, tt.want)
		}
	}
}

// A mistake in a policy that could have helped is told besides, where no near
// miss tells it.
func TestFindingsOfPolicies(t *testing.T) {
	e, err := estate.Parse("estate.yaml", []byte(strings.ReplaceAll(text, `Action: "s3:PutObject", Resource: "*"`, `Action: "s3:ListObjects", Resource: "arn:aws:s3:::reports"`)))
	if err != nil {
		t.Fatal(err)
	}
	requests, err := request.Parse("request.json", []byte(getObject))
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := explain.Request(e, requests[0], explain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Cause.Notes) != 1 || d.Cause.Notes[0].Reason != "no-such-action" || !strings.Contains(d.Cause.Notes[0].Summary, "s3:ListBucket") {
		t.Errorf("notes: %+v, want one about s3:ListObjects", d.Cause.Notes)
	}
}
