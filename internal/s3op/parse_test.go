package s3op

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/request"
)

// API Reference, CopyObject, x-amz-copy-source.
func TestCopySource(t *testing.T) {
	const ap = "arn:aws:s3:us-west-2:123456789012:accesspoint/my-access-point"
	for _, tt := range []struct{ value, bucket, key, version, ap string }{
		{"awsexamplebucket/reports/january.pdf", "awsexamplebucket", "reports/january.pdf", "", ""},
		{"/awsexamplebucket/reports/january.pdf", "awsexamplebucket", "reports/january.pdf", "", ""},
		{"awsexamplebucket/reports/january.pdf?versionId=QUpfdndhfd8438MNFDN93jdnJFkdmqnh893", "awsexamplebucket", "reports/january.pdf", "QUpfdndhfd8438MNFDN93jdnJFkdmqnh893", ""},
		{"b/a%20b%2Fc%3Fd", "b", "a b/c?d", "", ""},
		{"b%2Fk", "b", "k", "", ""},
		{"%2Fb/k", "b", "k", "", ""},
		{"b/k+k", "b", "k+k", "", ""},
		{"b//k", "b", "/k", "", ""},
		{"b/k?v", "b", "k?v", "", ""},
		{"b/k?versionId=null", "b", "k", "null", ""},
		{ap + "/object/reports/january.pdf", "", "reports/january.pdf", "", ap},
		{strings.ReplaceAll(strings.ReplaceAll(ap+"/object/k", ":", "%3A"), "/", "%2F"), "", "k", "", ap},
		{ap + "/object/k?versionId=v1", "", "k", "v1", ap},
	} {
		bucket, key, version, accessPoint, err := CopySource(tt.value)
		if err != nil || bucket != tt.bucket || key != tt.key || version != tt.version || accessPoint != tt.ap {
			t.Errorf("CopySource(%q) = %q, %q, %q, %q, %v; want %+v", tt.value, bucket, key, version, accessPoint, err, tt)
		}
	}
	for _, value := range []string{"", "/", "bucket", "bucket/", "//k", "b/%zz", "arn:aws:s3:::b/k", ap, ap + "/object/"} {
		if bucket, key, version, accessPoint, err := CopySource(value); !errors.Is(err, ErrCopySource) || bucket+key+version+accessPoint != "" {
			t.Errorf("CopySource(%q) = %q, %q, %q, %q, %v; want an error alone", value, bucket, key, version, accessPoint, err)
		}
	}
}

func TestParseTagging(t *testing.T) {
	for value, want := range map[string][]Tag{
		"":                    nil,
		"a=1":                 {{"a", "1"}},
		"a=1&b=2":             {{"a", "1"}, {"b", "2"}},
		"a":                   {{"a", ""}},
		"a=":                  {{"a", ""}},
		"a%26b=c%3Dd&e+f=g+h": {{"a&b", "c=d"}, {"e f", "g h"}},
		"a=1=2":               {{"a", "1=2"}},
	} {
		if got, err := ParseTagging(value); err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseTagging(%q) = %v, %v; want %v", value, got, err, want)
		}
	}
	for _, value := range []string{"%zz=1", "a=%zz", "=1"} {
		if got, err := ParseTagging(value); err == nil || got != nil {
			t.Errorf("ParseTagging(%q) = %v, %v; want an error alone", value, got, err)
		}
	}
}

