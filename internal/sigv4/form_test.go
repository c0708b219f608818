package sigv4

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

// formRequest makes a browser POST with the fields, then the file.
func formRequest(t testing.TB, fields []FormField, name, file string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		if err := w.WriteField(f.Name, f.Value); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, file)
	}
	w.Close()
	r := request(t, "POST", "https://my-bucket.s3.amazonaws.com/", b.String())
	r.Header.Set("Content-Type", w.FormDataContentType())
	return received(t, r)
}

var formSigner = Signer{Credential: docCred, Region: "us-east-1"}

// signedForm signs a policy document as it stands, with the fields given.
func signedForm(policy string, fields ...FormField) []FormField {
	encoded := base64.StdEncoding.EncodeToString([]byte(policy))
	return append(fields,
		FormField{"X-Amz-Algorithm", AlgorithmV4},
		FormField{"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/s3/aws4_request"},
		FormField{"X-Amz-Date", "20261122T100000Z"},
		FormField{"Policy", encoded},
		FormField{"X-Amz-Signature", signV4(signingKey(docCred.Secret, formSigner.scope(testTime)), []byte(encoded))})
}

// covered is the part of a policy that covers the fields of its signature.
const covered = `{"x-amz-algorithm": "AWS4-HMAC-SHA256"}, ["starts-with", "$x-amz-credential", "AKIA"], {"x-amz-date": "20261122T100000Z"}`

func policyOf(conditions string) string {
	return `{"expiration": "2026-11-22T11:00:00.000Z", "conditions": [` + covered + `, ` + conditions + `]}`
}

