package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// CreateBucket: names, Regions and collisions.
func TestCreateBucket(t *testing.T) {
	g := newRig(t, nil)
	in := func(region string) string {
		return "<CreateBucketConfiguration><LocationConstraint>" + region + "</LocationConstraint></CreateBucketConfiguration>"
	}
	for _, c := range []struct {
		name   string
		answer answer
		status int
		code   string
	}{
		{"new", g.do(admin, "PUT", "/bucket-one", ""), 200, ""},
		{"again, in us-east-1", g.do(admin, "PUT", "/bucket-one", ""), 200, ""},
		{"of another account", g.do(partner, "PUT", "/bucket-one", ""), 409, "BucketAlreadyExists"},
		{"name", g.do(admin, "PUT", "/Bucket_One", ""), 400, "InvalidBucketName"},
		{"elsewhere, from us-east-1", g.do(admin, "PUT", "/bucket-two", in("eu-west-1")), 200, ""},
		{"again, elsewhere", g.do(admin, "PUT", "/bucket-two", in("eu-west-1"), "Host", "s3.eu-west-1.amazonaws.com"), 409, "BucketAlreadyOwnedByYou"},
		{"us-east-1 by name", g.do(admin, "PUT", "/bucket-three", in("us-east-1")), 400, "InvalidLocationConstraint"},
		{"nonsense", g.do(admin, "PUT", "/bucket-three", in("nowhere")), 400, "InvalidLocationConstraint"},
		{"unspecified, at another Region's endpoint", g.do(admin, "PUT", "/bucket-three", "", "Host", "s3.eu-west-1.amazonaws.com"), 400, "IllegalLocationConstraintException"},
		{"another Region at a Region's endpoint", g.do(admin, "PUT", "/bucket-three", in("ap-south-1"), "Host", "s3.eu-west-1.amazonaws.com"), 400, "IllegalLocationConstraintException"},
		{"not XML", g.do(admin, "PUT", "/bucket-three", "<Create"), 400, "MalformedXML"},
		{"without permission", g.do(nobody, "PUT", "/bucket-three", ""), 403, "AccessDenied"},
		{"ACL", g.do(admin, "PUT", "/bucket-three", "", "x-amz-acl", "public-read"), 400, "InvalidBucketAclWithObjectOwnership"},
		{"an ACL that is none", g.do(admin, "PUT", "/bucket-three", "", "x-amz-acl", "mine"), 400, "InvalidArgument"},
		{"ownership", g.do(admin, "PUT", "/bucket-three", "", "x-amz-object-ownership", "Mine"), 400, "InvalidArgument"},
		{"a name of the account's namespace", g.do(admin, "PUT", "/x-111122223333-us-east-1-an", ""), 400, "InvalidBucketName"},
		{"in that namespace", g.do(admin, "PUT", "/x-111122223333-us-east-1-an", "", "x-amz-bucket-namespace", "account-regional"), 200, ""},
		{"in another account's", g.do(admin, "PUT", "/x-444455556666-us-east-1-an", "", "x-amz-bucket-namespace", "account-regional"), 400, "InvalidNamespaceHeader"},
	} {
		t.Log(c.name)
		g.want(c.answer, c.status, c.code)
	}
	a := g.do(admin, "GET", "/", "")
	if !strings.Contains(a.body, "<Name>bucket-one</Name>") || strings.Contains(a.body, "bucket-three") {
		t.Errorf("ListBuckets: %s", a.body)
	}
	g.want(g.do(admin, "DELETE", "/bucket-one", ""), 204, "")
	g.want(g.do(partner, "PUT", "/bucket-one", ""), 200, "")
}

