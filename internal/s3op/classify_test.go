package s3op

import (
	"strings"
	"testing"
)

// shapeOf reads "PUT /bucket/key?acl&versionId=1" and headers as "name: value".
func shapeOf(line string, headers ...string) Shape {
	method, target, _ := strings.Cut(line, " ")
	path, query, _ := strings.Cut(target, "?")
	bucket, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	s := Shape{Method: method, Bucket: bucket, Key: key}
	for _, p := range strings.Split(query, "&") {
		if p == "" {
			continue
		}
		name, value, has := strings.Cut(p, "=")
		s.Query = append(s.Query, Param{name, value, has})
	}
	s.Header = func(name string) string {
		for _, h := range headers {
			if n, v, _ := strings.Cut(h, ": "); strings.EqualFold(n, name) {
				return v
			}
		}
		return ""
	}
	return s
}

const copyHeader = "x-amz-copy-source: /other/key"

// The rows are those of the routing table of the S3 API Reference's request
// syntaxes, in the order in which they are told apart.
func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		line    string
		headers []string
		want    string
	}{
		{"OPTIONS /b/k", []string{"Origin: https://example.com", "Access-Control-Request-Method: GET"}, "OptionsObject"},
		{"OPTIONS /b", nil, "OptionsObject"},
		{"GET /", nil, "ListBuckets"},
		{"GET /?x-id=ListBuckets", nil, "ListBuckets"},
		{"GET /", []string{"Host: s3express-control.us-east-1.amazonaws.com"}, "ListDirectoryBuckets"},
		{"HEAD /b", nil, "HeadBucket"},
		{"HEAD /b/", nil, "HeadBucket"},
		{"PUT /b?policy", nil, "PutBucketPolicy"},
		{"PUT /b?acl=", nil, "PutBucketAcl"},
		{"DELETE /b?lifecycle", nil, "DeleteBucketLifecycle"},
		{"POST /b?metadataConfiguration", nil, "CreateBucketMetadataConfiguration"},
		{"POST /b?metadataTable", nil, "CreateBucketMetadataTableConfiguration"},
		{"PUT /b?metadataInventoryTable", nil, "UpdateBucketMetadataInventoryTableConfiguration"},
		{"PUT /b?inventory&id=1", nil, "PutBucketInventoryConfiguration"},
		{"PUT /b?inventory", nil, "PutBucketInventoryConfiguration"},
		{"PUT /b", nil, "CreateBucket"},
		{"put /b?x-id=CreateBucket", nil, "CreateBucket"},
		{"DELETE /b", nil, "DeleteBucket"},
		{"POST /b?delete", nil, "DeleteObjects"},
		{"POST /b", []string{"Content-Type: multipart/form-data; boundary=x"}, "PostObject"},
		{"GET /b?analytics&id=1", nil, "GetBucketAnalyticsConfiguration"},
		{"GET /b?analytics", nil, "ListBucketAnalyticsConfigurations"},
		{"GET /b?inventory&id=1", nil, "GetBucketInventoryConfiguration"},
		{"GET /b?inventory", nil, "ListBucketInventoryConfigurations"},
		{"GET /b?metrics&id=1", nil, "GetBucketMetricsConfiguration"},
		{"GET /b?metrics", nil, "ListBucketMetricsConfigurations"},
		{"GET /b?intelligent-tiering&id=1", nil, "GetBucketIntelligentTieringConfiguration"},
		{"GET /b?intelligent-tiering", nil, "ListBucketIntelligentTieringConfigurations"},
		{"GET /b?versions&prefix=a", nil, "ListObjectVersions"},
		{"GET /b?uploads", nil, "ListMultipartUploads"},
		{"GET /b?list-type=2&prefix=a", nil, "ListObjectsV2"},
		{"GET /b?publicAccessBlock", nil, "GetPublicAccessBlock"},
		{"GET /b?location", nil, "GetBucketLocation"},
		{"GET /b?session", nil, "CreateSession"},
		{"GET /b", nil, "ListObjects"},
		{"GET /b?list-type=1", nil, "ListObjects"},
		{"GET /b?prefix=a&delimiter=/&marker=b&max-keys=1&encoding-type=url", nil, "ListObjects"},
		{"GET /b/k?uploadId=u", nil, "ListParts"},
		{"GET /b/k?uploadId=u&part-number-marker=2&max-parts=3", nil, "ListParts"},
		{"GET /b/k?acl", nil, "GetObjectAcl"},
		{"GET /b/k?attributes", nil, "GetObjectAttributes"},
		{"GET /b/k?legal-hold&versionId=1", nil, "GetObjectLegalHold"},
		{"GET /b/k?retention", nil, "GetObjectRetention"},
		{"GET /b/k?tagging", nil, "GetObjectTagging"},
		{"GET /b/k?torrent", nil, "GetObjectTorrent"},
		{"GET /b/k?annotation&annotationName=n", nil, "GetObjectAnnotation"},
		{"GET /b/k?annotation", nil, "ListObjectAnnotations"},
		{"GET /b/k", nil, "GetObject"},
		{"GET /b//k", nil, "GetObject"},
		{"GET /b/k?versionId=1&partNumber=2&response-content-type=text/plain", nil, "GetObject"},
		{"GET /b/k?requestedBy=someone", nil, "GetObject"},
		{"HEAD /b/k?versionId=1", nil, "HeadObject"},
		{"PUT /b/k?partNumber=1&uploadId=u", []string{copyHeader}, "UploadPartCopy"},
		{"PUT /b/k?partNumber=1&uploadId=u&X-Amz-Copy-Source=b/k", nil, "UploadPartCopy"},
		{"PUT /b/k?partNumber=1&uploadId=u", nil, "UploadPart"},
		{"PUT /b/k?acl", nil, "PutObjectAcl"},
		{"PUT /b/k?legal-hold", nil, "PutObjectLegalHold"},
		{"PUT /b/k?retention", nil, "PutObjectRetention"},
		{"PUT /b/k?tagging", nil, "PutObjectTagging"},
		{"PUT /b/k?encryption", nil, "UpdateObjectEncryption"},
		{"PUT /b/k?renameObject", nil, "RenameObject"},
		{"PUT /b/k?annotation&annotationName=n", nil, "PutObjectAnnotation"},
		{"PUT /b/k", []string{copyHeader}, "CopyObject"},
		{"PUT /b/k?X-Amz-Copy-Source=b/k", nil, "CopyObject"},
		{"PUT /b/k", nil, "PutObject"},
		{"PUT /b/k?x-id=PutObject", nil, "PutObject"},
		{"POST /b/k?uploads", nil, "CreateMultipartUpload"},
		{"POST /b/k?uploadId=u", nil, "CompleteMultipartUpload"},
		{"POST /b/k?restore", nil, "RestoreObject"},
		{"POST /b/k?select&select-type=2", nil, "SelectObjectContent"},
		{"DELETE /b/k?uploadId=u", nil, "AbortMultipartUpload"},
		{"DELETE /b/k?tagging", nil, "DeleteObjectTagging"},
		{"DELETE /b/k?annotation&annotationName=n", nil, "DeleteObjectAnnotation"},
		{"DELETE /b/k?versionId=1", nil, "DeleteObject"},
		{"DELETE /b/k", nil, "DeleteObject"},
		{"POST /WriteGetObjectResponse", nil, "WriteGetObjectResponse"},
	} {
		got, err := Classify(shapeOf(tt.line, tt.headers...))
		if err != nil || got.Name != tt.want {
			t.Errorf("Classify(%s %q) = %v, %v; want %s", tt.line, tt.headers, got, err, tt.want)
		}
	}
}