// API Reference, PutObjectAcl, x-amz-grant-read: the forms of its examples.
func TestParseGrantees(t *testing.T) {
	for value, want := range map[string][]estate.Grantee{
		`uri="http://acs.amazonaws.com/groups/global/AllUsers"`: {{Type: "Group", URI: AllUsers}},
		`id=111, id="222"`: {{Type: "CanonicalUser", ID: "111"}, {Type: "CanonicalUser", ID: "222"}},
		`emailAddress="xyz@amazon.com",uri=` + LogDelivery: {{Type: "AmazonCustomerByEmail", Email: "xyz@amazon.com"}, {Type: "Group", URI: LogDelivery}},
		` id = "1,2" `: {{Type: "CanonicalUser", ID: "1,2"}},
	} {
		if got, err := ParseGrantees(value); err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseGrantees(%q) = %v, %v; want %v", value, got, err, want)
		}
	}
	for _, value := range []string{"", "  ", "id", "id=", `id=""`, "name=x", "id=1,,id=2", `id="1`, `id="1" x`} {
		if got, err := ParseGrantees(value); err == nil || got != nil {
			t.Errorf("ParseGrantees(%q) = %v, %v; want an error alone", value, got, err)
		}
	}
}

func TestUploadACL(t *testing.T) {
	owner := estate.Grantee{Type: "CanonicalUser", ID: ownerID}
	account := estate.Grantee{Type: "CanonicalUser", ID: "111122223333"}
	body := func(permission string, g ...estate.Grantee) request.Request {
		b := request.Body{HasGrants: true}
		for _, one := range g {
			b.Grants = append(b.Grants, estate.ACLGrant{Grantee: one, Permission: permission})
		}
		return request.Request{Body: &b}
	}
	sent := func(h ...string) request.Request { return request.Request{Headers: headers(h...)} }
	for _, tt := range []struct {
		name                                  string
		r                                     request.Request
		stated, public, beyond, fullControl   bool
		cannedAndGrants, headersAndBody, fail bool
	}{
		{name: "none"},
		{name: "private", r: sent("x-amz-acl: private"), stated: true},
		{name: "public-read", r: sent("x-amz-acl: public-read"), stated: true, public: true, beyond: true},
		{name: "authenticated-read", r: sent("x-amz-acl: authenticated-read"), stated: true, public: true, beyond: true},
		{name: "aws-exec-read", r: sent("x-amz-acl: aws-exec-read"), stated: true, beyond: true},
		{name: "log-delivery-write", r: sent("x-amz-acl: log-delivery-write"), stated: true, beyond: true},
		{name: "bucket-owner-read", r: sent("x-amz-acl: bucket-owner-read"), stated: true},
		{name: "bucket-owner-full-control", r: sent("x-amz-acl: bucket-owner-full-control"), stated: true, fullControl: true},
		{name: "the same in grants", r: sent("x-amz-grant-full-control: id=" + ownerID), stated: true, fullControl: true},
		{name: "the same by account id", r: body("FULL_CONTROL", account), stated: true, fullControl: true},
		{name: "less than full control", r: sent("x-amz-grant-read: id=" + ownerID), stated: true},
		{name: "to a stranger", r: sent("x-amz-grant-read: id=" + stranger), stated: true, beyond: true},
		{name: "to log delivery", r: sent("x-amz-grant-write: uri=" + LogDelivery), stated: true, beyond: true},
		{name: "to everyone", r: sent("x-amz-grant-read-acp: uri=" + AllUsers), stated: true, public: true, beyond: true},
		{name: "to everyone in the body", r: body("READ", owner, estate.Grantee{Type: "Group", URI: AuthenticatedUsers}), stated: true, public: true, beyond: true},
		{name: "by e-mail", r: sent("x-amz-grant-read: emailAddress=a@example.com"), stated: true, beyond: true},
		{name: "both", r: sent("x-amz-acl: private", "x-amz-grant-read: id="+ownerID), stated: true, cannedAndGrants: true},
		{name: "headers and body", r: request.Request{Headers: headers("x-amz-acl: private"), Body: &request.Body{HasGrants: true}}, stated: true, headersAndBody: true},
		{name: "not readable", r: sent("x-amz-grant-read: everyone"), stated: true, beyond: true, fail: true},
	} {
		a := UploadACL(&tt.r)
		for what, pair := range map[string][2]bool{
			"Stated": {a.Stated(), tt.stated}, "IsPublic": {a.IsPublic(), tt.public},
			"GrantsBeyondBucketOwner":  {a.GrantsBeyondBucketOwner(ownerID, "111122223333"), tt.beyond},
			"IsBucketOwnerFullControl": {a.IsBucketOwnerFullControl(ownerID, "111122223333"), tt.fullControl},
			"CannedAndGrants":          {a.CannedAndGrants(), tt.cannedAndGrants}, "HeadersAndBody": {a.HeadersAndBody(), tt.headersAndBody}, "Err": {a.Err() != nil, tt.fail},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s = %v, want %v", tt.name, what, pair[0], pair[1])
			}
		}
	}
}