// PutBucketPolicy refuses what S3 refuses, with its text: the error catalogue, 10.4.
func TestMalformedPolicies(t *testing.T) {
	g := newRig(t, nil)
	statement := func(s string) string { return `{"Version": "2012-10-17", "Statement": [{` + s + `}]}` }
	for _, c := range []struct{ policy, message string }{
		{``, "Policies must be valid JSON and the first byte must be '{'"},
		{`[]`, "Policies must be valid JSON and the first byte must be '{'"},
		{`{"Version"`, "This policy contains invalid Json"},
		{`{"Version": "2012-10-17"}`, "Missing required field Statement"},
		{`{"Version": "2012-10-17", "Statement": []}`, "Could not parse the policy: Statement is empty!"},
		{`{"Version": "2020-01-01", "Statement": []}`, "The policy must contain a valid version string"},
		{statement(`"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"`), "Missing required field Principal"},
		{statement(`"Effect": "Allow", "Principal": "*", "Resource": "arn:aws:s3:::reports/*"`), "Missing required field Action"},
		{statement(`"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"`), "Missing required field Resource"},
		{statement(`"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"`), "Missing required field Effect"},
		{statement(`"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ghost"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"`), "Invalid principal in policy"},
		{statement(`"Effect": "Deny", "Principal": "*", "Action": "s3:HeadObject", "Resource": "arn:aws:s3:::reports/*"`), "Policy has invalid action"},
		{statement(`"Effect": "Deny", "Principal": "*", "Action": "ec2:RunInstances", "Resource": "arn:aws:s3:::reports/*"`), "Policy has invalid action"},
		{statement(`"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"`), "Policy has invalid resource"},
		{statement(`"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::europe/*"`), "Policy has invalid resource"},
		{statement(`"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports"`), "Action does not apply to any resource(s) in statement"},
		{statement(`"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports/*"`), "Action does not apply to any resource(s) in statement"},
	} {
		a := g.want(g.do(admin, "PUT", "/reports?policy", c.policy), 400, "MalformedPolicy")
		if a.message() != c.message {
			t.Errorf("%s\n%q, want %q", c.policy, a.message(), c.message)
		}
	}
	for _, good := range []string{
		statement(`"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]`),
		statement(`"Effect": "Allow", "Principal": {"AWS": ["444455556666", "arn:aws:iam::444455556666:user/partner"]}, "Action": ["s3:Get*", "S3:listbucket"], "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/a*"]`),
		statement(`"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/service/app"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/x", "Condition": {"Null": {"s3:x-amz-acl": "true"}}`),
	} {
		g.want(g.do(root, "PUT", "/reports?policy", good), 204, "")
	}
	g.want(g.do(root, "PUT", "/reports?policy", statement(`"Sid": "`+strings.Repeat("x", 21<<10)+`"`)), 400, "MaxMessageLengthExceeded")
	g.want(g.do(nobody, "PUT", "/reports?policy", `{`), 403, "AccessDenied")
	if a := g.want(g.do(root, "GET", "/guarded-net?policy", ""), 200, ""); !strings.Contains(a.body, `"Sid":"OnlyThroughEndpoint"`) {
		t.Errorf("policy of the estate file: %s", a.body)
	}
}

