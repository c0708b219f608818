package render

import (
	"strings"
	"testing"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// Unread things are grouped by what would have told them, without AWS's sentences.
func TestUnread(t *testing.T) {
	const refused = "AccessDenied: User: arn:aws:iam::111122223333:user/x is not authorized to perform: s3:GetBucketPolicy (s3:GetBucketPolicy)"
	list := []report.Unknown{{What: "vpcEndpoints of 111122223333", Why: "UnauthorizedOperation (ec2:DescribeVpcEndpoints in us-east-1)"}, {What: "trust of app", Why: "the answer does not hold it"}}
	for _, bucket := range []string{"a", "b", "c", "d", "e"} {
		list = append(list, report.Unknown{What: "document of " + bucket, Why: refused})
	}
	want := []string{"s3:GetBucketPolicy (AccessDenied): document of a, document of b, document of c and 2 more",
		"ec2:DescribeVpcEndpoints in us-east-1 (UnauthorizedOperation): vpcEndpoints of 111122223333", "the answer does not hold it: trust of app"}
	if got := Unread(list); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Cases and AWS's own answer in words.
func TestCasesInWords(t *testing.T) {
	gate := iam.GateIdentity
	answer := func(what, says string) report.Answer { return report.Answer{What: what, Says: says} }
	d := &report.Decision{Verdict: iam.Unknown, Cases: []report.Case{
		{If: []report.Answer{answer("the SCPs", "denies")}, Verdict: iam.Denied}, {If: []report.Answer{answer("the bucket policy", "denies")}, Verdict: iam.Denied},
		{If: []report.Answer{answer("the SCPs", "allows"), answer("the bucket policy", "allows")}, Verdict: iam.Allowed}, {If: []report.Answer{}, Verdict: iam.Denied, Gate: &gate},
	}, Evidence: &report.Evidence{Status: 403, Code: "AccessDenied", Message: "no", Contradiction: "both sides"}}
	var out strings.Builder
	if err := Text(&out, d, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"would be  allowed where the SCPs and the bucket policy allow it, and nothing that is unknown denies it", "denied by identity where none of them says anything",
		"denied where any of these denies it: the SCPs, the bucket policy", "AWS said  403 AccessDenied no", "CONTRADICTION: both sides"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, out.String())
		}
	}
}
