package server

import (
	"io"
	"net/http"
	"time"
)

// defaultPatience is how long a client may be silent while it sends a body, or not take anything of an answer. S3 ends
// such requests with RequestTimeout.
const defaultPatience = 30 * time.Second

// A patience moves the deadline of one direction of a connection along, as long as something moves. It does so twice in
// its time at most.
type patience struct {
	set   func(time.Time) error
	limit time.Duration
	until time.Time
}

// renew is called before each read or write.
func (p *patience) renew() {
	if now := time.Now(); p.until.Sub(now) < p.limit/2 {
		p.until = now.Add(p.limit)
		_ = p.set(p.until) // what has no deadlines needs none
	}
}

// A patientBody is the body of a request.
type patientBody struct {
	io.ReadCloser
	patience
}

// withPatience returns the request with bounds on how long the client may be silent. The deadline is lifted at the end of
// the body, as net/http waits there for the client to leave. The request is a copy, as net/http looks at the kind of body
// that its own has.
func (s *Server) withPatience(w *statusWriter, r *http.Request) *http.Request {
	c := http.NewResponseController(w.ResponseWriter)
	w.patience = patience{set: c.SetWriteDeadline, limit: s.config.Patience}
	w.renew()
	if r.Body == nil || r.Body == http.NoBody {
		return r
	}
	patient := *r
	patient.Body = &patientBody{r.Body, patience{set: c.SetReadDeadline, limit: s.config.Patience}}
	return &patient
}

// Read implements io.Reader.
func (b *patientBody) Read(p []byte) (int, error) {
	b.renew()
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.set(time.Time{})
	}
	return n, err
}
