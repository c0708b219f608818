package server

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/report"
)

// A requestLog writes entries whole, one after another.
type requestLog struct {
	mu     sync.Mutex
	w      io.Writer
	render func(*report.Decision) string
	now    func() time.Time
}

// Write writes one entry, for the HTTP server's own complaints.
func (l *requestLog) Write(p []byte) (int, error) {
	l.entry("server", string(bytes.TrimRight(p, "\n")), "")
	return len(p), nil
}

// entry writes a line, and below it a text of several, indented.
func (l *requestLog) entry(head, line, text string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", l.now().UTC().Format(time.RFC3339), head, line)
	for row := range strings.Lines(strings.TrimRight(text, "\n")) {
		b.WriteString("  " + strings.TrimRight(row, "\n") + "\n")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.w, b.String()) // nowhere to complain
}

// line names a request. What the client chose is quoted where it could forge
// lines of the log.
func line(r *http.Request) string { return lineOf(r.Method, r.Host, r.RequestURI) }

func lineOf(method, host, target string) string {
	for _, secret := range []string{"X-Amz-", "AWSAccessKeyId=", "Signature=", "-customer-key="} {
		if i := strings.Index(target, secret); i >= 0 {
			target = target[:i] + secret + "…" // signatures, tokens and keys are no business of a log
		}
	}
	return plain(method) + " " + plain(host) + plain(target)
}

func plain(s string) string {
	if q := strconv.Quote(s); len(q) != len(s)+2 {
		return q
	}
	return s
}

// request logs a request that was answered.
func (l *requestLog) request(r *http.Request, ids wire.IDs, status int) {
	l.entry(ids.Request, strconv.Itoa(status)+" "+line(r), "")
}

// refusal logs why a request was refused.
func (l *requestLog) refusal(r *http.Request, ids wire.IDs, d *report.Decision) {
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

// denied logs why a service refused a call, where no decision stands behind it.
func (l *requestLog) denied(r *http.Request, ids wire.IDs, why string) {
	l.entry(ids.Request, "denied "+line(r), "because "+why)
}

// failed logs an error that is ours.
func (l *requestLog) failed(r *http.Request, ids wire.IDs, err error) {
	l.entry(ids.Request, "error "+line(r)+": "+err.Error(), "")
}
