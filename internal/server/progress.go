package server

import (
	"io"
	"net/http"
	"time"
)

// Limits of a connection that makes no progress. S3 answers RequestTimeout to clients
// that stop sending ("Error responses", Amazon S3 API Reference), and says nowhere
// after how long.
const (
	defaultPatience = 30 * time.Second
	leastProgress   = 1 << 10 // bytes that a client must send in that time
)

// A progressReader is a request's body that must go on arriving: each time enough of
// it came, the time until the connection fails begins anew. So a slow client may take
// as long as it needs, and one that trickles bytes cannot hold a connection.
type progressReader struct {
	io.ReadCloser
	c       *http.ResponseController
	timeout time.Duration
	now     func() time.Time

	until time.Time // the deadline that is set
	since int       // bytes since it was
	total int64
}

// Read implements io.Reader.
func (p *progressReader) Read(b []byte) (int, error) {
	// Now and then is enough: setting a deadline costs as much as reading a small body.
	if now := p.now(); p.until.IsZero() || p.since >= leastProgress && p.until.Sub(now) < p.timeout*9/10 {
		p.until, p.since = now.Add(p.timeout), 0
		_ = p.c.SetReadDeadline(p.until) // without one the body is read all the same
	}
	n, err := p.ReadCloser.Read(b)
	p.since += n
	p.total += int64(n)
	if err != nil {
		_ = p.c.SetReadDeadline(time.Time{}) // the server goes on reading, to see whether the client leaves
	}
	return n, err
}

// extend lets the client take what is to be sent.
func (w *statusWriter) extend() {
	if now := time.Now(); w.until.Sub(now) < w.timeout*9/10 {
		w.until = now.Add(w.timeout)
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(w.until) // without one it is sent all the same
	}
}
