package sigv4

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// A Mismatch is what the verifier computed for a request whose signature does
// not match.
type Mismatch struct {
	CanonicalRequest  string // empty for SigV2, POST forms and chunks, which have none
	StringToSign      string
	SignatureProvided string
	Hint              Hint
}

// A Part is the part of a signature that disagrees.
type Part string

// Parts.
const (
	PartUnknown       Part = "unknown"        // nothing that was tried makes the signature match
	PartSecret        Part = "secret"         // the secret access key
	PartScope         Part = "scope"          // Region, service or date of the signing key
	PartDate          Part = "date"           // timestamp of the string to sign
	PartMethod        Part = "method"         // HTTP method
	PartHost          Part = "host"           // Host header
	PartPath          Part = "path"           // canonical URI
	PartQuery         Part = "query"          // canonical query string
	PartHeader        Part = "header"         // another signed header
	PartSignedHeaders Part = "signed-headers" // the SignedHeaders line
	PartPayload       Part = "payload"        // the payload line, or the body
)

// A Hint names the part that disagrees. With Confirmed, changing that part
// alone makes the signature match; otherwise it is the likeliest guess.
type Hint struct {
	Part      Part
	Confirmed bool
	Text      string // lower case, no final period
}

var unknownHint = Hint{Part: PartUnknown, Text: "wrong secret access key, or the request was altered in a way that cannot be guessed"}

var otherMethods = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions}

// probe tries variants of an attempt until one matches.
type probe struct {
	base *attempt
	c    *check
	key  []byte
	hint Hint
	done bool
}

// maxDiagnosed bounds the canonical requests that are diagnosed, as each
// hypothesis hashes one.
const maxDiagnosed = 64 << 10

// diagnose tries one change at a time, and names the one that makes the
// signature match.
func (c *check) diagnose(a *attempt, canonical []byte) Hint {
	if len(canonical) > maxDiagnosed {
		return unknownHint
	}
	p := &probe{base: a, c: c, key: signingKey(a.secret, a.scope)}
	for _, step := range []func(*probe){
		(*probe).secret, (*probe).method, (*probe).host, (*probe).path, (*probe).query,
		(*probe).payload, (*probe).headers, (*probe).signedHeaders, (*probe).date, (*probe).scopes,
	} {
		if step(p); p.done {
			return p.hint
		}
	}
	return p.guess()
}

// try tests the attempt with one change.
func (p *probe) try(part Part, text string, change func(*attempt)) {
	if p.done {
		return
	}
	a := *p.base
	change(&a)
	if a.matches(p.key) {
		p.done, p.hint = true, Hint{part, true, text}
	}
}

// tryKey tests the attempt with another signing key.
func (p *probe) tryKey(part Part, text, secret string, s scope) {
	if p.done {
		return
	}
	if p.base.matches(signingKey(secret, s)) {
		p.done, p.hint = true, Hint{part, true, text}
	}
}

// variant is a secret access key as it is often mangled.
type variant struct{ secret, text string }

func secretVariants(secret string) []variant {
	vs := []variant{
		{secret + "\n", "the signer's secret access key ends in a newline"},
		{secret + "\r\n", "the signer's secret access key ends in a carriage return and newline"},
		{secret + "\r", "the signer's secret access key ends in a carriage return"},
		{secret + " ", "the signer's secret access key ends in a blank"},
		{" " + secret, "the signer's secret access key begins with a blank"},
		{`"` + secret + `"`, "the signer's secret access key is in quotation marks"},
		{"'" + secret + "'", "the signer's secret access key is in apostrophes"},
		{string(appendEncoded(nil, secret, false)), "the signer's secret access key is percent-encoded"},
		{strings.ReplaceAll(secret, "+", " "), "the signer's secret access key has blanks where it should have plus signs"},
		{"", "the signer's secret access key is empty"},
	}
	return slices.DeleteFunc(vs, func(v variant) bool { return v.secret == secret })
}

func (p *probe) secret() {
	for _, v := range secretVariants(p.base.secret) {
		p.tryKey(PartSecret, v.text, v.secret, p.base.scope)
	}
}

func (p *probe) method() {
	for _, m := range otherMethods {
		if m != p.base.method {
			p.try(PartMethod, "the request was signed as "+m+" and sent as "+p.base.method, func(a *attempt) { a.message.method = m })
		}
	}
}

