package sigv4

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Signer signs requests to one service in one Region, as SDKs do.
type Signer struct {
	Credential Credential
	Region     string
	Service    string // empty means "s3"
}

func (s Signer) scope(at time.Time) scope {
	service := s.Service
	if service == "" {
		service = "s3"
	}
	return scope{at.UTC().Format(dateFormat), s.Region, service, terminator}
}

// attempt puts a request in canonical form for signing.
func (s Signer) attempt(r *http.Request, at time.Time, names []string, payload string, presigned bool) *attempt {
	in := readInput(r)
	sc := s.scope(at)
	path := canonicalPathS3
	if !isS3(sc.service) {
		path = canonicalPathGeneric
	}
	fields := signedFields(r, &in, names, presigned)
	return &attempt{
		message: message{in.method, path(in.path), canonicalQuery(in.query, presigned), fields, signedLine(fields), payload},
		stamp:   at.UTC().Format(basicFormat), scope: sc, secret: s.Credential.Secret,
	}
}

func (a *attempt) sign() string {
	canonical := a.message.append(nil)
	return signV4(signingKey(a.secret, a.scope), appendStringToSign(nil, a.stamp, a.scope, canonical))
}

// Sign adds x-amz-date, the session token, for S3 x-amz-content-sha256, and the
// Authorization header to r, and returns the signature. Host, every x-amz-*
// header and those named in also are signed; payload is the value of
// x-amz-content-sha256: a hash, [UnsignedPayload] or a streaming value.
func (s Signer) Sign(r *http.Request, at time.Time, payload string, also ...string) string {
	sc := s.scope(at)
	r.Header.Set(headerDate, at.UTC().Format(basicFormat))
	if isS3(sc.service) {
		r.Header.Set(headerPayload, payload)
	}
	if s.Credential.SessionToken != "" {
		r.Header.Set(headerToken, s.Credential.SessionToken)
	}
	a := s.attempt(r, at, signedNames(r, also), payload, false)
	signature := a.sign()
	r.Header.Set("Authorization", AlgorithmV4+" Credential="+s.Credential.AccessKeyID+"/"+sc.String()+
		", SignedHeaders="+a.message.signed+", Signature="+signature)
	return signature
}

// signedNames lists host, the x-amz-* headers and those asked for, sorted.
func signedNames(r *http.Request, also []string) []string {
	names := []string{"host"}
	for name := range r.Header {
		if hasAmzPrefix(name) {
			names = append(names, strings.ToLower(name))
		}
	}
	for _, name := range also {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Presign returns the URL of r with the six parameters of query
// authentication, and the session token. The headers of r that are x-amz-*, and
// those named in also, have to be sent with it. The payload is not signed for
// S3, and empty for other services.
func (s Signer) Presign(r *http.Request, at time.Time, expires time.Duration, also ...string) string {
	sc := s.scope(at)
	names := signedNames(r, also)
	signed := r.Clone(r.Context())
	signed.RequestURI = ""
	query := []string{}
	if r.URL.RawQuery != "" {
		query = append(query, r.URL.RawQuery)
	}
	add := func(name, value string) { query = append(query, name+"="+encodeComponent(value)) }
	add(paramAlgorithm, AlgorithmV4)
	add(paramCredential, s.Credential.AccessKeyID+"/"+sc.String())
	add(paramDate, at.UTC().Format(basicFormat))
	add(paramExpires, strconv.FormatInt(int64(expires/time.Second), 10))
	add(paramSignedHeaders, strings.Join(names, ";"))
	if s.Credential.SessionToken != "" {
		add(paramToken, s.Credential.SessionToken)
	}
	u := *r.URL
	u.RawQuery = strings.Join(query, "&")
	signed.URL = &u
	payload := UnsignedPayload
	if !isS3(sc.service) {
		payload = emptySHA256
	}
	add(paramSignature, s.attempt(signed, at, names, payload, true).sign())
	u.RawQuery = strings.Join(query, "&")
	return u.String()
}

// PostForm returns the fields that authenticate a browser POST: those given,
// the policy over them and over the bucket, and its signature. lengths, if
// given, is the content-length-range.
func (s Signer) PostForm(bucket string, fields []FormField, at, expiration time.Time, lengths ...int64) []FormField {
	all := slices.Clone(fields)
	add := func(name, value string) { all = append(all, FormField{name, value}) }
	add("x-amz-algorithm", AlgorithmV4)
	add("x-amz-credential", s.Credential.AccessKeyID+"/"+s.scope(at).String())
	add("x-amz-date", at.UTC().Format(basicFormat))
	if s.Credential.SessionToken != "" {
		add("x-amz-security-token", s.Credential.SessionToken)
	}
	conditions := []string{printList("eq", "$bucket", bucket)}
	for _, f := range all {
		conditions = append(conditions, printList("eq", "$"+f.Name, f.Value))
	}
	if len(lengths) == 2 {
		conditions = append(conditions, printList("content-length-range", lengths[0], lengths[1]))
	}
	policy := base64.StdEncoding.EncodeToString([]byte(`{"expiration": "` + expiration.UTC().Format(isoFormat) +
		`", "conditions": [` + strings.Join(conditions, ", ") + `]}`))
	add("policy", policy)
	add("x-amz-signature", signV4(signingKey(s.Credential.Secret, s.scope(at)), []byte(policy)))
	return all
}

// SignV2 adds Date and a Signature Version 2 Authorization header. bucket is
// the bucket of a virtual-hosted request, else empty.
func (s Signer) SignV2(r *http.Request, at time.Time, bucket string) {
	date := at.UTC().Format(http.TimeFormat)
	r.Header.Set("Date", date)
	c := signV2Check(r, bucket, Header)
	r.Header.Set("Authorization", "AWS "+s.Credential.AccessKeyID+":"+signV2(s.Credential.Secret, c.v2StringToSign(date)))
}

// PresignV2 returns the URL of r with the parameters of Signature Version 2.
func (s Signer) PresignV2(r *http.Request, expires time.Time, bucket string) string {
	seconds := strconv.FormatInt(expires.Unix(), 10)
	signature := signV2(s.Credential.Secret, signV2Check(r, bucket, Query).v2StringToSign(seconds))
	u := *r.URL
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "AWSAccessKeyId=" + url.QueryEscape(s.Credential.AccessKeyID) + "&Expires=" + seconds + "&Signature=" + encodeComponent(signature)
	return u.String()
}

func signV2Check(r *http.Request, bucket string, m Mechanism) *check {
	return &check{r: r, in: readInput(r), target: Target{Bucket: bucket, VirtualHosted: bucket != ""}, claim: claim{Claim: Claim{Mechanism: m}}}
}
