package server

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"os"
	"strings"
	"testing"
)

func crc32Of(s string) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(s))))
}

// What was changed is there after a restart, and wins over the estate file.
func TestRestart(t *testing.T) {
	g := newRig(t, nil)
	const policy = `{"Version": "2012-10-17",
		"Statement": [{"Sid": "Mine", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::made/*"}]}`
	g.want(g.do(admin, "PUT", "/made", ""), 200, "")
	g.want(g.do(admin, "PUT", "/made?policy", policy), 204, "")
	g.want(g.do(admin, "PUT", "/made/k", "hello", "x-amz-meta-a", "b", "x-amz-tagging", "a=b"), 200, "")
	g.want(g.put(admin, "/reports?tagging", `<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`), 204, "")
	g.want(g.do(admin, "DELETE", "/public-site", ""), 204, "")
	g.want(g.do(admin, "DELETE", "/europe?publicAccessBlock", "", "Host", "s3.eu-west-1.amazonaws.com"), 204, "")
	session := g.assume(admin, "arn:aws:iam::111122223333:role/service/app", "Tags.member.1.Key", "team", "Tags.member.1.Value", "red")

	g.restart()
	if a := g.want(g.do(admin, "GET", "/made?policy", ""), 200, ""); a.body != policy {
		t.Errorf("policy: %s", a.body)
	}
	a := g.want(g.do(admin, "GET", "/made/k", ""), 200, "")
	if a.body != "hello" || a.Header.Get("X-Amz-Meta-A") != "b" || a.Header.Get("X-Amz-Tagging-Count") != "1" {
		t.Errorf("object: %q %v", a.body, a.Header)
	}
	if a := g.do(admin, "DELETE", "/made/k", ""); a.StatusCode != 403 || !strings.Contains(g.entry(a), "explicit deny") && !strings.Contains(g.entry(a), "bucket-policy") {
		t.Errorf("the policy no longer counts: %d %s", a.StatusCode, g.entry(a))
	}
	if a := g.want(g.do(admin, "GET", "/reports?tagging", ""), 200, ""); !strings.Contains(a.body, "<Key>a</Key>") {
		t.Errorf("tags: %s", a.body)
	}
	a = g.want(g.do(reader, "GET", "/reports/secret/k", ""), 403, "AccessDenied")
	if d := g.server.decisions.get(a.Header.Get("X-Amz-Request-Id"))[0]; d.Cause.Source == nil || d.Cause.Source.File != "bucket-policy.json" || d.Cause.Source.Line != 4 {
		t.Errorf("the policy of the estate file lost its place: %+v", d.Cause)
	}
	g.want(g.do(admin, "GET", "/public-site", ""), 404, "NoSuchBucket")
	g.want(g.do(admin, "GET", "/europe?publicAccessBlock", ""), 404, "NoSuchPublicAccessBlockConfiguration")
	g.want(g.do(session, "PUT", "/reports/red/k", "x"), 200, "")
	g.want(g.do(session, "PUT", "/reports/app/k", "x"), 403, "AccessDenied")

	g.want(g.do(admin, "PUT", "/public-site", ""), 200, "")
	g.restart()
	g.want(g.do(nouser, "GET", "/public-site/k", ""), 403, "AccessDenied") // a new bucket, not that of the file
}

// What was answered is kept by a process that dies: the data folder, taken away
// from a running endpoint, holds all of it.
func TestCrash(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/made", ""), 200, "")
	g.want(g.do(admin, "PUT", "/made/k", strings.Repeat("x", 100_000)), 200, "")
	g.want(g.put(admin, "/made?tagging", `<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`), 204, "")
	g.want(g.do(admin, "DELETE", "/reports/2026/q1.csv", ""), 204, "")
	session := g.assume(admin, "arn:aws:iam::111122223333:role/service/app")
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(g.dir)); err != nil {
		t.Fatal(err)
	}
	g.want(g.do(admin, "DELETE", "/made/k", ""), 204, "") // too late to be seen
	g.stop()
	g.dir = copied
	g.start()
	if a := g.want(g.do(admin, "GET", "/made/k", ""), 200, ""); len(a.body) != 100_000 {
		t.Errorf("%d bytes", len(a.body))
	}
	g.want(g.do(admin, "GET", "/made?tagging", ""), 200, "")
	g.want(g.do(admin, "GET", "/reports/2026/q1.csv", ""), 404, "NoSuchKey")
	g.want(g.do(session, "PUT", "/reports/app/k", "x"), 200, "")
}

// Objects of the estate file exist, empty, with what the file says of them.
func TestSeededObjects(t *testing.T) {
	g := newRig(t, nil)
	a := g.want(g.do(admin, "GET", "/reports/2026/q1.csv", ""), 200, "")
	if a.body != "" || a.Header.Get("X-Amz-Tagging-Count") != "1" {
		t.Errorf("%q %v", a.body, a.Header)
	}
	g.want(g.do(admin, "PUT", "/reports/2026/q1.csv", "new"), 200, "")
	g.restart()
	if a := g.want(g.do(admin, "GET", "/reports/2026/q1.csv", ""), 200, ""); a.body != "new" || a.Header.Get("X-Amz-Tagging-Count") != "" {
		t.Errorf("%q %v", a.body, a.Header)
	}
	g.want(g.do(admin, "DELETE", "/reports/2026/q1.csv", ""), 204, "")
	g.restart()
	g.want(g.do(admin, "GET", "/reports/2026/q1.csv", ""), 404, "NoSuchKey")
}

// Versions of the estate file go by the ids that it gives them.
func TestSeededVersions(t *testing.T) {
	g := newRig(t, nil)
	for range 2 {
		a := g.want(g.do(admin, "GET", "/versioned/k?tagging&versionId=v1", ""), 200, "")
		if !strings.Contains(a.body, "<Value>1</Value>") || a.Header.Get("X-Amz-Version-Id") != "v1" {
			t.Errorf("%v %s", a.Header, a.body)
		}
		if a := g.want(g.do(admin, "GET", "/versioned/k?tagging", ""), 200, ""); !strings.Contains(a.body, "<Value>2</Value>") {
			t.Errorf("%s", a.body)
		}
		g.want(g.do(admin, "GET", "/versioned/k?versionId=gone", ""), 405, "MethodNotAllowed")
		g.want(g.do(admin, "GET", "/versioned/k?versionId=v9", ""), 404, "NoSuchVersion")
		if a := g.do(admin, "GET", "/versioned?versions", ""); strings.Count(a.body, "<VersionId>") != 3 || !strings.Contains(a.body, "<VersionId>v1</VersionId>") {
			t.Errorf("%s", a.body)
		}
		g.restart()
	}
	g.want(g.do(admin, "PUT", "/versioned/k?tagging&versionId=v1", "<Tagging><TagSet><Tag><Key>n</Key><Value>7</Value></Tag></TagSet></Tagging>"), 200, "")
	if a := g.want(g.do(admin, "GET", "/versioned/k?tagging&versionId=v1", ""), 200, ""); !strings.Contains(a.body, "<Value>7</Value>") || a.Header.Get("X-Amz-Version-Id") != "v1" {
		t.Errorf("%v %s", a.Header, a.body)
	}
	if a := g.want(g.do(admin, "DELETE", "/versioned/k?versionId=v1", ""), 204, ""); a.Header.Get("X-Amz-Version-Id") != "v1" {
		t.Errorf("%v", a.Header)
	}
	g.want(g.do(admin, "GET", "/versioned/k?versionId=v1", ""), 404, "NoSuchVersion")
}
