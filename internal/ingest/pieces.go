package ingest

import (
	"io"
	"iter"

	"github.com/klauspost/compress/gzip"
)

// pieces are the text of a compressed file as inflate has it in its window, piece
// by piece, without a copy.
type pieces struct {
	next func() ([]byte, bool)
	stop func()
	rest []byte // of the piece at hand
	last []byte // the same, with the byte read last
	err  error  // why there are no more
}

func newPieces(zip *gzip.Reader) *pieces {
	p := &pieces{}
	p.next, p.stop = iter.Pull(func(yield func([]byte) bool) {
		if _, err := zip.WriteTo(yielding(yield)); err != nil {
			p.err = err
		} else {
			p.err = io.EOF
		}
	})
	return p
}

// yielding hands on what is written to it.
type yielding func([]byte) bool

func (y yielding) Write(b []byte) (int, error) {
	if len(b) > 0 && !y(b) {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

// Piece returns the next piece, which holds until the next call.
func (p *pieces) Piece() ([]byte, error) {
	if len(p.rest) == 0 {
		var more bool
		if p.rest, more = p.next(); !more {
			return nil, p.err
		}
	}
	piece := p.rest
	p.rest = nil
	return piece, nil
}

// Head returns some of what comes next, which stays to be read.
func (p *pieces) Head() []byte {
	piece, err := p.Piece()
	if err != nil {
		return nil
	}
	p.rest = piece
	return piece[:min(len(piece), 4<<10)]
}

// Read copies what comes next.
func (p *pieces) Read(b []byte) (int, error) {
	piece, err := p.Piece()
	n := copy(b, piece)
	p.rest = piece[n:]
	return n, err
}

// ReadByte reads one byte.
func (p *pieces) ReadByte() (byte, error) {
	piece, err := p.Piece()
	if err != nil {
		return 0, err
	}
	p.last, p.rest = piece, piece[1:]
	return piece[0], nil
}

// UnreadByte takes back what ReadByte read just before.
func (p *pieces) UnreadByte() error {
	p.rest = p.last
	return nil
}