// host tries the names under which a proxy or client may know the endpoint.
func (p *probe) host() {
	sent := p.c.in.host
	for _, h := range hostVariants(p.c, sent) {
		p.try(PartHost, "the request was signed for host "+h+" and arrived with host "+sent, func(a *attempt) {
			a.message.headers = replaced(a.message.headers, "host", h)
		})
	}
}

func hostVariants(c *check, sent string) []string {
	name, _, hasPort := strings.Cut(sent, ":")
	var hosts []string
	if hasPort {
		hosts = append(hosts, name)
	} else {
		hosts = append(hosts, name+":80", name+":443")
	}
	for _, h := range []string{"X-Forwarded-Host", "X-Original-Host"} {
		if v := c.r.Header.Get(h); v != "" {
			hosts = append(hosts, v)
		}
	}
	hosts = append(hosts, strings.ToLower(sent), "localhost", "127.0.0.1")
	for _, endpoint := range []string{"s3.amazonaws.com", "s3." + c.claim.Region + ".amazonaws.com", c.v.service() + "." + c.claim.Region + ".amazonaws.com"} {
		hosts = append(hosts, endpoint)
		if c.target.Bucket != "" {
			hosts = append(hosts, c.target.Bucket+"."+endpoint)
		}
	}
	return slices.DeleteFunc(hosts, func(h string) bool { return h == sent })
}

// replaced returns the fields with another value for one of them.
func replaced(fields []field, name string, values ...string) []field {
	out := slices.Clone(fields)
	for i := range out {
		if out[i].name == name {
			out[i].values = values
		}
	}
	return out
}

func (p *probe) path() {
	raw := p.c.in.path
	set := func(s string) func(*attempt) { return func(a *attempt) { a.message.path = s } }
	once := func(s string) string { return string(appendEncoded(nil, s, true)) }
	canonical, plain := canonicalPathS3(raw), decode(raw, false)
	p.try(PartPath, "the signer encoded the path twice; for S3 it is encoded once", set(once(canonical)))
	p.try(PartPath, "the signer encoded the path once; services other than S3 encode it twice", set(canonical))
	p.try(PartPath, "the signer did not encode the path", set(plain))
	p.try(PartPath, "the signer signed the path as it was sent, without encoding all reserved characters", set(raw))
	p.try(PartPath, "the signer encoded '/' in the path", set(string(appendEncoded(nil, plain, false))))
	p.try(PartPath, "the signer normalised the path; S3 keeps '//', '.' and '..'", set(once(cleanPath(plain))))
	p.try(PartPath, "the signer normalised the path and encoded it twice", set(once(once(cleanPath(plain)))))
	p.try(PartPath, "the signer took '+' in the path for a blank, or wrote a blank as '+'", set(once(decode(raw, true))))
	p.try(PartPath, "the signer wrote blanks in the path as '+'", set(strings.ReplaceAll(canonical, "%20", "+")))
	p.try(PartPath, "the path was signed with a '/' at its end", set(canonical+"/"))
	p.try(PartPath, "the path was signed without the '/' at its end", set(strings.TrimSuffix(canonical, "/")))
	p.try(PartPath, "the signer left the path empty; it is '/'", set(""))
	if b := p.c.target.Bucket; b != "" {
		p.try(PartPath, "the request was signed in path style and sent in virtual-hosted style", set("/"+b+canonical))
	}
	if _, rest, ok := strings.Cut(strings.TrimPrefix(canonical, "/"), "/"); ok {
		p.try(PartPath, "the path was signed without its first segment: a prefix or bucket was added on the way", set("/"+rest))
	}
}

func cleanPath(s string) string {
	clean := path.Clean("/" + s)
	if clean != "/" && strings.HasSuffix(s, "/") {
		clean += "/"
	}
	return clean
}

// maxParamProbes bounds the query parameters that are left out one by one.
const maxParamProbes = 32