func TestClassifyWhatIsNoOperation(t *testing.T) {
	for _, tt := range []struct {
		line               string
		code, resourceType string
		status             int
		condition          string
	}{
		{"HEAD /", "MethodNotAllowed", "SERVICE", 405, ""},
		{"POST /", "MethodNotAllowed", "SERVICE", 405, ""},
		{"GET //b/k", "MethodNotAllowed", "SERVICE", 405, ""}, // an empty name of a bucket
		{"PATCH /b", "MethodNotAllowed", "BUCKET", 405, ""},
		{"PUT /b?policyStatus", "MethodNotAllowed", "POLICY_STATUS", 405, ""},
		{"DELETE /b?acl", "MethodNotAllowed", "ACL", 405, ""},
		{"POST /b?policy", "MethodNotAllowed", "BUCKETPOLICY", 405, ""},
		{"POST /b/k", "MethodNotAllowed", "OBJECT", 405, ""},
		{"POST /b/k?select", "MethodNotAllowed", "SELECT", 405, ""},
		{"PATCH /b/k", "MethodNotAllowed", "OBJECT", 405, ""},
		{"DELETE /b/k?acl", "MethodNotAllowed", "ACL", 405, ""}, // not the object's deletion
		{"DELETE /b/k?retention", "MethodNotAllowed", "RETENTION", 405, ""},
		{"POST /b", "PreconditionFailed", "BUCKET", 412, "Bucket POST must be of the enclosure-type multipart/form-data"},
	} {
		spec, got := Classify(shapeOf(tt.line))
		if got == nil || spec != nil || got.Code != tt.code || got.ResourceType != tt.resourceType || got.Status != tt.status || got.Condition != tt.condition {
			t.Errorf("Classify(%s) = %v, %+v; want %+v", tt.line, spec, got, tt)
		}
	}
}

