package embedded

import "sync"

// A cache holds what was read of the database, up to a weight. It never tells what a committed write has changed: the writer
// takes the keys that it is about to change out before the commit, and none of them comes back before it is over.
type cache[K comparable, V any] struct {
	limit int

	mu     sync.Mutex
	newer  map[K]held[V]
	older  map[K]held[V] // thrown away as a whole when newer is half full
	weight int           // of newer
	commit int           // counts commits
	barred map[K]bool    // keys of the commit under way
}

type held[V any] struct {
	value  V
	weight int
}

func newCache[K comparable, V any](limit int) *cache[K, V] {
	return &cache[K, V]{limit: limit, newer: map[K]held[V]{}, older: map[K]held[V]{}, barred: map[K]bool{}}
}

// get returns a value. at is what put needs, should there be none.
func (c *cache[K, V]) get(k K) (v V, ok bool, at int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h, ok := c.newer[k]; ok {
		return h.value, true, c.commit
	}
	h, ok := c.older[k]
	if ok {
		delete(c.older, k)
		c.add(k, h)
	}
	return h.value, ok, c.commit
}

// put keeps what was read after get found nothing, unless a commit since may have changed it.
func (c *cache[K, V]) put(k K, v V, weight, at int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at == c.commit && !c.barred[k] && weight <= c.limit/4 {
		c.add(k, held[V]{v, weight})
	}
}

func (c *cache[K, V]) add(k K, h held[V]) {
	if old, ok := c.newer[k]; ok {
		c.weight -= old.weight
	}
	if c.weight += h.weight; c.weight > c.limit/2 {
		c.older, c.newer, c.weight = c.newer, map[K]held[V]{}, h.weight
	}
	c.newer[k] = h
}

// begin takes keys out until end. It is called before a commit, end after it.
func (c *cache[K, V]) begin(keys []K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		c.weight -= c.newer[k].weight
		delete(c.newer, k)
		delete(c.older, k)
		c.barred[k] = true
	}
}

func (c *cache[K, V]) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commit++
	clear(c.barred)
}
