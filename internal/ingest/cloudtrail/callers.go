package cloudtrail

import (
	"bytes"
	"encoding/binary"

	"github.com/why403/why403/internal/ingest/record"
)

// callers remembers identities by their text: a session makes many requests, and
// what CloudTrail writes of it is each time the same, to the letter. Only the time at
// which it began may differ, as the same name is taken again and again. What has the
// place of another is forgotten with it.
type callers [8192]caller

// caller is the text of one userIdentity, with what it says, in slices of it.
type caller struct {
	text       []byte
	began, end int // where creationDate stands, if there is one
	who        record.Identity
}

// maxCaller bounds what is remembered of one caller; AWS writes about 600 bytes.
const maxCaller = 2 << 10

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

// identity reads userIdentity, or finds that it was read before. The result holds
// until the next call.
func (p *parser) identity() *record.Identity {
	p.who = record.Identity{}
	if p.peek() != '{' {
		p.skip()
		return &p.who
	}
	from := p.i
	who := p.caller()
	p.note(identityGap, from, p.i, noField)
	return who
}

func (p *parser) caller() *record.Identity {
	if p.once {
		p.readIdentity(&p.who)
		return &p.who
	}
	if p.callers == nil {
		p.callers = new(callers)
	}
	known := p.callers.of(p.b[p.i:])
	if n := len(known.text); n > 0 && known.begins(p.b[p.i:]) {
		p.i += n
		return &known.who
	}
	if text := p.nested(); len(text) <= maxCaller && bytes.IndexByte(text, '\\') < 0 && known.read(text) {
		p.i += len(text)
		return &known.who
	}
	p.readIdentity(&p.who)
	return &p.who
}

// begins reports that a text begins with this caller, and takes the time at which
// its session began from there.
func (c *caller) begins(text []byte) bool {
	if !bytes.HasPrefix(text, c.text[:c.began]) || len(text) < len(c.text) || !bytes.Equal(text[c.end:len(c.text)], c.text[c.end:]) {
		return false
	}
	created := text[c.began:c.end]
	if indexQuote(created) >= 0 {
		return false
	}
	if len(created) > 0 {
		c.who.Created = created
	}
	return true
}

// nested returns the text of the object at hand, as the brackets tell it.
func (p *parser) nested() []byte {
	c := p.cursor
	c.skipNested()
	return p.b[p.i:c.i]
}

// read reads an identity out of a copy of its text, which it keeps. There are no
// escapes, so all that is read is parts of the copy.
func (c *caller) read(text []byte) bool {
	p := parser{cursor: cursor{b: append(c.text[:0], text...)}}
	c.text, c.who = p.b, record.Identity{Number: record.NewNumber()}
	if p.readIdentity(&c.who); p.failed != nil || p.i < len(p.b) {
		c.text = c.text[:0]
		return false
	}
	c.began = len(p.b)
	if len(c.who.Created) > 0 {
		c.began = cap(p.b) - cap(c.who.Created) // both reach to the end of their array
	}
	c.end = c.began + len(c.who.Created)
	return true
}
