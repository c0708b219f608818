package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// signedGet returns a request that the verifier of these tests accepts, with
// one change made to it after signing.
func signedGet(t testing.TB, change func(*http.Request)) *http.Request {
	r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key?versionId=1", "")
	formSigner.Sign(r, testTime, EmptyPayload)
	change(r)
	return received(t, r)
}

// setAuth changes the Authorization header.
func setAuth(old, new string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
	}
}

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func del(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Del(name) }
}

func TestHeaderRefusals(t *testing.T) {
	const malformed = "The authorization header is malformed; "
	const scope = "AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/s3/aws4_request"
	tests := []struct {
		name    string
		change  func(*http.Request)
		gate    string
		reason  Reason
		status  int
		code    string
		message string
		extra   []Element
	}{
		{"Basic", set("Authorization", "Basic eA=="), GateSignature, ReasonUnsupportedAuthorization, 400, "InvalidArgument", "Unsupported Authorization Type",
			[]Element{{"ArgumentName", "Authorization"}, {"ArgumentValue", "Basic eA=="}}},
		{"Bearer", set("Authorization", "Bearer eA=="), GateSignature, ReasonUnsupportedAuthorization, 400, "InvalidArgument", "Unsupported Authorization Type", nil},
		{"scheme alone", set("Authorization", "AWS4-HMAC-SHA256"), GateSignature, ReasonMalformedAuthorization, 400, "InvalidArgument",
			"Authorization header is invalid -- one and only one ' ' (space) required.", nil},
		{"SigV4A", set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=A/20261122/s3/aws4_request, SignedHeaders=host, Signature=30"), GateSignature, ReasonSigV4A, 501, "NotImplemented",
			"A header you provided implies functionality that is not implemented", nil},
		{"SigV2", set("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:x"), GateSignature, ReasonSigV2Refused, 400, "InvalidRequest",
			"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", nil},
		{"header and query", func(r *http.Request) { r.URL.RawQuery += "&X-Amz-Algorithm=AWS4-HMAC-SHA256" }, GateSignature, ReasonSeveralMechanisms, 400, "InvalidArgument",
			"Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified", nil},
		{"header and SigV2 query", func(r *http.Request) { r.URL.RawQuery += "&Signature=x" }, GateSignature, ReasonSeveralMechanisms, 400, "InvalidArgument",
			"Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified", nil},
		{"no date", del("X-Amz-Date"), GateSignature, ReasonMissingDate, 403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", nil},
		{"date of another form", set("X-Amz-Date", "2026-11-22T10:00:00Z"), GateSignature, ReasonMissingDate, 403, "AccessDenied",
			"AWS authentication requires a valid Date or x-amz-date header", nil},
		{"clock behind", set("X-Amz-Date", "20261122T094459Z"), GateSignature, ReasonClockSkew, 403, "RequestTimeTooSkewed",
			"The difference between the request time and the current time is too large.",
			[]Element{{"RequestTime", "20261122T094459Z"}, {"ServerTime", "2026-11-22T10:00:00Z"}, {"MaxAllowedSkewMilliseconds", "900000"}}},
		{"clock ahead", set("X-Amz-Date", "20261122T101501Z"), GateSignature, ReasonClockSkew, 403, "RequestTimeTooSkewed",
			"The difference between the request time and the current time is too large.", nil},
		{"two components", setAuth(", Signature", "; Signature"), GateSignature, ReasonMalformedAuthorization, 400, "AuthorizationHeaderMalformed",
			malformed + "the authorization header requires three components: Credential, SignedHeaders, and Signature.", nil},
		{"component without value", setAuth("Credential=", "Credential"), GateSignature, ReasonMalformedAuthorization, 400, "AuthorizationHeaderMalformed",
			malformed + `the authorization component "Credential` + scope + `" is malformed.`, nil},
		{"no Credential", setAuth("Credential=", "Credentials="), GateSignature, ReasonMalformedAuthorization, 400, "AuthorizationHeaderMalformed", malformed + "missing Credential.", nil},
		{"no SignedHeaders", setAuth("SignedHeaders=", "Headers="), GateSignature, ReasonMalformedAuthorization, 400, "AuthorizationHeaderMalformed", malformed + "missing SignedHeaders.", nil},
		{"no Signature", setAuth("Signature=", "Sig="), GateSignature, ReasonMalformedAuthorization, 400, "AuthorizationHeaderMalformed", malformed + "missing Signature.", nil},
		{"four parts", setAuth("us-east-1/", ""), GateSignature, ReasonMalformedAuthorization, 400, "AuthorizationHeaderMalformed",
			malformed + `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`, nil},
		{"no access key", setAuth("AKIAIOSFODNN7EXAMPLE", ""), GateSignature, ReasonMalformedAuthorization, 400, "AuthorizationHeaderMalformed",
			malformed + "a non-empty Access Key (AKID) must be provided in the credential.", nil},
		{"wrong service", setAuth("/s3/", "/sts/"), GateSignature, ReasonWrongService, 400, "AuthorizationHeaderMalformed",
			malformed + `incorrect service "sts". This endpoint belongs to "s3".`, nil},
		{"wrong terminator", setAuth("aws4_request", "aws5_request"), GateSignature, ReasonWrongTerminator, 400, "AuthorizationHeaderMalformed",
			malformed + `incorrect terminal "aws5_request". This endpoint uses "aws4_request".`, nil},
		{"date format", setAuth("20261122", "2026-11-22"), GateSignature, ReasonWrongDate, 400, "AuthorizationHeaderMalformed",
			malformed + `incorrect date format "2026-11-22". This date in the credential must be in the format "yyyyMMdd".`, nil},
		{"another day", setAuth("20261122", "20261121"), GateSignature, ReasonWrongDate, 400, "AuthorizationHeaderMalformed",
			malformed + malformed + "Invalid credential date. Date is not the same as X-Amz-Date.", nil},
		{"wrong region", setAuth("us-east-1", "eu-west-1"), GateEndpoint, ReasonWrongRegion, 400, "AuthorizationHeaderMalformed",
			malformed + "the region 'eu-west-1' is wrong; expecting 'us-east-1'", []Element{{"Region", "us-east-1"}}},
		{"unknown key", setAuth("AKIAIOSFODNN7EXAMPLE", "AKIANOBODY"), GateCredentials, ReasonUnknownAccessKey, 403, "InvalidAccessKeyId",
			"The AWS Access Key Id you provided does not exist in our records.", []Element{{"AWSAccessKeyId", "AKIANOBODY"}}},
		{"disabled key", setAuth("AKIAIOSFODNN7EXAMPLE", "AKIADISABLED"), GateCredentials, ReasonInactiveAccessKey, 403, "InvalidAccessKeyId",
			"The AWS Access Key Id you provided does not exist in our records.", nil},
		{"token with a long-term key", set("X-Amz-Security-Token", "t"), GateCredentials, ReasonInvalidToken, 400, "InvalidToken",
			"The provided token is malformed or otherwise invalid.", []Element{{"Token-0", "t"}}},
		{"no x-amz-content-sha256", del("X-Amz-Content-Sha256"), GateSignature, ReasonMissingPayloadHash, 400, "InvalidRequest",
			"Missing required header for this request: x-amz-content-sha256", nil},
		{"other x-amz-content-sha256", set("X-Amz-Content-Sha256", "none"), GateSignature, ReasonInvalidPayloadHash, 400, "InvalidArgument",
			"x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, " +
				"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
			[]Element{{"ArgumentName", "x-amz-content-sha256"}, {"ArgumentValue", "none"}}},
		{"unsigned headers win over the signature", func(r *http.Request) {
			set("X-Amz-Meta-B", "1")(r)
			set("X-Amz-Acl", "private")(r)
			setAuth("Signature=", "Signature=0")(r)
		}, GateSignature, ReasonUnsignedHeaders, 403, "AccessDenied", "There were headers present in the request which were not signed",
			[]Element{{"HeadersNotSigned", "x-amz-acl, x-amz-meta-b"}}},
		{"host not signed", setAuth("host;", ""), GateSignature, ReasonUnsignedHeaders, 403, "AccessDenied",
			"There were headers present in the request which were not signed", []Element{{"HeadersNotSigned", "host"}}},
		{"altered query", func(r *http.Request) { r.URL.RawQuery = "versionId=2" }, GateSignature, ReasonSignatureMismatch, 403, "SignatureDoesNotMatch", mismatchMessage, nil},
	}
	v := at(testTime, keys(docCred, Credential{AccessKeyID: "AKIADISABLED", Secret: "s", Inactive: true}))
	accepted(t, v, signedGet(t, func(*http.Request) {}))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			is(t, refused(t, v, signedGet(t, tt.change)), tt.gate, tt.reason, tt.status, tt.code, tt.message, tt.extra...)
		})
	}
}

