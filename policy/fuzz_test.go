package policy_test

import (
	"testing"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

// Parse does not panic; with an error there is no document; what parses can be
// asked and linted, in every kind; and places lie within the text.
func FuzzParse(f *testing.F) {
	for _, tt := range lintTests {
		f.Add([]byte(tt.doc))
	}
	f.Add([]byte(st(`"Condition": {"StringLike": {"aws:userid": "${x"}}`)))
	f.Add([]byte(full(`"Resource": ["arn:aws:s3:::${aws:userid, 'a*'}/${*}?", "arn:a*b*c*:s3:::d"], "Condition": {"ArnLikeIfExists": {"aws:PrincipalArn": "a:*:${aws:userid}:::?"}}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := policy.Parse("p.json", data)
		if (d == nil) != (err != nil) {
			t.Fatalf("document %v and error %v", d, err)
		}
		if err != nil {
			return
		}
		for kind := policy.Identity; kind <= policy.SessionPolicy; kind++ {
			for _, finding := range policy.Lint(d, kind) {
				if !finding.Pos.IsValid() || finding.Code == "" || finding.Message == "" || finding.Statement >= len(d.Statements) {
					t.Errorf("%+v", finding)
				}
			}
		}
		policy.Public(d, false)
		c := caller(t, "arn:aws:iam::111122223333:role/app")
		s, err := policy.NewSet([]policy.Named{{Document: d}}, c)
		if err != nil {
			t.Fatalf("Parse takes what NewSet refuses: %v", err)
		}
		ctx := condition.NewContext(condition.Layer{{Key: condition.Intern("aws:userid"), Value: condition.NotKnown}})
		q := &policy.Query{Action: policy.NewAction("s3:GetObject"), Resource: "arn:aws:s3:::b/k", Context: &ctx}
		want, got := s.Eval(q, new(steps)), s.Eval(q, nil)
		if (want.Deny != 0) != (got.Deny != 0) || want.Deny == 0 && want != got {
			t.Errorf("with recorder %+v, without %+v", want, got)
		}
	})
}
