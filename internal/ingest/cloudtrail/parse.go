package cloudtrail

import (
	"bytes"
	"time"

	"github.com/why403/why403/internal/ingest/record"
)

// parse reads the record that begins at b[i], a "{", into r and returns where it
// ends.
func (p *parser) parse(b []byte, i int, r *record.Record) (int, error) {
	p.cursor, p.inner = cursor{b: b, i: i, text: p.text[:0]}, nil
	switch err := p.follow(r); err {
	case nil:
		p.shapes.pay()
		return p.i, nil
	case errShort:
		return i, errShort
	}
	end, err := p.read(b, i, r)
	if err == nil && p.inner == nil && (r.IsS3() || r.IsKMS()) {
		p.learn(b[i:end])
	}
	return end, err
}

// read is parse for records of any shape. Members may stand in any order; unknown
// ones are passed over (CloudTrail User Guide, CloudTrail record contents).
func (p *parser) read(b []byte, i int, r *record.Record) (int, error) {
	r.Reset()
	p.cursor = cursor{b: b, i: i, text: p.text[:0]}
	p.inner, p.extra = nil, false
	p.record(r)
	if p.failed != nil {
		return i, p.failed
	}
	r.TellsTLS = p.extra
	return p.i, nil
}

// parser reads records. One serves many, one after the other.
type parser struct {
	cursor
	inner []byte          // a record inside of an envelope's entry, as text
	extra bool            // additionalEventData is there
	who   record.Identity // of a caller that is not remembered

	callers *callers
	once    bool // few records are read, and callers seldom come again

	shapes shapes
	found  [][]byte // what stands in the gaps
	gaps   []gap    // of the record at hand; nil: nobody asks
	odd    bool     // its shape does not tell how to read another
}

// note notes a gap.
func (p *parser) note(kind gapKind, from, to int, f field) {
	if p.gaps != nil && to > from {
		p.gaps = append(p.gaps, gap{kind, from, to, f})
	}
}

// pass passes over a value that nobody reads. Words, such as true, are few, and no
// gaps.
func (p *parser) pass() {
	if c := p.peek(); 'a' <= c && c <= 'z' {
		p.skip()
		return
	}
	from := p.i
	p.skip()
	p.note(valueGap, from, p.i, noField)
}

// vary is maybeString for what differs among records of one shape.
func (p *parser) vary(f field) []byte {
	if p.peek() != '"' {
		p.skip()
		return nil
	}
	from := p.i + 1
	s := p.str()
	p.note(textGap, from, p.i-1, f)
	return s
}

func (p *parser) record(r *record.Record) {
	if !p.open('{') {
		p.fail(errSyntax)
		return
	}
	for {
		name, more := p.member()
		if !more {
			return
		}
		p.top(name, r)
	}
}

// top reads one member of a record.
func (p *parser) top(name []byte, r *record.Record) {
	switch string(name) {
	case "userIdentity":
		r.Who = *p.identity()
	case "eventTime":
		r.Time = seconds(p.vary(fieldTime))
	case "eventSource":
		r.Service = p.maybeString()
	case "eventName":
		r.Event = p.maybeString()
	case "awsRegion":
		r.Region = p.maybeString()
	case "sourceIPAddress":
		r.SourceIP = p.vary(fieldSourceIP)
	case "userAgent":
		r.UserAgent = unbracketed(p.vary(fieldUserAgent))
	case "errorCode":
		r.Error = p.maybeString()
	case "errorMessage":
		r.Message = p.vary(fieldMessage)
	case "requestParameters":
		p.parameters(r)
	case "additionalEventData":
		p.extraData(r)
	case "requestID":
		r.RequestID = p.vary(fieldRequestID)
	case "eventID":
		r.EventID = p.vary(fieldEventID)
	case "sharedEventID":
		r.SharedID = p.vary(fieldSharedID)
	case "resources":
		p.resources(r)
	case "eventType":
		r.Type = p.maybeString()
	case "eventCategory":
		r.Category = p.maybeString()
	case "recipientAccountId":
		r.Recipient = p.vary(fieldRecipient)
	case "vpcEndpointId":
		r.VPCEndpoint = p.vary(fieldVPCEndpoint)
	case "tlsDetails":
		p.tls(r)
	case "CloudTrailEvent", "message", "Message":
		p.inner = p.maybeString()
	case "detail":
		p.detail(r)
	default:
		p.pass()
	}
}

// detail is where EventBridge carries a record.
func (p *parser) detail(r *record.Record) {
	if p.peek() != '{' {
		p.skip()
		return
	}
	p.record(r)
}

