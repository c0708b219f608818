package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// A phase is one kind of request.
type phase struct {
	name string
	kind kind
	size int // of an object
}

type kind int

const (
	put kind = iota
	get
	list
)

const (
	small    = 4 << 10
	large    = 8 << 20
	pageSize = 1000
)

func phaseOf(name string) (phase, bool) {
	p, ok := map[string]phase{
		"put4k": {"put4k", put, small}, "get4k": {"get4k", get, small}, "list": {"list", list, small},
		"put8m": {"put8m", put, large}, "get8m": {"get8m", get, large},
	}[name]
	return p, ok
}

// A bench is a run against one server.
type bench struct {
	*options
	url *url.URL
}

func newBench(o *options) (*bench, error) {
	u, err := url.Parse(o.endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("-endpoint %q is not an http or https URL", o.endpoint)
	}
	if u.Port() == "" {
		u.Host += map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	}
	return &bench{o, u}, nil
}

// phase makes the requests ready, puts what they need there, and measures them.
func (b *bench) phase(ctx context.Context, p phase) (result, error) {
	if p.kind != put {
		if err := b.fill(ctx, p); err != nil {
			return result{}, err
		}
	}
	requests, err := b.requests(p)
	if err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.duration)
	defer cancel()
	return b.drive(ctx, p, requests, b.count)
}

// fill puts the objects that a phase reads.
func (b *bench) fill(ctx context.Context, p phase) error {
	requests, err := b.requests(phase{p.name, put, p.size})
	if err != nil {
		return err
	}
	n := len(requests)
	if p.kind == list {
		n = max(n, pageSize)
	}
	res, err := b.drive(ctx, p, requests, n)
	if err == nil && res.Errors > 0 {
		err = fmt.Errorf("%d objects could not be put: %s", res.Errors, res.FirstError)
	}
	return err
}

// keyCount is how many objects of a size there are.
func (b *bench) keyCount(p phase) int {
	switch {
	case p.size == large:
		return b.large
	case p.kind == list:
		return max(b.keys, pageSize)
	}
	return b.keys
}

// requests signs one request for each object of a phase, and for a listing one that
// begins at each thousandth key.
func (b *bench) requests(p phase) ([]*request, error) {
	body := pattern(p.size)
	n := b.keyCount(p)
	if p.name == "list" && p.kind == put {
		n = max(n, pageSize)
	}
	var all []*request
	for i := range n {
		var r *request
		var err error
		switch p.kind {
		case put:
			r, err = b.sign(http.MethodPut, objectKey(p.size, i), "", body)
		case get:
			if r, err = b.sign(http.MethodGet, objectKey(p.size, i), "", nil); err == nil {
				r.want = body
			}
		case list:
			if i%pageSize != 0 || i+pageSize > n {
				continue
			}
			after := ""
			if i > 0 {
				after = "&start-after=" + url.QueryEscape(objectKey(p.size, i-1))
			}
			r, err = b.sign(http.MethodGet, "", "list-type=2&max-keys=1000&prefix="+url.QueryEscape(prefix(p.size))+after, nil)
			if err == nil {
				r.holds = []byte("<Key>" + objectKey(p.size, i+pageSize-1) + "</Key>")
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func prefix(size int) string { return fmt.Sprintf("bench/%d/", size) }

func objectKey(size, i int) string { return fmt.Sprintf("%s%08d", prefix(size), i) }

// drive sends requests round and round on each connection, until n are done or ctx
// is.
func (b *bench) drive(ctx context.Context, p phase, requests []*request, n int) (result, error) {
	conns := make([]*conn, b.concurrency)
	for i := range conns {
		c, err := dial(ctx, b.url)
		if err != nil {
			return result{}, err
		}
		defer c.close()
		conns[i] = c
	}
	before, err := processorTime(b.pid)
	if err != nil {
		return result{}, err
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	tallies := make([]tally, len(conns))
	start := time.Now()
	for i, c := range conns {
		workers.Go(func() { tallies[i].run(ctx, c, requests, &next, int64(n)) })
	}
	workers.Wait()
	elapsed := time.Since(start)
	after, err := processorTime(b.pid)
	return summarize(p, tallies, elapsed, after-before, b.pid != 0), err
}

// A tally is what one connection saw.
type tally struct {
	times  []time.Duration
	bytes  int64
	errors int
	first  error
}

func (t *tally) run(ctx context.Context, c *conn, requests []*request, next *atomic.Int64, n int64) {
	for ctx.Err() == nil {
		i := next.Add(1) - 1
		if i >= n {
			return
		}
		r := requests[i%int64(len(requests))]
		start := time.Now()
		err := c.do(r)
		if err == nil {
			t.times = append(t.times, time.Since(start))
			t.bytes += int64(len(r.body) + len(r.want))
			continue
		}
		t.errors++
		if t.first == nil {
			t.first = err
		}
		if err := c.redial(ctx); err != nil {
			return
		}
	}
}