// ACLs: headers, XML, and what they must not be.
func TestACLs(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/with-acls/k", "x"), 200, "")
	a := g.want(g.do(admin, "GET", "/with-acls/k?acl", ""), 200, "")
	_, rest, _ := strings.Cut(a.body, "<Owner><ID>")
	owner, _, _ := strings.Cut(rest, "<")
	acl := func(grants string) string {
		return `<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>` + owner + `</ID></Owner><AccessControlList>` + grants + `</AccessControlList></AccessControlPolicy>`
	}
	user := func(id, permission string) string {
		return `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>` + id + `</ID></Grantee><Permission>` + permission + `</Permission></Grant>`
	}
	for _, c := range []struct {
		name    string
		body    string
		headers []string
		status  int
		code    string
	}{
		{"grants", acl(user(owner, "FULL_CONTROL") + user(strings.Repeat("a", 64), "READ")), nil, 200, ""},
		{"no grants", acl(""), nil, 200, ""},
		{"canned", "", []string{"x-amz-acl", "private"}, 200, ""},
		{"grant header", "", []string{"x-amz-grant-read", `uri="http://acs.amazonaws.com/groups/global/AuthenticatedUsers"`}, 200, ""},
		{"canned, unknown", "", []string{"x-amz-acl", "all-mine"}, 400, "InvalidArgument"},
		{"both", "", []string{"x-amz-acl", "private", "x-amz-grant-read", `id="` + owner + `"`}, 400, "InvalidRequest"},
		{"header and body", acl(""), []string{"x-amz-acl", "private"}, 400, "UnexpectedContent"},
		{"nothing", "", nil, 400, "MissingSecurityHeader"},
		{"permission", acl(user(owner, "EVERYTHING")), nil, 400, "MalformedACLError"},
		{"id", acl(user("me", "READ")), nil, 400, "InvalidArgument"},
		{"group", "", []string{"x-amz-grant-read", `uri="http://example.com/group"`}, 400, "InvalidArgument"},
		{"form of a grant", "", []string{"x-amz-grant-read", "everybody"}, 400, "InvalidArgument"},
		{"e-mail", "", []string{"x-amz-grant-read", `emailAddress="a@example.com"`}, 405, "MethodNotAllowed"},
		{"not XML", "<Access", nil, 400, "MalformedACLError"},
	} {
		t.Log(c.name)
		g.want(g.do(admin, "PUT", "/with-acls/k?acl", c.body, c.headers...), c.status, c.code)
	}
	g.want(g.do(admin, "PUT", "/with-acls/k?acl", "", "x-amz-acl", "public-read"), 200, "")
	g.want(g.do(nouser, "GET", "/with-acls/k", ""), 200, "")
	g.want(g.do(admin, "PUT", "/with-acls?publicAccessBlock", `<PublicAccessBlockConfiguration><IgnorePublicAcls>true</IgnorePublicAcls></PublicAccessBlockConfiguration>`), 200, "")
	g.want(g.do(nouser, "GET", "/with-acls/k", ""), 403, "AccessDenied")
	if a := g.do(admin, "GET", "/with-acls/k?acl", ""); strings.Contains(a.body, "AllUsers") {
		t.Errorf("an ACL that is ignored is shown: %s", a.body)
	}
	g.want(g.do(admin, "PUT", "/reports/k", "x", "x-amz-acl", "public-read"), 400, "AccessControlListNotSupported")
	g.want(g.do(admin, "PUT", "/reports/k", "x", "x-amz-acl", "bucket-owner-full-control"), 200, "")
}

