package cli

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/proxy"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/request"
)

// family are the codes of answers other than 403 that refuse for reasons of
// access.
var family = map[string]bool{"ExpiredToken": true, "InvalidToken": true, "TokenRefreshRequired": true, "AuthorizationHeaderMalformed": true,
	"PermanentRedirect": true, "IllegalLocationConstraintException": true, "AccessControlListNotSupported": true, "InvalidBucketAclWithObjectOwnership": true,
	"KMS.DisabledException": true, "KMS.NotFoundException": true, "KMS.KMSInvalidStateException": true, "KMS.InvalidKeyUsageException": true, "MethodNotAllowed": true,
	"ExpiredTokenException": true, "AccessDenied": true, "AccessDeniedException": true, "UnrecognizedClientException": true}

// readRefusals are what an answer says of access; none where it is about other
// things.
func readRefusals(r *proxy.Refusal) []*met {
	if r.Status == http.StatusOK {
		return readHidden(r)
	}
	m, ok := errortext.Parse(textOf(r))
	if !ok {
		m = errortext.Message{}
	}
	m.Status = r.Status
	head := r.Request.Method == http.MethodHead && (r.Status == http.StatusBadRequest || r.Status == http.StatusMovedPermanently)
	if r.Status != http.StatusForbidden && !family[m.Code] && !head && r.Unable == nil {
		return nil
	}
	if region := r.Header.Get("X-Amz-Bucket-Region"); region != "" && region != r.Claim.Region && r.Status != http.StatusForbidden {
		m.Details = map[string]string{"Region": region}
		if head && m.Refusal == nil { // the header says what the missing body would
			m.Refusal = &errortext.Refusal{Gate: iam.GateEndpoint, Kind: iam.KindAuthentication, Reason: reason.WrongRegion}
		}
	}
	return []*met{newMet(r, m)}
}

func newMet(r *proxy.Refusal, m errortext.Message) *met {
	if m.RequestID == "" {
		m.RequestID = r.Header.Get("X-Amz-Request-Id") + r.Header.Get("X-Amzn-Requestid")
	}
	out := &met{message: &m, key: r.Claim.AccessKeyID, region: r.Claim.Region, times: 1, sent: r.Request.Method + " " + r.Request.RequestURI, unable: r.Unable}
	if strings.HasPrefix(r.Service, "s3") {
		out.request = refusedRequest(r)
		m.Operation = out.request.Operation
	} else if m.Operation == "" {
		m.Operation = operationOf(r)
	}
	return out
}

// operationOf is the operation of a service other than S3: that of the JSON protocols
// stands in a header, others do not say it outside of their bodies.
func operationOf(r *proxy.Refusal) string {
	if _, name, ok := strings.Cut(r.Request.Header.Get("X-Amz-Target"), "."); ok {
		return name
	}
	return "a call of " + strings.ToUpper(r.Service)
}

// textOf is the answer's body as text that an error can be read from: that of the
// JSON protocols is written in the form of the others.
func textOf(r *proxy.Refusal) string {
	var e struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"` // in either case
	}
	if json.Unmarshal(r.Body, &e) != nil {
		return string(r.Body)
	}
	code := e.Type + e.Code
	if code == "" {
		code, _, _ = strings.Cut(r.Header.Get("X-Amzn-Errortype"), ":")
	}
	return asXML(code[strings.LastIndex(code, "#")+1:], e.Message)
}

func asXML(code, message string) string {
	text, _ := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message}) // texts alone
	return string(text)
}

// readHidden are the errors behind a status of success: one of a whole request, or
// one for each key of a DeleteObjects.
func readHidden(r *proxy.Refusal) (list []*met) {
	d := xml.NewDecoder(strings.NewReader(string(r.Body)))
	for {
		t, err := d.Token()
		if err != nil {
			return list
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "Error" {
			continue
		}
		var e struct {
			Key, Code, Message string
			VersionID          string `xml:"VersionId"`
		}
		if d.DecodeElement(&e, &start) != nil {
			return list
		}
		m, ok := errortext.Parse(asXML(e.Code, e.Message))
		if !ok || m.Status != http.StatusForbidden && !family[m.Code] {
			continue
		}
		one := newMet(r, m)
		if one.request != nil && one.request.Operation == "DeleteObjects" {
			one.request.Operation, one.request.Key, one.request.VersionID, one.request.Query = "DeleteObject", e.Key, e.VersionID, nil
		}
		list = append(list, one)
	}
}

// refusedRequest is what was asked for, as far as it stands in the request.
func refusedRequest(r *proxy.Refusal) *request.Request {
	t := &r.Target
	shape := s3op.Shape{Method: r.Request.Method, Bucket: cmp.Or(t.Bucket, t.AccessPoint), Key: t.Key, Header: r.Request.Header.Get}
	q := &request.Request{Bucket: t.Bucket, AccessPoint: accessPointARN(r), Key: t.Key, VersionID: t.Query.Get("versionId"), Headers: map[string]string{}, Query: map[string]string{}}
	for _, p := range t.Query {
		shape.Query = append(shape.Query, s3op.Param{Name: p.Name, Value: p.Value, HasValue: p.HasValue})
		if !strings.HasPrefix(p.Name, "X-Amz-") && p.Name != "Signature" {
			q.Query[p.Name] = p.Value
		}
	}
	if spec, no := s3op.Classify(shape); no == nil {
		q.Operation = spec.Name
	}
	if t.Control {
		q.Bucket, q.Key = "", ""
	}
	for name := range r.Request.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !unsaid[name] {
			q.Headers[name] = r.Request.Header.Get(name)
		}
	}
	q.CopySource = strings.TrimPrefix(r.Request.Header.Get("X-Amz-Copy-Source"), "/")
	if r.Claim.Mechanism == sigv4.Anonymous {
		q.Principal = "anonymous"
	}
	return q
}

// accessPointARN is the access point that a host names; "" where it names none.
func accessPointARN(r *proxy.Refusal) string {
	name, account, ok := wire.NameAndAccount(r.Target.AccessPoint)
	if !ok {
		return ""
	}
	return "arn:aws:s3:" + cmp.Or(r.Target.Region, r.Claim.Region) + ":" + account + ":accesspoint/" + name
}

// unsaid are headers that are secret, or about the signature.
var unsaid = map[string]bool{"x-amz-security-token": true, "x-amz-date": true, "x-amz-content-sha256": true, "x-amz-decoded-content-length": true, "x-amz-trailer": true,
	"x-amz-server-side-encryption-customer-key": true, "x-amz-copy-source-server-side-encryption-customer-key": true}
