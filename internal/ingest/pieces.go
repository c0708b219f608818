package ingest

import (
	"io"
	"iter"

	"github.com/klauspost/compress/gzip"
)

// pieces are the text of a compressed file, piece by piece.
type pieces struct {
	next func() ([]byte, error) // the next piece, which holds until the next call
	rest []byte                 // of the piece at hand
	last []byte                 // the same, with the byte read last
}

// Piece returns the next piece, which holds until the next call.
func (p *pieces) Piece() ([]byte, error) {
	if piece := p.rest; len(piece) > 0 {
		p.rest = nil
		return piece, nil
	}
	return p.next()
}

// inPlace gives the pieces as inflate has them in its window, without a copy.
func inPlace(zip *gzip.Reader) (next func() ([]byte, error), stop func()) {
	failed := error(nil)
	pull, stop := iter.Pull(func(yield func([]byte) bool) { failed = inflate(zip, yield) })
	return func() ([]byte, error) {
		if piece, more := pull(); more {
			return piece, nil
		}
		return nil, failed
	}, stop
}

// ahead takes the compression off on a goroutine of its own, while others read the
// pieces before.
func ahead(zip *gzip.Reader) (next func() ([]byte, error), stop func()) {
	made, done, failed := make(chan []byte, 2), make(chan struct{}), error(nil)
	go func() {
		defer close(made)
		var room [4][]byte // one is read, two wait, one is being made
		i := 0
		failed = inflate(zip, func(b []byte) bool {
			room[i] = append(room[i][:0], b...)
			select {
			case made <- room[i]:
			case <-done:
				return false
			}
			i = (i + 1) % len(room)
			return true
		})
	}()
	next = func() ([]byte, error) {
		if piece, more := <-made; more {
			return piece, nil
		}
		return nil, failed
	}
	return next, func() {
		close(done)
		for range made { // until the goroutine is done with the stream
		}
	}
}

// inflate gives each piece to yield, as long as that wants more, and returns why there
// are no more.
func inflate(zip *gzip.Reader, yield yielding) error {
	if _, err := zip.WriteTo(yield); err != nil {
		return err
	}
	return io.EOF
}

// yielding hands on what is written to it.
type yielding func([]byte) bool

func (y yielding) Write(b []byte) (int, error) {
	if len(b) > 0 && !y(b) {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
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
