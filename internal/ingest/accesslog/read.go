package accesslog

import (
	"bytes"
	"fmt"
	"io"

	"github.com/why403/why403/internal/ingest/record"
)

// Options say what is read.
type Options struct {
	FailedOnly bool // leave out the records of requests that succeeded
}

// A Bad is a line that is no record.
type Bad struct {
	File string
	Line int64
	Err  error
}

// Error returns file and line with what is wrong.
func (e *Bad) Error() string { return fmt.Sprintf("%s:%d:1: %v", e.File, e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *Bad) Unwrap() error { return e.Err }

const (
	blockSize = 256 << 10
	maxLine   = 1 << 20 // many times what S3 writes: a URI has 8 KB at most
)

// A Reader reads streams, one after the other.
type Reader struct {
	Options
	Handle func(*record.Record) error // its error ends the reading
	Bad    func(*Bad) error           // told of what is no record; its error ends the reading

	// Records counts the lines passed, those left out included.
	Records int64

	buf   []byte
	text  []byte
	known *known
	rec   record.Record
}

// Read reads one stream to its end. The name stands in records and complaints.
func (r *Reader) Read(name string, in io.Reader) error {
	if r.buf == nil {
		r.buf, r.known = make([]byte, blockSize), new(known)
	}
	line, held := int64(0), 0
	for {
		n, err := full(in, r.buf[held:])
		last := err == io.EOF
		text := r.buf[:held+n]
		end := bytes.LastIndexByte(text, '\n') + 1
		if err != nil && !last {
			if bad := r.lines(name, text[:end], &line); bad != nil { // what came before
				return bad
			}
			return fmt.Errorf("read %s: %w", name, err)
		}
		if last {
			end = len(text)
		}
		if err := r.lines(name, text[:end], &line); err != nil || last {
			return err
		}
		if held = copy(r.buf, text[end:]); held == len(r.buf) {
			if held >= maxLine {
				return &Bad{name, line + 1, fmt.Errorf("a line of more than %d bytes", maxLine)}
			}
			r.buf = append(r.buf, make([]byte, held)...)
		}
	}
}

// full reads until the buffer is full. Unlike io.ReadFull it tells the end of a
// stream from one that was cut off.
func full(in io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var more int
		more, err = in.Read(buf[n:])
		n += more
	}
	return n, err
}

func (r *Reader) lines(name string, text []byte, number *int64) error {
	for len(text) > 0 {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		*number++
		if len(line) == 0 || len(line) == 1 && line[0] == '\r' {
			continue
		}
		r.Records++
		if r.FailedOnly && succeeded(line) {
			continue
		}
		if err := r.line(name, line, *number); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) line(name string, line []byte, number int64) error {
	if err := parse(line, &r.rec, &r.text, r.known); err != nil {
		r.Records--
		return r.Bad(&Bad{name, number, err})
	}
	if r.FailedOnly && !r.rec.Failed() {
		return nil
	}
	r.rec.Kind, r.rec.File = record.AccessLog, name
	return r.Handle(&r.rec)
}

// succeeded tells, without cutting the line into fields, that it is one record of
// a request that succeeded. False is no answer.
func succeeded(line []byte) bool {
	quote := bytes.IndexByte(line, '"')
	if quote < 0 {
		return false
	}
	n := closingURI(line[quote+1:])
	if n < 0 {
		return false
	}
	if status := line[quote+n+3]; status != '2' && status != '3' {
		return false
	}
	open := bytes.IndexByte(line, '[')
	return open >= 0 && bytes.IndexByte(line[open+1:], '[') < 0 // a second time is of a torn line
}
