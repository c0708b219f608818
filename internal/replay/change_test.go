package replay

import (
	"errors"
	"strings"
	"testing"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest/record"
)

const changeEstate = `{"version": 1, "organizations": {"o-exampleorg1": {"managementAccount": "999999999999",
 "policies": {"Limit": {"type": "scp", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}},
 "root": {"id": "r-ab12", "accounts": ["999999999999"], "units": {"ou-ab12-workload1": {"scps": ["Limit"], "accounts": ["111122223333"]}}}}},
"accounts": {"999999999999": {}, "111122223333": {
 "managedPolicies": {"read": {"document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}}},
 "roles": {"app": {"attached": ["read"]}, "hidden": {"unknown": [{"what": "inline", "why": "AccessDenied"}]}},
 "vpcEndpoints": {"vpce-0a1b2c3d": {"vpc": "vpc-1", "service": "com.amazonaws.us-east-1.s3"}},
 "buckets": {"b": {}}}}}`

const (
	denyAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}]}`
	denyIAM  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
	allowIAM = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	denyTag  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}}]}`
	listOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}]}`
)

func get(role, source string) *record.Record {
	return &record.Record{Kind: record.CloudTrail, Service: []byte("s3.amazonaws.com"), Event: []byte("GetObject"), Bucket: []byte("b"), Key: []byte("k"), SourceIP: []byte(source), Time: 1,
		Who: record.Identity{Type: []byte("AssumedRole"), ARN: []byte("arn:aws:sts::111122223333:assumed-role/" + role + "/s"), MFA: []byte("false"), Session: true}}
}

// Each form of change is told by what it does to a request that works.
func TestApply(t *testing.T) {
	file := func(text string) string { return writeFile(t, "p.json", text) }
	for _, c := range []struct {
		change, role string
		want         Category
	}{
		{"bucket-policy:b=" + file(denyAll), "app", NewlyDenied},
		{"bucket-policy:b=" + file(listOnly), "app", StillWorks},
		{"bucket-policy:b=-", "app", StillWorks},
		{"scp:Limit=" + file(denyIAM), "app", NewlyDenied},
		{"identity:role/app=" + file(denyIAM), "app", NewlyDenied},
		{"identity:role/app/more=" + file(denyIAM), "app", NewlyDenied},
		{"identity:role/app/more=" + file(allowIAM), "app", StillWorks},
		{"identity:arn:aws:iam::111122223333:role/app=" + file(allowIAM), "app", StillWorks},
		{"managed:read=" + file(denyIAM), "app", NewlyDenied},
		{"boundary:role/app=" + file(denyIAM), "app", NewlyDenied},
		{"boundary:role/app=" + file(allowIAM), "app", StillWorks},
		{"boundary:role/hidden=" + file(denyIAM), "hidden", NewlyDenied},
		{"boundary:role/app=-", "app", StillWorks},
		{"public-access-block:b=off", "app", StillWorks},
		{"public-access-block:111122223333=on", "app", StillWorks},
		{"ownership:b=ObjectWriter", "app", CannotTell},     // the object may be another account's
		{"encryption:b=aws:kms:alias/x", "app", StillWorks}, // of new objects

		// The past success proves that the policies nobody has read let it through.
		// That holds while nothing else is asked, or something eases, and not for a
		// new statement that hangs on what is not known.
		{"bucket-policy:b=" + file(listOnly), "hidden", StillWorks},
		{"bucket-policy:b=" + file(denyAll), "hidden", NewlyDenied},
		{"bucket-policy:b=" + file(denyTag), "hidden", CannotTell},
		{"identity:role/hidden/more=" + file(allowIAM), "hidden", StillWorks},
		{"scp:Limit=" + file(allowIAM), "hidden", CannotTell}, // narrower than "*", by letters
		{"identity:role/hidden=" + file(denyIAM), "hidden", NewlyDenied},
	} {
		after, err := Apply(parseEstate(t, changeEstate), c.change)
		if err != nil {
			t.Errorf("%s: %v", c.change, err)
			continue
		}
		o := NewDecider(parseEstate(t, changeEstate), after).Decide(get(c.role, "203.0.113.7"))
		if got := Judge(o, Worked); got != c.want {
			t.Errorf("%s, %s: category %d (before %s, after %s), want %d", c.change, c.role, got, o.Before, o.After, c.want)
		}
	}
}

// What was refused stays so, or works.
func TestRefusedBefore(t *testing.T) {
	before := parseEstate(t, changeEstate)
	before, err := Apply(before, "bucket-policy:b="+writeFile(t, "p.json", denyAll))
	if err != nil {
		t.Fatal(err)
	}
	o := NewDecider(before, parseEstate(t, changeEstate)).Decide(get("app", "203.0.113.7"))
	if o.Before != iam.Denied || Judge(o, Refused) != NewlyAllowed || Judge(o, Worked) != Contradicted || Judge(o, Unverified) != Ignored {
		t.Errorf("%s, %s", o.Before, o.After)
	}
}

// A change that makes no sense says what would.
func TestApplyComplains(t *testing.T) {
	for change, hint := range map[string]string{
		"bucket-polcy:b=x.json": "did you mean bucket-policy:…?", "bucket-policy:c=-": `did you mean "b"?`, "scp:Limits=" + writeFile(t, "p.json", denyIAM): `did you mean "Limit"?`,
		"ownership:b=Enforced": "write BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter", "public-access-block:b=yes": "write on or off", "identity:role/ap=-": `did you mean "role/app"?`,
		"boundary:role/ap=-": `did you mean "role/app"?`, "vpc-endpoint:vpce-0a1b2c3=-": `did you mean "vpce-0a1b2c3d"?`, "key:1234=-": "the estate holds none", "access-point:a=-": "the estate holds none",
	} {
		_, err := Apply(parseEstate(t, changeEstate), change)
		var ce *ChangeError
		if !errors.As(err, &ce) || ce.Hint() != hint {
			t.Errorf("%s: %v, want hint %q", change, err, hint)
		}
	}
}

// A request of which the endpoint is not known may have come through the one whose
// policy is changed.
func TestPossibleEndpoints(t *testing.T) {
	const allow = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}]}`
	const text = `{"version": 1, "accounts": {"111122223333": {"roles": {"app": {"inline": {"p": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}}},
	 "vpcEndpoints": {"vpce-0a": {"vpc": "vpc-1", "service": "com.amazonaws.us-east-1.s3", "document": ` + allow + `}, "vpce-0b": {"vpc": "vpc-1", "service": "com.amazonaws.us-east-1.s3", "document": ` + allow + `}},
	 "buckets": {"b": {}}}}}`
	before := parseEstate(t, text)
	for change, want := range map[string]Category{
		"vpc-endpoint:vpce-0b=" + writeFile(t, "p.json", strings.Replace(allow, "s3:*", "s3:PutObject", 1)): CannotTell,
		"public-access-block:b=on": StillWorks,
	} {
		after, err := Apply(parseEstate(t, text), change)
		if err != nil {
			t.Fatal(err)
		}
		r := get("app", "10.0.0.7") // of an access log: private, through an endpoint that is not told
		r.Kind = record.AccessLog
		r.Event, r.Who = []byte("REST.GET.OBJECT"), record.Identity{ARN: r.Who.ARN}
		o := NewDecider(before, after).Decide(r)
		if got := Judge(o, Worked); got != want {
			t.Errorf("%s: category %d (before %s, after %s), want %d", change, got, o.Before, o.After, want)
		}
	}
}

// AWS refused it by a session policy, which no estate holds: that a change of the
// identity-based policies would let it through is not to be said.
func TestOtherGateRefuses(t *testing.T) {
	before, err := Apply(parseEstate(t, changeEstate), "identity:role/app="+writeFile(t, "p.json", denyIAM))
	if err != nil {
		t.Fatal(err)
	}
	h := &hand{decider: NewDecider(before, parseEstate(t, changeEstate))}
	for message, want := range map[string]bool{
		"because no session policy allows the s3:GetObject action": true,
		"with an explicit deny in a resource control policy":       true,
		"with an explicit deny in an identity-based policy":        false,
		"Access Denied": false,
	} {
		r := get("app", "203.0.113.7")
		r.Error, r.Message = []byte("AccessDenied"), []byte("User: arn:aws:sts::111122223333:assumed-role/app/s is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/k\" "+message)
		o := h.decider.Decide(r)
		if _, other := h.otherGate(r, o, Judge(o, Refused)); other != want || Judge(o, Refused) != NewlyAllowed {
			t.Errorf("%s: %v, want %v (category %d)", message, other, want, Judge(o, Refused))
		}
	}
}
