package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// A Watch sends requests, and tells what became of them. Its functions are called
// from the goroutines of requests; those that are nil are not.
type Watch struct {
	// Service is the one that requests are for, "" for what they say themselves.
	Service string

	// Transport sends requests; nil is one without a proxy of its own.
	Transport http.RoundTripper

	// Passed is told of every answer that refuses nothing.
	Passed func(*http.Request)

	// Refused is told of every answer of status 300 and more, but for 304, 412 and
	// 416, which are no refusals, of errors behind a status of success, and of
	// requests that could not be sent.
	Refused func(*Refusal)
}

func (w Watch) complete() Watch {
	if w.Transport == nil {
		w.Transport = &http.Transport{DisableCompression: true}
	}
	if w.Passed == nil {
		w.Passed = func(*http.Request) {}
	}
	if w.Refused == nil {
		w.Refused = func(*Refusal) {}
	}
	return w
}

// relay sends a request, and its answer back. ask is how to find out what a refusal of a
// HEAD would say, nil where that cannot be.
func (p *Watch) relay(w http.ResponseWriter, r, out *http.Request, learned func(sigv4.Credential), ask func(status int) []byte) {
	wire.ContinueEmpty(w, r)
	res, err := p.Transport.RoundTrip(out)
	if err != nil {
		if r.Context().Err() != nil || broken(err) {
			panic(http.ErrAbortHandler) // the program is gone, or sees what it would without the proxy
		}
		p.unable(w, r, fmt.Errorf("reach %s: %w", out.URL.Host, err))
		return
	}
	defer res.Body.Close()
	p.answer(w, r, res, out.URL.Host, learned, ask)
}

// broken reports that a connection ended which had been open. Programs that meet that
// try again.
func broken(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op) && slices.Contains([]string{"read", "write", "readfrom", "writeto"}, op.Op) ||
		strings.Contains(err.Error(), "server closed idle connection") // which net/http has no type for
}

// answer sends an answer on, byte for byte, and as soon as it comes: S3 sends blanks
// while it completes an upload.
func (p *Watch) answer(w http.ResponseWriter, r *http.Request, res *http.Response, upstream string, learned func(sigv4.Credential), ask func(status int) []byte) {
	copyHeader(w.Header(), res)
	w.WriteHeader(res.StatusCode)
	kept := &limited{left: keep(r, res, learned != nil)}
	var body io.Reader = res.Body
	if kept.left > 0 {
		body = io.TeeReader(body, kept)
	}
	err := copyBody(w, body, res.ContentLength)
	f := p.refusal(r)
	f.Upstream, f.Status, f.Header, f.Body = upstream, res.StatusCode, res.Header, kept.Bytes()
	if r.Method == http.MethodHead && refuses(res.StatusCode) && ask != nil {
		f.Body = ask(res.StatusCode)
	}
	switch {
	case refuses(res.StatusCode), res.StatusCode == http.StatusOK && f.hidden():
		p.Refused(f)
	default:
		p.Passed(r)
		if learned != nil {
			learn(kept.Bytes(), learned)
		}
	}
	if err != nil {
		panic(http.ErrAbortHandler) // half an answer is none
	}
	for name, values := range res.Trailer {
		w.Header()[http.TrailerPrefix+name] = values
	}
}

func copyHeader(h http.Header, res *http.Response) {
	from := res.Header.Clone()
	dropHopByHop(from)
	for name, values := range from {
		if strings.HasPrefix(name, "X-Amz-") { // as S3 writes them: the names of metadata are what follows
			name = strings.ToLower(name)
		}
		h[name] = values
	}
	if res.ContentLength >= 0 {
		h.Set("Content-Length", strconv.FormatInt(res.ContentLength, 10))
	}
}

// copyBody copies a body. One whose length is not known is made while it is sent.
func copyBody(w http.ResponseWriter, body io.Reader, length int64) error {
	if length >= 0 {
		_, err := io.Copy(w, body)
		return err
	}
	flush := http.NewResponseController(w)
	b := make([]byte, 32<<10)
	for {
		n, err := body.Read(b)
		if n > 0 {
			if _, err := w.Write(b[:n]); err != nil {
				return err
			}
			_ = flush.Flush() // what cannot flush does not buffer
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// limited keeps the first bytes and takes the others for written.
type limited struct {
	bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.Buffer.Write(p[:n])
	l.left -= n
	return len(p), nil
}
