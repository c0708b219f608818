package server

import (
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
)

// The account in the header of a call to S3 Control is that of the resource in its
// path: an access point of one's own does not stand for another account's.
func TestTagsOfOthersAccessPoint(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.control(admin, prodID, "PUT", "accesspoint/twin", "<CreateAccessPointRequest><Bucket>reports</Bucket></CreateAccessPointRequest>"), 200, "")
	g.want(g.do(partner, "PUT", "/partners-own", ""), 200, "")
	g.want(g.control(partner, partnerID, "PUT", "accesspoint/twin", "<CreateAccessPointRequest><Bucket>partners-own</Bucket></CreateAccessPointRequest>"), 200, "")
	own := "tags/" + url.PathEscape("arn:aws:s3:us-east-1:444455556666:accesspoint/twin")
	tag := "<TagResourceRequest><Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags></TagResourceRequest>"
	g.want(g.control(partner, prodID, "POST", own, tag), 403, "AccessDenied")
	g.want(g.control(partner, prodID, "GET", own, ""), 403, "AccessDenied")
	g.want(g.control(partner, prodID, "DELETE", own+"?tagKeys=a", ""), 403, "AccessDenied")
	path := "tags/" + url.PathEscape("arn:aws:s3:us-east-1:111122223333:accesspoint/twin")
	if a := g.want(g.control(admin, prodID, "GET", path, ""), 200, ""); strings.Contains(a.body, "<Key>a</Key>") {
		t.Errorf("the partner's tag: %s", a.body)
	}
	g.want(g.control(partner, partnerID, "POST", path, tag), 403, "AccessDenied")
}

// Replication acts as a role that the caller passes to S3: "iam:PassRole" among the
// permissions of PutBucketReplication in the S3 API Reference.
func TestReplicationPassesRole(t *testing.T) {
	g := newRig(t, nil)
	who := g.limited("replicator", `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`)
	g.want(g.do(admin, "PUT", "/replicas", ""), 200, "")
	g.want(g.do(admin, "PUT", "/replicas?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"), 200, "")
	replication := func(account string) string {
		return "<ReplicationConfiguration><Role>arn:aws:iam::" + account + ":role/service/app</Role><Rule><Status>Enabled</Status><Prefix></Prefix><Destination><Bucket>arn:aws:s3:::replicas</Bucket></Destination></Rule></ReplicationConfiguration>"
	}
	g.want(g.withMD5(who, "/versioned?replication", replication(prodID)), 403, "AccessDenied")
	g.want(g.withMD5(admin, "/versioned?replication", replication(partnerID)), 403, "AccessDenied")
	g.want(g.withMD5(admin, "/versioned?replication", replication(prodID)), 200, "")
}

// A form's policy vouches for its upload, and for no other operation.
func TestFormIsForUploadsAlone(t *testing.T) {
	g := newRig(t, nil)
	fields := g.signed(admin, `["starts-with","$bucket",""],["starts-with","$key",""]`, field{"key", "k"})
	file := strings.Repeat(" ", 64<<10) + "<TagResourceRequest><Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags></TagResourceRequest>"
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		if err := w.WriteField(f.name, f.value); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.CreateFormFile("file", "f"); err != nil {
		t.Fatal(err)
	}
	b.WriteString(file)
	path := "/v20180820/tags/" + url.PathEscape("arn:aws:s3:::reports")
	a := g.send(g.request("POST", path, b.String(), "Content-Type", w.FormDataContentType(), "X-Amz-Account-Id", prodID, "Host", prodID+".localhost"))
	if a.StatusCode < 400 {
		t.Errorf("tagged: %d %s", a.StatusCode, a.body)
	}
	if a := g.control(admin, prodID, "GET", strings.TrimPrefix(path, "/v20180820/"), ""); strings.Contains(a.body, "<Key>a</Key>") {
		t.Errorf("tags: %s", a.body)
	}
}

// The same for object tags, which are told apart by case while condition keys are not:
// those that are kept, and those that an upload brings.
func TestObjectTagsThatDifferInCase(t *testing.T) {
	g := newRig(t, nil)
	who := g.limited("tagged", `{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
		{"Effect": "Allow", "Action": "s3:PutObjectTagging", "Resource": "*", "Condition": {"StringEquals": {"s3:RequestObjectTag/team": "ok"}}},
		{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"s3:ExistingObjectTag/team": "ok"}}}`)
	g.want(g.do(admin, "PUT", "/tagged-twice", ""), 200, "")
	g.want(g.do(admin, "PUT", "/tagged-twice/k", "x", "X-Amz-Tagging", "Team=ok&team=bad"), 200, "")
	for range 16 {
		g.want(g.do(who, "GET", "/tagged-twice/k", ""), 403, "AccessDenied")
		g.want(g.do(who, "PUT", "/tagged-twice/new", "x", "X-Amz-Tagging", "Team=bad&team=ok"), 403, "AccessDenied")
	}
	g.want(g.do(who, "PUT", "/tagged-twice/k", "x", "X-Amz-Tagging", "team=ok"), 200, "")
	g.want(g.do(who, "GET", "/tagged-twice/k", ""), 200, "")
}
