package cloudtrail

import (
	"bytes"
	"errors"

	"github.com/why403/why403/internal/ingest/record"
)

// Shapes make reading fast. CloudTrail writes the same text over and over, and only
// in some places does one record differ from the next: the key, the time, ids. So
// the parser is asked of each new sort of record which places those are (gaps), and
// the text between them is kept in a tree. Another record of the sort is then read
// by comparing its text with the tree's, and by taking what stands in the gaps.
//
// This is sound because the parser comes to a gap by the text before it alone, and
// does not decide anything by what stands there: whatever it decides by, such as a
// name, a bracket or the type of a resource, is text of the tree. Neither is a gap
// ever empty, so what a record lacks is told by its shape too.
type shapes struct {
	root  branch
	known int // shapes in the tree
	debt  int // see afford
}

const (
	maxShapes = 1024 // a trail of S3 has a few hundred
	maxGaps   = 64
)

// A branch is text that records have in one place, and what follows it.
type branch struct {
	text  []byte
	gap   gapKind // behind the text
	next  []turn  // behind the gap, or the text; all begin differently
	shape *shape  // of the records that end here
}

type gapKind uint8

const (
	noGap       gapKind = iota
	textGap             // the text of a string, without its quotes
	valueGap            // a value that nobody reads
	identityGap         // userIdentity
)

// A gap is a place where records of one shape differ.
type gap struct {
	kind     gapKind
	from, to int
	field    field
}

// A shape is what records of one sort have in common.
type shape struct {
	record record.Record // without what stands in the gaps
	fields []field       // of the text gaps, in their order
}

// A field is where the text of a gap goes to; fieldParam+n is the n-th parameter.
type field uint8

const (
	noField field = iota
	fieldTime
	fieldUserAgent
	fieldSourceIP
	fieldMessage
	fieldRequestID
	fieldEventID
	fieldSharedID
	fieldRecipient
	fieldVPCEndpoint
	fieldBucketOwner
	fieldAccessPoint
	fieldKeyARN
	fieldEncryptionContext
	fieldBucket
	fieldBucketARN
	fieldKey
	fieldVersionID
	fieldHost
	fieldParam
)

// fill puts the text of a gap into a record.
func (f field) fill(r *record.Record, text []byte) {
	switch f {
	case noField:
	case fieldTime:
		r.Time = seconds(text)
	case fieldUserAgent:
		r.UserAgent = unbracketed(text)
	case fieldSourceIP:
		r.SourceIP = text
	case fieldMessage:
		r.Message = text
	case fieldRequestID:
		r.RequestID = text
	case fieldEventID:
		r.EventID = text
	case fieldSharedID:
		r.SharedID = text
	case fieldRecipient:
		r.Recipient = text
	case fieldVPCEndpoint:
		r.VPCEndpoint = text
	case fieldBucketOwner:
		r.BucketOwner = text
	case fieldAccessPoint:
		r.AccessPoint = text
	case fieldKeyARN:
		r.KeyARN = text
	case fieldEncryptionContext:
		r.EncryptionContext = text
	case fieldBucket:
		r.Bucket = text
	case fieldBucketARN:
		if _, name, ok := bytes.Cut(text, []byte(":::")); ok && len(name) > 0 {
			r.Bucket = name
		}
	case fieldKey:
		r.Key = text
	case fieldVersionID:
		r.VersionID = text
	case fieldHost:
		r.Host = text
	default:
		r.Params[f-fieldParam].Value = text
	}
}

// errNew is for records of shapes that are not known.
var errNew = errors.New("a record of a new shape")

var nobody record.Identity // of records without userIdentity

// follow reads the record that begins at p.i by the tree, if its shape is known.
func (p *parser) follow(r *record.Record) error {
	who := &nobody
	found := p.found[:0]
	for at := &p.shapes.root; ; {
		rest := p.b[p.i:]
		if len(rest) < len(at.text) {
			return shortIf(bytes.HasPrefix(at.text, rest))
		}
		if !bytes.Equal(rest[:len(at.text)], at.text) {
			return errNew
		}
		p.i += len(at.text)
		switch at.gap {
		case textGap:
			from := p.i
			end, escaped := scan(p.b, from)
			if end <= from {
				return shortIf(end < 0)
			}
			p.i = end
			text := p.b[from:end]
			if escaped {
				text = p.unescape(text)
			}
			found = append(found, text)
		case valueGap:
			p.skip()
		case identityGap:
			who = p.identity()
		}
		switch {
		case p.failed != nil:
			return shortIf(p.failed == errShort)
		case at.shape != nil:
			p.found = found
			at.shape.fill(r, found, who)
			return nil
		case p.i == len(p.b):
			return errShort
		}
		if at = at.to(p.b[p.i]); at == nil {
			return errNew
		}
	}
}

func shortIf(short bool) error {
	if short {
		return errShort
	}
	return errNew
}

// A turn is where the text goes on with a character.
type turn struct {
	first byte
	to    *branch
}

// to returns what follows and begins with a character.
func (b *branch) to(c byte) *branch {
	for i := range b.next {
		if b.next[i].first == c {
			return b.next[i].to
		}
	}
	return nil
}

// grow adds what follows.
func (b *branch) grow(n *branch) { b.next = append(b.next, turn{n.text[0], n}) }

// fill makes a record of the texts of its gaps.
func (s *shape) fill(r *record.Record, found [][]byte, who *record.Identity) {
	params, raw := append(r.Params[:0], s.record.Params...), append(r.Raw[:0], s.record.Raw...)
	*r = s.record
	r.Params, r.Raw, r.Who = params, raw, *who
	for i, f := range s.fields {
		f.fill(r, found[i])
	}
}
