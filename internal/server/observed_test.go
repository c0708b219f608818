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

func TestObservedKeys(t *testing.T) {
	const sse, key, digest, other = "x-amz-server-side-encryption", "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=", "Xsqb0+sHwAbNQ65I395/0w==", "YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI="
	const algorithm, value, md5Of = sse + "-customer-algorithm", sse + "-customer-key", sse + "-customer-key-md5"
	const name = "<ArgumentName>" + sse + "</ArgumentName>"
	const nothing = name + "<ArgumentValue>null</ArgumentValue>"
	good := []string{algorithm, "AES256", value, key, md5Of, digest}
	g := newRig(t, nil)
	g.play("keys of the customer", []step{
		{method: "PUT", target: "/sealed", status: 200},
		{method: "PUT", target: "/sealed?encryption", status: 200,
			body: "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>"},
		{method: "PUT", target: "/sealed/k", headers: []string{value, key, md5Of, digest}, status: 400, code: "InvalidArgument", contains: []string{nothing}},
		{method: "PUT", target: "/sealed/k", headers: []string{algorithm, "AES256", md5Of, digest}, status: 400, code: "InvalidArgument", contains: []string{nothing}},
		{method: "PUT", target: "/sealed/k", headers: []string{algorithm, "AES256", value, key}, status: 400, code: "InvalidArgument", contains: []string{nothing, "The secret key was invalid"}},
		{method: "PUT", target: "/sealed/k", headers: []string{algorithm, "AES256", value, other, md5Of, digest}, status: 400, code: "InvalidArgument", contains: []string{nothing, "MD5 hash"}},
		{method: "PUT", target: "/sealed/k", headers: []string{algorithm, "KMS", value, key, md5Of, digest}, status: 400, code: "InvalidEncryptionAlgorithmError", contains: []string{name}},
		{method: "PUT", target: "/sealed/k", headers: good, body: "x", status: 200},
		{method: "GET", target: "/sealed/k", headers: []string{algorithm, "AES256", value, key}, status: 403, code: "AccessDenied"},
		{method: "GET", target: "/sealed/k", headers: []string{algorithm, "AES256", value, other, md5Of, digest}, status: 400, code: "InvalidArgument", contains: []string{nothing}},
		{method: "GET", target: "/sealed/k", headers: []string{algorithm, "AES256", value, "c2hvcnQ=", md5Of, "T9KnuUrBGCjB0nTe86k/aQ=="}, status: 400, code: "InvalidArgument", contains: []string{nothing}},
		{method: "GET", target: "/sealed/k", headers: good, status: 200},
		{method: "POST", target: "/sealed/m?uploads", status: 200},
		{method: "PUT", target: "/sealed/m?partNumber=1&uploadId={1}", headers: good, status: 400, code: "InvalidRequest", contains: []string{"The multipart upload initiate requested encryption."}},
		{method: "POST", target: "/sealed/m?uploads", headers: good, status: 200},
		{method: "PUT", target: "/sealed/m?partNumber=1&uploadId={2}", headers: good, body: "x", status: 200},
	})
}

