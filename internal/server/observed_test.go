package server

import (
	"crypto/md5"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

// A step is a request and what Amazon S3 was observed to answer: status, error code, what stands in the body, and headers.
type step struct {
	method, target, body string
	headers              []string // of the request: name, value, …
	status               int
	code                 string
	contains             []string // in the body
	lacks                []string // in the body
	answer               []string // headers of the answer: name, value, …; value "" for none
}

// captured are parts of answers that later steps name as {1}, {2}, …: version ids, and upload ids.
var captured = regexp.MustCompile(`<UploadId>([^<]+)</UploadId>`)

// play makes requests as the administrator of the account, one after the other.
func (g *rig) play(name string, steps []step) {
	g.t.Helper()
	var kept []string
	fill := func(s string) string {
		for i, v := range kept {
			s = strings.ReplaceAll(s, "{"+string(rune('1'+i))+"}", v)
		}
		return s
	}
	for i, s := range steps {
		sum := md5.Sum([]byte(fill(s.body)))
		headers := []string{"Content-Md5", base64.StdEncoding.EncodeToString(sum[:])}
		for _, h := range s.headers {
			headers = append(headers, fill(h))
		}
		a := g.do(admin, s.method, fill(s.target), fill(s.body), headers...)
		if a.StatusCode != s.status || a.code() != s.code {
			g.t.Errorf("%s, step %d: %s %s: %d %s, want %d %s\n%s", name, i+1, s.method, fill(s.target), a.StatusCode, a.code(), s.status, s.code, a.body)
			return
		}
		for _, part := range s.contains {
			if !strings.Contains(a.body, fill(part)) {
				g.t.Errorf("%s, step %d: %s lacks %q:\n%s", name, i+1, fill(s.target), fill(part), a.body)
			}
		}
		for _, part := range s.lacks {
			if strings.Contains(a.body, fill(part)) {
				g.t.Errorf("%s, step %d: %s has %q:\n%s", name, i+1, fill(s.target), fill(part), a.body)
			}
		}
		for j := 0; j+1 < len(s.answer); j += 2 {
			if got := a.Header.Get(s.answer[j]); got != fill(s.answer[j+1]) {
				g.t.Errorf("%s, step %d: %s: %s %q, want %q", name, i+1, fill(s.target), s.answer[j], got, fill(s.answer[j+1]))
			}
		}
		if m := captured.FindStringSubmatch(a.body); m != nil && s.method == "POST" {
			kept = append(kept, m[1])
		} else if v := a.Header.Get("X-Amz-Version-Id"); v != "" && v != "null" && (s.method == "PUT" || s.method == "DELETE") && !strings.Contains(s.target, "?") {
			kept = append(kept, v)
		}
	}
}

const paused = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
const versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"

// What S3 answers, as it was recorded at AWS by other people's suites (docs/compatibility.md names them). The manual is named
// where it says so too.
func TestObservedVersions(t *testing.T) {
	const never = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD" // has the form of a version id, and was never one
	g := newRig(t, nil)
	g.play("ids that were never given", []step{
		{method: "PUT", target: "/never", status: 200},
		{method: "PUT", target: "/never/k", body: "x", status: 200, answer: []string{"x-amz-version-id", ""}},
		{method: "GET", target: "/never/k?versionId=" + never, status: 400, code: "InvalidArgument",
			contains: []string{"<Message>Invalid version id specified</Message>", "<ArgumentName>versionId</ArgumentName>", "<ArgumentValue>" + never + "</ArgumentValue>"}},
		{method: "DELETE", target: "/never/k?versionId=" + never, status: 400, code: "InvalidArgument"},
		{method: "POST", target: "/never?delete", body: "<Delete><Object><Key>k</Key><VersionId>" + never + "</VersionId></Object></Delete>", status: 200,
			contains: []string{"<Code>NoSuchVersion</Code>"}, lacks: []string{"<Deleted>"}},
		{method: "GET", target: "/never/k?versionId=null", status: 200},
	})
	g.play("versions that are gone", []step{
		{method: "PUT", target: "/gone", status: 200},
		{method: "PUT", target: "/gone?versioning", body: versioned, status: 200},
		{method: "PUT", target: "/gone/k", body: "x", status: 200},
		{method: "DELETE", target: "/gone/k?versionId={1}", status: 204},
		{method: "GET", target: "/gone/k?versionId={1}", status: 404, code: "NoSuchVersion"},
		{method: "DELETE", target: "/gone/k?versionId={1}", status: 204, answer: []string{"x-amz-version-id", "{1}"}},
	})
	g.play("suspended versioning", []step{
		{method: "PUT", target: "/paused", status: 200},
		{method: "PUT", target: "/paused?versioning", body: paused, status: 200},
		{method: "PUT", target: "/paused/k", body: "x", status: 200, answer: []string{"x-amz-version-id", ""}},
		{method: "GET", target: "/paused/k", status: 200, answer: []string{"x-amz-version-id", "null"}},
		{method: "DELETE", target: "/paused/k", status: 204, answer: []string{"x-amz-version-id", "null", "x-amz-delete-marker", "true"}},
	})
	g.play("tags of a delete marker", []step{
		{method: "PUT", target: "/marked", status: 200},
		{method: "PUT", target: "/marked?versioning", body: versioned, status: 200},
		{method: "DELETE", target: "/marked/k", status: 204},
		{method: "GET", target: "/marked/k?tagging", status: 405, code: "MethodNotAllowed", contains: []string{"<Method>GET</Method>", "<ResourceType>DeleteMarker</ResourceType>"}},
		{method: "PUT", target: "/marked/k?tagging", body: "<Tagging><TagSet></TagSet></Tagging>", status: 405, code: "MethodNotAllowed"},
		{method: "DELETE", target: "/marked/k?tagging", status: 405, code: "MethodNotAllowed"},
		{method: "GET", target: "/marked/none?tagging", status: 404, code: "NoSuchKey", contains: []string{"<Key>marked/none</Key>"}},
		{method: "DELETE", target: "/marked/none?tagging", status: 404, code: "NoSuchKey", contains: []string{"<Key>none</Key>"}},
	})
}

func TestObservedConditions(t *testing.T) {
	const etag, part = `"d41d8cd98f00b204e9800998ecf8427e"`, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>098f6bcd4621d373cade4e832627b4f6</ETag></Part></CompleteMultipartUpload>"
	g := newRig(t, nil)
	g.play("what S3 does not take", []step{
		{method: "PUT", target: "/reports/none", headers: []string{"If-Match", "*"}, status: 501, code: "NotImplemented",
			contains: []string{"<Header>If-Match</Header>", "<additionalMessage>We don't accept the provided value of If-Match header for this API</additionalMessage>"}},
		{method: "PUT", target: "/reports/none", headers: []string{"If-Match", "abcdef", "If-None-Match", "*"}, status: 501, code: "NotImplemented",
			contains: []string{"<Header>If-Match,If-None-Match</Header>", "<additionalMessage>Multiple conditional request headers present in the request</additionalMessage>"}},
		{method: "PUT", target: "/reports/none", headers: []string{"If-Match", "abcdef"}, status: 404, code: "NoSuchKey"},
	})
	// "Conditional writes behavior": a delete or write between the beginning and the completion is a conflict.
	g.play("deleted meanwhile", []step{
		{method: "PUT", target: "/reports/a", status: 200},
		{method: "POST", target: "/reports/a?uploads", status: 200},
		{method: "PUT", target: "/reports/a?partNumber=1&uploadId={1}", body: "test", status: 200},
		{method: "POST", target: "/reports/a?uploadId={1}", body: part, headers: []string{"If-None-Match", "*"}, status: 412, code: "PreconditionFailed"},
		{method: "DELETE", target: "/reports/a", status: 204},
		{method: "POST", target: "/reports/a?uploadId={1}", body: part, headers: []string{"If-None-Match", "*"}, status: 409, code: "ConditionalRequestConflict",
			contains: []string{"<Condition>If-None-Match</Condition>", "<Key>a</Key>"}},
		{method: "POST", target: "/reports/a?uploadId={1}", body: part, headers: []string{"If-Match", etag}, status: 404, code: "NoSuchKey"},
		{method: "POST", target: "/reports/a?uploadId={1}", body: part, status: 200},
	})
	g.play("written meanwhile", []step{
		{method: "PUT", target: "/reports/b", status: 200},
		{method: "POST", target: "/reports/b?uploads", status: 200},
		{method: "PUT", target: "/reports/b?partNumber=1&uploadId={1}", body: "test", status: 200},
		{method: "PUT", target: "/reports/b", status: 200},
		{method: "POST", target: "/reports/b?uploadId={1}", body: part, headers: []string{"If-Match", etag}, status: 409, code: "ConditionalRequestConflict",
			contains: []string{"<Condition>If-Match</Condition>"}},
		{method: "POST", target: "/reports/b?uploads", status: 200},
		{method: "PUT", target: "/reports/b?partNumber=1&uploadId={2}", body: "test", status: 200},
		{method: "POST", target: "/reports/b?uploadId={2}", body: part, headers: []string{"If-Match", etag}, status: 200},
	})
}

func TestObservedRefusals(t *testing.T) {
	const tag = "<Tagging><TagSet><Tag><Key>aws:a</Key><Value>b</Value></Tag></TagSet></Tagging>"
	const rangeForm = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
	g := newRig(t, nil)
	copyRange := func(r string) []string {
		return []string{"x-amz-copy-source", "reports/ten", "x-amz-copy-source-range", r}
	}
	g.play("refusals", []step{
		{method: "PUT", target: "/reports/ten", body: "0123456789", status: 200},
		{method: "PUT", target: "/reports/ten?tagging", body: tag, status: 400, code: "InvalidTag", contains: []string{"<Message>Your TagKey cannot be prefixed with aws:</Message>"}},
		{method: "PUT", target: "/reports?tagging", body: tag, status: 400, code: "InvalidTag", contains: []string{"<Message>System tags cannot be added/updated by requester</Message>"}},
		{method: "PUT", target: "/reports/t", headers: []string{"x-amz-tagging", "key1=val1,key2=val2"}, status: 400, code: "InvalidArgument", contains: []string{"<ArgumentName>x-amz-tagging</ArgumentName>"}},
		{method: "PUT", target: "/owned", headers: []string{"x-amz-object-ownership", ""}, status: 400, code: "InvalidArgument",
			contains: []string{"<Message>Invalid x-amz-object-ownership header: </Message>"}, lacks: []string{"ArgumentValue"}},
		{method: "PUT", target: "/tagged", body: "<CreateBucketConfiguration><Tags><Tag><Key>aws:a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>", status: 400, code: "InvalidTag",
			contains: []string{"User-defined tag keys can't start with &quot;aws:&quot;."}, lacks: []string{"TagKey>"}},
		{method: "PUT", target: "/tagged", body: "<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>", status: 200},
		{method: "PUT", target: "/tagged", body: "<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>", status: 409, code: "BucketAlreadyOwnedByYou"},
		{method: "PUT", target: "/tagged", status: 200},
		{method: "PUT", target: "/dotted.name", status: 200},
		{method: "PUT", target: "/dotted.name?accelerate", body: "<AccelerateConfiguration><Status>x</Status></AccelerateConfiguration>", status: 400, code: "InvalidRequest"},
		{method: "POST", target: "/reports?delete", body: "<Delete><Object><Key>ten</Key></Object></Delete>", headers: []string{"x-amz-bypass-governance-retention", "true"}, status: 400, code: "InvalidArgument",
			contains: []string{"<ArgumentName>x-amz-bypass-governance-retention</ArgumentName>"}, lacks: []string{"ArgumentValue"}},
		{method: "POST", target: "/reports/parts?uploads", status: 200},
		{method: "PUT", target: "/reports/parts?partNumber=1&uploadId={1}", headers: copyRange("bytes=1-0"), status: 400, code: "InvalidArgument", contains: []string{rangeForm}},
		{method: "PUT", target: "/reports/parts?partNumber=1&uploadId={1}", headers: copyRange("bytes=0-100"), status: 400, code: "InvalidArgument", contains: []string{"Range specified is not valid for source object of size: 10"}},
		{method: "PUT", target: "/reports/parts?partNumber=1&uploadId={1}", headers: copyRange("bytes=100-200"), status: 400, code: "InvalidRequest", contains: []string{"The specified copy range is invalid for the source object size"}},
		{method: "GET", target: "/reports/ten", headers: []string{"Range", "bytes=0-99", "x-amz-checksum-mode", "ENABLED"}, status: 206, answer: []string{"x-amz-checksum-type", "FULL_OBJECT"}},
		{method: "GET", target: "/reports/ten", headers: []string{"Range", "bytes=0-8", "x-amz-checksum-mode", "ENABLED"}, status: 206, answer: []string{"x-amz-checksum-type", ""}},
	})
}

func TestObservedListings(t *testing.T) {
	g := newRig(t, nil)
	steps := []step{{method: "PUT", target: "/lists", status: 200}}
	for _, key := range []string{"folder/sub/1", "folder/sub/2", "folder/a", "folder/z"} {
		steps = append(steps, step{method: "PUT", target: "/lists/" + key, status: 200})
	}
	g.play("objects", append(steps, []step{
		// A marker within a group passes over all of the group.
		{method: "GET", target: "/lists?prefix=folder/&delimiter=/&marker=folder/sub/1&max-keys=1", status: 200, contains: []string{"<Key>folder/z</Key>"}, lacks: []string{"CommonPrefixes"}},
		{method: "GET", target: "/lists?versions&prefix=folder/&delimiter=/&key-marker=folder/sub/1", status: 200, contains: []string{"<Key>folder/z</Key>"}, lacks: []string{"CommonPrefixes"}},
		{method: "GET", target: "/lists", status: 200, contains: []string{".000Z</LastModified>"}},
		{method: "GET", target: "/lists?list-type=2&start-after=folder/a&max-keys=1", status: 200, contains: []string{"<StartAfter>folder/a</StartAfter>"}},
		{method: "GET", target: "/lists?list-type=2&start-after=x&continuation-token=1Zm9sZGVyL2E%3D", status: 200, contains: []string{"<Key>folder/sub/1</Key>"}, lacks: []string{"StartAfter"}},
		{method: "GET", target: "/lists?list-type=2&continuation-token=", status: 400, code: "InvalidArgument", contains: []string{"<ArgumentName>continuation-token</ArgumentName>"}, lacks: []string{"ArgumentValue"}},
		{method: "GET", target: "/lists?encoding-type=", status: 400, code: "InvalidArgument", contains: []string{"<ArgumentValue></ArgumentValue>"}},
		{method: "GET", target: "/?bucket-region=eu-east-1", status: 400, code: "InvalidArgument", contains: []string{"Argument value eu-east-1 is not a valid AWS Region"}},
	}...))
	g.play("uploads", []step{
		{method: "GET", target: "/lists?uploads", status: 200, contains: []string{"<NextKeyMarker></NextKeyMarker><NextUploadIdMarker></NextUploadIdMarker>"}, lacks: []string{"<Prefix>"}},
		{method: "POST", target: "/lists/group/a?uploads", status: 200},
		{method: "POST", target: "/lists/z?uploads", status: 200},
		{method: "GET", target: "/lists?uploads", status: 200, contains: []string{"<NextKeyMarker>z</NextKeyMarker><NextUploadIdMarker>{2}</NextUploadIdMarker>"}},
		{method: "GET", target: "/lists?uploads&delimiter=/&max-uploads=1", status: 200, contains: []string{"<NextKeyMarker></NextKeyMarker>", "<IsTruncated>true</IsTruncated>"}},
		{method: "GET", target: "/lists?uploads&key-marker=z&upload-id-marker={1}", status: 400, code: "InvalidArgument", contains: []string{"<Message>Invalid uploadId marker</Message>"}},
		{method: "DELETE", target: "/lists/group/a?uploadId={1}", status: 204},
		{method: "GET", target: "/lists?uploads&key-marker=group/a&upload-id-marker={1}", status: 200, contains: []string{"<Key>z</Key>"}}, // aborted between two pages
	})
}

func TestObservedObjects(t *testing.T) {
	const kms = "aws:kms"
	g := newRig(t, nil)
	g.play("digests", []step{
		{method: "PUT", target: "/reports/k", body: "something", headers: []string{"Content-Md5", "CYketZBSTjX8czcs3cXVlg=="}, status: 400, code: "BadDigest",
			contains: []string{"<ExpectedDigest>09891eb590524e35fc73372cddc5d596</ExpectedDigest>", "<CalculatedDigest>Q3uTDbhLgHnC3YBKcZNrXw==</CalculatedDigest>"}},
		{method: "POST", target: "/reports/k?uploads", status: 200},
		{method: "PUT", target: "/reports/k?partNumber=1&uploadId={1}", body: "something", headers: []string{"Content-Md5", "CYketZBSTjX8czcs3cXVlg=="}, status: 400, code: "BadDigest",
			contains: []string{"<ExpectedDigest>CYketZBSTjX8czcs3cXVlg==</ExpectedDigest>"}},
	})
	g.play("copies onto themselves", []step{
		{method: "PUT", target: "/copies", status: 200},
		{method: "PUT", target: "/copies/k", body: "x", headers: []string{"x-amz-server-side-encryption", kms}, status: 200},
		{method: "PUT", target: "/copies/k", headers: []string{"x-amz-copy-source", "copies/k"}, status: 200, lacks: []string{"ChecksumType"}}, // to AES256
		{method: "PUT", target: "/copies/k", headers: []string{"x-amz-copy-source", "copies/k"}, status: 400, code: "InvalidRequest"},
		{method: "PUT", target: "/copies?encryption", status: 200,
			body: "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"},
		{method: "PUT", target: "/copies/k", headers: []string{"x-amz-copy-source", "copies/k"}, status: 200},
	})
	g.play("parts without a checksum of the client's", []step{
		{method: "PUT", target: "/parts", status: 200},
		{method: "POST", target: "/parts/k?uploads", headers: []string{"x-amz-server-side-encryption", kms}, status: 200},
		{method: "PUT", target: "/parts/k?partNumber=1&uploadId={1}", body: "test", status: 200},
		{method: "POST", target: "/parts/other?uploads", status: 200},
		{method: "PUT", target: "/parts/other?partNumber=1&uploadId={2}", body: "test", status: 200},
		{method: "POST", target: "/parts/other?uploadId={2}", status: 200, contains: []string{"<ChecksumCRC64NVME>"},
			body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>098f6bcd4621d373cade4e832627b4f6</ETag></Part></CompleteMultipartUpload>"},
		{method: "GET", target: "/parts/other?attributes", headers: []string{"x-amz-object-attributes", "ObjectParts"}, status: 200,
			contains: []string{"<ObjectParts><PartsCount>1</PartsCount></ObjectParts>"}},
	})
	g.play("ACLs", []step{
		{method: "PUT", target: "/acls", headers: []string{"x-amz-object-ownership", "ObjectWriter"}, status: 200},
		{method: "PUT", target: "/acls?versioning", body: versioned, status: 200},
		{method: "DELETE", target: "/acls/k", status: 204},
		{method: "PUT", target: "/acls/k?acl", headers: []string{"x-amz-acl", "private"}, status: 405, code: "MethodNotAllowed"},
		{method: "GET", target: "/acls/k?acl", status: 404, code: "NoSuchKey"},
		{method: "PUT", target: "/acls?acl", body: "<AccessControlPolicy><Owner><ID>wrong-id</ID></Owner><AccessControlList></AccessControlList></AccessControlPolicy>", status: 400, code: "InvalidArgument",
			contains: []string{"<ArgumentName>CanonicalUser/ID</ArgumentName>"}},
	})
	g.play("buckets", []step{
		{method: "PUT", target: "/constrained", body: "<CreateBucketConfiguration><LocationConstraint></LocationConstraint></CreateBucketConfiguration>", status: 400, code: "MalformedXML"},
		{method: "PUT", target: "/constrained", body: "<CreateBucketConfiguration></CreateBucketConfiguration>", status: 200, answer: []string{"Location", "/constrained"}},
		{method: "PUT", target: "/elsewhere", body: "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>", headers: []string{"Host", "s3.example.com"},
			status: 200, answer: []string{"Location", "http://elsewhere.s3.example.com/"}},
	})
}