// A foreign object under ObjectWriter belongs to its writer, and BucketOwnerEnforced
// gives it to the bucket's owner.
func TestObjectOwnership(t *testing.T) {
	g := newRig(t, nil)
	const policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::with-acls/*"}]}`
	g.want(g.do(admin, "PUT", "/with-acls?policy", policy), 204, "")
	g.want(g.do(partner, "PUT", "/with-acls/theirs", "x"), 200, "")
	g.want(g.do(admin, "GET", "/with-acls/theirs", ""), 403, "AccessDenied")
	g.want(g.do(partner, "GET", "/with-acls/theirs", ""), 200, "")
	g.want(g.do(partner, "PUT", "/with-acls/shared", "x", "x-amz-acl", "bucket-owner-full-control"), 200, "")
	g.want(g.do(admin, "GET", "/with-acls/shared", ""), 200, "")
	g.want(g.do(admin, "PUT", "/with-acls?ownershipControls", `<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`), 200, "")
	g.want(g.do(admin, "GET", "/with-acls/theirs", ""), 200, "")
	g.want(g.do(admin, "DELETE", "/with-acls?ownershipControls", ""), 204, "")
	g.want(g.do(admin, "GET", "/with-acls?ownershipControls", ""), 404, "OwnershipControlsNotFoundError")
	g.want(g.do(admin, "GET", "/with-acls/theirs", ""), 403, "AccessDenied")
}

// Tags of buckets and objects, and their limits.
func TestTagging(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports/k", "x"), 200, "")
	tags := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<Tag><Key>k%d</Key><Value>v</Value></Tag>", i)
		}
		return "<Tagging><TagSet>" + b.String() + "</TagSet></Tagging>"
	}
	one := func(k, v string) string {
		return "<Tagging><TagSet><Tag><Key>" + k + "</Key><Value>" + v + "</Value></Tag></TagSet></Tagging>"
	}
	for _, c := range []struct {
		target, body string
		status       int
		code         string
	}{
		{"/reports/k?tagging", tags(10), 200, ""},
		{"/reports/k?tagging", tags(11), 400, "BadRequest"},
		{"/reports?tagging", tags(50), 204, ""},
		{"/reports?tagging", tags(51), 400, "BadRequest"},
		{"/reports/k?tagging", one("a", "b") + "x", 200, ""},
		{"/reports/k?tagging", one(strings.Repeat("k", 129), "b"), 400, "InvalidTag"},
		{"/reports/k?tagging", one("a", strings.Repeat("v", 257)), 400, "InvalidTag"},
		{"/reports/k?tagging", one("aws:x", "b"), 400, "InvalidTag"},
		{"/reports/k?tagging", one("a{", "b"), 400, "InvalidTag"},
		{"/reports/k?tagging", "<Tagging></Tagging>", 200, ""},
		{"/reports/k?tagging", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", 400, "MalformedXML"},
		{"/reports/none?tagging", tags(1), 404, "NoSuchKey"},
	} {
		g.want(g.put(admin, c.target, c.body), c.status, c.code)
	}
	g.want(g.do(admin, "PUT", "/reports/t", "x", "x-amz-tagging", "a=1&a=2"), 400, "InvalidArgument")
	g.want(g.do(admin, "DELETE", "/reports/k?tagging", ""), 204, "")
	if a := g.want(g.do(admin, "GET", "/reports/k?tagging", ""), 200, ""); !strings.Contains(a.body, "<TagSet></TagSet>") {
		t.Errorf("no tags: %s", a.body)
	}
}

// Listings in pages, with delimiters and encoded keys.
func TestListings(t *testing.T) {
	g := newRig(t, nil)
	for _, k := range []string{"a", "b/1", "b/2", "c%20d%2B%3C", "e"} {
		g.want(g.do(admin, "PUT", "/europe/"+k, "x"), 200, "")
	}
	var seen []string
	token := ""
	for range 10 {
		a := g.want(g.do(admin, "GET", "/europe?list-type=2&max-keys=1&delimiter=%2F&encoding-type=url&prefix="+token, ""), 200, "")
		for _, tag := range []string{"Key", "CommonPrefixes><Prefix"} {
			if _, rest, ok := strings.Cut(a.body, "<"+tag+">"); ok {
				k, _, _ := strings.Cut(rest, "<")
				seen = append(seen, k)
			}
		}
		_, rest, ok := strings.Cut(a.body, "<NextContinuationToken>")
		if !ok {
			break
		}
		next, _, _ := strings.Cut(rest, "<")
		token = "&continuation-token=" + next
	}
	if got := strings.Join(seen, " "); got != "a b/ c+d%2B%3C e" {
		t.Errorf("listed %s", got)
	}
	a := g.want(g.do(admin, "GET", "/europe?list-type=2&start-after=b/2&fetch-owner=true", ""), 200, "")
	if strings.Count(a.body, "<Contents>") != 2 || strings.Count(a.body, "<Owner>") != 2 || !strings.Contains(a.body, "<Key>c d+&lt;</Key>") || !strings.Contains(a.body, "<KeyCount>2</KeyCount>") {
		t.Errorf("start-after: %s", a.body)
	}
	if a := g.do(admin, "GET", "/europe?list-type=2&max-keys=0", ""); !strings.Contains(a.body, "<IsTruncated>false</IsTruncated>") || strings.Contains(a.body, "<Contents>") {
		t.Errorf("max-keys=0: %s", a.body)
	}
	for _, query := range []string{"max-keys=x", "max-keys=-1", "encoding-type=base64", "list-type=2&continuation-token=nonsense", "list-type=2&continuation-token="} {
		g.want(g.do(admin, "GET", "/europe?"+query, ""), 400, "InvalidArgument")
	}
	if a := g.do(admin, "GET", "/europe?location", ""); !strings.Contains(a.body, ">eu-west-1</LocationConstraint>") {
		t.Errorf("location: %s", a.body)
	}
	if a := g.do(admin, "HEAD", "/europe", ""); a.StatusCode != 200 || a.Header.Get("X-Amz-Bucket-Region") != "eu-west-1" {
		t.Errorf("HeadBucket: %d %v", a.StatusCode, a.Header)
	}
	if a := g.do(nobody, "HEAD", "/europe", ""); a.StatusCode != 403 || a.Header.Get("X-Amz-Bucket-Region") != "eu-west-1" {
		t.Errorf("HeadBucket: %d %v", a.StatusCode, a.Header)
	}
}

// Versions: PutBucketVersioning, reads by version, delete markers.
func TestVersions(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/reports?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"), 200, "")
	first := g.want(g.do(admin, "PUT", "/reports/v", "one"), 200, "").Header.Get("X-Amz-Version-Id")
	g.want(g.do(admin, "PUT", "/reports/v", "two"), 200, "")
	if a := g.want(g.do(admin, "GET", "/reports/v?versionId="+first, ""), 200, ""); a.body != "one" {
		t.Errorf("first version: %q", a.body)
	}
	marker := g.want(g.do(admin, "DELETE", "/reports/v", ""), 204, "")
	if marker.Header.Get("X-Amz-Delete-Marker") != "true" {
		t.Errorf("delete marker: %v", marker.Header)
	}
	id := marker.Header.Get("X-Amz-Version-Id")
	a := g.want(g.do(admin, "GET", "/reports/v", ""), 404, "NoSuchKey")
	if a.Header.Get("X-Amz-Delete-Marker") != "true" {
		t.Errorf("a deleted object: %v", a.Header)
	}
	a = g.want(g.do(admin, "GET", "/reports/v?versionId="+id, ""), 405, "MethodNotAllowed")
	if !strings.Contains(a.body, "<ResourceType>DeleteMarker</ResourceType>") || a.Header.Get("Last-Modified") == "" {
		t.Errorf("a delete marker by version: %v %s", a.Header, a.body)
	}
	g.want(g.do(admin, "DELETE", "/reports/v?versionId="+id, ""), 204, "")
	if a := g.want(g.do(admin, "GET", "/reports/v", ""), 200, ""); a.body != "two" {
		t.Errorf("after the marker went: %q", a.body)
	}
	g.want(g.do(admin, "GET", "/reports/v?versionId="+strings.Repeat("A", 32), ""), 404, "NoSuchVersion")
	g.want(g.do(admin, "GET", "/reports/v?versionId=%00", ""), 400, "InvalidArgument")
	g.want(g.do(admin, "PUT", "/reports?versioning", "<VersioningConfiguration/>"), 400, "IllegalVersioningConfigurationException")
}

// Run listens, says where, and ends when it is told to.
func TestRun(t *testing.T) {
	g := newRig(t, func(c *Config) { c.Listen = "127.0.0.1:0" })
	ctx, cancel := context.WithCancel(context.Background())
	where, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- g.server.Run(ctx, func(a net.Addr) { where <- a }) }()
	res, err := http.Get("http://" + (<-where).String() + "/_why403/healthz")
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v %v", res, err)
	}
	res.Body.Close()
	cancel()
	select {
	case err := <-done:
		if err != nil && err != http.ErrServerClosed {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on")
	}
}
