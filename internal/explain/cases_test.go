package explain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// unread is an estate with four policies, each unread, silent, allowing or denying.
const unread = `version: 1
organizations:
  o-exampleorg01:
    managementAccount: "999999999999"
    policies:
      limit: {type: scp, %s}
    root: {id: r-ab12, accounts: ["999999999999"], units: {ou-ab12-prod0001: {scps: [limit], accounts: ["111122223333"]}}}
accounts:
  "999999999999": {}
  "111122223333":
    managedPolicies:
      boundary: {%s}
    users:
      alice: {boundary: boundary, %s}
    buckets:
      reports: {%s}
`

const pol = `{Version: "2012-10-17", Statement: [{Effect: %s, %s Action: %q, Resource: "*"}]}`

// fields are the four policies, by what they say: "?" is not read.
func fields(scp, boundary, identity, bucket string) string {
	document := func(says, principal string) string {
		switch says {
		case "?":
			return `unknown: {document: "AccessDenied"}`
		case "nothing":
			return "document: " + fmt.Sprintf(pol, "Allow", principal, "s3:PutObject")
		}
		return "document: " + fmt.Sprintf(pol, map[string]string{"allows": "Allow", "denies": "Deny"}[says], principal, "s3:*")
	}
	inline := strings.Replace(document(identity, ""), "document: {", "inline: {p: {", 1)
	if identity == "?" {
		inline = `unknown: {inline: "AccessDenied"}`
	} else {
		inline += "}"
	}
	return fmt.Sprintf(unread, document(scp, ""), document(boundary, ""), inline, document(bucket, `Principal: {AWS: "arn:aws:iam::111122223333:user/alice"},`))
}

var whats = []string{"scps of unit ou-ab12-prod0001", "managed policy boundary of account 111122223333", "inline policies of user alice", "policy of bucket reports"}

// Every choice of what four policies that were not read may say is as the cases tell:
// each is put into an estate, and decided there.
func TestCasesAreExact(t *testing.T) {
	r := &request.Request{Principal: "arn:aws:iam::111122223333:user/alice", Operation: "GetObject", Bucket: "reports", Key: "k", Unstated: "absent"}
	cases, err := explain.Cases(gather.New(parsed(t, fields("?", "?", "?", "?")), time.Now), r)
	if err != nil || len(cases) == 0 {
		t.Fatalf("%+v %v", cases, err)
	}
	for _, c := range cases {
		for _, a := range c.If {
			if !contains(whats, a.What) {
				t.Fatalf("a case about %q", a.What)
			}
		}
	}
	says := []string{"nothing", "allows", "denies"}
	verdicts := map[iam.Verdict]int{}
	for i := range 81 {
		choice := []string{says[i%3], says[i/3%3], says[i/9%3], says[i/27]}
		e := parsed(t, fields(choice[0], choice[1], choice[2], choice[3]))
		d, _, err := explain.Request(e, r, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		verdicts[d.Verdict]++
		if want := told(cases, choice); d.Verdict != want {
			t.Errorf("%v: %v, and the cases tell %v", choice, d.Verdict, want)
		}
	}
	if verdicts[iam.Allowed] == 0 || verdicts[iam.Denied] == 0 {
		t.Errorf("%v", verdicts)
	}
}

// told is what the cases tell of a choice.
func told(cases []report.Case, choice []string) iam.Verdict {
	for _, c := range cases {
		if c.Verdict == iam.Denied && len(c.If) == 1 && choice[index(whats, c.If[0].What)] == "denies" {
			return iam.Denied
		}
	}
	for _, s := range choice {
		if s == "denies" {
			return iam.Unknown // no case tells of it
		}
	}
	for _, c := range cases {
		met := c.Verdict == iam.Allowed
		for _, a := range c.If {
			met = met && choice[index(whats, a.What)] == "allows"
		}
		if met {
			return iam.Allowed
		}
	}
	return iam.Denied
}

func contains(list []string, s string) bool { return index(list, s) >= 0 }

func index(list []string, s string) int {
	for i, o := range list {
		if o == s {
			return i
		}
	}
	return -1
}

func parsed(t *testing.T, text string) *estate.Estate {
	t.Helper()
	e, err := estate.Parse("estate.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return e
}

// What AWS's message proves settles the request, where it does; a gatherer is not
// changed by it.
func TestGiven(t *testing.T) {
	r := &request.Request{Principal: "arn:aws:iam::111122223333:user/alice", Operation: "GetObject", Bucket: "reports", Key: "k", Unstated: "absent"}
	g := gather.New(parsed(t, fields("?", "?", "?", "?")), time.Now)
	for _, c := range []struct {
		gate iam.Gate
		kind iam.Kind
		want string
	}{
		{iam.GateSCP, iam.KindExplicitDeny, "denied scp explicit-deny"}, {iam.GateSCP, iam.KindImplicitDeny, "denied scp implicit-deny"},
		{iam.GateBoundary, iam.KindExplicitDeny, "denied boundary explicit-deny"}, {iam.GateIdentity, iam.KindImplicitDeny, "denied identity implicit-deny"},
		{iam.GateIdentity, iam.KindExplicitDeny, "denied identity explicit-deny"}, {iam.GateBucketPolicy, iam.KindExplicitDeny, "denied bucket-policy explicit-deny"},
		{iam.GateKMS, iam.KindExplicitDeny, "not settled"},
	} {
		got := "not settled"
		d, err := explain.Given(g, r, c.gate, c.kind)
		if err != nil {
			t.Fatal(err)
		}
		if d != nil {
			if d.Cause.Source != nil || d.Cause.Statement != nil || d.Checks[0].Gates[c.gate].Statement != nil {
				t.Errorf("%v: a place in a policy that was not read: %+v", c.gate, d.Cause)
			}
			got = fmt.Sprint(d.Verdict, " ", d.Cause.Gate, " ", d.Cause.Kind)
		}
		if got != c.want {
			t.Errorf("%v %v: %s, want %s", c.gate, c.kind, got, c.want)
		}
		if d, _, err := explain.With(g, r, explain.Options{}); err != nil || d.Verdict != iam.Unknown {
			t.Fatalf("the gatherer has changed: %v %v", d.Verdict, err)
		}
	}
}

// S3 has the same words for RestrictPublicBuckets as for a Deny of a bucket policy, to
// who is not of the bucket's account: they settle nothing then.
func TestGivenIsNotAmbiguous(t *testing.T) {
	const text = `version: 1
accounts:
  "444455556666": {users: {bob: {inline: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}}}}}
  "111122223333": {buckets: {reports: {publicAccessBlock: %s, unknown: {document: "AccessDenied"}}}}
`
	r := &request.Request{Principal: "arn:aws:iam::444455556666:user/bob", Operation: "GetObject", Bucket: "reports", Key: "k", Unstated: "absent"}
	for block, settled := range map[string]bool{"true": false, "false": true} {
		d, err := explain.Given(gather.New(parsed(t, fmt.Sprintf(text, block)), time.Now), r, iam.GateBucketPolicy, iam.KindExplicitDeny)
		if err != nil || (d != nil) != settled {
			t.Errorf("Block Public Access %s: %+v %v", block, d, err)
		}
	}
}
