package cloudtrail

import (
	"bytes"
	"reflect"

	"github.com/why403/why403/internal/ingest/record"
)

// afford reports whether another shape may be learned, which costs as much as
// reading a few records. Each record pays off some of what learning has cost, so that
// a log of which all records are of new shapes is not read much more slowly.
func (s *shapes) afford() bool {
	const price, most = 32, 256 * 32
	s.pay()
	if s.debt > most {
		return false
	}
	s.debt += price
	return true
}

func (s *shapes) pay() { s.debt = max(s.debt-1, 0) }

// learn adds the shape of a record to those that are known. It reads a copy of the
// text, to have texts that last.
func (p *parser) learn(text []byte) {
	if !p.shapes.afford() {
		return
	}
	text = bytes.Clone(text)
	q := parser{once: true, gaps: make([]gap, 0, maxGaps)}
	s := &shape{}
	if _, err := q.read(text, 0, &s.record); err != nil || q.odd || len(q.gaps) > maxGaps {
		return
	}
	for _, g := range q.gaps {
		if g.kind == textGap {
			s.fields = append(s.fields, g.field)
		}
	}
	s.record.Who, s.record.Shape = record.Identity{}, record.NewNumber()
	if !s.holds(altered(text, q.gaps), q.gaps) {
		return
	}
	if p.shapes.known >= maxShapes {
		p.shapes = shapes{debt: p.shapes.debt}
	}
	p.shapes.add(text, q.gaps, s)
}

// altered returns a text with other texts in its gaps.
func altered(text []byte, gaps []gap) []byte {
	text = bytes.Clone(text)
	for _, g := range gaps {
		if g.kind == textGap {
			for i := range text[g.from:g.to] {
				text[g.from+i] = byte('a' + (g.from+i)%26)
			}
		}
	}
	return text
}

// holds reports that a record is as a shape and the parser tell: that there is
// nothing that one of them read twice or by what stands in a gap.
func (s *shape) holds(text []byte, gaps []gap) bool {
	var told, read record.Record
	q := parser{once: true}
	if _, err := q.read(text, 0, &read); err != nil {
		return false
	}
	var found [][]byte
	for _, g := range gaps {
		if g.kind == textGap {
			found = append(found, text[g.from:g.to])
		}
	}
	s.fill(&told, found, &read.Who)
	told.Shape = 0
	return reflect.DeepEqual(told, read)
}

// add puts a shape into the tree: its text, as far as that is not there yet. Two
// records of the same text before a gap have the same gap; where they have not, as
// with the empty string, the first to come is the one that is known.
func (s *shapes) add(text []byte, gaps []gap, end *shape) {
	if s.known++; s.root.text == nil {
		s.root = *chain(text, 0, gaps, end)
		return
	}
	for at, from := &s.root, 0; ; {
		piece, gap := upTo(text, from, gaps)
		n := common(at.text, piece)
		from += n
		switch {
		case n < len(at.text) && n < len(piece):
			at.split(n)
		case n < len(at.text), n < len(piece) && at.gap != noGap, n == len(piece) && at.gap != gap:
			return
		case n == len(piece) && gap == noGap:
			return // the same shape
		case n == len(piece):
			from, gaps = gaps[0].to, gaps[1:]
		}
		next := at.to(text[from])
		if next == nil {
			at.grow(chain(text, from, gaps, end))
			return
		}
		at = next
	}
}

// upTo returns the text before the next gap, and which gap that is.
func upTo(text []byte, from int, gaps []gap) ([]byte, gapKind) {
	if len(gaps) == 0 {
		return text[from:], noGap
	}
	return text[from:gaps[0].from], gaps[0].kind
}

// chain makes branches of all that is left of a text.
func chain(text []byte, from int, gaps []gap, end *shape) *branch {
	piece, gap := upTo(text, from, gaps)
	if gap == noGap {
		return &branch{text: piece, shape: end}
	}
	b := &branch{text: piece, gap: gap}
	b.grow(chain(text, gaps[0].to, gaps[1:], end))
	return b
}

// split divides a branch in two.
func (b *branch) split(n int) {
	rest := *b
	rest.text = b.text[n:]
	*b = branch{text: b.text[:n]}
	b.grow(&rest)
}

// common returns how much of two texts is the same.
func common(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
