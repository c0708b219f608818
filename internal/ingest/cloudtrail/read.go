package cloudtrail

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/why403/why403/internal/ingest/record"
)

// Options say what is read.
type Options struct {
	// FailedOnly leaves out the records of requests that succeeded, at a tenth of
	// the cost of reading them.
	FailedOnly bool
}

// A Bad is something that is no record, with its place.
type Bad struct {
	File         string
	Line, Column int64
	Err          error
}

// Error returns file, line and column with what is wrong.
func (e *Bad) Error() string { return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err) }

// Unwrap returns what is wrong.
func (e *Bad) Unwrap() error { return e.Err }

const (
	blockSize = 256 << 10
	maxRecord = 16 << 20 // sixteen times what CloudTrail writes at most
)

// A Reader reads streams, one after the other. Its buffers serve all of them.
type Reader struct {
	Options
	Handle func(*record.Record) error // its error ends the reading
	Bad    func(*Bad) error           // told of what is no record; its error ends the reading

	// Other, where it is set, is given objects without an eventName, and reports
	// whether it takes them for something else than a bad record.
	Other func(text []byte) (bool, error)

	// Records counts the records passed, those left out included.
	Records int64

	name       string
	in         io.Reader
	window     window
	own        []byte // the buffer of streams that are read into one
	buf        []byte
	start, end int
	eof        bool
	broken     error // what ended the stream, if not its end
	inList     bool
	lines      int64 // line breaks before buf
	column     int64 // characters of the line before buf

	parser parser
	rec    record.Record
}

// Read reads one stream to its end. The name stands in records and complaints.
func (r *Reader) Read(name string, in io.Reader) error {
	r.window.in, _ = in.(Pieces)
	switch {
	case r.window.in != nil:
		r.window.piece, r.window.ahead, r.buf = nil, nil, nil
	case r.own == nil:
		r.own = make([]byte, blockSize)
		fallthrough
	default:
		r.buf = r.own
	}
	r.parser.once = r.FailedOnly
	r.name, r.in, r.start, r.end, r.eof, r.broken, r.inList, r.lines, r.column = name, in, 0, 0, false, nil, false, 0, 0
	for {
		c, ok, err := r.next()
		if err != nil {
			return err
		}
		if !ok {
			return r.broken
		}
		if err := r.step(c); err != nil {
			return err
		}
	}
}

// step reads what begins with a character.
func (r *Reader) step(c byte) error {
	switch {
	case c == '{' && !r.inList && r.envelope():
		return nil
	case c == '{':
		return r.records()
	case c == '[':
		r.start++
		r.inList = true
		return nil
	case c == ']', c == '}' && !r.inList:
		r.start++
		r.inList = false
		return nil
	case c == '"' && !r.inList:
		return r.member()
	case c == '"':
		return r.quoted()
	}
	return r.bad(errSyntax)
}

// next passes over white space and commas, and returns what follows.
func (r *Reader) next() (byte, bool, error) {
	for {
		for r.start < r.end {
			if c := r.buf[r.start]; c > ' ' && c != ',' && c != 0xEF && c != 0xBB && c != 0xBF {
				return c, true, nil
			}
			r.start++
		}
		if r.eof {
			return 0, false, nil
		}
		if err := r.fill(); err != nil {
			return 0, false, err
		}
	}
}

// fill moves what is not read yet to the front, and reads on until the buffer is
// full. A buffer that is full already grows.
func (r *Reader) fill() error {
	r.count(r.buf[:r.start])
	if r.window.in != nil {
		return r.slide()
	}
	copy(r.buf, r.buf[r.start:r.end])
	r.end -= r.start
	r.start = 0
	if r.end == len(r.buf) {
		if len(r.buf) >= maxRecord {
			return r.tooLong()
		}
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
		r.own = r.buf
	}
	for r.end < len(r.buf) {
		n, err := r.in.Read(r.buf[r.end:])
		r.end += n
		if err != nil {
			r.ends(err)
			return nil
		}
	}
	return nil
}

// ends keeps what ended the stream; it is told when what came before is read.
func (r *Reader) ends(err error) {
	r.eof = true
	if err != io.EOF {
		r.broken = fmt.Errorf("read %s: %w", r.name, err)
	}
}

func (r *Reader) tooLong() error {
	return fmt.Errorf("%s:%d:%d: a record of more than %d bytes", r.name, r.lines+1, r.column+1, maxRecord)
}

// count keeps the place of what leaves the buffer.
func (r *Reader) count(gone []byte) {
	if n := bytes.Count(gone, []byte{'\n'}); n > 0 {
		r.lines += int64(n)
		r.column = int64(len(gone) - 1 - bytes.LastIndexByte(gone, '\n'))
		return
	}
	r.column += int64(len(gone))
}

// lists are the members of envelopes that hold records; around are others.
var (
	lists  = map[string]bool{"Records": true, "Events": true, "events": true, "logEvents": true}
	around = map[string]bool{"NextToken": true, "nextToken": true, "nextForwardToken": true, "nextBackwardToken": true, "searchedLogStreams": true,
		"messageType": true, "owner": true, "logGroup": true, "logStream": true, "subscriptionFilters": true}
)

// envelope enters an object that holds a list of records.
func (r *Reader) envelope() bool {
	for !r.eof && r.end-r.start < 4096 {
		if err := r.fill(); err != nil {
			return false // met again by whoever reads on
		}
	}
	c := cursor{b: r.buf[:r.end], i: r.start + 1}
	name, ok := c.member()
	if !ok || !lists[string(name)] && !around[string(name)] {
		return false
	}
	r.start++
	return true
}