func (p *probe) query() {
	params, presigned := p.c.in.query, p.c.claim.Mechanism == Query
	set := func(s string) func(*attempt) { return func(a *attempt) { a.message.query = s } }
	plus := slices.Clone(params)
	for i := range plus {
		name, value, _ := strings.Cut(plus[i].raw, "=")
		plus[i].name, plus[i].value = decode(name, false), decode(value, false)
	}
	p.try(PartQuery, "the query has '+' for a blank; it must be sent as %20, and a plus sign as %2B", set(canonicalQuery(plus, presigned)))
	p.try(PartQuery, "the signer wrote blanks in the query as '+'; they are %20", set(strings.ReplaceAll(p.base.message.query, "%20", "+")))
	p.try(PartQuery, "the signer did not sort the query parameters", set(joinPairs(encodePairs(params, presigned))))
	p.try(PartQuery, "the signer used the query as it was sent, unsorted or not fully encoded", set(rawQuery(params, presigned)))
	p.try(PartQuery, "the signer left '/' in the query as it is; it is %2F", set(strings.ReplaceAll(p.base.message.query, "%2F", "/")))
	p.try(PartQuery, "the signer encoded the query twice", set(doubleQuery(params, presigned)))
	p.try(PartQuery, "the signer left out '=' after a parameter without a value", set(withoutEmptyEquals(p.base.message.query)))
	p.try(PartQuery, "the signer left out the query", set(""))
	for i := range params[:min(len(params), maxParamProbes)] {
		rest := slices.Delete(slices.Clone(params), i, i+1)
		p.try(PartQuery, "query parameter "+params[i].name+" was added after signing, or its value was left out when signing",
			set(canonicalQuery(rest, presigned)))
	}
}

func rawQuery(params []param, presigned bool) string {
	var raw []string
	for _, q := range params {
		if !presigned || q.name != paramSignature {
			raw = append(raw, q.raw)
		}
	}
	return strings.Join(raw, "&")
}

func doubleQuery(params []param, presigned bool) string {
	twice := slices.Clone(params)
	for i := range twice {
		twice[i].value = encodeComponent(twice[i].value)
	}
	return canonicalQuery(twice, presigned)
}

func withoutEmptyEquals(query string) string {
	parts := strings.Split(query, "&")
	for i := range parts {
		parts[i] = strings.TrimSuffix(parts[i], "=")
	}
	return strings.Join(parts, "&")
}

func (p *probe) payload() {
	sent, _ := headerValue(p.c.r, headerPayload)
	for _, v := range []string{UnsignedPayload, emptySHA256, sent, strings.ToLower(sent), ""} {
		if v == p.base.message.payload {
			continue
		}
		name := map[string]string{UnsignedPayload: UnsignedPayload, emptySHA256: "the hash of an empty body", "": "nothing"}[v]
		if name == "" {
			name = "x-amz-content-sha256 as it was sent"
		}
		p.try(PartPayload, "the payload line was signed as "+name+", and should be "+p.base.message.payload, func(a *attempt) { a.message.payload = v })
	}
}

// usual values of headers that proxies and HTTP libraries set or change.
var usualValues = map[string][]string{
	"accept":            {"*/*", ""},
	"accept-encoding":   {"identity", "gzip", "gzip, deflate", "gzip, deflate, br", ""},
	"connection":        {"keep-alive", "close", "Keep-Alive", ""},
	"content-type":      {"application/octet-stream", "binary/octet-stream", "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", ""},
	"content-encoding":  {"aws-chunked", ""},
	"content-length":    {"0", ""},
	"expect":            {"100-continue", ""},
	"transfer-encoding": {"chunked", ""},
	"x-forwarded-proto": {"http", "https", ""},
}

func (p *probe) headers() {
	for _, f := range p.base.message.headers {
		if f.name == "host" {
			continue
		}
		p.header(f)
	}
}

func (p *probe) header(f field) {
	set := func(values ...string) func(*attempt) {
		return func(a *attempt) { a.message.headers = replaced(a.message.headers, f.name, values...) }
	}
	p.try(PartHeader, "the signer left header "+f.name+" out of the canonical headers, but named it in SignedHeaders", func(a *attempt) {
		a.message.headers = slices.DeleteFunc(slices.Clone(a.message.headers), func(g field) bool { return g.name == f.name })
	})
	if len(f.values) > 1 {
		p.try(PartHeader, "the values of header "+f.name+" are joined by ',' without a blank", set(strings.Join(f.values, ", ")))
		p.try(PartHeader, "header "+f.name+" was sent more than once, but signed once", set(f.values[0]))
		p.try(PartHeader, "header "+f.name+" was sent more than once, but signed once", set(f.values[len(f.values)-1]))
		sorted := slices.Sorted(slices.Values(f.values))
		p.try(PartHeader, "the values of header "+f.name+" changed their order", set(sorted...))
	}
	for _, v := range f.values {
		p.try(PartHeader, "the signer changed the case of the value of header "+f.name, set(strings.ToLower(v)))
		p.try(PartHeader, "header "+f.name+" got parameters on the way", set(strings.TrimSpace(strings.SplitN(v, ";", 2)[0])))
		p.try(PartHeader, "header "+f.name+" lost its charset on the way", set(v+"; charset=utf-8"))
	}
	p.try(PartHeader, "the signer did not trim the value of header "+f.name+", or collapse its blanks", func(a *attempt) {
		a.message.headers = verbatim(a.message.headers, f.name)
	})
	for _, v := range usualValues[f.name] {
		p.try(PartHeader, "header "+f.name+" was signed as \""+v+"\", and arrived as \""+strings.Join(f.values, ",")+"\"", set(v))
	}
}

