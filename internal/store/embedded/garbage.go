package embedded

import "sync"

// garbage unlinks the files of versions that are gone, once their removal is committed and nobody reads them any more.
type garbage struct {
	files  *files
	forget func(names []string) error // takes names off the table garbage

	mu     sync.Mutex
	wake   *sync.Cond
	ready  []dead             // to be unlinked
	held   map[int64][]string // content -> files that wait for its readers
	pins   map[int64]int      // content -> readers
	dying  map[int64]bool     // contents whose files are being unlinked
	closed bool
	done   chan struct{}
}

// dead is a content that no row refers to. Content 0 stands for files that nobody can be reading.
type dead struct {
	content int64
	names   []string
}

func newGarbage(f *files, forget func([]string) error) *garbage {
	g := &garbage{files: f, forget: forget, held: map[int64][]string{}, pins: map[int64]int{}, dying: map[int64]bool{},
		done: make(chan struct{})}
	g.wake = sync.NewCond(&g.mu)
	go g.run()
	return g
}

// add takes over files whose removal is committed.
func (g *garbage) add(content int64, names []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if content != 0 && g.pins[content] > 0 {
		g.held[content] = names
		return
	}
	g.push(dead{content, names})
}

func (g *garbage) push(d dead) {
	if d.content != 0 {
		g.dying[d.content] = true
	}
	g.ready = append(g.ready, d)
	g.wake.Signal()
}

// pin keeps the files of a content until unpin. False: they are already going, look the object up again.
func (g *garbage) pin(content int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dying[content] {
		return false
	}
	g.pins[content]++
	return true
}

func (g *garbage) unpin(content int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pins[content]--; g.pins[content] > 0 {
		return
	}
	delete(g.pins, content)
	if names, ok := g.held[content]; ok {
		delete(g.held, content)
		g.push(dead{content, names})
	}
}

// close waits until everything ready is unlinked. What readers hold stays on the table garbage for the next start.
func (g *garbage) close() {
	g.mu.Lock()
	g.closed = true
	g.wake.Signal()
	g.mu.Unlock()
	<-g.done
}

func (g *garbage) run() {
	defer close(g.done)
	for {
		batch, more := g.take()
		if len(batch) > 0 {
			g.unlink(batch)
		}
		if !more {
			return
		}
	}
}

func (g *garbage) take() ([]dead, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.ready) == 0 && !g.closed {
		g.wake.Wait()
	}
	batch := g.ready
	g.ready = nil
	return batch, !g.closed
}

// unlink removes files and then their rows. A file that resists keeps its row, and is tried again at the next start.
func (g *garbage) unlink(batch []dead) {
	var gone []string
	for _, d := range batch {
		for _, name := range d.names {
			if g.files.remove(name) == nil {
				gone = append(gone, name)
			}
		}
	}
	g.mu.Lock()
	for _, d := range batch {
		delete(g.dying, d.content)
	}
	g.mu.Unlock()
	// An error leaves rows of files that are gone, which the next start removes.
	_ = g.forget(gone)
}
