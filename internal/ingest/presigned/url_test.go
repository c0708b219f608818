package presigned

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/sigv4"
)

// example is the presigned URL of the S3 API Reference, "Authenticating Requests:
// Using Query Parameters", with the secret key that the page gives.
const example = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
	"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"

var (
	exampleKeys = sigv4.KeyMap{"AKIAIOSFODNN7EXAMPLE": {AccessKeyID: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}}
	within      = time.Date(2013, 5, 24, 12, 0, 0, 0, time.UTC)
)

func TestExampleOfTheManual(t *testing.T) {
	u, err := Parse(example, "GET", within)
	if err != nil {
		t.Fatal(err)
	}
	if u.Kind != "v4" || u.Operation != "GetObject" || u.Bucket != "examplebucket" || u.Key != "test.txt" || u.Region != "us-east-1" || u.Validity != 86400 || u.Temporary || len(u.Problems) != 0 {
		t.Errorf("%+v", u)
	}
	if matches, known, _ := u.Verify(exampleKeys); !matches || !known {
		t.Error("the signature of the manual's example does not verify")
	}
	if _, known, _ := u.Verify(sigv4.KeyMap{}); known {
		t.Error("verified without the key")
	}
}

// What people do to a URL, and what is said of it.
func TestProblems(t *testing.T) {
	swap := func(old, new string) string {
		if !strings.Contains(example, old) {
			t.Fatal(old)
		}
		return strings.Replace(example, old, new, 1)
	}
	for _, test := range []struct {
		name, url string
		at        time.Time
		code      reason.Code
		says      string
	}{
		{"expired", example, within.Add(24 * time.Hour), reason.PresignedExpired, "expired 12h0m0s ago, at 2013-05-25T00:00:00Z"},
		{"from the future", example, within.Add(-24 * time.Hour), reason.PresignedNotYetValid, "12h0m0s in the future"},
		{"too long", swap("Expires=86400", "Expires=604801"), within, reason.PresignedTooLong, "more than seven days"},
		{"cut off by a shell", example[:strings.Index(example, "&")], within, reason.MalformedAuthorization, "ends at its first &"},
		{"signature cut off", example[:len(example)-3], within, reason.SignatureMismatch, "61 characters"},
		{"escaped once more", swap("EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F", "EXAMPLE%252F20130524%252Fus-east-1%252Fs3%252F"), within, reason.MalformedAuthorization, "encoded twice"},
		{"for another Region", swap("s3.amazonaws.com", "s3.eu-west-1.amazonaws.com"), within, reason.WrongRegion, "signed for us-east-1, and its host is that of eu-west-1"},
		{"for another service", swap("%2Fs3%2F", "%2Fsts%2F"), within, reason.MalformedAuthorization, `service "sts"`},
		{"of a day and a date", swap("X-Amz-Date=20130524", "X-Amz-Date=20130525"), within, reason.MalformedAuthorization, "of the day 20130524"},
		{"lower case", strings.ReplaceAll(example, "X-Amz-", "x-amz-"), within, reason.MalformedAuthorization, "another case"},
		{"temporary without token", swap("AKIA", "ASIA"), within, reason.MissingToken, "lacks its X-Amz-Security-Token"},
		{"long-term with token", example + "&X-Amz-Security-Token=secret-token", within, reason.InvalidToken, "beside it"},
		{"out of HTML", strings.ReplaceAll(example, "&", "&amp;"), within, "", `"&amp;" where "&" belongs`},
		{"wrapped", example[:80] + "\n  " + example[80:], within, "", "line ends"},
		{"further headers", swap("SignedHeaders=host", "SignedHeaders=host%3Bx-amz-acl"), within, "", "must send the headers x-amz-acl"},
		{"CloudFront", "https://d111111abcdef8.cloudfront.net/image.jpg?Expires=1767290400&Signature=nitfHRCrtziwO2HwPfWw&Key-Pair-Id=K2JCJMDEHXQW5F", within, "", "signed URL of CloudFront"},
		{"version 2", "https://s3.amazonaws.com/b/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1369350000&Signature=vjby", within, reason.PresignedExpired, "expired"},
	} {
		u, err := Parse(test.url, "get", test.at)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if !slices.ContainsFunc(u.Problems, func(p Problem) bool { return p.Reason == test.code && strings.Contains(p.Summary, test.says) }) {
			t.Errorf("%s: %+v, want %s: %s", test.name, u.Problems, test.code, test.says)
		}
		if _, ok := u.Request("", test.at); ok && u.Malformed() {
			t.Errorf("%s: decided, though S3 refuses its form", test.name)
		}
	}
	for _, text := range []string{"", "reports/q1.csv", "s3://b/k", "https://"} {
		if u, err := Parse(text, "GET", within); err == nil {
			t.Errorf("%q: %+v", text, u)
		}
	}
}

// A URL that was altered names the part; another method is told.
func TestVerify(t *testing.T) {
	for _, test := range []struct{ name, url, method, hint string }{
		{"another key", strings.Replace(example, "test.txt", "other.txt", 1), "GET", ""},
		{"another method", example, "PUT", "GET"},
	} {
		u, err := Parse(test.url, test.method, within)
		if err != nil {
			t.Fatal(err)
		}
		if matches, known, hint := u.Verify(exampleKeys); matches || !known || !strings.Contains(hint, test.hint) {
			t.Errorf("%s: %v %v %q", test.name, matches, known, hint)
		}
	}
}

// What our own signer makes, as a session.
func TestRequest(t *testing.T) {
	r, _ := http.NewRequest("PUT", "https://s3.eu-west-1.amazonaws.com/b/a%20k?versionId=v1", nil)
	text := sigv4.Signer{Credential: sigv4.Credential{AccessKeyID: "ASIAIOSFODNN7EXAMPLE", Secret: "s", SessionToken: "secret-token"}, Region: "eu-west-1"}.Presign(r, within, time.Hour)
	u, err := Parse(text, "PUT", within)
	if err != nil {
		t.Fatal(err)
	}
	q, ok := u.Request("arn:aws:sts::111122223333:assumed-role/app/s", within)
	if !ok || q.Operation != "PutObject" || q.Bucket != "b" || q.Key != "a k" || *q.Auth.Expires != 3600 || !*q.Auth.TokenPresent || q.Auth.Region != "eu-west-1" {
		t.Errorf("%+v %+v, from %s", q, q.Auth, text)
	}
	for name, value := range q.Query {
		if strings.Contains(value, "secret-token") {
			t.Errorf("the token stands in %s", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Expires=1&Signature=x")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Parse(text, "GET", within)
		if err != nil {
			return
		}
		u.Verify(exampleKeys)
		u.Request("anonymous", within)
	})
}
