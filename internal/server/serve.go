package server

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/s3"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
)

// A statusWriter remembers what was answered, and explains refusals.
type statusWriter struct {
	http.ResponseWriter
	s      *Server
	id     string // of the request
	status int
	sent   int64         // bytes of the body
	access *audit.Access // of a request to S3 that the audit wants

	service, operation string

	timeout time.Duration
	until   time.Time // deadline of the connection
}

var _ wire.Named = (*statusWriter)(nil)

// Name implements wire.Named.
func (w *statusWriter) Name(service, operation string) { w.service, w.operation = service, operation }

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		if status >= http.StatusBadRequest {
			w.s.explainTo(w.Header(), w.id)
		}
	}
	w.extend()
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.extend()
	n, err := w.ResponseWriter.Write(p)
	w.sent += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find what is below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// done keeps what is known of a request to S3 until it is answered.
func done(w http.ResponseWriter, a *audit.Access) {
	if sw, ok := w.(*statusWriter); ok {
		sw.access = a
	}
}

// serve is the way of every request.
func (s *Server) serve(rw http.ResponseWriter, r *http.Request) {
	wire.ContinueEmpty(rw, r)
	ids := wire.NewIDs()
	w := &statusWriter{ResponseWriter: rw, s: s, id: ids.Request, timeout: s.config.Patience}
	ids.Set(w.Header())
	w.Header()["Server"] = serverName
	w.extend()
	start := time.Now()
	body := &progressReader{ReadCloser: r.Body, c: http.NewResponseController(rw), timeout: s.config.Patience, now: time.Now}
	if r.Body != http.NoBody {
		r = r.WithContext(r.Context()) // the server looks at the body of its own
		r.Body = body
	}
	s.metrics.underWay.Inc()
	defer func() {
		s.metrics.underWay.Dec()
		s.metrics.received.Add(float64(body.total))
		s.metrics.answered(w, time.Since(start))
	}()
	defer s.recover(w, r, ids)
	if path, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(path, ownPath) || atConsole(r) {
		s.own(w, r, path)
		return
	}
	s.route(w, r, ids)
	if a := w.access; a != nil {
		a.Status, a.Sent, a.Duration = w.status, w.sent, max(s.world.Now().Sub(a.Received), 0)
		s.audit.S3(a)
	}
	s.decisions.answered(ids.Request, r, w.status)
	s.log.request(r, ids, w, time.Since(start))
}

var serverName = []string{"why403"}

// recover answers for our own mistakes, if there is still something to answer.
func (s *Server) recover(w *statusWriter, r *http.Request, ids wire.IDs) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	s.log.failed(r, ids, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	internalError.WriteS3(w, r, ids)
}

var internalError = wire.NewError(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")

// A service answers requests to one of AWS's services other than S3.
type service interface {
	Serve(w http.ResponseWriter, r *http.Request, ids wire.IDs)
}

// route finds the service.
func (s *Server) route(w http.ResponseWriter, r *http.Request, ids wire.IDs) {
	target, err := wire.ParseTarget(r)
	if err != nil {
		err.WriteS3(w, r, ids)
		return
	}
	if other, ok := s.services[serviceOf(r, &target)]; ok {
		other.Serve(w, r, ids)
		return
	}
	// S3 itself tells that a signature is for another service.
	s.s3.Serve(w, r, &target, ids)
}

// serviceOf names the service that a request is for: that of its signature, else
// of its host. Requests to a host that names none and without a signature that does
// are for STS where they come as its unsigned operations do, for the service whose
// version a query names beside an action, and else for S3.
func serviceOf(r *http.Request, target *wire.Target) string {
	if name := sigv4.ReadClaim(r).Service; name != "" && name != "s3" {
		return name
	}
	if target.Service != "" || target.Path != "/" || target.VirtualHosted {
		return target.Service
	}
	if name, ok := byVersion[target.Query.Get("Version")]; ok && target.Query.Has("Action") {
		return name
	}
	if r.Header.Get("Authorization") != "" {
		return ""
	}
	form := r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	if form || strings.HasPrefix(target.Query.Get("Action"), "AssumeRoleWith") {
		return "sts"
	}
	return ""
}

// byVersion are the services of the query protocols by the version of their API.
var byVersion = map[string]string{"2010-05-08": "iam", "2011-06-15": "sts", "2016-11-15": "ec2"}

// allowed keeps a decision that lets a request pass.
func (s *Server) allowed(ids wire.IDs, by s3.Reporter, again s3.Stated) {
	s.metrics.decided(nil)
	s.decisions.add(ids.Request, decision{by: by, again: again}, nil)
}

// record keeps a decision and logs a refusal.
func (s *Server) record(r *http.Request, ids wire.IDs, d *report.Decision) {
	s.metrics.decided(d)
	made := decision{made: func() *report.Decision { return d }}
	if d.Verdict == iam.Allowed {
		s.decisions.add(ids.Request, made, nil)
		return
	}
	s.decisions.add(ids.Request, made, d)
	s.log.refusal(r, ids, d)
}