func TestClassifyControl(t *testing.T) {
	account := "x-amz-account-id: 111122223333"
	for line, want := range map[string]string{
		"GET /v20180820/configuration/publicAccessBlock":                                          "GetAccountPublicAccessBlock",
		"PUT /v20180820/configuration/publicAccessBlock":                                          "PutAccountPublicAccessBlock",
		"DELETE /v20180820/configuration/publicAccessBlock":                                       "DeleteAccountPublicAccessBlock",
		"PUT /v20180820/accesspoint/my-ap":                                                        "CreateAccessPoint",
		"GET /v20180820/accesspoint/my-ap":                                                        "GetAccessPoint",
		"DELETE /v20180820/accesspoint/my-ap":                                                     "DeleteAccessPoint",
		"GET /v20180820/accesspoint":                                                              "ListAccessPoints",
		"GET /v20180820/accesspoint/?bucket=b":                                                    "ListAccessPoints",
		"PUT /v20180820/accesspoint/my-ap/policy":                                                 "PutAccessPointPolicy",
		"GET /v20180820/accesspoint/my-ap/policy":                                                 "GetAccessPointPolicy",
		"DELETE /v20180820/accesspoint/my-ap/policy":                                              "DeleteAccessPointPolicy",
		"GET /v20180820/accesspoint/my-ap/policyStatus":                                           "GetAccessPointPolicyStatus",
		"POST /v20180820/async-requests/mrap/create":                                              "CreateMultiRegionAccessPoint",
		"GET /v20180820/async-requests/mrap/arn:aws:s3:us-west-2:111122223333:async-request/mrap": "DescribeMultiRegionAccessPointOperation",
		"PATCH /v20180820/mrap/instances/a.mrap/routes":                                           "SubmitMultiRegionAccessPointRoutes",
		"POST /v20180820/jobs":                                                                    "CreateJob",
		"GET /v20180820/jobs/1":                                                                   "DescribeJob",
		"GET /v20180820/storagelens":                                                              "ListStorageLensConfigurations",
		"GET /v20180820/accessgrantsinstance/dataaccess?target=x":                                 "GetDataAccess",
		"POST /v20180820/tags/arn:aws:s3:::b":                                                     "TagResource",
		"DELETE /v20180820/tags/arn:aws:s3:us-east-1:111122223333:accesspoint/my-ap":              "UntagResource",
	} {
		if got, err := Classify(shapeOf(line, account)); err != nil || got.Name != want {
			t.Errorf("Classify(%s) = %v, %v; want %s", line, got, err, want)
		}
	}
	if _, err := Classify(shapeOf("PUT /v20180820/configuration", account)); err == nil || err.Status != 405 {
		t.Errorf("an unknown path of S3 Control: %v, want 405", err)
	}
	if got, _ := Classify(shapeOf("PUT /v20180820/accesspoint/my-ap")); got.Name != "PutObject" {
		t.Errorf("without an account id the path names a bucket; got %s", got.Name)
	}
}

// Every operation's own request line leads back to it.
func TestClassifyFindsEveryOperation(t *testing.T) {
	for _, s := range All() {
		var headers []string
		switch {
		case s.Scope == Account:
			headers = []string{"x-amz-account-id: 111122223333"}
		case s.SourceAction != "":
			headers = []string{copyHeader}
		case s.Name == "PostObject":
			headers = []string{"Content-Type: multipart/form-data; boundary=x"}
		case s.Name == "ListDirectoryBuckets":
			headers = []string{"Host: s3express-control.us-east-1.amazonaws.com"}
		}
		line := strings.NewReplacer("{", "", "+}", "", "}", "").Replace(s.RequestLine())
		if got, err := Classify(shapeOf(line, headers...)); err != nil || got != s {
			t.Errorf("Classify(%s) = %v, %v; want %s", line, got, err, s.Name)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("GET", "b", "k", "acl", "v", "x")
	f.Add("POST", "v20180820", "tags/", "delete", "", "1")
	f.Add("PUT", "", "", "uploadId", "partNumber", "")
	f.Fuzz(func(t *testing.T, method, bucket, key, p1, p2, header string) {
		s := Shape{Method: method, Bucket: bucket, Key: key, Query: []Param{{Name: p1, Value: p2}, {Name: p2, HasValue: true}}, Header: func(string) string { return header }}
		spec, err := Classify(s)
		if (spec == nil) == (err == nil) {
			t.Fatalf("Classify(%+v) = %v, %v: exactly one must be nil", s, spec, err)
		}
	})
}
