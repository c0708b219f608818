package ingest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"github.com/why403/why403/internal/ingest/accesslog"
	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/ingest/table"
)

// Options say how logs are read.
type Options struct {
	FailedOnly bool // leave out the records of requests that succeeded
	Strict     bool // end at the first record that cannot be read
	Workers    int  // goroutines; 0 is one
}

// maxShown is how many bad records are kept to be shown.
const maxShown = 20

// A Tally counts what is read. It can be looked at while reading goes on.
type Tally struct {
	Files, Records, Bytes atomic.Int64 // Bytes are as stored
	Bad                   atomic.Int64
	CloudTrail, AccessLog atomic.Int64 // files of each kind

	mu    sync.Mutex
	shown []error
}

// Shown returns what was wrong with the first bad records, by their places.
func (t *Tally) Shown() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var texts []string
	for _, err := range t.shown {
		texts = append(texts, err.Error())
	}
	return texts
}

// bad counts a bad record. Which are kept hangs on their places alone, not on
// when they were met.
func (t *Tally) bad(err error) {
	t.Bad.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	at, _ := slices.BinarySearchFunc(t.shown, err, comparePlaces)
	t.shown = slices.Insert(t.shown, at, err)
	if len(t.shown) > maxShown {
		t.shown = t.shown[:maxShown]
	}
}

// comparePlaces orders what is wrong by file, and lines by number.
func comparePlaces(a, b error) int {
	fileA, lineA := placeOf(a)
	fileB, lineB := placeOf(b)
	return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB), cmp.Compare(a.Error(), b.Error()))
}

func placeOf(err error) (file string, line int64) {
	var trail *cloudtrail.Bad
	var access *accesslog.Bad
	var row *badRow
	switch {
	case errors.As(err, &trail):
		return trail.File, trail.Line
	case errors.As(err, &access):
		return access.File, access.Line
	case errors.As(err, &row):
		return row.file, int64(row.line)
	}
	return err.Error(), 0
}

