package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/proxy"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/request"
)

// refusals are what a program met, in the order in which it met them.
type refusals struct {
	mu        sync.Mutex
	requests  int      // to S3, and by --mitm to AWS
	strangers []string // hosts whose certificate the program did not take
	list      []*met
	by        map[string]*met
}

// A met refusal, and how often the same was met.
type met struct {
	message *errortext.Message
	request *request.Request // that was refused, without its principal; nil for services other than S3
	key     string           // access key
	times   int

	sent   string // method and target
	region string // that it was signed for
	unable error  // why it was not sent to AWS
}

// add takes a refusal, unless it is none: a missing key, say.
func (l *refusals) add(r *proxy.Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.HasPrefix(r.Service, "s3") {
		l.requests++
	}
	for _, m := range readRefusals(r) {
		if !m.wrongRegion() {
			l.mended(m.sent)
		}
		l.addOne(m)
	}
}

func (l *refusals) addOne(m *met) {
	same := strings.Join([]string{m.message.Operation, m.message.Code, fmt.Sprint(m.message.Status), m.message.Action, m.bucket(), reasonOf(m.message)}, "\x00")
	if known := l.by[same]; known != nil {
		known.times++
		return
	}
	if l.by == nil {
		l.by = map[string]*met{}
	}
	l.by[same] = m
	l.list = append(l.list, m)
}

// passed takes an answer that refuses nothing.
func (l *refusals) passed(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	l.mended(r.Method + " " + r.RequestURI)
}

// mended drops the refusal of a request for its Region, where SDKs learned from it
// which is right, and sent it there.
func (l *refusals) mended(sent string) {
	for i, m := range l.list {
		if m.sent == sent && m.wrongRegion() {
			l.list = append(l.list[:i:i], l.list[i+1:]...)
			return
		}
	}
}

func (m *met) wrongRegion() bool {
	return m.message.Status == http.StatusMovedPermanently || reasonOf(m.message) == string(reason.WrongRegion)
}

func (m *met) bucket() string {
	if m.request == nil {
		return ""
	}
	return m.request.Bucket
}

// distrusted takes a host that --mitm could not look into.
func (l *refusals) distrusted(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	l.strangers = append(l.strangers, host)
}

func (l *refusals) any() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests > 0
}

func (l *refusals) distinct() []*met {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list
}

func reasonOf(m *errortext.Message) string {
	if m.Refusal == nil {
		return ""
	}
	return string(m.Refusal.Reason)
}

// reading is what a refusal means; that of a request that was not sent is the
// proxy's own.
func (m *met) reading(mitm bool) errortext.Reading {
	if m.unable == nil {
		return m.message.Reading()
	}
	r := errortext.Reading{Says: "why403 did not send this request on: " + m.unable.Error(), Not: []string{"a refusal by AWS, which was not asked"}}
	if errors.Is(m.unable, proxy.ErrForward) && !mitm {
		r.Next = append(r.Next, byMITM)
	}
	return r
}

// decide has the refused request decided in an estate; as names who made it,
// where neither the answer nor the estate tells.
func (m *met) decide(out *explainedMessage, e *estate.Estate, as string) {
	if m.message.Refusal != nil && m.message.Refusal.Kind == iam.KindAuthentication {
		return // no policy was asked
	}
	q := *m.request
	if holder, held := e.AccessKey(m.key); held {
		q.Principal = holder.Principal
	}
	q.Principal = cmp.Or(as, m.message.Principal, q.Principal)
	if q.Principal == "" || q.Operation == "" {
		out.Reading.Next = append(out.Reading.Next, "not decided: neither the answer nor the estate tells who made the request; say so with --as ARN")
		return
	}
	if err := out.decide(e, &q); err != nil {
		out.Reading.Next = append(out.Reading.Next, "not decided: "+oneLine(err.Error()))
	}
}
