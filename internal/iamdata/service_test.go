package iamdata

import (
	"slices"
	"testing"
)

func TestKnownAction(t *testing.T) {
	for name, want := range map[string]bool{
		"s3:GetObject":              true,
		"S3:getobject":              true,
		"ec2:RunInstances":          true,
		"EC2:runinstances":          true,
		"dynamodb:GetItem":          true,
		"s3tables:GetTable":         true,
		"vpc-lattice:GetService":    true,
		"s3:HeadObject":             false,
		"ec2:RunInstance":           false,
		"ec2:*":                     false,
		"nosuchservice:RunInstance": false,
		"RunInstances":              false,
		"ec2:":                      false,
		"":                          false,
	} {
		if got := KnownAction(name); got != want {
			t.Errorf("KnownAction(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestEveryActionIsKnownByItsName(t *testing.T) {
	n := 0
	for _, service := range Services() {
		names := Actions(service)
		if len(names) == 0 {
			t.Errorf("service %s has no action", service)
		}
		for _, name := range names {
			if n++; !KnownAction(name) {
				t.Errorf("%s is listed but not known", name)
			}
		}
	}
	// What the source of 26 September 2026 holds.
	if len(Services()) != 456 || n != 22091 {
		t.Errorf("%d services with %d actions, want 456 with 22091", len(Services()), n)
	}
}

func TestActions(t *testing.T) {
	if got := Actions("EC2"); !slices.Contains(got, "ec2:RunInstances") {
		t.Errorf("Actions(EC2) has %d names, without ec2:RunInstances", len(got))
	}
	if got := Actions("nosuchservice"); got != nil {
		t.Errorf("Actions of an unknown service = %v, want nil", got)
	}
	if !slices.IsSorted(Services()) {
		t.Error("Services is not sorted")
	}
}

func BenchmarkKnownActionOfAnotherService(b *testing.B) {
	for b.Loop() {
		KnownAction("ec2:RunInstances")
	}
}