func TestHeaderForms(t *testing.T) {
	v := at(testTime, keys(docCred))
	accepted(t, v, signedGet(t, func(r *http.Request) {
		r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), ", ", ","))
	}))
	accepted(t, v, signedGet(t, func(r *http.Request) {
		r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), ", ", " ,  "))
	}))
	for _, skew := range []time.Duration{-15 * time.Minute, 15 * time.Minute} {
		accepted(t, at(testTime.Add(skew), keys(docCred)), signedGet(t, func(*http.Request) {}))
	}
}

// Date in ISO 8601 basic format stands in for a missing x-amz-date.
func TestDateInPlaceOfAmzDate(t *testing.T) {
	r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key", "")
	r.Header.Set("Date", "20261122T100000Z")
	r.Header.Set(headerPayload, EmptyPayload)
	a := formSigner.attempt(r, testTime, []string{"date", "host", "x-amz-content-sha256"}, EmptyPayload, false)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/s3/aws4_request, SignedHeaders="+a.signed+", Signature="+a.sign())
	accepted(t, at(testTime, keys(docCred)), r)
}

// Extra elements of a mismatch, in S3's order, with bytes in pairs.
func TestMismatchElements(t *testing.T) {
	err := refused(t, at(testTime, keys(docCred)), signedGet(t, setAuth("Signature=", "Signature=0")))
	want := []string{"AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes", "CanonicalRequest", "CanonicalRequestBytes"}
	for i, name := range want {
		if len(err.Extra) != len(want) || err.Extra[i].Name != name {
			t.Fatalf("elements %v, want %v", err.Extra, want)
		}
	}
	if got := err.Extra[3].Value; !strings.HasPrefix(got, "41 57 53 34 2d 48 4d") || !strings.HasPrefix(err.Extra[5].Value, "47 45 54 0a") {
		t.Errorf("bytes %s, %s", got, err.Extra[5].Value)
	}
	for _, e := range err.Extra {
		if strings.Contains(e.Value, docCred.Secret) {
			t.Errorf("%s holds the secret", e.Name)
		}
	}
}