func TestResourceARN(t *testing.T) {
	for want, c := range map[string]Check{
		"arn:aws-cn:s3:::b":     {Bucket: "b"},
		"arn:aws-cn:s3:::b/k":   {Bucket: "b", Key: "k"},
		"arn:aws-cn:s3:::b//k ": {Bucket: "b", Key: "/k "},
		"arn:aws-cn:s3:::c":     {Bucket: "c", Key: "k", OnBucket: true},
		"*":                     {OnAny: true},
		"arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/ap": {Bucket: "arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/ap", OnBucket: true},
	} {
		if got := ResourceARN("aws-cn", &c); got != want {
			t.Errorf("ResourceARN(%+v) = %q, want %q", c, got, want)
		}
	}
}

func FuzzCopySource(f *testing.F) {
	for _, s := range []string{"/b/k", "b/a%20b?versionId=v", "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/k", "?versionId=%", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		bucket, key, version, ap, err := CopySource(value)
		if err != nil && bucket+key+version+ap != "" {
			t.Fatalf("CopySource(%q) fails and returns %q %q %q %q", value, bucket, key, version, ap)
		}
		if err == nil && (key == "" || (bucket == "") == (ap == "")) {
			t.Fatalf("CopySource(%q) = %q %q %q %q", value, bucket, key, version, ap)
		}
		_ = copySourceKey(value)
		s, _ := Lookup("CopyObject")
		if checks := s.Checks(&request.Request{CopySource: value, Bucket: "b", Key: "k"}, nil); len(checks) != 2 {
			t.Fatalf("copy of %q has %d checks", value, len(checks))
		}
	})
}

// Grants and tags survive being written and read again.
func FuzzHeaders(f *testing.F) {
	f.Add("id=1, uri=\"x\"", "a=1&b")
	f.Add(`emailAddress="a,b"`, "%41=%20")
	f.Add("\"", "&&=")
	f.Fuzz(func(t *testing.T, grant, tagging string) {
		if list, err := ParseGrantees(grant); err == nil {
			var parts []string
			for _, g := range list {
				for kind, v := range map[string]string{"id": g.ID, "uri": g.URI, "emailAddress": g.Email} {
					if v != "" {
						parts = append(parts, kind+`="`+v+`"`)
					}
				}
			}
			if again, err := ParseGrantees(strings.Join(parts, ",")); err != nil || !slices.Equal(list, again) {
				t.Fatalf("%q reads as %v, and that as %v, %v", grant, list, again, err)
			}
		} else if list != nil {
			t.Fatalf("ParseGrantees(%q) fails and returns %v", grant, list)
		}
		tags, err := ParseTagging(tagging)
		if err != nil && tags != nil {
			t.Fatalf("ParseTagging(%q) fails and returns %v", tagging, tags)
		}
		for _, name := range []string{"PutObject", "PutObjectAcl", "CreateBucket", "PostObject"} {
			s, _ := Lookup(name)
			s.Checks(&request.Request{Operation: name, Headers: map[string]string{"x-amz-grant-read": grant, "x-amz-tagging": tagging, "x-amz-object-lock-retain-until-date": grant}}, nil)
		}
	})
}
