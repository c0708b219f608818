package proxy

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// A Refusal is an answer that says no.
type Refusal struct {
	Request  *http.Request // as the program sent it, without its body
	Target   wire.Target   // what it addressed
	Claim    sigv4.Claim   // how it was signed
	Upstream string        // host that answered
	Status   int
	Header   http.Header // of the answer
	Body     []byte      // of the answer, at most its first 64 KiB

	// Unable is why the request was not forwarded; the answer is then the proxy's.
	Unable error
}

// longestBody is how much of a refusal is kept.
const longestBody = 64 << 10

func refuses(status int) bool {
	return status >= 300 && status != http.StatusNotModified && status != http.StatusPreconditionFailed && status != http.StatusRequestedRangeNotSatisfiable
}

// answer sends an answer on, byte for byte.
func (p *Proxy) answer(w http.ResponseWriter, r, out *http.Request, res *http.Response) {
	h := w.Header()
	for name, values := range res.Header {
		if strings.HasPrefix(name, "X-Amz-") { // as S3 writes them: the names of metadata are what follows
			name = strings.ToLower(name)
		}
		h[name] = values
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
	if res.ContentLength >= 0 {
		h.Set("Content-Length", strconv.FormatInt(res.ContentLength, 10))
	}
	w.WriteHeader(res.StatusCode)
	var kept bytes.Buffer
	body := io.Reader(res.Body)
	if refuses(res.StatusCode) {
		body = io.TeeReader(res.Body, &limited{&kept, longestBody})
	}
	_, err := io.Copy(w, body)
	if refuses(res.StatusCode) {
		p.Refused(&Refusal{Request: r, Target: target(r), Claim: sigv4.ReadClaim(r), Upstream: out.URL.Host, Status: res.StatusCode, Header: res.Header, Body: kept.Bytes()})
	}
	if err != nil {
		panic(http.ErrAbortHandler) // half an answer is none
	}
}

// limited keeps the first bytes and takes the others for written.
type limited struct {
	w    *bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.w.Write(p[:n])
	l.left -= n
	return len(p), nil
}

func target(r *http.Request) wire.Target {
	t, _ := wire.ParseTarget(r) // what it could not read is empty
	return t
}

// unable answers where a request could not be forwarded.
func (p *Proxy) unable(w http.ResponseWriter, r *http.Request, err error) {
	status, code := http.StatusBadGateway, "Why403CannotForward"
	var refused *sigv4.Error
	switch {
	case errors.As(err, &refused):
		status, code = refused.Status, refused.Code
	case errors.Is(err, errUnknownKey):
		status, code = http.StatusBadRequest, "Why403UnknownCredentials"
	}
	body := errorBody(code, err.Error())
	p.Refused(&Refusal{Request: r, Target: target(r), Claim: sigv4.ReadClaim(r), Status: status, Header: http.Header{}, Body: body, Unable: err})
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // the program may be gone
	}
}

func errorBody(code, message string) []byte {
	body, _ := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: "why403: " + message}) // texts alone
	return body
}
