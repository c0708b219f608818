package server

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// put sends a document with its Content-MD5.
func (g *rig) put(who sigv4.Credential, target, body string, headers ...string) answer {
	g.t.Helper()
	sum := md5.Sum([]byte(body))
	return g.do(who, "PUT", target, body, append(headers, "Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))...)
}

// content is a body without the head, the namespace, and the names of roots.
func (a answer) content() string {
	return strings.NewReplacer(`<?xml version="1.0" encoding="UTF-8"?>`+"\n", "", ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`, "").Replace(a.body)
}

// Every configuration: what a bucket without one answers, that what was put comes
// back, and what Delete leaves. The codes are those of the operations' pages in
// the API Reference.
func TestConfigurations(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/target-logs", ""), 200, "")
	for i, c := range []struct {
		name, query    string
		absent         int
		code           string
		put, get, gone string // "": as put; as absent
		noDelete       bool
	}{
		{name: "encryption", query: "encryption", absent: 200,
			put:  `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/aws/s3</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled><BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>`,
			gone: `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled><BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>`},
		{name: "request payment", query: "requestPayment", absent: 200, put: `<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>`, noDelete: true},
		{name: "accelerate", query: "accelerate", absent: 200, put: `<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>`, noDelete: true},
		{name: "logging", query: "logging", absent: 200, put: `<BucketLoggingStatus><LoggingEnabled><TargetBucket>target-logs</TargetBucket><TargetPrefix>p/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`, noDelete: true},
		{name: "notification", query: "notification", absent: 200, noDelete: true,
			put: `<NotificationConfiguration><QueueConfiguration><Id>a</Id><Queue>arn:aws:sqs:us-east-1:111122223333:q</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>Prefix</Name><Value>in/</Value></FilterRule></S3Key></Filter></QueueConfiguration><EventBridgeConfiguration/></NotificationConfiguration>`},
		{name: "cors", query: "cors", absent: 404, code: "NoSuchCORSConfiguration",
			put: `<CORSConfiguration><CORSRule><AllowedHeader>*</AllowedHeader><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://*.example.com</AllowedOrigin><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>30</MaxAgeSeconds></CORSRule></CORSConfiguration>`},
		{name: "website", query: "website", absent: 404, code: "NoSuchWebsiteConfiguration",
			put: `<WebsiteConfiguration><ErrorDocument><Key>error.html</Key></ErrorDocument><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>`},
		{name: "lifecycle, first form", query: "lifecycle", absent: 404, code: "NoSuchLifecycleConfiguration",
			put: `<LifecycleConfiguration><Rule><ID>a</ID><Prefix>x/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>`},
		{name: "lifecycle, with filters", query: "lifecycle", absent: 404, code: "NoSuchLifecycleConfiguration",
			put: `<LifecycleConfiguration><Rule><ID>a</ID><Filter><And><Prefix>x/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status><Expiration><Date>2030-01-02T00:00:00.000Z</Date></Expiration><Transition><Date>2030-01-01T00:00:00.000Z</Date><StorageClass>GLACIER</StorageClass></Transition></Rule><Rule><ID>b</ID><Filter/><Status>Disabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>`},
		{name: "inventory", query: "inventory&id=one", absent: 404, code: "NoSuchConfiguration",
			put: `<InventoryConfiguration><Id>one</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>arn:aws:s3:::target-logs</Bucket><Format>CSV</Format></S3BucketDestination></Destination><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>`},
		{name: "analytics", query: "analytics&id=one", absent: 404, code: "NoSuchConfiguration", put: `<AnalyticsConfiguration><Id>one</Id><StorageClassAnalysis/></AnalyticsConfiguration>`},
		{name: "metrics", query: "metrics&id=one", absent: 404, code: "NoSuchConfiguration", put: `<MetricsConfiguration><Id>one</Id><Filter><Prefix>a/</Prefix></Filter></MetricsConfiguration>`},
		{name: "intelligent tiering", query: "intelligent-tiering&id=one", absent: 404, code: "NoSuchConfiguration",
			put: `<IntelligentTieringConfiguration><Id>one</Id><Status>Enabled</Status><Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering></IntelligentTieringConfiguration>`},
		{name: "abac", query: "abac", absent: 200, put: `<AbacStatus><Status>Enabled</Status></AbacStatus>`, noDelete: true},
	} {
		target := "/reports?" + c.query
		before := g.want(g.do(admin, "GET", target, ""), c.absent, c.code)
		g.want(g.do(nobody, "PUT", target, c.put), 403, "AccessDenied")
		status := 200
		if strings.Contains(c.query, "&id=") {
			status = 204 // observed at AWS
		}
		g.want(g.put(admin, target, c.put), status, "")
		if a := g.want(g.do(admin, "GET", target, ""), 200, ""); a.content() != c.put {
			t.Errorf("%s: got %s\nwant %s", c.name, a.content(), c.put)
		}
		if i%5 == 0 { // with a setting that the estate holds, and some that it does not
			g.restart()
		}
		if a := g.want(g.do(admin, "GET", target, ""), 200, ""); a.content() != c.put {
			t.Errorf("%s after a restart: %s", c.name, a.content())
		}
		g.want(g.put(admin, target, strings.Replace(c.put, ">", "><Nonsense/>", 1)), 400, "MalformedXML")
		if c.noDelete {
			continue
		}
		g.want(g.do(admin, "DELETE", target, ""), 204, "")
		after := g.want(g.do(admin, "GET", target, ""), c.absent, c.code)
		want := c.gone
		if want == "" && c.absent == 200 {
			want = before.content()
		}
		if want != "" && after.content() != want {
			t.Errorf("%s deleted: %s\nwant %s", c.name, after.content(), want)
		}
	}
}

// What Put refuses, with the codes of the manual and of recorded answers.
func TestConfigurationRefusals(t *testing.T) {
	g := newRig(t, nil)
	rule := func(s string) string {
		return "<LifecycleConfiguration><Rule>" + s + "</Rule></LifecycleConfiguration>"
	}
	filter, status := "<Filter><Prefix>a</Prefix></Filter>", "<Status>Enabled</Status>"
	cors := func(s string) string { return "<CORSConfiguration>" + s + "</CORSConfiguration>" }
	site := func(s string) string { return "<WebsiteConfiguration>" + s + "</WebsiteConfiguration>" }
	routing := func(s string) string {
		return site("<IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules><RoutingRule>" + s + "</RoutingRule></RoutingRules>")
	}
	encryption := func(s string) string {
		return "<ServerSideEncryptionConfiguration>" + s + "</ServerSideEncryptionConfiguration>"
	}
	notify := func(arn, rest string) string {
		return "<NotificationConfiguration><TopicConfiguration><Topic>" + arn + "</Topic>" + rest + "</TopicConfiguration></NotificationConfiguration>"
	}
	topic, event := "arn:aws:sns:us-east-1:111122223333:t", "<Event>s3:ObjectCreated:Put</Event>"
	for _, c := range []struct{ query, body, code string }{
		{"lifecycle", " ", "MissingRequestBodyError"},
		{"publicAccessBlock", "<PublicAccessBlockConfiguration/>", "InvalidRequest"},
		{"lifecycle", rule(filter + status), "InvalidRequest"},
		{"lifecycle", rule(filter + "<Prefix>a</Prefix>" + status + "<Expiration><Days>1</Days></Expiration>"), "MalformedXML"},
		{"lifecycle", rule(status + "<Expiration><Days>1</Days></Expiration>"), "MalformedXML"},
		{"lifecycle", rule(filter + "<Status>enabled</Status><Expiration><Days>1</Days></Expiration>"), "MalformedXML"},
		{"lifecycle", rule(filter + status + "<Expiration><Days>0</Days></Expiration>"), "InvalidArgument"},
		{"lifecycle", rule(filter + status + "<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>"), "InvalidArgument"},
		{"lifecycle", rule(filter + status + "<Expiration><Date>20300101</Date></Expiration>"), "MalformedXML"},
		{"lifecycle", rule(filter + status + "<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"), "MalformedXML"},
		{"lifecycle", rule("<ID>" + strings.Repeat("i", 256) + "</ID>" + filter + status + "<Expiration><Days>1</Days></Expiration>"), "InvalidArgument"},
		{"lifecycle", rule(filter + status + "<Transition><Days>29</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"), "InvalidArgument"},
		{"lifecycle", rule(filter + status + "<Expiration><Days>30</Days></Expiration><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>"), "InvalidArgument"},
		{"lifecycle", rule("<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>" + status + "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"), "InvalidRequest"},
		{"lifecycle", rule(filter + status + "<ID>a</ID><Expiration><Days>1</Days></Expiration></Rule><Rule>" + filter + status + "<ID>a</ID><Expiration><Days>1</Days></Expiration>"), "InvalidArgument"},
		{"cors", cors(""), "MalformedXML"},
		{"cors", cors("<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>"), "MalformedXML"},
		{"cors", cors("<CORSRule><AllowedMethod>OPTIONS</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>"), "InvalidRequest"},
		{"cors", cors("<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*.a.*</AllowedOrigin></CORSRule>"), "InvalidRequest"},
		{"cors", cors("<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><ExposeHeader>*</ExposeHeader></CORSRule>"), "InvalidRequest"},
		{"cors", cors(strings.Repeat("<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>", 101)), "MalformedXML"},
		{"website", site(""), "InvalidArgument"},
		{"website", site("<IndexDocument><Suffix>a/b</Suffix></IndexDocument>"), "InvalidArgument"},
		{"website", site("<IndexDocument><Suffix>i</Suffix></IndexDocument><RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo>"), "InvalidArgument"},
		{"website", site("<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol></RedirectAllRequestsTo>"), "InvalidRequest"},
		{"website", routing("<Redirect><HttpRedirectCode>300</HttpRedirectCode></Redirect>"), "InvalidRequest"},
		{"website", routing("<Condition></Condition><Redirect><HostName>h</HostName></Redirect>"), "InvalidRequest"},
		{"website", routing("<Condition><HttpErrorCodeReturnedEquals>200</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>h</HostName></Redirect>"), "InvalidRequest"},
		{"website", routing("<Redirect><ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith></Redirect>"), "InvalidRequest"},
		{"encryption", encryption(""), "MalformedXML"},
		{"encryption", encryption("<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>none</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"), "MalformedXML"},
		{"encryption", encryption("<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule>"), "InvalidArgument"},
		{"requestPayment", "<RequestPaymentConfiguration><Payer>Me</Payer></RequestPaymentConfiguration>", "MalformedXML"},
		{"accelerate", "<AccelerateConfiguration><Status>On</Status></AccelerateConfiguration>", "MalformedXML"},
		{"logging", "<BucketLoggingStatus><LoggingEnabled><TargetBucket>no-such-bucket</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>", "InvalidTargetBucketForLogging"},
		{"notification", notify("nonsense", event), "InvalidArgument"},
		{"notification", notify(topic, "<Event>s3:Nothing</Event>"), "InvalidArgument"},
		{"notification", notify(topic, event+"<Filter><S3Key><FilterRule><Name>infix</Name><Value>a</Value></FilterRule></S3Key></Filter>"), "InvalidArgument"},
		{"notification", notify(topic, ""), "MalformedXML"},
		{"replication", "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><Status>Enabled</Status><Prefix/><Destination><Bucket>arn:aws:s3:::europe</Bucket></Destination></Rule></ReplicationConfiguration>", "InvalidRequest"},
		{"inventory&id=x", "<InventoryConfiguration/>", "MalformedXML"},
		{"metrics&id=x", "<MetricsConfiguration><Id>y</Id></MetricsConfiguration>", "IdMismatch"},
		{"metrics&id=x", "<MetricsConfiguration><Id>x</Id><Filter><Prefix>a</Prefix><AccessPointArn>b</AccessPointArn></Filter></MetricsConfiguration>", "MalformedXML"},
		{"intelligent-tiering&id=x", "<IntelligentTieringConfiguration><Id>x</Id><Status>Enabled</Status><Tiering><AccessTier>DEEP_ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering></IntelligentTieringConfiguration>", "InvalidArgument"},
	} {
		g.want(g.put(admin, "/reports?"+c.query, c.body), 400, c.code)
	}
	for _, query := range []string{"lifecycle", "cors", "tagging", "replication"} {
		g.want(g.do(admin, "PUT", "/reports?"+query, "<x/>"), 400, "InvalidRequest") // no digest
	}
	g.want(g.do(admin, "GET", "/reports?metadataConfiguration", ""), 501, "NotImplemented")
}

// Many configurations of one kind are listed in pages of a hundred.
func TestListedConfigurations(t *testing.T) {
	g := newRig(t, nil)
	for i := range 101 {
		id := fmt.Sprintf("m%03d", i)
		g.want(g.do(admin, "PUT", "/reports?metrics&id="+id, "<MetricsConfiguration><Id>"+id+"</Id></MetricsConfiguration>"), 204, "")
	}
	first := g.want(g.do(admin, "GET", "/reports?metrics", ""), 200, "")
	_, rest, _ := strings.Cut(first.body, "<NextContinuationToken>")
	token, _, _ := strings.Cut(rest, "<")
	if n := strings.Count(first.body, "<Id>"); n != 100 || token == "" || !strings.Contains(first.body, "<IsTruncated>true<") {
		t.Fatalf("%d on the first page: %s", n, first.body)
	}
	second := g.want(g.do(admin, "GET", "/reports?metrics&continuation-token="+token, ""), 200, "")
	if !strings.Contains(second.body, "<Id>m100</Id>") || strings.Count(second.body, "<Id>") != 1 || !strings.Contains(second.body, "<IsTruncated>false<") {
		t.Errorf("the second page: %s", second.body)
	}
	g.want(g.do(admin, "DELETE", "/reports?metrics&id=nothing", ""), 404, "NoSuchConfiguration")
}

// Replication wants versioning on both sides, and then keeps it.
func TestReplicationNeedsVersioning(t *testing.T) {
	g := newRig(t, nil)
	enabled := "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
	g.want(g.do(admin, "PUT", "/replica", ""), 200, "")
	g.want(g.do(admin, "PUT", "/source", ""), 200, "")
	g.want(g.do(admin, "PUT", "/source?versioning", enabled), 200, "")
	rule := "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><ID>r</ID><Priority>1</Priority><Filter><Prefix>a</Prefix></Filter><Status>Enabled</Status>" +
		"<Destination><Bucket>arn:aws:s3:::replica</Bucket></Destination><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication></Rule></ReplicationConfiguration>"
	g.want(g.do(admin, "GET", "/source?replication", ""), 404, "ReplicationConfigurationNotFoundError")
	g.want(g.put(admin, "/source?replication", rule), 400, "InvalidRequest")
	g.want(g.do(admin, "PUT", "/replica?versioning", enabled), 200, "")
	g.want(g.put(admin, "/source?replication", rule), 200, "")
	if a := g.want(g.do(admin, "GET", "/source?replication", ""), 200, ""); a.content() != rule {
		t.Errorf("got %s", a.content())
	}
	g.want(g.do(admin, "PUT", "/source?versioning", strings.Replace(enabled, "Enabled", "Suspended", 1)), 409, "InvalidBucketState")
	g.want(g.do(admin, "DELETE", "/source?replication", ""), 204, "")
	g.want(g.do(admin, "PUT", "/source?versioning", strings.Replace(enabled, "Enabled", "Suspended", 1)), 200, "")
}

// The minimum size of transitions travels in a header, and rules without an id get
// one.
func TestLifecycleHeaderAndIDs(t *testing.T) {
	g := newRig(t, nil)
	const header = "X-Amz-Transition-Default-Minimum-Object-Size"
	body := "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"
	if a := g.want(g.put(admin, "/reports?lifecycle", body), 200, ""); a.Header.Get(header) != "all_storage_classes_128K" {
		t.Errorf("put: %q", a.Header.Get(header))
	}
	g.want(g.put(admin, "/reports?lifecycle", body, header, "small"), 400, "InvalidRequest")
	g.want(g.put(admin, "/reports?lifecycle", body, header, "varies_by_storage_class"), 200, "")
	a := g.want(g.do(admin, "GET", "/reports?lifecycle", ""), 200, "")
	if a.Header.Get(header) != "varies_by_storage_class" || !strings.Contains(a.body, "<ID>") {
		t.Errorf("get: %q %s", a.Header.Get(header), a.body)
	}
}

// Writes and reads of an object tell when which rule deletes it: the first of those
// that cover it, at the midnight after the days it counts.
func TestExpirationHeader(t *testing.T) {
	g := newRig(t, nil)
	rule := func(id, filter, rest string) string {
		return "<Rule><ID>" + id + "</ID><Filter>" + filter + "</Filter>" + rest + "</Rule>"
	}
	const enabled, days = "<Status>Enabled</Status>", "<Expiration><Days>3</Days></Expiration>"
	g.want(g.put(admin, "/reports?lifecycle", "<LifecycleConfiguration>"+
		rule("three days", "<Prefix>tmp/</Prefix>", enabled+days)+
		rule("off", "<Prefix>tmp/</Prefix>", "<Status>Disabled</Status><Expiration><Days>1</Days></Expiration>")+
		rule("tagged", "<And><Prefix>tmp/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And>", enabled+"<Expiration><Days>2</Days></Expiration>")+
		rule("big", "<ObjectSizeGreaterThan>5</ObjectSizeGreaterThan>", enabled+"<Expiration><Date>2090-01-01T00:00:00.000Z</Date></Expiration>")+
		"</LifecycleConfiguration>"), 200, "")
	for _, c := range []struct {
		key, body, tags, rule string
		days                  int // midnights until then, 0: the date of the rule
	}{
		{"tmp/k", "x", "", "three+days", 3},
		{"tmp/k", "x", "a=b", "tagged", 2},
		{"tmp/k", "x", "a=c", "three+days", 3},
		{"other", "123456", "", "big", 0},
		{"other", "12345", "", "", 0},
	} {
		put := g.want(g.do(admin, "PUT", "/reports/"+c.key, c.body, "X-Amz-Tagging", c.tags), 200, "")
		head := g.want(g.do(admin, "HEAD", "/reports/"+c.key, ""), 200, "")
		made, err := http.ParseTime(head.Header.Get("Last-Modified"))
		if err != nil {
			t.Fatal(err)
		}
		day, want := made.AddDate(0, 0, c.days+1), ""
		switch {
		case c.days > 0:
			want = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC).Format(http.TimeFormat)
		default:
			want = "Sun, 01 Jan 2090 00:00:00 GMT"
		}
		if want = `expiry-date="` + want + `", rule-id="` + c.rule + `"`; c.rule == "" {
			want = ""
		}
		for _, got := range []string{put.Header.Get("X-Amz-Expiration"), head.Header.Get("X-Amz-Expiration")} {
			if got != want {
				t.Errorf("%s of %d bytes with tags %q: %s, want %s", c.key, len(c.body), c.tags, got, want)
			}
		}
	}
}

// A version that looks like none is told of a copy's source as of what is read.
func TestCopyOfMalformedVersion(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/copies", ""), 200, "")
	g.want(g.do(admin, "PUT", "/copies/k", "x"), 200, "")
	g.want(g.do(admin, "PUT", "/copies/c", "", "X-Amz-Copy-Source", "/copies/k?versionId=foo"), 400, "InvalidArgument")
	g.want(g.do(admin, "GET", "/copies/k?versionId=foo", ""), 400, "InvalidArgument")
}

// GetBucketPolicyStatus tells of the policy alone: Block Public Access does not
// change its answer.
func TestPolicyStatus(t *testing.T) {
	g := newRig(t, nil)
	g.want(g.do(admin, "PUT", "/status", ""), 200, "")
	g.want(g.do(admin, "GET", "/status?policyStatus", ""), 404, "NoSuchBucketPolicy")
	for _, c := range []struct{ principal, public string }{{`{"AWS":"arn:aws:iam::444455556666:root"}`, "false"}, {`"*"`, "true"}} {
		g.want(g.do(admin, "DELETE", "/status?publicAccessBlock", ""), 204, "")
		g.want(g.do(admin, "PUT", "/status?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":`+c.principal+`,"Action":"s3:GetObject","Resource":"arn:aws:s3:::status/*"}]}`), 204, "")
		g.want(g.do(admin, "PUT", "/status?publicAccessBlock", "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"), 200, "")
		if a := g.want(g.do(admin, "GET", "/status?policyStatus", ""), 200, ""); a.content() != "<PolicyStatus><IsPublic>"+c.public+"</IsPublic></PolicyStatus>" {
			t.Errorf("%s: %s", c.principal, a.body)
		}
	}
}