// unbracketed takes off the brackets that S3 puts around a user agent.
func unbracketed(s []byte) []byte {
	if len(s) >= 2 && s[0] == '[' && s[len(s)-1] == ']' {
		return s[1 : len(s)-1]
	}
	return s
}

func (p *parser) object(read func(name string)) {
	if !p.open('{') {
		p.skip()
		return
	}
	for {
		name, more := p.member()
		if !more {
			return
		}
		read(string(name))
	}
}

// readIdentity reads userIdentity (CloudTrail User Guide, userIdentity element).
func (p *parser) readIdentity(w *record.Identity) {
	if !p.open('{') {
		p.skip()
		return
	}
	for {
		name, more := p.member()
		if !more {
			return
		}
		switch string(name) {
		case "type":
			w.Type = p.maybeString()
		case "principalId":
			w.PrincipalID = p.maybeString()
		case "arn":
			w.ARN = p.maybeString()
		case "accountId":
			w.Account = p.maybeString()
		case "accessKeyId":
			w.AccessKey = p.maybeString()
		case "userName":
			w.UserName = p.maybeString()
		case "invokedBy":
			w.InvokedBy = p.maybeString()
		case "sessionContext":
			p.session(w)
		default:
			p.skip()
		}
	}
}

func (p *parser) session(w *record.Identity) {
	if !p.open('{') {
		p.skip()
		return
	}
	w.Session = true
	for {
		name, more := p.member()
		if !more {
			return
		}
		switch string(name) {
		case "sessionIssuer":
			p.issuer(w)
		case "attributes":
			p.attributes(w)
		case "sourceIdentity":
			w.SourceIdentity = p.maybeString()
		case "ec2RoleDelivery":
			w.RoleDelivery = p.maybeString()
		default:
			p.skip()
		}
	}
}

func (p *parser) issuer(w *record.Identity) {
	if !p.open('{') {
		p.skip()
		return
	}
	for {
		name, more := p.member()
		if !more {
			return
		}
		switch string(name) {
		case "type":
			w.IssuerType = p.maybeString()
		case "arn":
			w.IssuerARN = p.maybeString()
		case "accountId":
			w.IssuerAccount = p.maybeString()
		default:
			p.skip()
		}
	}
}

func (p *parser) attributes(w *record.Identity) {
	if !p.open('{') {
		p.skip()
		return
	}
	for {
		name, more := p.member()
		if !more {
			return
		}
		switch string(name) {
		case "mfaAuthenticated":
			if w.MFA = p.maybeString(); w.MFA == nil {
				w.MFA = p.wordBefore()
			}
		case "creationDate":
			w.Created = p.maybeString()
		default:
			p.skip()
		}
	}
}

// wordBefore returns the scalar that was just passed over.
func (p *parser) wordBefore() []byte {
	for _, word := range []string{"true", "false"} {
		if n := len(word); p.i >= n && string(p.b[p.i-n:p.i]) == word {
			return p.b[p.i-n : p.i]
		}
	}
	return nil
}

// parameters reads requestParameters: query parameters and some headers, under
// their wire names, as texts or lists of texts.
func (p *parser) parameters(r *record.Record) {
	if !p.open('{') {
		p.skip()
		return
	}
	for {
		name, more := p.member()
		if !more {
			return
		}
		switch string(name) {
		case "bucketName":
			r.Bucket = p.value(r, name, fieldBucket)
		case "key":
			r.Key = p.value(r, name, fieldKey)
		case "versionId":
			r.VersionID = p.value(r, name, fieldVersionID)
		case "Host", "host":
			r.Host = p.value(r, name, fieldHost)
		case "keyId":
			r.KeyARN = p.value(r, name, fieldKeyARN)
		case "encryptionContext":
			p.encryptionContext(r)
		default:
			if v := p.value(r, name, fieldParam+field(min(len(r.Params), maxGaps))); v != nil {
				r.Params = append(r.Params, record.Param{Name: name, Value: v})
			}
		}
	}
}

// value reads a parameter's text, which goes to a field. Lists of texts are joined
// by commas; objects are kept as JSON.
func (p *parser) value(r *record.Record, name []byte, f field) []byte {
	switch p.peek() {
	case '"':
		s := p.vary(f)
		if s == nil {
			s = []byte{}
		}
		return s
	case '[':
		return p.list()
	case '{':
		from := p.i
		p.skip()
		if p.failed == nil {
			r.Raw = append(r.Raw, record.Param{Name: name, Value: p.b[from:p.i]})
		}
		return nil
	}
	word := p.scalar()
	if string(word) == "null" {
		return nil
	}
	return word
}

