package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/report"
)

// A requestLog writes entries whole, one after another: lines for people, or objects
// of JSON.
type requestLog struct {
	mu     sync.Mutex
	w      io.Writer
	render func(*report.Decision) string
	now    func() time.Time
	json   *slog.Logger // nil: for people
	buf    []byte
}

func newLog(c Config) *requestLog {
	l := &requestLog{w: c.Log, render: c.Render, now: c.Now}
	if c.LogJSON {
		l.json = slog.New(clock{slog.NewJSONHandler(c.Log, nil), c.Now})
	}
	return l
}

// A clock is a handler whose records have the time of the endpoint.
type clock struct {
	slog.Handler
	now func() time.Time
}

// Handle implements slog.Handler.
func (c clock) Handle(ctx context.Context, r slog.Record) error {
	r.Time = c.now().UTC()
	return c.Handler.Handle(ctx, r)
}

// Write writes one entry, for the HTTP server's own complaints.
func (l *requestLog) Write(p []byte) (int, error) {
	text := string(bytes.TrimRight(p, "\n"))
	if l.json != nil {
		l.json.Warn(text)
	} else {
		l.entry("server", text, "")
	}
	return len(p), nil
}

// entry writes a line, and below it a text of several, indented.
func (l *requestLog) entry(head, line, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.now().UTC().AppendFormat(l.buf[:0], time.RFC3339)
	b = append(append(append(append(append(b, ' '), head...), ' '), line...), '\n')
	for row := range strings.Lines(strings.TrimRight(text, "\n")) {
		b = append(append(append(b, "  "...), strings.TrimRight(row, "\n")...), '\n')
	}
	l.buf = b
	_, _ = l.w.Write(b) // nowhere to complain
}

// line names a request. What the client chose is quoted where it could forge
// lines of the log.
func line(r *http.Request) string { return lineOf(r.Method, r.Host, r.RequestURI) }

func lineOf(method, host, target string) string {
	return plain(method) + " " + plain(host) + plain(withoutSecrets(target))
}

// withoutSecrets is what a request addresses, as far as it is fit for a log.
func withoutSecrets(target string) string {
	for _, secret := range []string{"X-Amz-", "AWSAccessKeyId=", "Signature=", "-customer-key="} {
		if i := strings.Index(target, secret); i >= 0 {
			target = target[:i] + secret + "…" // signatures, tokens and keys are no business of a log
		}
	}
	return target
}

// plain returns s as it is where it is printable ASCII without quotes, else quoted.
func plain(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			if q := strconv.Quote(s); len(q) != len(s)+2 {
				return q
			}
			return s
		}
	}
	return s
}

// of are the attributes of a request in JSON.
func of(r *http.Request, ids wire.IDs, more ...any) []any {
	return append([]any{"requestId", ids.Request, "method", r.Method, "host", r.Host, "target", withoutSecrets(r.RequestURI), "remote", r.RemoteAddr}, more...)
}

// request logs a request that was answered.
func (l *requestLog) request(r *http.Request, ids wire.IDs, w *statusWriter, took time.Duration) {
	if l.json != nil {
		l.json.Info("request", of(r, ids, "service", w.service, "operation", w.operation, "status", w.status, "bytes", w.sent, "seconds", took.Seconds())...)
		return
	}
	l.entry(ids.Request, strconv.Itoa(w.status)+" "+line(r), "")
}

// refusal logs why a request was refused.
func (l *requestLog) refusal(r *http.Request, ids wire.IDs, d *report.Decision) {
	if l.json != nil {
		l.refusalJSON(r, ids, d)
		return
	}
	text := ""
	switch {
	case l.render != nil:
		text = l.render(d)
	case d.Cause != nil:
		text = "because " + d.Cause.Gate.String() + " (" + d.Cause.Reason + "): " + d.Cause.Summary
	default:
		for _, u := range d.Unknown {
			text += "not known: " + u.What + ": " + u.Why + "\n"
		}
	}
	l.entry(ids.Request, d.Verdict.String()+" "+line(r), text)
}

// refusalJSON logs a refusal by its parts; all of it is to be had by its request id.
func (l *requestLog) refusalJSON(r *http.Request, ids wire.IDs, d *report.Decision) {
	more := []any{"verdict", d.Verdict.String(), "principal", d.Principal, "operation", d.Operation, "resource", d.Resource}
	if d.Cause != nil {
		more = append(more, "gate", d.Cause.Gate.String(), "reason", d.Cause.Reason, "summary", d.Cause.Summary)
	}
	for _, u := range d.Unknown {
		more = append(more, "unknown", u.What+": "+u.Why)
	}
	if l.render != nil {
		if text := l.render(d); text != "" {
			more = append(more, "explanation", text)
		}
	}
	l.json.Info("refusal", of(r, ids, more...)...)
}

// denied logs why a call was refused that no decision stands behind.
func (l *requestLog) denied(r *http.Request, ids wire.IDs, why string) {
	if l.json != nil {
		l.json.Info("refusal", of(r, ids, "verdict", "denied", "summary", why)...)
		return
	}
	l.entry(ids.Request, "denied "+line(r), "because "+why)
}

// failed logs an error that is ours.
func (l *requestLog) failed(r *http.Request, ids wire.IDs, err error) {
	if l.json != nil {
		l.json.Error("failed", of(r, ids, "error", err.Error())...)
		return
	}
	l.entry(ids.Request, "error "+line(r)+": "+err.Error(), "")
}

// undelivered logs that records of calls could not be delivered.
func (l *requestLog) undelivered(err error) { l.entry("audit", "error: "+err.Error(), "") }
