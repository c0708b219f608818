package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/why403/why403/internal/store"
)

// Store is a store.Store in one folder.
type Store struct {
	dir     string
	options Options
	root    *os.Root
	lock    *os.File
	files   *files
	garbage *garbage
	write   *writer
	opened  int              // connections that read
	readers chan *connection // those that are free

	current *cache[rowKey, *hit]
	buckets *cache[string, bucketRow]

	closing sync.Once
	closed  chan struct{}
	err     error // of Close
}

var _ store.Store = (*Store)(nil)

// Options change what Open makes. The zero value is right.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// InlineLimit is the greatest object in bytes that is kept in the database. 0 means 16 KiB, negative means none.
	InlineLimit int
	// Readers is the number of connections that read; 0 means twice the processors and at least 4.
	Readers int
	// Cache is how many bytes of memory may hold what was read, objects that are kept in the database included. 0 means
	// 64 MiB, negative means none.
	Cache int
}

// bucketWeight is about how many bytes the cache needs for a bucket.
const bucketWeight = 200

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.InlineLimit == 0 {
		o.InlineLimit = 16 << 10
	}
	o.InlineLimit = max(o.InlineLimit, 0)
	if o.Cache == 0 {
		o.Cache = 64 << 20
	}
	if o.Readers <= 0 {
		o.Readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	return o
}

// Open opens the store in folder dir and makes it if it is not there. It removes what a run that died has left behind.
// store.ErrInUse: another handle is open.
func Open(dir string, options Options) (*Store, error) {
	s := &Store{dir: dir, options: options.withDefaults(), closed: make(chan struct{})}
	s.current = newCache[rowKey, *hit](s.options.Cache)
	s.buckets = newCache[string, bucketRow](4096 * bucketWeight)
	if err := s.open(); err != nil {
		_ = s.release() // the error of opening is the one to tell
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) open() error {
	if err := s.openFolder(); err != nil {
		return err
	}
	c, err := s.openDatabase()
	if err != nil {
		return err
	}
	if s.write, err = newWriter(c, s); err != nil {
		return errors.Join(err, c.close())
	}
	if err := s.recover(); err != nil {
		return err
	}
	s.garbage = newGarbage(s.files, s.forget)
	s.write.garbage = s.garbage
	return nil
}

func (s *Store) openFolder() (err error) {
	if err = os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if s.root, err = os.OpenRoot(s.dir); err != nil {
		return err
	}
	if s.lock, err = s.root.OpenFile("lock", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err = takeLock(s.lock); err != nil {
		return err
	}
	s.files = &files{root: s.root}
	if err = s.root.MkdirAll("blobs", 0o700); err != nil {
		return err
	}
	return s.files.clearTemp()
}

// busyTimeout is how long a connection waits for a lock of another: for emptying the log, which waits for readers.
const busyTimeout = 10 * time.Second

// openDatabase opens all connections, with the newest schema, and returns the one that writes.
func (s *Store) openDatabase() (*connection, error) {
	path, err := filepath.Abs(filepath.Join(s.dir, "state.db"))
	if err != nil {
		return nil, err
	}
	c, err := connect(path, "synchronous=FULL", "cache_size=-16384", "wal_autocheckpoint=4096")
	if err != nil {
		return nil, err
	}
	if err := migrate(c); err != nil {
		return nil, errors.Join(err, c.close())
	}
	s.readers = make(chan *connection, s.options.Readers)
	for range s.options.Readers {
		r, err := connect(path, "query_only=1", "cache_size=-4096")
		if err != nil {
			return nil, errors.Join(err, c.close())
		}
		s.opened++
		s.readers <- r
	}
	return c, s.files.syncFolder(".")
}

// recover counts this run and accounts for the files of the earlier ones.
func (s *Store) recover() error {
	var opened, swept int64
	var names []string
	err := s.write.do(context.Background(), func(t *tx) (err error) {
		if err = t.scan([]any{&opened}, `SELECT value FROM counter WHERE name = 'opened'`); err != nil {
			return err
		}
		if err = t.scan([]any{&swept}, `SELECT value FROM counter WHERE name = 'swept'`); err != nil {
			return err
		}
		if names, err = collect[string](t.rows(`SELECT name FROM garbage`)); err != nil {
			return err
		}
		return t.exec(`UPDATE counter SET value = value + 1 WHERE name = 'opened'`)
	})
	if err != nil {
		return err
	}
	s.files.run = opened + 1
	for _, name := range names {
		if err := s.files.remove(name); err != nil {
			return err
		}
	}
	if err := s.forget(names); err != nil {
		return err
	}
	for run := swept + 1; run <= opened; run++ {
		if err := s.files.sweep(run, s.refersTo); err != nil {
			return err
		}
	}
	return s.setSwept(opened)
}

// refersTo says whether a row refers to a file.
func (s *Store) refersTo(name string) (known bool, err error) {
	err = s.scan(context.Background(), []any{&known}, `SELECT EXISTS (SELECT 1 FROM segment WHERE name = ?)`, name)
	return known, err
}

// setSwept records that the files of all runs up to this one are accounted for.
func (s *Store) setSwept(run int64) error {
	return s.write.do(context.Background(), func(t *tx) error {
		return t.exec(`UPDATE counter SET value = ? WHERE name = 'swept'`, run)
	})
}

// forget takes files that are gone off the garbage list.
func (s *Store) forget(names []string) error {
	for len(names) > 0 {
		batch := names[:min(len(names), 1000)]
		names = names[len(batch):]
		err := s.write.do(context.Background(), func(t *tx) error {
			for _, name := range batch {
				if err := t.exec(`DELETE FROM garbage WHERE name = ?`, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Close finishes the writes that wait and closes the store. Readers of multipart objects that are still open fail when they
// come to the next part; other readers go on.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.closed)
		s.garbage.close()
		s.err = s.release()
	})
	return s.err
}

// release closes all that open has opened, however far it came.
func (s *Store) release() error {
	if s.write != nil {
		s.write.close()
	}
	errs := []error{s.closeReaders()}
	if s.write != nil { // the last, so that it is the one to empty the log
		errs = append(errs, s.write.connection.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	if s.root != nil {
		errs = append(errs, s.root.Close())
	}
	return errors.Join(errs...)
}

// closeReaders waits for the reads at work.
func (s *Store) closeReaders() error {
	var errs []error
	for range s.opened {
		errs = append(errs, (<-s.readers).close())
	}
	return errors.Join(errs...)
}

// alive returns store.ErrClosed once Close has begun.
func (s *Store) alive(ctx context.Context) error {
	select {
	case <-s.closed:
		return store.ErrClosed
	default:
		return ctx.Err()
	}
}