func TestObservedUploads(t *testing.T) {
	const part = "<Part><PartNumber>1</PartNumber><ETag>098f6bcd4621d373cade4e832627b4f6</ETag>"
	complete := func(more string) string {
		return "<CompleteMultipartUpload>" + part + more + "</Part></CompleteMultipartUpload>"
	}
	g := newRig(t, nil)
	g.play("checksums that nobody asked for", []step{
		{method: "POST", target: "/reports/k?uploads", status: 200},
		{method: "PUT", target: "/reports/k?partNumber=1&uploadId={1}", body: "test", headers: []string{"x-amz-checksum-crc32", "2H9+DA=="}, status: 200},
		{method: "POST", target: "/reports/k?uploadId={1}", body: complete("<ChecksumCRC32>2H9+DA==</ChecksumCRC32>"), status: 400, code: "InvalidPart"},
		{method: "POST", target: "/reports/k?uploadId={1}", body: complete(""), headers: []string{"x-amz-checksum-type", "FULL_OBJECT"}, status: 400, code: "InvalidRequest",
			contains: []string{"The upload was created using the null checksum mode."}},
		{method: "POST", target: "/reports/k?uploadId={1}", body: complete(""), status: 200, contains: []string{"<ETag>&quot;"}},
	})
	for kind, whole := range map[string]string{"COMPOSITE": "JQN5VA==-1", "FULL_OBJECT": "2H9+DA=="} {
		bare, _, _ := strings.Cut(whole, "-")
		steps := []step{
			{method: "POST", target: "/reports/k?uploads", headers: []string{"x-amz-checksum-algorithm", "CRC32", "x-amz-checksum-type", kind}, status: 200},
			{method: "PUT", target: "/reports/k?partNumber=1&uploadId={1}", body: "test", headers: []string{"x-amz-checksum-crc32", "2H9+DA=="}, status: 200},
			{method: "POST", target: "/reports/k?uploadId={1}", body: complete("<ChecksumCRC32>2H9+DA==</ChecksumCRC32>"), status: 200},
			{method: "GET", target: "/reports/k?attributes", headers: []string{"x-amz-object-attributes", "Checksum,ObjectParts"}, status: 200,
				contains: []string{"<ChecksumCRC32>" + bare + "</ChecksumCRC32>"}, lacks: []string{whole + "<"}},
			{method: "GET", target: "/reports/k?partNumber=1", headers: []string{"x-amz-checksum-mode", "ENABLED"}, status: 206, answer: []string{"x-amz-checksum-crc32", "2H9+DA=="}},
		}
		if kind == "FULL_OBJECT" {
			steps[3].lacks = []string{"<PartNumber>"} // the parts are counted only
		}
		g.play(kind, steps)
	}
	g.play("copies", []step{
		{method: "PUT", target: "/idle", status: 200},
		{method: "PUT", target: "/idle?versioning", body: paused, status: 200},
		{method: "PUT", target: "/idle/k", body: "x", status: 200},
		{method: "PUT", target: "/idle/c", headers: []string{"x-amz-copy-source", "idle/k"}, status: 200, answer: []string{"x-amz-version-id", "null", "x-amz-copy-source-version-id", ""}},
		{method: "PUT", target: "/idle/c", headers: []string{"x-amz-copy-source", "idle"}, status: 400, code: "InvalidArgument", contains: []string{"<ArgumentValue>x-amz-copy-source</ArgumentValue>"}},
		{method: "PUT", target: "/idle/c", headers: []string{"x-amz-copy-source", "idle/%ZZ"}, status: 400, code: "InvalidArgument", contains: []string{"Invalid copy source encoding"}},
		{method: "PUT", target: "/idle/c", headers: []string{"x-amz-copy-source", "i&dle/k"}, status: 400, code: "InvalidArgument", contains: []string{"Invalid copy source bucket name"}},
		{method: "PUT", target: "/idle/c", headers: []string{"x-amz-copy-source", "idle/a/../../k"}, status: 400, code: "InvalidArgument", contains: []string{"Invalid copy source object key"}},
		{method: "GET", target: "/idle/k", headers: []string{"Range", "bytes= -1"}, status: 200}, // no range at all
		{method: "PUT", target: "/idle/c", headers: []string{"x-amz-checksum-crc99", "AAAA"}, status: 400, code: "InvalidRequest", contains: []string{"The algorithm type you specified in x-amz-checksum- header is invalid."}},
		{method: "PUT", target: "/idle/c", headers: []string{"x-amz-copy-source", "idle/k", "x-amz-tagging-directive", "X"}, status: 400, code: "InvalidArgument", contains: []string{"<ArgumentName>x-amz-tagging-directive</ArgumentName>"}},
	})
}

