package embedded

import (
	"context"
	"errors"
	"fmt"
	"path"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/why403/why403/internal/store"
)

const (
	maxBatch       = 256  // writes that share a commit
	revisionStride = 4096 // revisions reserved at a time, so that counting them costs no write

	// Commits move what they wrote from the log to the database every 4096 pages, but the log starts over only at a moment
	// without readers, which may never come. So from time to time a log that has grown is emptied by force: that waits for the
	// readers at work, each of which is short, and lets new ones read the database itself.
	logCheckEvery = 256       // commits
	logTooLarge   = 128 << 20 // bytes
)

// writer owns the one connection that writes.
type writer struct {
	*connection
	files   *files
	garbage *garbage // set before the first write that discards
	now     func() time.Time
	queue   chan *op
	done    chan struct{}

	mu     sync.RWMutex // held for reading while submitting
	closed bool

	counts counts

	next, limit int64 // next revision, and the first that is not reserved

	current        *cache[rowKey, *hit]
	buckets        *cache[string, bucketRow]
	touched        []rowKey // of current that the batch changes
	touchedBuckets []string // of buckets that it changes
	failed         error    // set when it is unknown what a commit left on disk
}

// op is one write that waits for its turn.
type op struct {
	ctx   context.Context
	run   func(*tx) error
	tx    *tx
	err   error
	panic any
	done  chan struct{}
}

// A commitError says that a write ran, and that its commit failed: what it wrote is not in the database, as far as is known.
type commitError struct{ error }

func (e commitError) Unwrap() error { return e.error }

func newWriter(c *connection, s *Store) (*writer, error) {
	w := &writer{connection: c, files: s.files, now: s.options.Now, current: s.current, buckets: s.buckets, queue: make(chan *op, 4*maxBatch), done: make(chan struct{})}
	err := c.scan([]any{&w.next}, `SELECT value FROM counter WHERE name = 'revision'`)
	if err != nil {
		return nil, err
	}
	w.limit = w.next
	go w.loop()
	return w, nil
}

// do runs a write and returns once it is committed, or refused. A commitError leaves the outcome to the disk.
func (w *writer) do(ctx context.Context, run func(*tx) error) error {
	o := &op{ctx: ctx, run: run, done: make(chan struct{})}
	w.mu.RLock()
	if w.closed {
		w.mu.RUnlock()
		return store.ErrClosed
	}
	w.queue <- o
	w.mu.RUnlock()
	<-o.done
	if o.panic != nil {
		panic(o.panic)
	}
	return o.err
}

// close lets the waiting writes finish.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
}

func (w *writer) loop() {
	defer close(w.done)
	commits := 0
	for first := range w.queue {
		batch := w.gather(first)
		w.commit(batch)
		w.counts.commits.Add(1)
		w.counts.writes.Add(int64(len(batch)))
		for _, o := range batch {
			close(o.done)
		}
		if commits++; commits%logCheckEvery == 0 {
			w.trimLog()
		}
	}
}

// trimLog empties a log that has grown too large. Where it cannot, it is tried again later.
func (w *writer) trimLog() {
	if info, err := w.files.root.Stat("state.db-wal"); err == nil && info.Size() > logTooLarge {
		_ = w.once("PRAGMA wal_checkpoint(TRUNCATE)")
	}
}

// gather takes all that waits.
func (w *writer) gather(first *op) []*op {
	batch := []*op{first}
	for len(batch) < maxBatch {
		select {
		case o, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction and sets the outcome of each op.
func (w *writer) commit(batch []*op) {
	limit := w.limit
	err := w.failed
	if err == nil {
		err = w.transact(batch)
	}
	if err != nil {
		w.limit = limit
		w.rollback()
	}
	for _, o := range batch {
		switch {
		case o.err != nil || o.panic != nil:
		case err != nil:
			o.err = commitError{fmt.Errorf("commit: %w", err)}
		default:
			for _, f := range o.tx.after {
				f()
			}
		}
	}
}

func (w *writer) transact(batch []*op) error {
	w.touched, w.touchedBuckets = w.touched[:0], w.touchedBuckets[:0]
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	folders := map[string]bool{}
	for _, o := range batch {
		if err := w.runOne(o); err != nil {
			return err
		}
		if o.err == nil && o.panic == nil {
			for _, name := range o.tx.published {
				folders[path.Dir(name)] = true
			}
		}
	}
	for folder := range folders {
		if err := w.files.syncFolder(folder); err != nil {
			return err
		}
	}
	w.current.begin(w.touched)
	w.buckets.begin(w.touchedBuckets)
	defer w.current.end()
	defer w.buckets.end()
	err := w.exec("COMMIT")
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultIOErr {
		w.failed = fmt.Errorf("store must be opened again: %w", err)
	}
	return err
}

// runOne runs an op within a savepoint. An error of the op undoes the op alone, an error returned undoes the batch.
func (w *writer) runOne(o *op) error {
	if o.err = o.ctx.Err(); o.err != nil {
		return nil
	}
	if err := w.exec("SAVEPOINT op"); err != nil {
		return err
	}
	limit := w.limit
	o.tx = &tx{connection: w.connection, w: w}
	o.call()
	if o.err == nil && o.panic == nil {
		return w.exec("RELEASE op")
	}
	w.limit = limit
	return errors.Join(w.exec("ROLLBACK TO op"), w.exec("RELEASE op"))
}

func (o *op) call() {
	defer func() { o.panic = recover() }()
	o.err = o.run(o.tx)
}

// rollback ends a transaction that may or may not be open.
func (w *writer) rollback() { _ = w.exec("ROLLBACK") }

// tx is one write, within its savepoint.
type tx struct {
	*connection
	w         *writer
	after     []func()  // run when committed, in the writer's goroutine
	published []string  // files whose folders must be synced before the commit
	revision  int64     // of the documents; 0 until asked for
	at        time.Time // see now
}

// touch notes that the write changes a row of current.
func (t *tx) touch(bucket int64, key string) { t.w.touched = append(t.w.touched, rowKey{bucket, key}) }

// touchBucket notes that the write changes a bucket.
func (t *tx) touchBucket(name string) { t.w.touchedBuckets = append(t.w.touchedBuckets, name) }

// bucket returns a bucket as the write sees it. What the cache has is true, as nobody else writes, unless this batch has
// changed it.
func (t *tx) bucket(name string) (bucketRow, error) {
	if len(t.w.touchedBuckets) > 0 {
		return readBucket(t, name)
	}
	b, ok, at := t.w.buckets.get(name)
	if ok {
		return b, nil
	}
	b, err := readBucket(t, name)
	if err == nil {
		t.w.buckets.put(name, b, bucketWeight, at)
	}
	return b, err
}

// now is the time of this write, in milliseconds.
func (t *tx) now() int64 {
	if t.at.IsZero() {
		t.at = t.w.now()
	}
	return t.at.UnixMilli()
}

// next returns a number greater than all before.
func (t *tx) next() (int64, error) {
	w := t.w
	if w.next >= w.limit {
		limit := w.next + revisionStride
		if err := w.exec(`UPDATE counter SET value = ? WHERE name = 'revision'`, limit); err != nil {
			return 0, err
		}
		w.limit = limit
	}
	n := w.next
	w.next++
	return n, nil
}
