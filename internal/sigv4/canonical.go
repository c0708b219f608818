package sigv4

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"slices"
	"strings"
)

// message is a request in canonical form, part by part, so that a hypothesis
// can change one part.
type message struct {
	method  string
	path    string
	query   string
	headers []field // sorted by name
	signed  string  // the SignedHeaders line
	payload string
}

// field is a signed header.
type field struct {
	name    string
	values  []string
	missing bool // named in SignedHeaders, but not sent

	untouched bool // hypothesis: values neither trimmed nor collapsed
}

// scope is a credential scope without the access key.
type scope struct {
	date, region, service, terminator string
}

// String returns the scope as it stands in a string to sign.
func (s scope) String() string {
	return s.date + "/" + s.region + "/" + s.service + "/" + s.terminator
}

// append appends the canonical request.
func (m *message) append(dst []byte) []byte {
	dst = append(append(dst, m.method...), '\n')
	dst = append(append(dst, m.path...), '\n')
	dst = append(append(dst, m.query...), '\n')
	for _, f := range m.headers {
		dst = append(append(dst, f.name...), ':')
		for i, v := range f.values {
			if i > 0 {
				dst = append(dst, ',')
			}
			if f.untouched {
				dst = append(dst, v...)
				continue
			}
			dst = appendTrimmed(dst, v)
		}
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	dst = append(append(dst, m.signed...), '\n')
	return append(dst, m.payload...)
}

// appendTrimmed appends a header value without blanks at its ends and with
// each run of spaces as one. S3's page asks for the trim only; the general
// page, and every SDK, also for the collapse.
func appendTrimmed(dst []byte, v string) []byte {
	v = strings.Trim(v, " \t")
	if !strings.Contains(v, "  ") {
		return append(dst, v...)
	}
	for i := 0; i < len(v); i++ {
		if v[i] == ' ' && v[i-1] == ' ' {
			continue
		}
		dst = append(dst, v[i])
	}
	return dst
}

// appendStringToSign appends the SigV4 string to sign of a canonical request.
func appendStringToSign(dst []byte, timestamp string, s scope, canonical []byte) []byte {
	dst = append(append(append(dst, AlgorithmV4...), '\n'), timestamp...)
	dst = append(dst, '\n')
	dst = append(append(dst, s.date...), '/')
	dst = append(append(dst, s.region...), '/')
	dst = append(append(dst, s.service...), '/')
	dst = append(append(dst, s.terminator...), '\n')
	sum := sha256.Sum256(canonical)
	return hex.AppendEncode(dst, sum[:])
}

// canonicalPathS3 encodes the path once and normalises nothing.
func canonicalPathS3(raw string) string {
	if plainPath(raw) {
		return raw
	}
	return string(appendEncoded(make([]byte, 0, len(raw)+16), decode(raw, false), true))
}

// canonicalPathGeneric is the path of every other service: without dot
// segments and repeated slashes, and encoded once more than on the wire.
func canonicalPathGeneric(raw string) string {
	clean := path.Clean("/" + raw)
	if clean != "/" && strings.HasSuffix(raw, "/") {
		clean += "/"
	}
	return string(appendEncoded(nil, clean, true))
}

// plainPath reports whether encoding leaves the path as it is.
func plainPath(s string) bool {
	for i := range len(s) {
		if !unreserved(s[i]) && s[i] != '/' {
			return false
		}
	}
	return s != ""
}

// canonicalQuery encodes and sorts the parameters, without X-Amz-Signature
// when the request is presigned.
func canonicalQuery(params []param, presigned bool) string {
	pairs := encodePairs(params, presigned)
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	return joinPairs(pairs)
}

// pair is an encoded query parameter.
type pair struct{ name, value string }

func encodePairs(params []param, presigned bool) []pair {
	if len(params) == 0 {
		return nil
	}
	pairs := make([]pair, 0, len(params))
	for _, p := range params {
		if presigned && p.name == paramSignature {
			continue
		}
		pairs = append(pairs, pair{encodeComponent(p.name), encodeComponent(p.value)})
	}
	return pairs
}

func joinPairs(pairs []pair) string {
	if len(pairs) == 0 {
		return ""
	}
	n := 0
	for _, p := range pairs {
		n += len(p.name) + len(p.value) + 2
	}
	dst := make([]byte, 0, n)
	for i, p := range pairs {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(append(append(dst, p.name...), '='), p.value...)
	}
	return string(dst)
}

// encodeComponent encodes a query name or value, '/' included.
func encodeComponent(s string) string {
	for i := range len(s) {
		if !unreserved(s[i]) {
			return string(appendEncoded(make([]byte, 0, len(s)+16), s, false))
		}
	}
	return s
}

// signedFields collects the headers that the claim says were signed, sorted.
// hoist lets a query parameter stand in for a header that was not sent, as S3
// does for presigned URLs.
func signedFields(r *http.Request, in *input, names []string, hoist bool) []field {
	fields := make([]field, 0, len(names))
	for _, name := range names {
		values, ok := headerValues(r, in.host, name)
		if !ok && hoist {
			values, ok = hoisted(in.query, name)
		}
		fields = append(fields, field{name: name, values: values, missing: !ok})
	}
	slices.SortStableFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return fields
}

// hoisted returns the query parameters that act as the header of that name.
func hoisted(params []param, name string) ([]string, bool) {
	var values []string
	for _, p := range params {
		if strings.EqualFold(p.name, name) {
			values = append(values, p.value)
		}
	}
	return values, values != nil
}

// signedLine joins the names of the fields as in the SignedHeaders line.
func signedLine(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ";")
}