func TestSessionTokens(t *testing.T) {
	expired := tempCred
	expired.Expires = testTime.Add(-time.Second)
	get := func(cred Credential) *http.Request {
		r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key", "")
		Signer{Credential: cred, Region: "us-east-1"}.Sign(r, testTime, EmptyPayload)
		return r
	}
	presigned := func(cred Credential) *http.Request {
		r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key", "")
		u := Signer{Credential: cred, Region: "us-east-1"}.Presign(r, testTime, time.Hour)
		return received(t, request(t, "GET", u, ""))
	}
	without, other := tempCred, tempCred
	without.SessionToken, other.SessionToken = "", "another"
	for _, make := range []func(Credential) *http.Request{get, presigned} {
		v := at(testTime, keys(tempCred))
		accepted(t, v, make(tempCred))
		is(t, refused(t, v, make(without)), GateCredentials, ReasonMissingToken, 403, "InvalidAccessKeyId",
			"The AWS Access Key Id you provided does not exist in our records.", Element{"AWSAccessKeyId", tempCred.AccessKeyID})
		is(t, refused(t, v, make(other)), GateCredentials, ReasonInvalidToken, 400, "InvalidToken",
			"The provided token is malformed or otherwise invalid.", Element{"Token-0", "another"})
		is(t, refused(t, at(testTime, keys(expired)), make(tempCred)), GateCredentials, ReasonExpiredToken, 400, "ExpiredToken",
			"The provided token has expired.", Element{"Token-0", tempCred.SessionToken})
	}
	unsigned := get(tempCred)
	unsigned.Header.Set("Authorization", strings.Replace(unsigned.Header.Get("Authorization"), ";x-amz-security-token", "", 1))
	if err := refused(t, at(testTime, keys(tempCred)), unsigned); err.Reason != ReasonUnsignedHeaders {
		t.Errorf("the token has to be signed: %v", err)
	}
}

