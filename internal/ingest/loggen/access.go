package loggen

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"maps"

	"github.com/why403/why403/estate"
)

// accessNames are the operations of the traffic as access logs name them.
var accessNames = map[string]string{
	"GetObject": "REST.GET.OBJECT", "HeadObject": "REST.HEAD.OBJECT", "PutObject": "REST.PUT.OBJECT", "ListObjectsV2": "REST.GET.BUCKET",
	"DeleteObject": "REST.DELETE.OBJECT", "GetObjectTagging": "REST.GET.OBJECT_TAGGING", "HeadBucket": "REST.HEAD.BUCKET", "UploadPart": "REST.PUT.PART",
	"GetBucketLocation": "REST.GET.LOCATION", "GetBucketPolicy": "REST.GET.BUCKETPOLICY", "PutObjectAcl": "REST.PUT.ACL",
}

// subresources are those query parameters without a value that tell an operation.
var subresources = map[string]string{"GetObjectTagging": "tagging", "GetBucketLocation": "location", "GetBucketPolicy": "policy", "PutObjectAcl": "acl"}

// AppendAccessLog appends the event as a line of the bucket's server access log
// (S3 User Guide, Amazon S3 server access log format).
func (e *Event) AppendAccessLog(b []byte, owner *estate.Account) []byte {
	word := func(s string) {
		b = append(append(b, s...), ' ')
	}
	r := e.Request
	operation := accessNames[r.Operation]
	word(owner.Canonical())
	word(r.Bucket)
	b = e.Time.AppendFormat(b, "[02/Jan/2006:15:04:05 -0700] ")
	word(*r.SourceIP)
	word(r.Principal)
	word(e.RequestID)
	word(operation)
	word(orDash(doubly(r.Key)))
	b = e.appendURI(b, strings.Split(operation, ".")[1])
	word(strconv.Itoa(max(e.Decision.Status, 200)))
	word(orDash(e.Decision.Code))
	word(strconv.Itoa(300 + e.number%90000))
	word("-")
	word(strconv.Itoa(5 + e.number%90))
	word("-")
	word(`"-"`)
	word(`"` + e.agent + `"`)
	word("-")
	word(e.HostID)
	word("SigV4")
	cipher, version := "TLS_AES_128_GCM_SHA256", "TLSv1.3"
	if e.http {
		cipher, version = "-", "-"
	}
	word(cipher)
	word(map[bool]string{false: "AuthHeader", true: "QueryString"}[e.presigned])
	word(r.Bucket + ".s3." + e.region + ".amazonaws.com")
	word(version)
	return append(b, "- - -\n"...)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// doubly encodes a key as S3's own records do: a space is "+", and then "%2B".
func doubly(key string) string {
	once := strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
	return strings.ReplaceAll(url.QueryEscape(once), "%2F", "/")
}

func (e *Event) appendURI(b []byte, method string) []byte {
	r := e.Request
	b = append(append(append(b, '"'), method...), " /"...)
	b = append(b, strings.ReplaceAll(url.PathEscape(r.Key), "%2F", "/")...)
	sep := byte('?')
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		b = append(append(append(b, sep), name...), '=')
		b = append(b, url.QueryEscape(r.Query[name])...)
		sep = '&'
	}
	if sub, ok := subresources[r.Operation]; ok {
		b = append(append(b, sep), sub...)
		sep = '&'
	}
	if e.presigned {
		b = append(b, sep)
		b = append(b, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date="...)
		b = e.Time.AppendFormat(b, "20060102T150405Z")
		b = append(b, "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=XXXXXXXX"...)
	}
	return append(b, ` HTTP/1.1" `...)
}
