package cloudtrail

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"

	"github.com/why403/why403/internal/ingest/record"
)

// callers remembers identities by their text: a session makes many requests, and
// what CloudTrail writes of it is each time the same, to the letter. What has the
// place of another is forgotten with it.
type callers [8192]caller

// caller is the text of one userIdentity, with what it says, in slices of it.
type caller struct {
	text []byte
	who  record.Identity
}

// maxCaller bounds what is remembered of one caller; AWS writes about 600 bytes.
const maxCaller = 2 << 10

// numbers gives each text that is remembered a number of its own, whoever reads.
var numbers atomic.Uint64

// of returns the place of the identity that a text begins with: by what follows the
// id's beginning, where sessions differ.
func (c *callers) of(text []byte) *caller {
	const from, to = 32, 96
	if len(text) < to {
		return &c[0]
	}
	h := uint64(0)
	for i := from; i < to; i += 8 {
		h = (h ^ binary.LittleEndian.Uint64(text[i:])) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return &c[h%uint64(len(c))]
}

// identity reads userIdentity, or finds that it was read before.
func (p *parser) identity(w *record.Identity) {
	if p.peek() != '{' {
		p.skip()
		return
	}
	if p.once {
		p.readIdentity(w)
		return
	}
	if p.callers == nil {
		p.callers = new(callers)
	}
	known := p.callers.of(p.b[p.i:])
	if n := len(known.text); n > 0 && bytes.HasPrefix(p.b[p.i:], known.text) {
		*w = known.who
		p.i += n
		return
	}
	from := p.i
	p.readIdentity(w)
	if text := p.b[from:p.i]; p.failed == nil && len(text) <= maxCaller && bytes.IndexByte(text, '\\') < 0 {
		p.remember(known, text, w)
	}
}

// remember keeps a copy of an identity. It has no escapes, so all that was read of
// it is parts of its text.
func (p *parser) remember(known *caller, text []byte, w *record.Identity) {
	known.text = append(known.text[:0], text...)
	aside := p.cursor
	p.cursor = cursor{b: known.text}
	known.who = record.Identity{Number: numbers.Add(1)}
	p.readIdentity(&known.who)
	p.cursor = aside
	w.Number = known.who.Number
}
