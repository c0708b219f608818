package sigv4

import (
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// docAuth is the Authorization header of the manual's examples.
func docAuth(signed, signature string) string {
	return "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
		signed + ",Signature=" + signature
}

// The examples of "Authenticating Requests: Using the Authorization Header"
// and "Using Query Parameters" in the Amazon S3 API Reference.
var published = []struct {
	name, head, body  string
	canonical, answer string // SHA-256 of the canonical request, signature
	mechanism         Mechanism
}{
	{"GetObject", `GET /test.txt HTTP/1.1
Host: examplebucket.s3.amazonaws.com
Range: bytes=0-9
x-amz-content-sha256: ` + emptySHA256 + `
x-amz-date: 20130524T000000Z
` + docAuth("host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"), "",
		"7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
		"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", Header},
	{"PutObject", `PUT /test$file.text HTTP/1.1
Host: examplebucket.s3.amazonaws.com
Date: Fri, 24 May 2013 00:00:00 GMT
Content-Length: 21
x-amz-date: 20130524T000000Z
x-amz-storage-class: REDUCED_REDUNDANCY
x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072
` + docAuth("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
		"Welcome to Amazon S3.",
		"9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
		"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", Header},
	{"GetBucketLifecycle", `GET /?lifecycle HTTP/1.1
Host: examplebucket.s3.amazonaws.com
x-amz-content-sha256: ` + emptySHA256 + `
x-amz-date: 20130524T000000Z
` + docAuth("host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"), "",
		"9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
		"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", Header},
	{"ListObjects", `GET /?max-keys=2&prefix=J HTTP/1.1
Host: examplebucket.s3.amazonaws.com
x-amz-content-sha256: ` + emptySHA256 + `
x-amz-date: 20130524T000000Z
` + docAuth("host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"), "",
		"df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
		"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", Header},
	{"presigned", `GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request` +
		`&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1
Host: examplebucket.s3.amazonaws.com`, "",
		"3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04",
		"aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", Query},
}

func TestPublishedExamplesAreAccepted(t *testing.T) {
	for _, tt := range published {
		t.Run(tt.name, func(t *testing.T) {
			r := wire(t, tt.head, tt.body)
			res := accepted(t, at(docTime, keys(docCred)), r)
			if res.Mechanism != tt.mechanism || res.Algorithm != AlgorithmV4 || !res.SignedAt.Equal(docTime) ||
				res.Region != "us-east-1" || res.Service != "s3" || res.Date != "20130524" {
				t.Errorf("result %+v", res)
			}
			got, err := io.ReadAll(res.Body(r.Body))
			if err != nil || string(got) != tt.body {
				t.Errorf("body %q, %v; want %q", got, err, tt.body)
			}
		})
	}
}

// The canonical request shows in the answer to the same request with another
// signature.
func TestPublishedExamplesCanonicalRequest(t *testing.T) {
	for _, tt := range published {
		t.Run(tt.name, func(t *testing.T) {
			other := strings.Repeat("0", 64)
			err := refused(t, at(docTime, keys(docCred)), wire(t, strings.Replace(tt.head, tt.answer, other, 1), tt.body))
			is(t, err, GateSignature, ReasonSignatureMismatch, 403, "SignatureDoesNotMatch", mismatchMessage)
			if got := sha256Hex([]byte(err.Detail.CanonicalRequest)); got != tt.canonical {
				t.Errorf("canonical request hashes to %s, want %s:\n%s", got, tt.canonical, err.Detail.CanonicalRequest)
			}
			if !strings.HasSuffix(err.Detail.StringToSign, "\n"+tt.canonical) || err.Detail.SignatureProvided != other {
				t.Errorf("detail %+v", err.Detail)
			}
		})
	}
}

func TestPublishedSigningKey(t *testing.T) {
	got := signingKey(docCred.Secret, scope{"20130524", "us-east-1", "s3", "aws4_request"})
	if want := "dbb893acc010964918f1fd433add87c70e8b0db6be30c1fbeafefa5ec6ba8378"; hex.EncodeToString(got) != want {
		t.Errorf("signing key %x, want %s", got, want)
	}
}

// The signer has to arrive at the published signatures too.
func TestSignerArrivesAtPublishedSignatures(t *testing.T) {
	s := Signer{Credential: docCred, Region: "us-east-1"}
	for _, tt := range published {
		t.Run(tt.name, func(t *testing.T) {
			r := wire(t, tt.head, tt.body)
			payload := r.Header.Get(headerPayload)
			auth := r.Header.Get("Authorization")
			r.Header.Del("Authorization")
			if tt.mechanism == Query {
				q := r.URL.RawQuery
				r.URL.RawQuery, r.RequestURI = "", ""
				if got := s.Presign(r, docTime, 86400e9); !strings.HasSuffix(got, q) {
					t.Errorf("presigned %s, want query %s", got, q)
				}
				return
			}
			also := []string{}
			for _, name := range []string{"Range", "Date"} {
				if _, ok := r.Header[name]; ok {
					also = append(also, name)
				}
			}
			if got := s.Sign(r, docTime, payload, also...); got != tt.answer {
				t.Errorf("signature %s, want %s", got, tt.answer)
			}
			if got := strings.ReplaceAll(r.Header.Get("Authorization"), ", ", ","); got != auth {
				t.Errorf("authorization %s, want %s", got, auth)
			}
		})
	}
}

// The strings of "Signing and Authenticating REST Requests".
func TestPublishedSigV2(t *testing.T) {
	const puppy = "/awsexamplebucket1/photos/puppy.jpg"
	for _, tt := range []struct{ text, signature string }{
		{"GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n" + puppy, "qgk2+6Sv9/oM7G3qLEjTH1a1l1g="},
		{"PUT\n\nimage/jpeg\nTue, 27 Mar 2007 21:15:45 +0000\n" + puppy, "iqRzw+ileNPu1fhspnRs8nOjjIA="},
		{"GET\n\n\nTue, 27 Mar 2007 19:42:41 +0000\n/awsexamplebucket1/", "m0WP8eCtspQl5Ahe6L1SozdX9YA="},
		{"GET\n\n\nTue, 27 Mar 2007 19:44:46 +0000\n/awsexamplebucket1/?acl", "82ZHiFIjc+WbcwFKGUVEQspPn+0="},
		{"DELETE\n\n\nTue, 27 Mar 2007 21:20:26 +0000\n" + puppy, "XbyTlbQdu9Xw5o8P4iMwPktxQd8="},
	} {
		if got := signV2(docCred.Secret, tt.text); got != tt.signature {
			t.Errorf("%q signs to %s, want %s", tt.text, got, tt.signature)
		}
	}
}

// The same examples as requests: the strings to sign have to arise from them.
func TestPublishedSigV2Requests(t *testing.T) {
	v := at(docTime, keys(docCred))
	v.AllowSigV2 = true
	v.Target = func(*http.Request) Target { return Target{Bucket: "awsexamplebucket1", VirtualHosted: true} }
	for _, tt := range []struct{ head, date string }{
		{"GET /photos/puppy.jpg HTTP/1.1\nHost: awsexamplebucket1.us-west-1.s3.amazonaws.com\n" +
			"Authorization: AWS AKIAIOSFODNN7EXAMPLE:qgk2+6Sv9/oM7G3qLEjTH1a1l1g=", "Tue, 27 Mar 2007 19:36:42 +0000"},
		{"PUT /photos/puppy.jpg HTTP/1.1\nHost: awsexamplebucket1.s3.us-west-1.amazonaws.com\nContent-Type: image/jpeg\nContent-Length: 0\n" +
			"Authorization: AWS AKIAIOSFODNN7EXAMPLE:iqRzw+ileNPu1fhspnRs8nOjjIA=", "Tue, 27 Mar 2007 21:15:45 +0000"},
		{"GET /?prefix=photos&max-keys=50&marker=puppy HTTP/1.1\nHost: awsexamplebucket1.s3.us-west-1.amazonaws.com\n" +
			"Authorization: AWS AKIAIOSFODNN7EXAMPLE:m0WP8eCtspQl5Ahe6L1SozdX9YA=", "Tue, 27 Mar 2007 19:42:41 +0000"},
		{"GET /?acl HTTP/1.1\nHost: awsexamplebucket1.s3.us-west-1.amazonaws.com\n" +
			"Authorization: AWS AKIAIOSFODNN7EXAMPLE:82ZHiFIjc+WbcwFKGUVEQspPn+0=", "Tue, 27 Mar 2007 19:44:46 +0000"},
	} {
		now, _ := parseV2Date(tt.date)
		v.Now = func() time.Time { return now }
		res := accepted(t, v, wire(t, tt.head+"\nDate: "+tt.date, ""))
		if res.Mechanism != Header || res.Algorithm != AlgorithmV2 {
			t.Errorf("result %+v", res)
		}
	}
}
