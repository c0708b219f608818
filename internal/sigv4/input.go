package sigv4

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// input is a request as it came over the wire, before any decoding.
type input struct {
	method string
	host   string
	path   string  // raw path
	query  []param // raw parameters in their order
}

// param is one query parameter.
type param struct {
	raw         string // as on the wire, name and value
	name, value string // decoded, '+' as a space
}

// readInput takes the raw target from RequestURI, or from the URL of a request
// that was made in this process.
func readInput(r *http.Request) input {
	host := r.Host
	target := r.RequestURI
	if target == "" && r.URL != nil {
		target = r.URL.RequestURI()
	}
	if host == "" && r.URL != nil {
		host = r.URL.Host
	}
	path, query, _ := strings.Cut(target, "?")
	if i := strings.Index(path, "://"); i > 0 && !strings.HasPrefix(path, "/") {
		_, rest, ok := strings.Cut(path[i+3:], "/")
		path = "/"
		if ok {
			path += rest
		}
	}
	if path == "" {
		path = "/"
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	return input{method: method, host: host, path: path, query: parseQuery(query)}
}

// parseQuery splits a raw query on '&' and keeps order, repetition and
// parameters without a value. A ';' separates nothing.
func parseQuery(raw string) []param {
	if raw == "" {
		return nil
	}
	params := make([]param, 0, 1+strings.Count(raw, "&"))
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		params = append(params, param{raw: part, name: decode(name, true), value: decode(value, true)})
	}
	return params
}

// get returns the value of the first parameter of exactly that name.
func (in *input) get(name string) (string, bool) {
	for _, p := range in.query {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// has reports whether any of the names is a parameter.
func (in *input) has(names ...string) bool {
	return slices.ContainsFunc(in.query, func(p param) bool { return slices.Contains(names, p.name) })
}

// headerValues returns the values of a header by its lower-case name, and
// whether the request carries it. net/http moves Host, Transfer-Encoding and,
// in requests made in this process, Content-Length out of the header map.
func headerValues(r *http.Request, host, name string) ([]string, bool) {
	if name == "host" {
		return []string{host}, true
	}
	if vs, ok := r.Header[http.CanonicalHeaderKey(name)]; ok && len(vs) > 0 {
		return vs, true
	}
	switch name {
	case "content-length":
		if r.ContentLength > 0 || r.ContentLength == 0 && sendsZeroLength(r.Method) {
			return []string{strconv.FormatInt(r.ContentLength, 10)}, true
		}
	case "transfer-encoding":
		if len(r.TransferEncoding) > 0 {
			return []string{strings.Join(r.TransferEncoding, ",")}, true
		}
	}
	return nil, false
}

// sendsZeroLength reports whether clients send "Content-Length: 0" with method.
func sendsZeroLength(method string) bool {
	return method == http.MethodPut || method == http.MethodPost || method == http.MethodPatch
}