// The sample of "Browser-Based Uploads Using POST": its base64 text is what is
// signed, and its conditions hold for the sample form.
func TestPublishedForm(t *testing.T) {
	const encoded = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"
	if got, want := sha256Hex([]byte(encoded)), "8e5172df8adf0fe892bdd80fb6ed0e08dca0652a8e8c6df029ed991d5163c147"; got != want {
		t.Fatalf("sample hashes to %s, want %s", got, want)
	}
	fields := []FormField{
		{"key", "user/user1/${filename}"}, {"acl", "public-read"},
		{"success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
		{"Content-Type", "image/jpeg"}, {"x-amz-meta-uuid", "14365123651274"}, {"x-amz-server-side-encryption", "AES256"},
		{"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
		{"X-Amz-Algorithm", "AWS4-HMAC-SHA256"}, {"X-Amz-Date", "20151229T000000Z"}, {"x-amz-meta-tag", ""},
		{"Policy", encoded},
		{"X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"},
	}
	v := at(time.Date(2015, 12, 30, 0, 0, 0, 0, time.UTC), keys(docCred))
	v.Target = func(*http.Request) Target { return Target{Bucket: "sigv4examplebucket", Region: "us-east-1"} }
	res := accepted(t, v, formRequest(t, fields, "a.jpg", "data"))
	if key, _ := res.Form.Get("key"); key != "user/user1/a.jpg" {
		t.Errorf("key %q", key)
	}
	v.Now = func() time.Time { return time.Date(2015, 12, 30, 12, 0, 1, 0, time.UTC) }
	is(t, refused(t, v, formRequest(t, fields, "a.jpg", "data")), GateSignature, ReasonPolicyExpired, 403, "AccessDenied",
		"Invalid according to Policy: Policy expired.")
}

func TestFormRefusals(t *testing.T) {
	key := FormField{"key", "k"}
	anyKey := `["starts-with", "$key", ""], {"bucket": "my-bucket"}`
	good := signedForm(policyOf(anyKey), key)
	without := func(name string) []FormField {
		var out []FormField
		for _, f := range good {
			if !strings.EqualFold(f.Name, name) {
				out = append(out, f)
			}
		}
		return out
	}
	with := func(name, value string) []FormField {
		out := append([]FormField{}, good...)
		for i := range out {
			if strings.EqualFold(out[i].Name, name) {
				out[i].Value = value
			}
		}
		return out
	}
	policy := func(s string) []FormField { return signedForm(s, key) }
	const condition = "Invalid according to Policy: Policy Condition failed: "
	tests := []struct {
		name    string
		fields  []FormField
		reason  Reason
		status  int
		code    string
		message string
	}{
		{"policy without signature fields", []FormField{key, {"policy", "e30="}}, ReasonFormField, 403, "AccessDenied", "Access Denied"},
		{"one signature field missing", without("X-Amz-Algorithm"), ReasonFormField, 400, "InvalidArgument",
			"Bucket POST must contain a field named 'X-Amz-Algorithm'.  If it is specified, please check the order of the fields."},
		{"another missing", without("X-Amz-Signature"), ReasonFormField, 400, "InvalidArgument",
			"Bucket POST must contain a field named 'X-Amz-Signature'.  If it is specified, please check the order of the fields."},
		{"wrong signature", with("X-Amz-Signature", strings.Repeat("0", 64)), ReasonSignatureMismatch, 403, "SignatureDoesNotMatch", mismatchMessage},
		{"truncated policy shows as its signature", with("Policy", "e30"), ReasonSignatureMismatch, 403, "SignatureDoesNotMatch", mismatchMessage},
		{"wrong region", with("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20261122/eu-west-1/s3/aws4_request"), ReasonWrongRegion, 400, "InvalidArgument",
			`the region "eu-west-1" is wrong; expecting "us-east-1"`},
		{"unknown key", with("X-Amz-Credential", "AKIANOBODY/20261122/us-east-1/s3/aws4_request"), ReasonUnknownAccessKey, 403, "InvalidAccessKeyId",
			"The AWS Access Key Id you provided does not exist in our records."},
		{"not JSON", policy("{"), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."},
		{"no expiration", policy(`{"conditions": []}`), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Policy missing expiration."},
		{"no conditions", policy(`{"expiration": "2026-11-22T11:00:00Z"}`), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Policy missing conditions."},
		{"bad expiration", policy(`{"expiration": "soon", "conditions": []}`), ReasonPolicyMalformed, 400, "InvalidPolicyDocument",
			"Invalid Policy: Invalid 'expiration' value: 'soon'"},
		{"conditions no list", policy(`{"expiration": "2026-11-22T11:00:00Z", "conditions": {}}`), ReasonPolicyMalformed, 400, "InvalidPolicyDocument",
			"Invalid Policy: Invalid 'conditions' value: must be a List."},
		{"names in another case", policy(`{"EXPIRATION": "2026-11-22T11:00:00Z", "conditions": []}`), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Unexpected: 'expiration'"},
		{"nothing", policy(""), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Expecting '{' but found End-of-Input"},
		{"expiration no string", policy(`{"expiration": true, "conditions": []}`), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."},
		{"expiration elsewhere", policy(`{"expiration": "2036-11-22T11:00:00+02:00", "conditions": []}`), ReasonPolicyMalformed, 400, "InvalidPolicyDocument",
			"Invalid Policy: Invalid 'expiration' value: '2036-11-22T11:00:00+02:00'"},
		{"a condition that is neither", policy(policyOf(`true`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid condition test: must be a List or Object."},
		{"a condition of nothing", policy(policyOf(`[]`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid Condition: missing operation identifier."},
		{"too few arguments", policy(policyOf(`["starts-with", "$key"]`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid starts-with: wrong number of arguments."},
		{"a number for a string", policy(policyOf(`["eq", "$key", 5]`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."},
		{"half a byte", policy(policyOf(`["content-length-range", 0, 512.5]`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."},
		{"a value that is null", policy(policyOf(`{"acl": null}`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."},
		{"a value that is a number", policy(policyOf(`{"acl": 1}`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid Simple-Condition: value must be a string."},
		{"a list as the policy has it", policy(policyOf(`["eq","$key" ,"K"]`)), ReasonPolicyCondition, 403, "AccessDenied", condition + `["eq","$key" ,"K"]`},
		{"nothing to start with", policy(policyOf(anyKey + `,["starts-with", "$Content-Type", ""]`)), ReasonPolicyCondition, 403, "AccessDenied",
			condition + `["starts-with", "$Content-Type", ""]`},
		{"no condition on the bucket", policy(policyOf(`["starts-with", "$key", ""]`)), ReasonPolicyExtraFields, 403, "AccessDenied", "Invalid according to Policy: Extra input fields: bucket"},
		{"two properties", policy(policyOf(`{"key": "k", "acl": "private"}`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument",
			"Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."},
		{"unknown operation", policy(policyOf(`["ends-with", "$key", "k"]`)), ReasonPolicyMalformed, 400, "InvalidPolicyDocument",
			"Invalid Policy: Invalid Condition: unknown operation 'ends-with'."},
		{"condition fails, value is case-sensitive", policy(policyOf(`["eq", "$key", "K"]`)), ReasonPolicyCondition, 403, "AccessDenied", condition + `["eq", "$key", "K"]`},
		{"simple condition is printed as a list", policy(policyOf(`{"key": "<other>"}`)), ReasonPolicyCondition, 403, "AccessDenied", condition + `["eq", "$key", "<other>"]`},
		{"absent field", policy(policyOf(anyKey + `,["eq", "$success_action_redirect", "http://localhost"]`)), ReasonPolicyCondition, 403, "AccessDenied",
			condition + `["eq", "$success_action_redirect", "http://localhost"]`},
		{"no dollar sign", policy(policyOf(`["eq", "key", "k"]`)), ReasonPolicyCondition, 403, "AccessDenied", condition + `["eq", "key", "k"]`},
		{"another bucket", policy(policyOf(`{"bucket": "other"}, {"key": "k"}`)), ReasonPolicyCondition, 403, "AccessDenied", condition + `["eq", "$bucket", "other"]`},
		{"range without numbers", policy(policyOf(anyKey + `,["content-length-range", "test", "10"]`)), ReasonPolicyCondition, 403, "AccessDenied",
			condition + `["content-length-range", "test", "10"]`},
		{"uncovered field", signedForm(policyOf(anyKey), key, FormField{"acl", "public-read"}), ReasonPolicyExtraFields, 403, "AccessDenied",
			"Invalid according to Policy: Extra input fields: acl"},
		{"expired", policy(`{"expiration": "2026-11-22T09:59:59Z", "conditions": []}`), ReasonPolicyExpired, 403, "AccessDenied",
			"Invalid according to Policy: Policy expired."},
		{"SigV2", []FormField{key, {"AWSAccessKeyId", docCred.AccessKeyID}, {"policy", "e30="}, {"signature", "x"}}, ReasonSigV2Refused, 400, "InvalidRequest",
			"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."},
		{"too many fields", append([]FormField{{"x-ignore-a", strings.Repeat("a", 20<<10)}}, good...), ReasonFormTooLarge, 400, "MaxPostPreDataLengthExceededError",
			"Your POST request fields preceding the upload file were too large."},
	}
	accepted(t, at(testTime, keys(docCred)), formRequest(t, good, "f", "x"))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := refused(t, at(testTime, keys(docCred)), formRequest(t, tt.fields, "f", "x"))
			gate := GateSignature
			switch tt.reason {
			case ReasonUnknownAccessKey:
				gate = GateCredentials
			case ReasonWrongRegion:
				gate = GateEndpoint
			}
			is(t, err, gate, tt.reason, tt.status, tt.code, tt.message)
		})
	}
}

// A policy's mismatch has no canonical request; its string to sign is the
// base64 text.
func TestFormMismatchElements(t *testing.T) {
	fields := signedForm(policyOf(`{"key": "k"}`), FormField{"key", "k"})
	fields[len(fields)-1].Value = "bad"
	err := refused(t, at(testTime, keys(docCred)), formRequest(t, fields, "f", "x"))
	var names []string
	for _, e := range err.Extra {
		names = append(names, e.Name)
	}
	if got, want := strings.Join(names, " "), "AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes"; got != want {
		t.Errorf("elements %s, want %s", got, want)
	}
}

func TestFormConditionsThatHold(t *testing.T) {
	for _, tt := range []struct {
		name, condition string
		field           FormField
	}{
		{"field name ignores case", `["eq", "$KEY", "k"]`, FormField{"key", "k"}},
		{"starts-with nothing is anything", `["starts-with", "$key", ""]`, FormField{"key", "k"}},
		{"every type of a list", `["starts-with", "$Content-Type", "image/"]`, FormField{"content-type", "image/png, image/jpeg"}},
		{"ignored fields need no condition", `["starts-with", "$bucket", "my"]`, FormField{"x-ignore-me", "1"}},
		{"numeric strings", `["content-length-range", "1", "10"], {"key": "k"}`, FormField{"key", "k"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			accepted(t, at(testTime, keys(docCred)), formRequest(t, signedForm(policyOf(tt.condition+`,["starts-with", "$bucket", ""]`), tt.field), "f", "x"))
		})
	}
	fields := signedForm(policyOf(`["starts-with", "$Content-Type", "image/"]`), FormField{"Content-Type", "image/png,text/html"})
	if err := refused(t, at(testTime, keys(docCred)), formRequest(t, fields, "f", "x")); err.Reason != ReasonPolicyCondition {
		t.Errorf("one type of the list is not image/: %v", err)
	}
}

func TestFormFileSize(t *testing.T) {
	fields := formSigner.PostForm("my-bucket", []FormField{{"key", "k"}}, testTime, testTime.Add(time.Hour), 3, 5)
	for _, tt := range []struct {
		file string
		code string
	}{{"ab", "EntityTooSmall"}, {"abc", ""}, {"abcde", ""}, {"abcdef", "EntityTooLarge"}} {
		res := accepted(t, at(testTime, keys(docCred)), formRequest(t, fields, "f", tt.file))
		_, err := io.ReadAll(res.Form.File)
		if tt.code == "" {
			if err != nil {
				t.Errorf("%q: %v", tt.file, err)
			}
			continue
		}
		e := asError(t, err)
		if e.Code != tt.code || e.Status != 400 || e.Extra[0].Name != "ProposedSize" {
			t.Errorf("%q: %+v, want %s", tt.file, e, tt.code)
		}
	}
}

// Without policy and signature a form is anonymous, and its bucket decides.
func TestFormWithoutPolicyIsAnonymous(t *testing.T) {
	res := accepted(t, at(testTime, nil), formRequest(t, []FormField{{"key", "k"}}, `C:\dir\cat.jpg`, "x"))
	if res.Mechanism != Anonymous || res.Form == nil || res.Form.FileName != "cat.jpg" {
		t.Errorf("result %+v, form %+v", res, res.Form)
	}
}

func TestFormWithoutFile(t *testing.T) {
	is(t, refused(t, at(testTime, nil), formRequest(t, []FormField{{"key", "k"}}, "", "")), GateSignature, ReasonFormMalformed, 400, "InvalidArgument",
		"POST requires exactly one file upload per request.", Element{"ArgumentName", "file"}, Element{"ArgumentValue", "0"})
}

func TestFormSigV2(t *testing.T) {
	policy := base64.StdEncoding.EncodeToString([]byte(`{"expiration": "2026-11-22T11:00:00Z", "conditions": [{"key": "k"}, {"bucket": "my-bucket"}]}`))
	fields := []FormField{{"key", "k"}, {"AWSAccessKeyId", docCred.AccessKeyID}, {"policy", policy}, {"signature", signV2(docCred.Secret, policy)}}
	v := at(testTime, keys(docCred))
	v.AllowSigV2 = true
	if res := accepted(t, v, formRequest(t, fields, "f", "x")); res.Algorithm != AlgorithmV2 || res.Mechanism != Post {
		t.Errorf("result %+v", res)
	}
}

func TestFormThatDoesNotParse(t *testing.T) {
	for _, body := range []string{"", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\ncut", "no boundary at all"} {
		r := request(t, "POST", "https://my-bucket.s3.amazonaws.com/", body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		if err := refused(t, at(testTime, nil), r); err.Reason != ReasonFormMalformed || err.Status != 400 {
			t.Errorf("%q: %v", body, err)
		}
	}
	r := request(t, "POST", "https://my-bucket.s3.amazonaws.com/", "")
	r.Header.Set("Content-Type", "multipart/form-data")
	is(t, refused(t, at(testTime, nil), r), GateSignature, ReasonFormMalformed, 400, "MalformedPOSTRequest",
		"The body of your POST request is not well-formed multipart/form-data.")
}

// A field larger than all that may stand before the file ends the reading.
func TestFormFieldWithoutEnd(t *testing.T) {
	fields := []FormField{{"key", strings.Repeat("k", 1<<20)}}
	if err := refused(t, at(testTime, nil), formRequest(t, fields, "f", "x")); err.Reason != ReasonFormTooLarge {
		t.Errorf("%v", err)
	}
}