func TestObservedConfigurations(t *testing.T) {
	const grant = `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>http://acs.amazonaws.com/groups/s3/LogDelivery</URI></Grantee><Permission>READ_ACP</Permission></Grant>`
	logs := func(target, grants string) string {
		return "<BucketLoggingStatus><LoggingEnabled><TargetBucket>" + target + "</TargetBucket><TargetPrefix>log</TargetPrefix>" + grants + "</LoggingEnabled></BucketLoggingStatus>"
	}
	g := newRig(t, nil)
	g.play("logs", []step{
		{method: "PUT", target: "/logged", status: 200},
		{method: "PUT", target: "/west", body: "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>", status: 200},
		{method: "PUT", target: "/open", headers: []string{"x-amz-object-ownership", "ObjectWriter"}, status: 200},
		{method: "PUT", target: "/logged?logging", body: logs("west", ""), status: 403, code: "CrossLocationLoggingProhibitted",
			contains: []string{"<TargetBucketLocation>us-west-2</TargetBucketLocation>"}, lacks: []string{"SourceBucketLocation"}},
		{method: "PUT", target: "/logged?logging", body: logs("open", "<TargetGrants>"+grant+"</TargetGrants>"), status: 200}, // its ACL lets nobody deliver
		{method: "GET", target: "/logged?logging", status: 200, contains: []string{"<Permission>READ_ACP</Permission>"}},
	})
	g.play("expiry", []step{
		{method: "PUT", target: "/brief", status: 200},
		{method: "PUT", target: "/brief?versioning", body: versioned, status: 200},
		{method: "PUT", target: "/brief?lifecycle", body: "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter></Filter><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>", status: 200},
		{method: "PUT", target: "/brief/k", body: "x", status: 200},
		{method: "GET", target: "/brief/k?versionId={1}", status: 200, answer: []string{"x-amz-expiration", ""}},
	})
	queue := func(arn, rule string) string {
		return "<NotificationConfiguration><QueueConfiguration><Id>q</Id><Queue>" + arn + "</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>" + rule +
			"</Name><Value>x</Value></FilterRule></S3Key></Filter></QueueConfiguration></NotificationConfiguration>"
	}
	g.play("notifications", []step{
		{method: "PUT", target: "/reports?notification", body: queue("queue", "prefix"), status: 400, code: "InvalidArgument", contains: []string{"The ARN could not be parsed"}},
		{method: "PUT", target: "/reports?notification", body: queue("arn:aws:sqs:us-east-1:111122223333:q", "PREFIX"), status: 200},
		{method: "GET", target: "/reports?notification", status: 200, contains: []string{"<Name>Prefix</Name>"}},
	})
	said := func(what string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",` + what + `}]}`
	}
	g.play("policies", []step{
		{method: "PUT", target: "/reports?policy", body: said(`"Action":"s3:Abort*","Resource":"arn:aws:s3:::reports"`), status: 400, code: "MalformedPolicy", contains: []string{"Action does not apply to any resource(s) in statement"}},
		{method: "PUT", target: "/reports?policy", body: said(`"Action":"s3:GetBucket*","Resource":"arn:aws:s3:::reports/*"`), status: 400, code: "MalformedPolicy", contains: []string{"Action does not apply to any resource(s) in statement"}},
		{method: "PUT", target: "/reports?policy", body: said(`"Action":[],"Resource":"arn:aws:s3:::reports"`), status: 400, code: "MalformedPolicy", contains: []string{"Policy has invalid action"}},
		{method: "PUT", target: "/reports?policy", body: strings.Replace(said(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"`), "Allow", "Perhaps", 1), status: 400, code: "MalformedPolicy", contains: []string{"Invalid effect: Perhaps"}},
		{method: "PUT", target: "/reports?policy", body: strings.Replace(said(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"`), `"*"`, `{"AWS":[]}`, 1), status: 400, code: "MalformedPolicy", contains: []string{"Invalid principal in policy"}},
	})
	const past = "2020-01-01T00:00:00Z"
	both := "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
	g.play("locks", []step{
		{method: "PUT", target: "/locked", headers: []string{"x-amz-bucket-object-lock-enabled", "true"}, status: 200},
		{method: "PUT", target: "/locked/k", headers: []string{"x-amz-object-lock-mode", "GOVERNANCE"}, status: 400, code: "InvalidArgument",
			contains: []string{both, "<ArgumentName>x-amz-object-lock-retain-until-date</ArgumentName>"}, lacks: []string{"ArgumentValue"}},
		{method: "PUT", target: "/locked/k", headers: []string{"x-amz-object-lock-mode", "GOVERNANCE", "x-amz-object-lock-retain-until-date", past}, status: 400, code: "InvalidArgument",
			contains: []string{"<ArgumentValue>Tue Dec 31 16:00:00 PST 2019</ArgumentValue>"}},
	})
}
