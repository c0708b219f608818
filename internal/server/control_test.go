package server

import (
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/sigv4"
)

// control makes a call to S3 Control on an account.
func (g *rig) control(who sigv4.Credential, account, method, path, body string) answer {
	g.t.Helper()
	a := g.do(who, method, "/v20180820/"+path, body, "x-amz-account-id", account, "Host", account+".localhost")
	var e struct{ Error struct{ Code string } }
	if xml.Unmarshal([]byte(a.body), &e); e.Error.Code != "" {
		a.body = strings.NewReplacer("<ErrorResponse><Error>", "<Error>", "</Error><RequestId>", "<RequestId>", "</HostId></ErrorResponse>", "</HostId></Error>").Replace(a.body)
	}
	return a
}

const (
	prodID    = "111122223333"
	partnerID = "444455556666"
	block     = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
)

// The account's Block Public Access: it applies at once, to all buckets.
func TestAccountPublicAccessBlock(t *testing.T) {
	g := newRig(t, nil)
	const path = "configuration/publicAccessBlock"
	g.want(g.control(admin, prodID, "GET", path, ""), 404, "NoSuchPublicAccessBlockConfiguration")
	g.want(g.control(nobody, prodID, "PUT", path, block), 403, "AccessDenied")
	g.want(g.control(partner, prodID, "PUT", path, block), 403, "AccessDenied")
	g.want(g.control(nouser, prodID, "GET", path, ""), 403, "AccessDenied")
	g.want(g.control(admin, prodID, "PUT", path, "<Nonsense/>"), 400, "MalformedXML")
	g.want(g.do(admin, "PUT", "/open-account", ""), 200, "")
	g.want(g.do(admin, "DELETE", "/open-account?publicAccessBlock", ""), 204, "")
	public := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::open-account/*"}]}`
	g.want(g.do(admin, "PUT", "/open-account?policy", public), 204, "")
	g.want(g.control(admin, prodID, "PUT", path, block), 200, "")
	g.want(g.do(admin, "PUT", "/open-account?policy", public), 403, "AccessDenied")
	g.restart()
	a := g.want(g.control(admin, prodID, "GET", path, ""), 200, "")
	if !strings.Contains(a.body, `xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"`) || !strings.Contains(a.body, strings.TrimPrefix(block, "<PublicAccessBlockConfiguration>")) {
		t.Errorf("got %s", a.body)
	}
	g.want(g.do(admin, "PUT", "/open-account?policy", public), 403, "AccessDenied")
	g.want(g.control(admin, prodID, "DELETE", path, ""), 204, "")
	g.want(g.do(admin, "PUT", "/open-account?policy", public), 204, "")
}

// What the organization assigns is what the account has, and no member changes it.
func TestAssignedPublicAccessBlock(t *testing.T) {
	e, err := estate.ParseFS(fstest.MapFS{"estate.yaml": {Data: []byte(`
version: 1
organizations:
  o-exampleorg01:
    managementAccount: "999999999999"
    policies: {block: {type: s3, document: {s3_attributes: {public_access_block_configuration: {"@@assign": all}}}}}
    root: {id: r-ab12, s3: [block], accounts: ["999999999999", "111122223333"]}
accounts:
  "999999999999": {}
  "111122223333":
    users:
      admin:
        inline: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
        accessKeys: {AKIAADMIN00000000001: {secret: "admin/Secret+Key000000000000000000000001"}}
`)}}, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	g := newRig(t, func(c *Config) { c.Estate = e })
	const path = "configuration/publicAccessBlock"
	if a := g.want(g.control(admin, prodID, "GET", path, ""), 200, ""); strings.Count(a.body, ">true<") != 4 {
		t.Errorf("got %s", a.body)
	}
	a := g.want(g.control(admin, prodID, "PUT", path, block), 403, "AccessDenied")
	if a.Header.Get("X-Why403-Reason") != "organization-block-public-access" {
		t.Errorf("told %v", a.Header)
	}
	g.want(g.control(admin, prodID, "DELETE", path, ""), 403, "AccessDenied")
}

// An access point from its making to its end, addressed by host, alias and ARN.
func TestControlAccessPoints(t *testing.T) {
	g := newRig(t, nil)
	create := func(bucket, rest string) string {
		return "<CreateAccessPointRequest><Bucket>" + bucket + "</Bucket>" + rest + "</CreateAccessPointRequest>"
	}
	g.want(g.control(nobody, prodID, "PUT", "accesspoint/finance", create("reports", "")), 403, "AccessDenied")
	g.want(g.control(admin, prodID, "PUT", "accesspoint/Finance", create("reports", "")), 400, "InvalidURI")
	g.want(g.control(admin, prodID, "PUT", "accesspoint/finance", create("no-such-bucket-here", "")), 400, "InvalidRequest")
	g.want(g.control(admin, prodID, "PUT", "accesspoint/finance", create("europe", "")), 400, "InvalidRequest")
	a := g.want(g.control(admin, prodID, "PUT", "accesspoint/finance", create("reports", "<Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags>")), 200, "")
	alias := between(a.body, "<Alias>", "</Alias>")
	if !strings.Contains(a.body, "<AccessPointArn>arn:aws:s3:us-east-1:111122223333:accesspoint/finance</AccessPointArn>") || !strings.HasSuffix(alias, "-s3alias") {
		t.Fatalf("made: %s", a.body)
	}
	g.want(g.control(admin, prodID, "PUT", "accesspoint/finance", create("reports", "")), 409, "AccessPointAlreadyOwnedByYou")
	g.restart()
	a = g.want(g.control(admin, prodID, "GET", "accesspoint/finance", ""), 200, "")
	for _, part := range []string{"<Bucket>reports</Bucket>", "<NetworkOrigin>Internet</NetworkOrigin>", "<BlockPublicPolicy>true</BlockPublicPolicy>", "<BucketAccountId>111122223333</BucketAccountId>", "<CreationDate>"} {
		if !strings.Contains(a.body, part) {
			t.Errorf("GetAccessPoint lacks %s: %s", part, a.body)
		}
	}
	g.want(g.control(admin, prodID, "GET", "accesspoint/nothing", ""), 404, "NoSuchAccessPoint")
	g.want(g.control(partner, prodID, "GET", "accesspoint/finance", ""), 403, "AccessDenied")
	if a := g.want(g.control(admin, prodID, "GET", "accesspoint?bucket=reports&maxResults=1", ""), 200, ""); strings.Count(a.body, "<AccessPoint>") != 1 || !strings.Contains(a.body, "<NextToken>") {
		t.Errorf("a page: %s", a.body)
	}
	g.want(g.do(admin, "PUT", "/reports/in/k", "x"), 200, "")
	for _, host := range []string{"finance-111122223333.s3-accesspoint.us-east-1.amazonaws.com", "finance-111122223333.localhost", "finance-111122223333.127.0.0.1", alias + ".localhost"} {
		if a := g.want(g.do(admin, "GET", "/in/k", "", "Host", host), 200, ""); a.body != "x" {
			t.Errorf("%s: %q", host, a.body)
		}
	}
	g.want(g.do(admin, "GET", "/"+alias+"/in/k", ""), 200, "")
	g.want(g.do(admin, "GET", "/"+alias+"?policy", ""), 200, "")
	g.want(g.do(admin, "PUT", "/"+alias+"?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"), 405, "MethodNotAllowed")
	g.want(g.do(admin, "DELETE", "/"+alias, ""), 405, "MethodNotAllowed")
	g.want(g.do(admin, "GET", "/in/k", "", "Host", "nothing-111122223333.s3-accesspoint.us-east-1.amazonaws.com"), 404, "NoSuchAccessPoint")
	g.want(g.do(admin, "DELETE", "/reports", ""), 400, "BucketHasAccessPointsAttached")
	g.want(g.control(admin, prodID, "DELETE", "accesspoint/finance", ""), 204, "")
	g.want(g.control(admin, prodID, "DELETE", "accesspoint/finance", ""), 404, "NoSuchAccessPoint")
	g.want(g.do(admin, "GET", "/in/k", "", "Host", "finance-111122223333.s3-accesspoint.us-east-1.amazonaws.com"), 404, "NoSuchAccessPoint")
	g.want(g.control(admin, prodID, "GET", "jobs", ""), 501, "NotImplemented")
}

// How S3 Control words errors: recorded at AWS in 2024 and 2025 by the project
// localstack (tests/aws/services/s3control/test_s3control.snapshot.json).
func TestControlAnswers(t *testing.T) {
	g := newRig(t, nil)
	tag := func(tags string) string { return "<TagResourceRequest><Tags>" + tags + "</Tags></TagResourceRequest>" }
	one := func(key, value string) string { return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>" }
	g.want(g.control(admin, prodID, "DELETE", "configuration/publicAccessBlock", ""), 204, "")
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "configuration/publicAccessBlock", "", 404, "<AccountId>111122223333</AccountId>"},
		{"PUT", "accesspoint/xn-_test", "<CreateAccessPointRequest><Bucket>reports</Bucket></CreateAccessPointRequest>", 400, "<URI>accesspoint/xn-_test</URI>"},
		{"PUT", "accesspoint/made", "<CreateAccessPointRequest><Bucket>no-such-bucket-here</Bucket></CreateAccessPointRequest>", 400, "Amazon S3 AccessPoint can only be created for existing bucket"},
		{"POST", "tags/arn%3Aaws%3As3%3A%3A%3Areports", tag(one("aws:x", "y")), 400, "User-defined tag keys can't start with &quot;aws:&quot;."},
		{"POST", "tags/arn%3Aaws%3As3%3A%3A%3Areports", tag(one("a", "1") + one("a", "2")), 400, "There are duplicate tag keys in your request."},
		{"POST", "tags/arn%3Aaws%3As3%3A%3A%3Areports", tag(one("a", "b*")), 400, "This request contains a tag key or value that isn't valid."},
	} {
		if a := g.control(admin, prodID, tt.method, tt.path, tt.body); a.StatusCode != tt.status || !strings.Contains(a.body, tt.says) {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, a.StatusCode, a.body)
		}
	}
}

func between(s, from, to string) string {
	_, rest, _ := strings.Cut(s, from)
	found, _, _ := strings.Cut(rest, to)
	return found
}

// Policies of access points: delegation by the bucket policy lets callers of another
// account in through the access point alone.
func TestAccessPointPolicy(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/delegated", ""), 200, "")
	g.want(g.do(admin, "PUT", "/delegated/k", "x"), 200, "")
	g.want(g.control(admin, prodID, "PUT", "accesspoint/out", "<CreateAccessPointRequest><Bucket>delegated</Bucket></CreateAccessPointRequest>"), 200, "")
	g.want(g.control(admin, prodID, "GET", "accesspoint/out/policy", ""), 404, "NoSuchAccessPointPolicy")
	g.want(g.control(admin, prodID, "GET", "accesspoint/out/policyStatus", ""), 404, "NoSuchAccessPointPolicy")
	const arn = "arn:aws:s3:us-east-1:111122223333:accesspoint/out"
	policy := func(principal, resource string) string {
		text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"s3:GetObject","Resource":"` + resource + `"}]}`
		var b strings.Builder
		xml.EscapeText(&b, []byte(text))
		return "<PutAccessPointPolicyRequest><Policy>" + b.String() + "</Policy></PutAccessPointPolicyRequest>"
	}
	named := `{"AWS":"arn:aws:iam::444455556666:user/partner"}`
	g.want(g.control(admin, prodID, "PUT", "accesspoint/out/policy", policy(named, "arn:aws:s3:::delegated/*")), 400, "MalformedPolicy")
	g.want(g.control(admin, prodID, "PUT", "accesspoint/out/policy", "<PutAccessPointPolicyRequest><Policy>{</Policy></PutAccessPointPolicyRequest>"), 400, "MalformedPolicy")
	a := g.want(g.control(admin, prodID, "PUT", "accesspoint/out/policy", policy(`"*"`, arn+"/object/*")), 403, "AccessDenied")
	if !strings.Contains(a.message(), "BlockPublicPolicy") {
		t.Errorf("public: %s", a.body)
	}
	g.want(g.control(admin, prodID, "PUT", "accesspoint/nothing/policy", policy(named, "arn:aws:s3:us-east-1:111122223333:accesspoint/nothing/object/*")), 404, "NoSuchAccessPoint")
	g.want(g.control(admin, prodID, "PUT", "accesspoint/out/policy", policy(named, arn+"/object/*")), 200, "")
	if a := g.want(g.control(admin, prodID, "GET", "accesspoint/out/policy", ""), 200, ""); !strings.Contains(a.body, "444455556666:user/partner") {
		t.Errorf("policy: %s", a.body)
	}
	if a := g.want(g.control(admin, prodID, "GET", "accesspoint/out/policyStatus", ""), 200, ""); !strings.Contains(a.body, "<IsPublic>false</IsPublic>") {
		t.Errorf("status: %s", a.body)
	}
	through := "out-111122223333.s3-accesspoint.us-east-1.amazonaws.com"
	g.want(g.do(partner, "GET", "/k", "", "Host", through), 403, "AccessDenied") // the bucket does not delegate yet
	g.want(g.do(admin, "PUT", "/delegated?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::delegated/*",
		"Condition":{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}}]}`), 204, "")
	g.want(g.do(partner, "GET", "/k", "", "Host", through), 200, "")
	g.want(g.do(partner, "GET", "/delegated/k", ""), 403, "AccessDenied")
	g.want(g.control(admin, prodID, "DELETE", "accesspoint/out/policy", ""), 204, "")
	g.want(g.control(admin, prodID, "DELETE", "accesspoint/out/policy", ""), 404, "NoSuchAccessPointPolicy")
	g.want(g.do(partner, "GET", "/k", "", "Host", through), 403, "AccessDenied")
}

// An access point of a VPC is not for the internet, and one of another account's
// bucket needs its owner's delegation.
func TestAccessPointOrigins(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.control(admin, prodID, "PUT", "accesspoint/inside", "<CreateAccessPointRequest><Bucket>reports</Bucket><VpcConfiguration><VpcId>vpc-1a2b3c4d</VpcId></VpcConfiguration></CreateAccessPointRequest>"), 200, "")
	if a := g.want(g.control(admin, prodID, "GET", "accesspoint/inside", ""), 200, ""); !strings.Contains(a.body, "<NetworkOrigin>VPC</NetworkOrigin><VpcConfiguration><VpcId>vpc-1a2b3c4d</VpcId>") {
		t.Errorf("origin: %s", a.body)
	}
	g.want(g.do(admin, "PUT", "/reports/in/k", "x"), 200, "")
	g.want(g.do(admin, "GET", "/in/k", "", "Host", "inside-111122223333.s3-accesspoint.us-east-1.amazonaws.com"), 403, "AccessDenied")
	g.want(g.do(admin, "GET", "/in/k", "", "Host", "inside-111122223333.accesspoint.vpce-1a2b3c4d.s3.us-east-1.vpce.amazonaws.com"), 200, "")
	g.want(g.control(partnerRoot, partnerID, "PUT", "accesspoint/theirs", "<CreateAccessPointRequest><Bucket>reports</Bucket></CreateAccessPointRequest>"), 403, "AccessDenied")
	g.want(g.control(partnerRoot, partnerID, "PUT", "accesspoint/theirs", "<CreateAccessPointRequest><Bucket>reports</Bucket><BucketAccountId>111122223333</BucketAccountId></CreateAccessPointRequest>"), 200, "")
	g.want(g.do(partnerRoot, "GET", "/in/k", "", "Host", "theirs-444455556666.s3-accesspoint.us-east-1.amazonaws.com"), 403, "AccessDenied")
}

// Tags of buckets and access points, which decide where ABAC is on.
func TestControlTags(t *testing.T) {
	g := newRig(t, nil)
	path := "tags/" + url.PathEscape("arn:aws:s3:::reports")
	tag := "<TagResourceRequest><Tags><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag></Tags></TagResourceRequest>"
	g.want(g.do(admin, "PUT", "/reports?abac", "<AbacStatus><Status>Enabled</Status></AbacStatus>"), 200, "")
	g.want(g.control(nobody, prodID, "POST", path, tag), 403, "AccessDenied")
	g.want(g.control(partnerRoot, partnerID, "POST", path, tag), 403, "AccessDenied")
	g.want(g.control(admin, prodID, "POST", path, tag), 204, "")
	g.want(g.control(admin, prodID, "DELETE", path+"?tagKeys=a", ""), 204, "")
	if a := g.want(g.control(admin, prodID, "GET", path, ""), 200, ""); !strings.Contains(a.body, "<Tags><Tag><Key>b</Key><Value>2</Value></Tag></Tags>") {
		t.Errorf("tags: %s", a.body)
	}
	if a := g.want(g.do(admin, "GET", "/reports?tagging", ""), 200, ""); !strings.Contains(a.body, "<Key>b</Key>") {
		t.Errorf("tags of the bucket: %s", a.body)
	}
	g.want(g.control(admin, prodID, "PUT", "accesspoint/tagged", "<CreateAccessPointRequest><Bucket>reports</Bucket></CreateAccessPointRequest>"), 200, "")
	path = "tags/" + url.PathEscape("arn:aws:s3:us-east-1:111122223333:accesspoint/tagged")
	g.want(g.control(admin, prodID, "POST", path, tag), 204, "")
	if a := g.want(g.control(admin, prodID, "GET", path, ""), 200, ""); strings.Count(a.body, "<Tag>") != 2 {
		t.Errorf("tags of the access point: %s", a.body)
	}
}

// What is no account id is no account of the caller's.
func TestControlOfNoAccount(t *testing.T) {
	g := newRig(t, nil)
	for _, id := range []string{"x", "11112222333", "111122223333,444455556666", "anonymous"} {
		for _, c := range []struct{ method, path, body string }{
			{"PUT", "configuration/publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"},
			{"GET", "configuration/publicAccessBlock", ""}, {"DELETE", "configuration/publicAccessBlock", ""}, {"GET", "accesspoint", ""},
		} {
			if a := g.control(admin, id, c.method, c.path, c.body); a.StatusCode != 403 {
				t.Errorf("%s %s of %s: %d %s", c.method, c.path, id, a.StatusCode, a.body)
			}
		}
	}
}