// Run reads all sources. handler makes the function that a goroutine gives its
// records to, and is called once for each before any reads; the records are its
// own until it returns. Files are read in no fixed order.
func Run(ctx context.Context, s *Sources, o Options, t *Tally, handler func(worker int) func(*record.Record) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	objects := make(chan Object, 64)
	var all sync.WaitGroup
	var idle atomic.Int32
	for i := range max(o.Workers, 1) {
		w := newWorker(o, t, handler(i), &idle)
		all.Go(func() {
			for {
				idle.Add(1)
				object, more := <-objects
				if !more {
					return
				}
				idle.Add(-1)
				if err := w.read(ctx, object); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	err := s.Each(ctx, func(object Object) error {
		select {
		case objects <- object:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(objects)
	all.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// worker reads one object after the other. Its buffers serve all of them.
type worker struct {
	tally  *Tally
	idle   *atomic.Int32 // workers that have nothing to read
	strict bool
	trail  cloudtrail.Reader
	access accesslog.Reader
	tables *tables
	name   string // of the file that is read
	front  *bufio.Reader
	stored []byte // the compressed file at hand, or its beginning
	whole  bytes.Reader
	zip    *gzip.Reader
}

// maxStored is how much of a compressed file is read before anything is done with it.
const maxStored = 16 << 20

func newWorker(o Options, t *Tally, handle func(*record.Record) error, idle *atomic.Int32) *worker {
	w := &worker{tally: t, idle: idle, strict: o.Strict, front: bufio.NewReaderSize(nil, 64<<10)}
	w.trail = cloudtrail.Reader{Options: cloudtrail.Options{FailedOnly: o.FailedOnly}, Handle: handle,
		Bad: func(b *cloudtrail.Bad) error { return w.bad(b) }}
	w.access = accesslog.Reader{Options: accesslog.Options{FailedOnly: o.FailedOnly}, Handle: handle,
		Bad: func(b *accesslog.Bad) error { return w.bad(b) }}
	w.trail.Other = w.object
	w.tables = newTables(w)
	return w
}

func (w *worker) bad(err error) error {
	if w.strict {
		return err
	}
	w.tally.bad(err)
	return nil
}

// read reads one object. What is wrong with it ends the reading of it, and that of
// all only if strict.
func (w *worker) read(ctx context.Context, object Object) error {
	in, err := object.Open()
	if err != nil {
		return w.bad(err)
	}
	defer in.Close()
	w.tally.Files.Add(1)
	err = w.content(object.Name, &counter{ctx: ctx, in: in, w: w})
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || isCorrupt(err) {
		return w.bad(err)
	}
	return err
}

// isCorrupt reports complaints of the readers and of inflate about the data, as
// against those of the disk or the handler.
func isCorrupt(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "flate: corrupt") || strings.Contains(err.Error(), "a line of more than") || strings.Contains(err.Error(), "a record of more than"))
}

func (w *worker) content(name string, in io.Reader) error {
	w.name = name
	w.front.Reset(in)
	if head, _ := w.front.Peek(2); len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return w.text(name, plain{w.front})
	}
	zip, err := w.inflate(name)
	if err != nil {
		return err
	}
	take := inPlace
	if w.idle.Load() > 0 { // there are fewer files than goroutines, so two may work on one
		take = ahead
	}
	next, stop := take(zip)
	defer stop()
	return w.text(name, &pieces{next: next})
}

// store reads a compressed file into memory, where taking the compression off is a
// tenth faster than on a stream. Of a very long one that is its beginning.
func (w *worker) store() (io.Reader, error) {
	for w.stored = w.stored[:0]; len(w.stored) < maxStored; {
		if len(w.stored) == cap(w.stored) {
			w.stored = slices.Grow(w.stored, max(len(w.stored), 256<<10))
		}
		n, err := w.front.Read(w.stored[len(w.stored):min(cap(w.stored), maxStored)])
		if w.stored = w.stored[:len(w.stored)+n]; err == io.EOF {
			w.whole.Reset(w.stored)
			return &w.whole, nil
		} else if err != nil {
			return nil, err
		}
	}
	return bufio.NewReaderSize(io.MultiReader(bytes.NewReader(w.stored), w.front), 64<<10), nil
}

// contents are what a file holds, of which the beginning can be looked at.
type contents interface {
	io.Reader
	io.ByteScanner
	Head() []byte // some of what comes next
}

// plain is a file without compression.
type plain struct{ *bufio.Reader }

func (p plain) Head() []byte { head, _ := p.Peek(4 << 10); return head }

// text reads what a file holds without its compression.
func (w *worker) text(name string, text contents) error {
	c := byte(0)
	for c <= ' ' || c == 0xEF || c == 0xBB || c == 0xBF {
		var err error
		if c, err = text.ReadByte(); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	if err := text.UnreadByte(); err != nil {
		return err
	}
	isJSON := c == '{' || c == '['
	if head := text.Head(); isJSON && table.IsResults(head) || !isJSON && table.IsCSV(head) {
		return w.table(name, text, isJSON)
	}
	if isJSON {
		w.tally.CloudTrail.Add(1)
		defer w.count(&w.trail.Records)
		return w.trail.Read(name, text)
	}
	w.tally.AccessLog.Add(1)
	defer w.count(&w.access.Records)
	return w.access.Read(name, text)
}

func (w *worker) inflate(name string) (*gzip.Reader, error) {
	in, err := w.store()
	switch {
	case err != nil:
	case w.zip == nil:
		w.zip, err = gzip.NewReader(in)
	default:
		err = w.zip.Reset(in)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return w.zip, nil
}

func (w *worker) count(records *int64) {
	w.tally.Records.Add(*records)
	*records = 0
}

// counter counts the bytes that are read, and ends with the context.
type counter struct {
	ctx context.Context
	in  io.Reader
	w   *worker
}

func (c *counter) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, context.Cause(c.ctx)
	}
	n, err := c.in.Read(p)
	c.w.tally.Bytes.Add(int64(n))
	return n, err
}
