package embedded

import (
	"sync/atomic"

	"github.com/why403/why403/internal/store"
)

var _ store.Reporter = (*Store)(nil)

// counts are what Figures tells of the writer.
type counts struct{ commits, writes atomic.Int64 }

// Figures implements store.Reporter.
func (s *Store) Figures() []store.Figure {
	return []store.Figure{
		{Name: "commits_total", Help: "Commits, each of which puts all writes that waited on stable storage.", Value: float64(s.write.counts.commits.Load()), Counts: true},
		{Name: "writes_total", Help: "Writes that were committed or refused.", Value: float64(s.write.counts.writes.Load()), Counts: true},
		{Name: "writes_waiting", Help: "Writes that wait for the commit under way.", Value: float64(len(s.write.queue))},
		{Name: "readers_free", Help: "Connections for reading that are free.", Value: float64(len(s.readers))},
		{Name: "cached_bytes", Help: "About how many bytes of memory hold what was read.", Value: float64(s.current.size())},
		{Name: "garbage_files", Help: "Files of removed objects that are to be unlinked.", Value: float64(s.garbage.count())},
		{Name: "log_bytes", Help: "Size of the write-ahead log.", Value: s.fileSize("state.db-wal")},
		{Name: "database_bytes", Help: "Size of the database file.", Value: s.fileSize("state.db")},
	}
}

// fileSize returns the size of a file in the folder, 0 for none.
func (s *Store) fileSize(name string) float64 {
	info, err := s.root.Stat(name)
	if err != nil {
		return 0
	}
	return float64(info.Size())
}

// count returns how many files wait to be unlinked, or for their readers.
func (g *garbage) count() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range g.ready {
		n += len(d.names)
	}
	for _, names := range g.held {
		n += len(names)
	}
	return n
}

// size returns about how many bytes are held.
func (c *cache[K, V]) size() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.older {
		n += h.weight
	}
	return n + c.weight
}