func (p *parser) list() []byte {
	p.i++
	var texts [][]byte
	for p.item() {
		if s := p.maybeString(); s != nil {
			texts = append(texts, s)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return bytes.Join(texts, []byte(","))
}

func (p *parser) encryptionContext(r *record.Record) {
	p.object(func(name string) {
		if name == "aws:s3:arn" {
			r.EncryptionContext = p.vary(fieldEncryptionContext)
			return
		}
		p.pass()
	})
}

// extraData reads additionalEventData. Directory buckets spell its names in lower
// camel case.
func (p *parser) extraData(r *record.Record) {
	if !p.open('{') {
		p.skip()
		return
	}
	p.extra = true
	for {
		name, more := p.member()
		if !more {
			return
		}
		switch string(name) {
		case "SignatureVersion", "signatureVersion":
			r.SignatureVer = p.maybeString()
		case "AuthenticationMethod", "authenticationMethod":
			r.AuthMethod = p.maybeString()
		case "CipherSuite", "cipherSuite":
			r.Cipher = p.maybeString()
		case "aclRequired":
			r.ACLRequired = string(p.maybeString()) == "Yes"
		default:
			p.pass()
		}
	}
}

func (p *parser) tls(r *record.Record) {
	if !p.open('{') {
		p.skip()
		return
	}
	for {
		name, more := p.member()
		if !more {
			return
		}
		switch string(name) {
		case "tlsVersion":
			r.TLSVersion = p.maybeString()
		case "cipherSuite":
			if s := p.maybeString(); len(r.Cipher) == 0 {
				r.Cipher = s
			}
		case "clientProvidedHostHeader":
			if len(r.Host) > 0 {
				p.pass()
				continue
			}
			r.Host = p.vary(fieldHost)
		default:
			p.pass()
		}
	}
}

// resources reads whose the bucket is, the access point, and the KMS key.
func (p *parser) resources(r *record.Record) {
	if p.peek() != '[' {
		p.skip()
		return
	}
	p.i++
	var bucket bucketARN
	for p.item() {
		p.resource(r, &bucket)
	}
	switch {
	case len(r.Bucket) == 0:
		p.odd = true // the name hangs on what stands in a gap
		fieldBucketARN.fill(r, bucket.text)
	case len(r.AccessPoint) > 0: // which requestParameters may have in the bucket's place
		fieldBucketARN.fill(r, p.goes(bucket.text, bucket.gap, fieldBucketARN))
	}
}

// bucketARN is the ARN of the bucket among the resources, with its gap.
type bucketARN struct {
	text []byte
	gap  int
}

func (p *parser) resource(r *record.Record, bucket *bucketARN) {
	if !p.open('{') {
		p.skip()
		return
	}
	var kind, arn, account []byte
	var arnGap, accountGap int // where they go to hangs on the type
	for {
		name, more := p.member()
		if !more {
			break
		}
		switch string(name) {
		case "type":
			kind = p.maybeString()
		case "ARN":
			arn, arnGap = p.varyLater()
		case "accountId":
			account, accountGap = p.varyLater()
		default:
			p.pass()
		}
	}
	switch string(kind) {
	case "AWS::S3::Bucket":
		r.BucketOwner = p.goes(account, accountGap, fieldBucketOwner)
		*bucket = bucketARN{arn, arnGap}
	case "AWS::S3::AccessPoint":
		r.AccessPoint = p.goes(arn, arnGap, fieldAccessPoint)
	case "AWS::KMS::Key":
		if len(arn) > 0 {
			r.KeyARN = p.goes(arn, arnGap, fieldKeyARN)
		}
	}
}

// varyLater is vary where it is not known yet which field the text goes to. It
// returns the number of the gap, from 1.
func (p *parser) varyLater() ([]byte, int) {
	before := len(p.gaps)
	text := p.vary(noField)
	if len(p.gaps) == before {
		return text, 0
	}
	return text, len(p.gaps)
}

// goes tells where a text goes to.
func (p *parser) goes(text []byte, gap int, f field) []byte {
	if gap > 0 {
		p.gaps[gap-1].field = f
	}
	return text
}

// seconds reads a time of a record: 2026-11-22T10:00:00Z, by hand, and any other
// form of RFC 3339.
func seconds(s []byte) int64 {
	if len(s) == 20 && s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[13] == ':' && s[16] == ':' && s[19] == 'Z' {
		y, mo, d := digits(s[0:4]), digits(s[5:7]), digits(s[8:10])
		h, mi, sec := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
		if y >= 0 && mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h >= 0 && h < 24 && mi >= 0 && mi < 60 && sec >= 0 && sec < 60 {
			return record.Seconds(y, mo, d, h, mi, sec)
		}
	}
	t, err := time.Parse(time.RFC3339, string(s))
	if err != nil {
		return 0
	}
	return t.Unix()
}

func digits(s []byte) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
