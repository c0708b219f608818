package cli

import (
	"fmt"
	"sync"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/source/live"
	"github.com/why403/why403/report"
)

// tell sums up what was read, and what was not.
func (f *collectFlags) tell(s *System, e *estate.Estate) {
	var users, roles, buckets, keys int
	for _, a := range e.Accounts {
		users, roles, buckets, keys = users+len(a.Users), roles+len(a.Roles), buckets+len(a.Buckets), keys+len(a.Keys)
	}
	var unread []report.Unknown
	for _, u := range e.AllUnknowns() {
		if !live.Never(u.Why) {
			unread = append(unread, report.Unknown{What: u.What, Why: u.Why})
		}
	}
	lines := render.Unread(unread)
	for _, line := range lines[:min(len(lines), fewUnread)] {
		fmt.Fprintf(s.Stderr, "why403: warning: not read: %s\n", line)
	}
	if more := len(lines) - fewUnread; more > 0 {
		fmt.Fprintf(s.Stderr, "why403: warning: and for %d more reasons, under unknown in %s\n", more, render.Clean(f.out))
	}
	accounts := ""
	if len(e.Accounts) > 1 {
		accounts = fmt.Sprintf("%d accounts, ", len(e.Accounts))
	}
	fmt.Fprintf(s.Stderr, "why403: %s%d users, %d roles, %d buckets and %d keys are in %s\n", accounts, users, roles, buckets, keys, render.Clean(f.out))
}

// fewUnread is how many reasons are listed for which something could not be read.
const fewUnread = 12

// A statusLine is one line of a terminal, which says what is being done.
type statusLine struct {
	mu    sync.Mutex
	s     *System
	on    bool
	count int
}

func newStatusLine(s *System) *statusLine { return &statusLine{s: s, on: s.width(s.Stderr) > 0} }

func (p *statusLine) now(what string) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	text := render.Clean(fmt.Sprintf("reading (%d) %s", p.count, what))
	fmt.Fprintf(p.s.Stderr, "\r\x1b[K%.*s", max(p.s.width(p.s.Stderr)-1, 0), text)
}

func (p *statusLine) end() {
	if p.on {
		fmt.Fprint(p.s.Stderr, "\r\x1b[K")
	}
}
