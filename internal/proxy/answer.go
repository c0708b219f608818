package proxy

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// A Refusal is an answer that says no.
type Refusal struct {
	Request  *http.Request // as the program sent it, without its body
	Service  string        // that it was for, "s3" where the request does not say
	Target   wire.Target   // what it addressed
	Claim    sigv4.Claim   // how it was signed
	Upstream string        // host that answered
	Status   int
	Header   http.Header // of the answer
	Body     []byte      // of the answer, at most its first MiB; for a HEAD, of the answer to a GET where that was asked

	// Unable is why the request was not forwarded; the answer is then the proxy's.
	Unable error
}

// longestBody is how much of an answer is kept that may refuse: a deletion of a
// thousand keys tells of each.
const longestBody = 1 << 20

func refuses(status int) bool {
	switch status {
	case http.StatusNotModified, http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable:
		return false
	}
	return status >= 300
}

// keep is how much of an answer has to be read.
func keep(r *http.Request, res *http.Response, learning bool) int {
	if learning || refuses(res.StatusCode) || res.StatusCode == http.StatusOK && mayHide(r) {
		return longestBody
	}
	return 0
}

// mayHide reports the requests that S3 answers with 200 before it knows whether they
// succeed: CopyObject, UploadPartCopy and CompleteMultipartUpload; and DeleteObjects,
// which refuses single keys (Amazon S3 API Reference, on each).
func mayHide(r *http.Request) bool {
	switch r.Method {
	case http.MethodPut:
		return r.Header.Get("X-Amz-Copy-Source") != ""
	case http.MethodPost:
		q := r.URL.Query()
		return q.Has("uploadId") || q.Has("delete")
	}
	return false
}

func (p *Watch) refusal(r *http.Request) *Refusal {
	f := &Refusal{Request: r, Target: target(r), Claim: sigv4.ReadClaim(r), Header: http.Header{}}
	f.Service = cmp.Or(p.Service, f.Target.Service, f.Claim.Service, "s3")
	return f
}

// hidden reports a refusal behind a status of success.
func (f *Refusal) hidden() bool {
	return len(f.Body) > 0 && bytes.Contains(f.Body, []byte("<Error>")) && bytes.Contains(f.Body, []byte("<Code>"))
}

// unable answers where a request could not be forwarded.
func (p *Watch) unable(w http.ResponseWriter, r *http.Request, err error) {
	status, code := http.StatusBadGateway, "Why403CannotForward"
	var refused *sigv4.Error
	switch {
	case errors.As(err, &refused):
		status, code = refused.Status, refused.Code
	case errors.Is(err, errUnknownKey):
		status, code = http.StatusBadRequest, "Why403UnknownCredentials"
	case errors.Is(err, ErrForward):
		status = http.StatusBadRequest // not to be tried again
	}
	body := errorBody(code, err.Error())
	f := p.refusal(r)
	f.Status, f.Body, f.Unable = status, body, err
	p.Refused(f)
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
