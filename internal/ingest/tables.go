package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/why403/why403/internal/ingest/accesslog"
	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/table"
)

// tables reads the records that rows were made of. It has readers of its own, since a
// row may stand inside of what the worker's are reading.
type tables struct {
	trail  cloudtrail.Reader
	access accesslog.Reader
	at     badRow // the row at hand
}

// A badRow is a row of a table that is no record.
type badRow struct {
	file string
	line int  // 0 where it is not known
	row  bool // line is the number of the row, in the answer to a query
	err  error
}

func (b *badRow) Error() string {
	switch {
	case b.line == 0:
		return fmt.Sprintf("%s: %v", b.file, b.err)
	case b.row:
		return fmt.Sprintf("%s: row %d: %v", b.file, b.line, b.err)
	}
	return fmt.Sprintf("%s:%d:1: %v", b.file, b.line, b.err)
}

func (b badRow) with(err error) error { b.err = err; return &b }

func (b *badRow) Unwrap() error { return b.err }

func newTables(w *worker) *tables {
	t := &tables{}
	t.trail = cloudtrail.Reader{Options: w.trail.Options, Handle: w.trail.Handle, Other: t.line,
		Bad: func(b *cloudtrail.Bad) error { return w.bad(t.at.with(b.Err)) }}
	t.access = accesslog.Reader{Options: w.access.Options, Handle: w.access.Handle,
		Bad: func(b *accesslog.Bad) error { return w.bad(t.at.with(b.Err)) }}
	return t
}

// table reads a table: CSV, or the answer to a query.
func (w *worker) table(name string, in io.Reader, answer bool) error {
	defer w.counted()
	if !answer {
		return w.ended(name, table.Each(in, func(line int, r table.Row) error { return w.row(badRow{file: name, line: line}, r) },
			func(line int, err error) error { return w.bad(&badRow{file: name, line: line, err: err}) }))
	}
	n := 0
	return w.ended(name, table.EachResult(in, func(r table.Row) error { n++; return w.row(badRow{file: name, line: n, row: true}, r) }))
}

// ended tells of what is wrong with a table as a whole, and ends the reading of it.
func (w *worker) ended(name string, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, table.ErrTooLong) {
		return w.bad(&badRow{file: name, err: err})
	}
	return err
}

func (w *worker) row(at badRow, r table.Row) error {
	t := w.tables
	t.at = at
	text, access, ok := r.Record()
	switch {
	case !ok:
		return w.bad(at.with(errors.New("a row without eventName, or without the time and the operation of an access log")))
	case access:
		return t.access.Read(at.file, strings.NewReader(text))
	}
	return t.trail.Read(at.file, strings.NewReader(text))
}

// object takes an object that is no record of CloudTrail for a row of a table: an access
// log in CloudWatch Logs has one for each request, and Athena's JSON has CloudTrail's
// names in lower case.
func (w *worker) object(text []byte) (bool, error) {
	defer w.counted()
	r, ok := table.Object(text)
	if !ok {
		return false, nil
	}
	if made, _, ok := r.Record(); !ok || bytes.Equal([]byte(made), text) {
		return false, nil
	}
	return true, w.row(badRow{file: w.name}, r)
}

// line is object inside of a row.
func (t *tables) line(text []byte) (bool, error) {
	r, ok := table.Object(text)
	if !ok {
		return false, nil
	}
	made, access, ok := r.Record()
	if !ok || !access {
		return false, nil
	}
	return true, t.access.Read(t.at.file, strings.NewReader(made))
}

// counted adds what the readers of tables have read to the tally.
func (w *worker) counted() {
	t := w.tables
	if t.trail.Records > 0 {
		w.tally.CloudTrail.Add(1)
	}
	if t.access.Records > 0 {
		w.tally.AccessLog.Add(1)
	}
	w.count(&t.trail.Records)
	w.count(&t.access.Records)
}
