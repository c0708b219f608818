package server

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store/embedded"
)

// FuzzRequest sends what no client would. Whatever it is, the endpoint neither
// panics nor fails, and who does not sign gets nothing out of private buckets.
func FuzzRequest(f *testing.F) {
	e, err := estate.Load("testdata/estate.yaml")
	if err != nil {
		f.Fatal(err)
	}
	st, err := embedded.Open(f.TempDir(), embedded.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { st.Close() })
	log := &syncBuffer{}
	s, err := New(Config{Estate: e, Store: st, Log: log})
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range []struct{ head, body string }{
		{"GET /reports?list-type=2&encoding-type=url HTTP/1.1\r\nHost: x", ""},
		{"PUT /reports/k HTTP/1.1\r\nHost: reports.localhost\r\nx-amz-tagging: a=b\r\nRange: bytes=1-", "x"},
		{"PUT /reports?acl HTTP/1.1\r\nHost: x", "<AccessControlPolicy><Owner/><AccessControlList/></AccessControlPolicy>"},
		{"POST /reports?delete HTTP/1.1\r\nHost: x\r\nContent-MD5: x", "<Delete><Object><Key>k</Key></Object></Delete>"},
		{"PUT /reports/copy HTTP/1.1\r\nHost: x\r\nx-amz-copy-source: /reports/2026/q1.csv?versionId=null", ""},
		{"POST / HTTP/1.1\r\nHost: sts.amazonaws.com", "Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/guarded"},
		{"POST / HTTP/1.1\r\nHost: iam.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded", "Action=SimulatePrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:user/reader&ActionNames.member.1=s3:GetObject&ResourceArns.member.1=arn:aws:s3:::reports/k"},
		{"POST / HTTP/1.1\r\nHost: iam.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded", "Action=PutUserPolicy&UserName=nobody&PolicyName=p&PolicyDocument={\"Version\":\"2012-10-17\",\"Statement\":[]}"},
		{"GET /?Action=ListUsers&MaxItems=1&Marker=YWRtaW4 HTTP/1.1\r\nHost: iam.amazonaws.com", ""},
		{"POST / HTTP/1.1\r\nHost: kms.us-east-1.amazonaws.com\r\nX-Amz-Target: TrentService.Encrypt", "{\"KeyId\": \"alias/data\", \"Plaintext\": \"aGk=\"}"},
		{"OPTIONS /reports HTTP/1.1\r\nHost: x\r\nOrigin: y\r\nAccess-Control-Request-Method: PUT", ""},
		{"POST /reports HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b",
			"--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n"},
		{"PUT /reports?lifecycle HTTP/1.1\r\nHost: x\r\nContent-MD5: x", "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status></Rule></LifecycleConfiguration>"},
		{"PUT /reports?object-lock HTTP/1.1\r\nHost: x\r\nContent-MD5: x", "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>"},
		{"PUT /reports/2026/q1.csv?retention HTTP/1.1\r\nHost: x\r\nx-amz-bypass-governance-retention: true", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"},
		{"POST /reports/2026/q1.csv?restore HTTP/1.1\r\nHost: x", "<RestoreRequest><Days>1</Days><GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters></RestoreRequest>"},
		{"GET /reports/2026/q1.csv?attributes HTTP/1.1\r\nHost: x\r\nx-amz-object-attributes: ETag,ObjectParts\r\nx-amz-max-parts: 1", ""},
		{"POST /reports/k?uploads HTTP/1.1\r\nHost: x\r\nx-amz-checksum-algorithm: XXHASH3\r\nx-amz-checksum-type: COMPOSITE", ""},
		{"PUT /own-keys/k HTTP/1.1\r\nHost: x\r\nx-amz-server-side-encryption-customer-algorithm: AES256\r\nx-amz-server-side-encryption-customer-key: x", "x"},
		{"PUT /reports/k HTTP/1.1\r\nHost: x\r\nx-amz-server-side-encryption: aws:kms:dsse\r\nx-amz-object-lock-mode: COMPLIANCE\r\nx-amz-checksum-md5: x", "x"},
		{"GET /a/ HTTP/1.1\r\nHost: reports.s3-website.localhost", ""},
		{"PUT /v20180820/accesspoint/fuzzed HTTP/1.1\r\nHost: x\r\nx-amz-account-id: 111122223333", "<CreateAccessPointRequest><Bucket>reports</Bucket></CreateAccessPointRequest>"},
		{"DELETE /v20180820/tags/arn%3Aaws%3As3%3A%3A%3Areports?tagKeys=a HTTP/1.1\r\nHost: x\r\nx-amz-account-id: 111122223333", ""},
		{"PUT /new-bucket HTTP/1.1\r\nHost: x\r\nx-amz-acl: public-read", "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>"},
	} {
		for _, sign := range []bool{false, true} {
			f.Add(c.head, c.body, sign)
		}
	}
	f.Fuzz(func(t *testing.T, head, body string, sign bool) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(fmt.Sprintf("%s\r\nContent-Length: %d\r\n\r\n%s", head, len(body), body))))
		if err != nil {
			return
		}
		r.RemoteAddr = "203.0.113.9:1"
		if sign {
			service := "s3"
			if name, _, _ := strings.Cut(r.Host, "."); s.services[name] != nil {
				service = name
			}
			sigv4.Signer{Credential: admin, Region: "us-east-1", Service: service}.Sign(r, s.config.Now(), hashOf(body))
		}
		w := &memoryWriter{header: http.Header{}}
		func() {
			defer func() {
				if v := recover(); v != nil && v != http.ErrAbortHandler {
					panic(v)
				}
			}()
			s.Handler().ServeHTTP(w, r)
		}()
		if w.status >= 500 && w.status != 501 {
			t.Errorf("status %d\n%s", w.status, log)
		}
		refusals := strings.Contains(w.body.String(), "<DeleteResult") && !strings.Contains(w.body.String(), "<Deleted>")
		if !sign && w.status < 300 && w.status != 0 && !refusals && !strings.Contains(head, "public-site") && !strings.Contains(head, "AKIA") {
			t.Errorf("an unsigned request was answered by %d: %s", w.status, w.body.String())
		}
		if len(w.header["X-Amz-Request-Id"]) != 1 {
			t.Errorf("no request id: %v", w.header)
		}
	})
}
