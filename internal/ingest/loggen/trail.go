package loggen

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/s3op"
)

// AppendCloudTrail appends the event as the trail of an account has it, the
// caller's or the bucket owner's: each hides from the other what is not its own
// (CloudTrail User Guide, Receiving CloudTrail log files from multiple accounts).
func (e *Event) AppendCloudTrail(b []byte, account string) []byte {
	spec, _ := s3op.Lookup(e.Request.Operation)
	denied := e.Decision.Verdict == iam.Denied
	host := e.Request.Bucket + ".s3." + e.region + ".amazonaws.com"
	b = append(b, `{"eventVersion":"1.11","userIdentity":`...)
	b = e.appendIdentity(b, account)
	b = field(b, "eventTime", e.Time.Format("2006-01-02T15:04:05Z"))
	b = field(b, "eventSource", "s3.amazonaws.com")
	name := e.Request.Operation
	if name == "ListObjectsV2" {
		name = "ListObjects"
	}
	b = field(b, "eventName", name)
	b = field(b, "awsRegion", e.region)
	b = field(b, "sourceIPAddress", *e.Request.SourceIP)
	b = field(b, "userAgent", "["+e.agent+"]")
	if code := e.Decision.Code; code != "" {
		b = field(b, "errorCode", code)
		message := e.Decision.Message
		if e.Facts.Head && denied {
			message = e.Decision.Answered.Message // CloudTrail shows it, though HEAD has no body
		}
		if message == "" {
			message = "The specified key does not exist."
		}
		b = field(b, "errorMessage", message)
	}
	b = e.appendParameters(b, host)
	b = append(b, `,"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4"`...)
	if !e.http {
		b = field(b, "CipherSuite", "TLS_AES_128_GCM_SHA256")
	}
	method := "AuthHeader"
	if e.presigned {
		method = "QueryString"
	}
	b = append(b, `,"bytesTransferredIn":0`...)
	b = field(b, "AuthenticationMethod", method)
	b = field(b, "x-amz-id-2", e.HostID)
	b = append(b, `,"bytesTransferredOut":`...)
	b = strconv.AppendInt(b, int64(300+e.number%90000), 10)
	b = append(b, '}')
	b = field(b, "requestID", e.RequestID)
	id := e.EventID
	if account != e.caller.account {
		id = "f" + id[1:] // each copy has its own
	}
	b = field(b, "eventID", id)
	b = append(b, `,"readOnly":`...)
	b = strconv.AppendBool(b, spec.Read)
	b = e.appendResources(b, account, denied)
	category := "Data"
	if e.Request.Operation == "GetBucketLocation" || e.Request.Operation == "GetBucketPolicy" {
		category = "Management"
	}
	b = append(b, `,"eventType":"AwsApiCall","managementEvent":`...)
	b = strconv.AppendBool(b, category == "Management")
	b = field(b, "recipientAccountId", account)
	if e.SharedID != "" {
		b = field(b, "sharedEventID", e.SharedID)
	}
	if e.Request.VPCEndpoint != nil {
		b = field(b, "vpcEndpointId", *e.Request.VPCEndpoint)
		b = field(b, "vpcEndpointAccountId", e.caller.account)
	}
	b = field(b, "eventCategory", category)
	if !e.http {
		b = append(b, `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256"`...)
		b = append(field(b, "clientProvidedHostHeader", host), '}')
	}
	return append(b, '}')
}

// field appends a member behind others.
func field(b []byte, name, value string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return appendText(b, value)
}

func appendText(b []byte, s string) []byte {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '~' }) < 0 {
		return append(append(append(b, '"'), s...), '"')
	}
	quoted, _ := json.Marshal(s) // a string always encodes
	return append(b, quoted...)
}

func (e *Event) appendIdentity(b []byte, account string) []byte {
	c := e.caller
	session := e.Request.Principal[strings.LastIndexByte(e.Request.Principal, '/')+1:]
	if account != c.account {
		b = append(b, `{"type":"AWSAccount"`...)
		id := c.id
		if c.roleARN != "" {
			id += ":" + session
		}
		return append(field(field(b, "principalId", id), "accountId", c.account), '}')
	}
	if c.roleARN == "" {
		b = append(b, `{"type":"IAMUser"`...)
		b = field(field(field(b, "principalId", c.id), "arn", c.arn), "accountId", c.account)
		return append(field(field(b, "accessKeyId", "AKIA"+c.id[4:]), "userName", session), '}')
	}
	b = append(b, `{"type":"AssumedRole"`...)
	b = field(field(field(b, "principalId", c.id+":"+session), "arn", e.Request.Principal), "accountId", c.account)
	b = field(b, "accessKeyId", "ASIA"+c.id[4:])
	b = append(b, `,"sessionContext":{"sessionIssuer":{"type":"Role"`...)
	b = field(field(field(b, "principalId", c.id), "arn", c.roleARN), "accountId", c.account)
	b = field(b, "userName", c.roleARN[strings.LastIndexByte(c.roleARN, '/')+1:])
	b = append(b, `},"attributes":{"creationDate":"`...)
	b = e.Time.Truncate(3600e9).AppendFormat(b, "2006-01-02T15:04:05Z")
	return append(b, `","mfaAuthenticated":"false"}}}`...)
}

func (e *Event) appendParameters(b []byte, host string) []byte {
	r := e.Request
	b = append(b, `,"requestParameters":{"bucketName":`...)
	b = field(appendText(b, r.Bucket), "Host", host)
	if r.Key != "" {
		b = field(b, "key", r.Key)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		b = field(b, name, r.Query[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		if strings.HasPrefix(name, "x-amz-") {
			b = field(b, name, r.Headers[name])
		}
	}
	if sub, ok := map[string]string{"GetBucketPolicy": "policy", "GetBucketLocation": "location", "PutObjectAcl": "acl", "GetObjectTagging": "tagging"}[r.Operation]; ok {
		b = field(b, sub, "")
	}
	if e.presigned {
		b = field(field(b, "X-Amz-Algorithm", "AWS4-HMAC-SHA256"), "X-Amz-Date", e.Time.Format("20060102T150405Z"))
		b = field(field(b, "X-Amz-Expires", "3600"), "X-Amz-SignedHeaders", "host")
	}
	return append(b, '}')
}

func (e *Event) appendResources(b []byte, account string, denied bool) []byte {
	owner := e.owner
	if account != e.owner && denied {
		owner = ""
	}
	b = append(b, `,"resources":[`...)
	arn := "arn:aws:s3:::" + e.Request.Bucket
	switch {
	case e.Request.Key != "":
		b = append(field(append(b, `{"type":"AWS::S3::Object"`...), "ARN", arn+"/"+e.Request.Key), `},`...)
	case e.Request.Operation == "ListObjectsV2":
		b = append(field(append(b, `{"type":"AWS::S3::Object"`...), "ARNPrefix", arn+"/"+e.Request.Query["prefix"]), `},`...)
	}
	b = append(b, `{"accountId":`...)
	b = field(appendText(b, owner), "type", "AWS::S3::Bucket")
	return append(field(b, "ARN", arn), `}]`...)
}