// verbatim returns the fields with the value of one of them as it was sent.
func verbatim(fields []field, name string) []field {
	out := slices.Clone(fields)
	for i := range out {
		if out[i].name == name {
			out[i].untouched = true
		}
	}
	return out
}

func (p *probe) signedHeaders() {
	sent := p.c.signedHeadersAsSent()
	p.try(PartSignedHeaders, "the names in SignedHeaders are not in lower case and sorted", func(a *attempt) {
		a.message.signed = sent
	})
	p.try(PartSignedHeaders, "the names in SignedHeaders, and the canonical headers, are not sorted", func(a *attempt) {
		a.message.signed = sent
		a.message.headers = inOrder(a.message.headers, strings.Split(strings.ToLower(sent), ";"))
	})
}

// signedHeadersAsSent returns the SignedHeaders list before sorting.
func (c *check) signedHeadersAsSent() string {
	if c.claim.Mechanism == Query {
		s, _ := c.in.get(paramSignedHeaders)
		return s
	}
	auth, _ := headerValue(c.r, "Authorization")
	_, rest, _ := strings.Cut(auth, "SignedHeaders=")
	list, _, _ := strings.Cut(rest, ",")
	return strings.TrimSpace(list)
}

func inOrder(fields []field, names []string) []field {
	out := slices.Clone(fields)
	slices.SortStableFunc(out, func(a, b field) int { return slices.Index(names, a.name) - slices.Index(names, b.name) })
	return out
}

// date tries the timestamp of the other date header.
func (p *probe) date() {
	if v, ok := headerValue(p.c.r, "Date"); ok {
		p.try(PartDate, "the string to sign has the value of Date; it must have x-amz-date in ISO 8601 basic format", func(a *attempt) { a.stamp = v })
		if t, ok := parseV2Date(v); ok {
			p.try(PartDate, "the string to sign has the time of Date, which is not that of x-amz-date", func(a *attempt) { a.stamp = t.Format(basicFormat) })
		}
	}
}

// scopes tries signing keys of other Regions, services and days than the
// scope that was sent.
func (p *probe) scopes() {
	s := p.base.scope
	for _, region := range []string{p.c.target.Region, "us-east-1", "us-west-2", "eu-west-1", "aws-global", ""} {
		t := s
		t.region = region
		p.tryScope("the signing key was derived for Region \""+region+"\", the scope says \""+s.region+"\"", t)
	}
	for _, service := range []string{"s3", "sts", "iam", "execute-api", "s3express", ""} {
		t := s
		t.service = service
		p.tryScope("the signing key was derived for service \""+service+"\", the scope says \""+s.service+"\"", t)
	}
	if day, err := time.Parse(dateFormat, s.date); err == nil {
		for _, by := range []int{-1, 1} {
			t := s
			t.date = day.AddDate(0, 0, by).Format(dateFormat)
			p.tryScope("the signing key was derived for "+t.date+", the scope says "+s.date, t)
		}
	}
}

// tryScope tests another scope in the key alone, and in the string to sign
// too.
func (p *probe) tryScope(text string, s scope) {
	if p.done || s == p.base.scope {
		return
	}
	p.tryKey(PartScope, text, p.base.secret, s)
	a := *p.base
	a.scope = s
	if !p.done && a.matches(signingKey(a.secret, s)) {
		p.done, p.hint = true, Hint{PartScope, true, text}
	}
}

// guess names what looks wrong though nothing tried makes the signature match.
func (p *probe) guess() Hint {
	for _, f := range p.base.message.headers {
		if f.missing {
			return Hint{Part: PartHeader, Text: "header " + f.name + " is named in SignedHeaders but was not received; a proxy may have dropped it"}
		}
	}
	return unknownHint
}