// member reads a member of an envelope: it enters the list of records, and passes
// over others.
func (r *Reader) member() error {
	for {
		c := cursor{b: r.buf[:r.end], i: r.start}
		name, ok := c.member()
		if ok && lists[string(name)] && c.open('[') {
			r.start, r.inList = c.i, true
			return nil
		}
		if c.failed == nil {
			c.skip()
		}
		switch {
		case c.failed == nil:
			r.start = c.i
			return nil
		case c.failed == errShort && !r.eof:
			if err := r.fill(); err != nil {
				return err
			}
		default:
			return r.bad(c.failed)
		}
	}
}

var begin = []byte(`{"eventVersion"`)

// records reads what is in the buffer of records that follow each other.
func (r *Reader) records() error {
	if r.FailedOnly && r.pass() && !r.eof && r.end-r.start < bridge {
		return r.fill() // cheaper than to walk to where the text ends
	}
	for r.start < r.end && r.buf[r.start] == '{' {
		if err := r.one(); err != nil {
			return err
		}
		for r.start < r.end && (r.buf[r.start] == ',' || r.buf[r.start] <= ' ') {
			r.start++
		}
		if r.window.crossed(r.end - r.start) {
			if err := r.fill(); err != nil {
				return err
			}
		}
		if r.FailedOnly {
			return nil
		}
	}
	return nil
}

// one reads one record, and more text where it needs it.
func (r *Reader) one() error {
	for {
		end, err := r.parser.parse(r.buf[:r.end], r.start, &r.rec)
		switch {
		case err == nil:
			text := r.buf[r.start:end]
			r.start = end
			return r.deliver(text)
		case errors.Is(err, errShort) && !r.eof:
			if err := r.fill(); err != nil {
				return err
			}
		default:
			return r.bad(err)
		}
	}
}

// pass moves on to the first record in the buffer that may have failed, or else to
// the last one, of which all may not be there, and reports that it is that.
func (r *Reader) pass() bool {
	if text := r.buf[r.start:r.end]; !bytes.HasPrefix(text, begin) {
		return len(text) < len(begin)
	}
	hit, from, passed := nextFailed(r.buf[r.start:r.end])
	r.Records += passed
	r.start += from
	return hit < 0
}

// deliver hands the record on that was read of a text.
func (r *Reader) deliver(text []byte) error {
	r.Records++
	if r.parser.inner != nil && len(r.rec.Event) == 0 {
		text = bytes.Clone(r.parser.inner)
		if _, err := r.parser.parse(text, 0, &r.rec); err != nil {
			return r.tell(err)
		}
	}
	if len(r.rec.Event) == 0 {
		return r.nameless(text)
	}
	if r.FailedOnly && len(r.rec.Error) == 0 {
		return nil
	}
	r.rec.Kind, r.rec.File = record.CloudTrail, r.name
	return r.Handle(&r.rec)
}

// nameless tells of an object without an eventName, unless a trail delivers it beside
// its records: an insight, an aggregated event, a digest (CloudTrail User Guide,
// CloudTrail record contents for Insights events; CloudTrail digest file structure).
func (r *Reader) nameless(text []byte) error {
	r.Records--
	switch category := string(r.rec.Category); {
	case category == "Insight", category == "Aggregated", string(r.rec.Type) == "AwsCloudTrailInsight", bytes.Contains(text, []byte(`"digestS3Object"`)):
		return nil
	}
	if r.Other != nil {
		if taken, err := r.Other(text); taken || err != nil {
			return err
		}
	}
	return r.tell(errors.New("no record of CloudTrail: it lacks eventName"))
}

// quoted reads a record that is a text in a list, as --query 'Events[].CloudTrailEvent'
// gives them.
func (r *Reader) quoted() error {
	for {
		c := cursor{b: r.buf[:r.end], i: r.start}
		text := bytes.Clone(c.str())
		switch {
		case c.failed == nil:
			r.start = c.i
			if _, err := r.parser.parse(text, 0, &r.rec); err != nil {
				return r.tell(err)
			}
			return r.deliver(text)
		case c.failed == errShort && !r.eof:
			if err := r.fill(); err != nil {
				return err
			}
		default:
			return r.bad(c.failed)
		}
	}
}

// bad complains about what is at hand, and goes on with the next record that can
// be told.
func (r *Reader) bad(err error) error {
	if err := r.tell(err); err != nil {
		return err
	}
	for {
		if n := bytes.Index(r.buf[min(r.start+1, r.end):r.end], begin); n >= 0 {
			r.start += 1 + n
			return nil
		}
		if r.eof {
			r.start = r.end
			return nil
		}
		r.start = max(r.start, r.end-len(begin))
		if err := r.fill(); err != nil {
			return err
		}
	}
}

func (r *Reader) tell(err error) error {
	seen := r.buf[:r.start]
	b := &Bad{File: r.name, Line: r.lines + 1, Column: r.column + int64(len(seen)) + 1, Err: err}
	if n := bytes.Count(seen, []byte{'\n'}); n > 0 {
		b.Line += int64(n)
		b.Column = int64(len(seen) - bytes.LastIndexByte(seen, '\n'))
	}
	return r.Bad(b)
}