// presignedGet returns a presigned GET with one parameter changed or, with an
// empty value, left out.
func presignedGet(t testing.TB, name, value string) *http.Request {
	r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key?versionId=1", "")
	u, err := url.Parse(formSigner.Presign(r, testTime, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if name != "" {
		q := u.Query()
		q.Set(name, value)
		if value == "" {
			q.Del(name)
		}
		u.RawQuery = q.Encode()
	}
	return received(t, request(t, "GET", u.String(), ""))
}

func TestPresignedRefusals(t *testing.T) {
	const credential = "Error parsing the X-Amz-Credential parameter; "
	const parameters = "AuthorizationQueryParametersError"
	for _, tt := range []struct {
		name, param, value string
		gate               string
		reason             Reason
		message            string
	}{
		{"no algorithm", paramAlgorithm, "", GateSignature, ReasonMalformedPresigned, missingParameters},
		{"no credential", paramCredential, "", GateSignature, ReasonMalformedPresigned, missingParameters},
		{"no signature", paramSignature, "", GateSignature, ReasonMalformedPresigned, missingParameters},
		{"no date", paramDate, "", GateSignature, ReasonMalformedPresigned, missingParameters},
		{"no signed headers", paramSignedHeaders, "", GateSignature, ReasonMalformedPresigned, missingParameters},
		{"no expires", paramExpires, "", GateSignature, ReasonMalformedPresigned, missingParameters},
		{"algorithm", paramAlgorithm, "AWS4-HMAC-SHA1", GateSignature, ReasonMalformedPresigned,
			`X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`},
		{"SigV4A", paramAlgorithm, AlgorithmV4A, GateSignature, ReasonSigV4A, `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"`},
		{"credential encoded twice", paramCredential, "AKIAIOSFODNN7EXAMPLE%2F20261122%2Fus-east-1%2Fs3%2Faws4_request", GateSignature, ReasonMalformedAuthorization, credential + malformedCredential},
		{"credential date", paramCredential, "AKIAIOSFODNN7EXAMPLE/22-11-26/us-east-1/s3/aws4_request", GateSignature, ReasonWrongDate,
			credential + `incorrect date format "22-11-26". This date in the credential must be in the format "yyyyMMdd".`},
		{"service", paramCredential, "AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/ec2/aws4_request", GateSignature, ReasonWrongService,
			credential + `incorrect service "ec2". This endpoint belongs to "s3".`},
		{"terminator", paramCredential, "AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/s3/aws4", GateSignature, ReasonWrongTerminator,
			credential + `incorrect terminal "aws4". This endpoint uses "aws4_request".`},
		{"region", paramCredential, "AKIAIOSFODNN7EXAMPLE/20261122/eu-west-1/s3/aws4_request", GateEndpoint, ReasonWrongRegion,
			credential + "the region 'eu-west-1' is wrong; expecting 'us-east-1'"},
		{"date format", paramDate, "2026-11-22", GateSignature, ReasonMalformedPresigned, `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`},
		{"another day", paramDate, "20261121T100000Z", GateSignature, ReasonWrongDate,
			`Invalid credential date "20261122". This date is not the same as X-Amz-Date: "20261121".`},
		{"expires no number", paramExpires, "1h", GateSignature, ReasonMalformedPresigned, "X-Amz-Expires should be a number"},
		{"expires negative", paramExpires, "-1", GateSignature, ReasonMalformedPresigned, "X-Amz-Expires must be non-negative"},
		{"expires beyond a week", paramExpires, "604801", GateSignature, ReasonMalformedPresigned,
			"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			is(t, refused(t, at(testTime, keys(docCred)), presignedGet(t, tt.param, tt.value)), tt.gate, tt.reason, 400, parameters, tt.message)
		})
	}
	v := at(testTime, keys(docCred))
	accepted(t, v, presignedGet(t, "", ""))
	if err := refused(t, v, presignedGet(t, "versionId", "2")); err.Reason != ReasonSignatureMismatch {
		t.Errorf("altered parameter: %v", err)
	}
}

func TestPresignedValidity(t *testing.T) {
	for _, tt := range []struct {
		name  string
		now   time.Duration
		want  Reason
		extra []Element
	}{
		{"at signing", 0, "", nil},
		{"16 minutes old is nothing special", 16 * time.Minute, "", nil},
		{"at its end", time.Hour, "", nil},
		{"a second later", time.Hour + time.Second, ReasonPresignedExpired,
			[]Element{{"X-Amz-Expires", "3600"}, {"Expires", "2026-11-22T11:00:00Z"}, {"ServerTime", "2026-11-22T11:00:01Z"}}},
		{"signed by a clock 15 minutes ahead", -15 * time.Minute, "", nil},
		{"further ahead", -15*time.Minute - time.Second, ReasonPresignedNotYetValid,
			[]Element{{"X-Amz-Date", "1795341600000"}, {"Expires", "2026-11-22T11:00:00Z"}, {"ServerTime", "2026-11-22T09:44:59Z"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := at(testTime.Add(tt.now), keys(docCred))
			if tt.want == "" {
				if res := accepted(t, v, presignedGet(t, "", "")); res.Expires != time.Hour || res.SignatureAge(v.now()) != max(0, tt.now) {
					t.Errorf("expires %v, age %v", res.Expires, res.SignatureAge(v.now()))
				}
				return
			}
			message := map[Reason]string{ReasonPresignedExpired: "Request has expired", ReasonPresignedNotYetValid: "Request is not yet valid"}[tt.want]
			is(t, refused(t, v, presignedGet(t, "", "")), GateSignature, tt.want, 403, "AccessDenied", message, tt.extra...)
		})
	}
}

// The message says "less than 604800"; S3 takes the value itself.
func TestPresignedForAWholeWeek(t *testing.T) {
	r := request(t, "GET", "https://my-bucket.s3.amazonaws.com/key", "")
	u := formSigner.Presign(r, testTime, 604800*time.Second)
	accepted(t, at(testTime.Add(604800*time.Second), keys(docCred)), received(t, request(t, "GET", u, "")))
}

func TestPresignedHeaders(t *testing.T) {
	for _, tt := range []struct {
		name         string
		query        string
		sign         map[string]string // headers when signing
		send         map[string]string // headers when sending
		wantReason   Reason
		wantUnsigned string
	}{
		{"metadata in the query alone", "x-amz-meta-foo=bar", nil, nil, "", ""},
		{"Content-Type that was not signed", "", nil, map[string]string{"Content-Type": "text/plain"}, "", ""},
		{"Content-Type that was signed", "", map[string]string{"Content-Type": "text/plain"}, map[string]string{"Content-Type": "text/plain"}, "", ""},
		{"another Content-Type than signed", "", map[string]string{"Content-Type": "text/plain"}, map[string]string{"Content-Type": "text/html"}, ReasonSignatureMismatch, ""},
		{"signed Content-Type not sent", "", map[string]string{"Content-Type": "text/plain"}, nil, ReasonSignatureMismatch, ""},
		{"unsigned metadata", "", nil, map[string]string{"X-Amz-Meta-Foo": "bar"}, ReasonUnsignedHeaders, "x-amz-meta-foo"},
		{"unsigned x-amz-expires header", "", nil, map[string]string{"X-Amz-Expires": "5"}, ReasonUnsignedHeaders, "x-amz-expires"},
		{"unsigned x-amz-date header", "", nil, map[string]string{"X-Amz-Date": "20261122T100000Z"}, ReasonUnsignedHeaders, "x-amz-date"},
		{"x-amz-content-sha256 is exempt", "", nil, map[string]string{"X-Amz-Content-Sha256": UnsignedPayload}, "", ""},
		{"signed header whose value stands in the query", "x-amz-server-side-encryption=AES256", map[string]string{"X-Amz-Server-Side-Encryption": "AES256"}, nil, "", ""},
		{"the same, sent too", "x-amz-server-side-encryption=AES256", map[string]string{"X-Amz-Server-Side-Encryption": "AES256"},
			map[string]string{"X-Amz-Server-Side-Encryption": "AES256"}, "", ""},
		{"the same, sent with another value", "x-amz-server-side-encryption=AES256", map[string]string{"X-Amz-Server-Side-Encryption": "AES256"},
			map[string]string{"X-Amz-Server-Side-Encryption": "aws:kms"}, ReasonSignatureMismatch, ""},
		{"signed with values that conflict", "x-amz-server-side-encryption=AES256", map[string]string{"X-Amz-Server-Side-Encryption": "aws:kms"},
			map[string]string{"X-Amz-Server-Side-Encryption": "aws:kms"}, ReasonConflictingValues, ""},
		{"unknown signed parameter", "foo=bar", nil, nil, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key?"+tt.query, "")
			also := []string{}
			for name, value := range tt.sign {
				r.Header.Set(name, value)
				also = append(also, name)
			}
			sent := request(t, "PUT", formSigner.Presign(r, testTime, time.Hour, also...), "")
			for name, value := range tt.send {
				sent.Header.Set(name, value)
			}
			v := at(testTime, keys(docCred))
			if tt.wantReason == "" {
				accepted(t, v, received(t, sent))
				return
			}
			err := refused(t, v, received(t, sent))
			if err.Reason != tt.wantReason {
				t.Fatalf("%v (%s), want %s", err, err.Reason, tt.wantReason)
			}
			if tt.wantUnsigned != "" && err.Extra[0] != (Element{"HeadersNotSigned", tt.wantUnsigned}) {
				t.Errorf("elements %v, want %s", err.Extra, tt.wantUnsigned)
			}
		})
	}
}

// Query parameters of a presigned URL act as headers; the result says which.
func TestHoistedHeaders(t *testing.T) {
	r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key?x-amz-meta-foo=a%20b&x-amz-acl=public-read&partNumber=1", "")
	res := accepted(t, at(testTime, keys(docCred)), received(t, request(t, "PUT", formSigner.Presign(r, testTime, time.Hour), "")))
	if len(res.Hoisted) != 2 || res.Hoisted.Get("x-amz-meta-foo") != "a b" || res.Hoisted.Get("x-amz-acl") != "public-read" {
		t.Errorf("hoisted %v", res.Hoisted)
	}
	if res.Payload != UnsignedPayload {
		t.Errorf("payload %q", res.Payload)
	}
}

// SDKs that put x-amz-content-sha256 into the query sign its value.
func TestPresignedPayloadInQuery(t *testing.T) {
	hash := sha256Hex([]byte("hello"))
	r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key?X-Amz-Content-Sha256="+hash, "")
	u, _ := url.Parse(formSigner.Presign(r, testTime, time.Hour))
	in := readInput(&http.Request{URL: u, Host: u.Host, Method: "PUT"})
	a := formSigner.attempt(&http.Request{URL: u, Host: u.Host, Method: "PUT"}, testTime, []string{"host"}, hash, true)
	old, _ := in.get(paramSignature)
	sent := received(t, request(t, "PUT", strings.Replace(u.String(), old, a.sign(), 1), ""))
	if res := accepted(t, at(testTime, keys(docCred)), sent); res.Payload != hash {
		t.Errorf("payload %q, want %q", res.Payload, hash)
	}
}

func TestAnonymous(t *testing.T) {
	v := at(testTime, nil)
	get := func(payload string) *http.Request {
		r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key?X-Amz-Date=20261122T100000Z", "")
		r.Header.Set("X-Amz-Decoded-Content-Length", "0")
		if payload != "" {
			r.Header.Set(headerPayload, payload)
		}
		return r
	}
	for _, payload := range []string{"", UnsignedPayload, EmptyPayload, StreamingUnsignedTrailer} {
		if res := accepted(t, v, get(payload)); res.Mechanism != Anonymous || res.Payload != payload || res.Mechanism.AuthType() != "" {
			t.Errorf("%q: result %+v", payload, res)
		}
	}
	is(t, refused(t, v, get(StreamingSigned)), GateSignature, ReasonInvalidPayloadHash, 400, "InvalidRequest",
		"Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.")
}

func TestSigV2(t *testing.T) {
	v := at(testTime, keys(docCred))
	v.AllowSigV2 = true
	v.Target = func(*http.Request) Target { return Target{Bucket: "my-bucket", VirtualHosted: true} }
	get := func(query string) *http.Request {
		return request(t, "GET", "https://my-bucket.s3.amazonaws.com/key"+query, "")
	}

	r := get("?acl")
	formSigner.SignV2(r, testTime, "my-bucket")
	if res := accepted(t, v, received(t, r)); res.Mechanism.AuthType() != "REST-HEADER" || res.SignatureAge(testTime.Add(time.Hour)) != 0 {
		t.Errorf("result %+v", res)
	}
	r.Header.Set("X-Amz-Acl", "private")
	err := refused(t, v, received(t, r))
	is(t, err, GateSignature, ReasonSignatureMismatch, 403, "SignatureDoesNotMatch", mismatchMessage)
	for _, e := range err.Extra {
		if strings.HasPrefix(e.Name, "CanonicalRequest") {
			t.Errorf("SigV2 has no %s", e.Name)
		}
	}
	presigned := func(now time.Time, change string) (*Result, *Error) {
		w := at(now, v.Keys)
		w.AllowSigV2, w.Target = true, v.Target
		u := formSigner.PresignV2(get("?versionId=1"), testTime.Add(time.Minute), "my-bucket")
		return w.Verify(received(t, request(t, "GET", strings.Replace(u, change, "", 1), "")))
	}
	if res, err := presigned(testTime, "nothing"); err != nil || res.Mechanism != Query {
		t.Errorf("%+v, %v", res, err)
	}
	_, err = presigned(testTime, "Expires=")
	is(t, err, GateSignature, ReasonMalformedPresigned, 403, "AccessDenied", "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	_, err = presigned(testTime.Add(2*time.Minute), "nothing")
	is(t, err, GateSignature, ReasonPresignedExpired, 403, "AccessDenied", "Request has expired",
		Element{"Expires", "2026-11-22T10:01:00Z"}, Element{"ServerTime", "2026-11-22T10:02:00Z"})
}

func TestReadClaim(t *testing.T) {
	for _, tt := range []struct {
		r    *http.Request
		want Claim
	}{
		{signedGet(t, func(*http.Request) {}), Claim{Header, AlgorithmV4, "AKIAIOSFODNN7EXAMPLE", "20261122", "us-east-1", "s3"}},
		{presignedGet(t, "", ""), Claim{Query, AlgorithmV4, "AKIAIOSFODNN7EXAMPLE", "20261122", "us-east-1", "s3"}},
		{signedGet(t, set("Authorization", "AWS AKID:x")), Claim{Mechanism: Header, Algorithm: "AWS", AccessKeyID: "AKID"}},
		{signedGet(t, del("Authorization")), Claim{}},
		{signedGet(t, set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=A/20261122/s3/aws4_request, SignedHeaders=host, Signature=30")),
			Claim{Mechanism: Header, Algorithm: AlgorithmV4A, AccessKeyID: "A", Date: "20261122", Service: "s3"}},
	} {
		if got := ReadClaim(tt.r); got != tt.want {
			t.Errorf("claim %+v, want %+v", got, tt.want)
		}
	}
}
