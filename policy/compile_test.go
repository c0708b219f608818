package policy

import (
	"strings"
	"testing"

	"github.com/why403/why403/internal/iamdata"
)

// An Action value names the actions that its pattern matches, without regard to
// case, and no other: the index over names changes nothing.
func TestActionSet(t *testing.T) {
	patterns := []string{"*", "*:*", "*:Get*", "s3:*", "S3:get*", "s3:*Object", "s3:?etObject", "s3:GetObject", "s3:GetObject*", "s3:Getobjectt", "s3*", "s3", "kms:*Key*", "ec2:*", "sts:", "", "?", "z*"}
	for id := 0; id < iamdata.NumActions; id += 7 {
		name := iamdata.ActionByID(id).Name
		patterns = append(patterns, name[:len(name)-2]+"*", name[:len(name)-1]+"?", strings.ToUpper(name))
	}
	for _, text := range patterns {
		set := newActionSet([]Value{{Text: text}}, false)
		not := newActionSet([]Value{{Text: text}}, true)
		p := compileAction(strings.ToLower(text))
		for id := range iamdata.NumActions {
			a := NewAction(iamdata.ActionByID(id).Name)
			if got, want := set.has(a), p.match(a.lower); got != want {
				t.Errorf("%q has %s: %v, want %v", text, a, got, want)
			}
			if not.has(a) == set.has(a) {
				t.Errorf("NotAction %q has %s as Action has", text, a)
			}
		}
	}
}

// IAM User Guide, Action: prefix and name compare without case, "*" is any run
// and "?" one character; the service prefix takes no wildcard, but for "*" alone.
// The rows hold for services with data and without.
func TestActionMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, action string
		want            bool
	}{
		{"s3:GetObject", "s3:getobject", true},
		{"S3:GETOBJECT", "s3:GetObject", true},
		{"s3:GetObject", "s3:GetObjectAcl", false},
		{"s3:GetObject*", "s3:GetObject", true},
		{"s3:*Object", "s3:PutObject", true},
		{"s3:?etObject", "s3:GetObject", true},
		{"s3:?GetObject", "s3:GetObject", false},
		{"*", "s3:GetObject", true},
		{"*", "ec2:RunInstances", true},
		{"ec2:Run*", "ec2:RunInstances", true},
		{"ec2:runinstances", "ec2:RunInstances", true},
		{"ec2:Stop*", "ec2:RunInstances", false},
		{"s*:GetObject", "s3:GetObject", false},
		{"GetObject", "s3:GetObject", false},
		{"s3", "s3:GetObject", false},
		{"s3:*", "s3-object-lambda:GetObject", false},
	} {
		set := newActionSet([]Value{{Text: tt.pattern}}, false)
		if got := set.has(NewAction(tt.action)); got != tt.want {
			t.Errorf("%s matches %s: %v, want %v", tt.pattern, tt.action, got, tt.want)
		}
	}
}
