package embedded

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sort"
)

// memory reads the bytes of a small object.
type memory struct{ *bytes.Reader }

func newMemory(b []byte) memory { return memory{bytes.NewReader(b)} }

func (memory) Close() error { return nil }

// segment is one file of an object.
type segment struct {
	name         string
	offset, size int64
}

func (g segment) end() int64 { return g.offset + g.size }

func findSegments(q querier, content int64) ([]segment, error) {
	rows, err := q.rows(`SELECT name, stored FROM segment WHERE content = ? ORDER BY number`, content)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []segment
	var offset int64
	for rows.Next() {
		g := segment{offset: offset}
		if err := rows.Scan(&g.name, &g.size); err != nil {
			return nil, err
		}
		offset = g.end()
		all = append(all, g)
	}
	return all, rows.Err()
}

// segments reads the files of an object as one.
type segments struct {
	all     []segment
	open    func(name string) (*os.File, error)
	release func() // called once, when closed

	pos   int64
	index int               // of file in all
	file  io.ReadSeekCloser // nil: none open
}

var _ io.ReadSeekCloser = (*segments)(nil)

func newSegments(all []segment, first io.ReadSeekCloser, open func(string) (*os.File, error), release func()) *segments {
	return &segments{all: all, file: first, open: open, release: release}
}

func (r *segments) size() int64 { return r.all[len(r.all)-1].end() }

func (r *segments) Read(p []byte) (int, error) {
	if r.release == nil {
		return 0, os.ErrClosed
	}
	if len(p) == 0 {
		return 0, nil
	}
	if r.pos >= r.size() {
		return 0, io.EOF
	}
	if err := r.turnTo(r.pos); err != nil {
		return 0, err
	}
	left := r.all[r.index].end() - r.pos
	n, err := r.file.Read(p[:min(int64(len(p)), left)])
	r.pos += int64(n)
	if err == io.EOF {
		err = nil
		if n == 0 {
			err = io.ErrUnexpectedEOF // the file is shorter than its row says
		}
	}
	return n, err
}

// turnTo has file stand at pos.
func (r *segments) turnTo(pos int64) error {
	if g := r.all[r.index]; r.file == nil || pos < g.offset || pos >= g.end() {
		if err := r.closeFile(); err != nil {
			return err
		}
		r.index = sort.Search(len(r.all), func(i int) bool { return r.all[i].end() > pos })
		f, err := r.open(r.all[r.index].name)
		if err != nil {
			return err
		}
		r.file = f
	}
	_, err := r.file.Seek(pos-r.all[r.index].offset, io.SeekStart)
	return err
}

func (r *segments) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.size()
	default:
		return 0, errors.New("seek: invalid whence")
	}
	if offset < 0 {
		return 0, errors.New("seek: negative position")
	}
	r.pos = offset
	return offset, nil
}

func (r *segments) closeFile() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

// Close lets go of the files.
func (r *segments) Close() error {
	if r.release == nil {
		return os.ErrClosed
	}
	r.release()
	r.release = nil
	return r.closeFile()
}
