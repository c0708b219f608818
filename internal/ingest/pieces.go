package ingest

import "github.com/why403/why403/internal/ingest/inflate"

// pieces are the text of a compressed file as inflate has it in its window, piece
// by piece, without a copy.
type pieces struct {
	zip  *inflate.Reader
	rest []byte // of the piece at hand
	last []byte // the same, with the byte read last
}

// Piece returns the next piece, which holds until the next call.
func (p *pieces) Piece() ([]byte, error) {
	if piece := p.rest; len(piece) > 0 {
		p.rest = nil
		return piece, nil
	}
	return p.zip.Piece()
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
