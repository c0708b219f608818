package envelope

import (
	"bytes"
	"errors"
	"io"
	"sort"
	"sync"

	"github.com/minio/sio"
)

// A Piece is one part of a multipart object, or an object in one piece (Number 0): Stored bytes hold Size.
type Piece struct {
	Number       int
	Size, Stored int64
}

// sealed reports whether the piece has an envelope. Without one the bytes stand as they are.
func (p *Piece) sealed() bool { return p.Stored != p.Size }

// A Reader reads and seeks the plaintext of an object.
type Reader struct {
	n      *Envelope
	raw    io.ReadSeeker
	pieces []place
	size   int64

	pos     int64
	current io.Reader // stands at pos; nil: none
	end     int64     // of the piece that current reads
}

// place is a piece and where it begins.
type place struct {
	Piece
	at, rawAt int64
}

// Open returns a reader of the object whose pieces are stored one behind the other in raw.
func (n *Envelope) Open(raw io.ReadSeeker, pieces ...Piece) *Reader {
	r := &Reader{n: n, raw: raw}
	var rawAt int64
	for _, p := range pieces {
		r.pieces = append(r.pieces, place{p, r.size, rawAt})
		r.size, rawAt = r.size+p.Size, rawAt+p.Stored
	}
	return r
}

// Seek implements io.Seeker.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.size
	default:
		return 0, errors.New("seek: invalid whence")
	}
	if offset < 0 {
		return 0, errors.New("seek: negative position")
	}
	if offset != r.pos {
		r.pos, r.current = offset, nil
	}
	return offset, nil
}

// Read implements io.Reader. The error is ErrDamaged where bytes are not those that were sealed.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.pos >= r.size {
		return 0, io.EOF
	}
	if r.current == nil {
		if err := r.turn(); err != nil {
			return 0, err
		}
	}
	k, err := r.current.Read(p[:min(int64(len(p)), r.end-r.pos)])
	r.pos += int64(k)
	if r.pos == r.end && (err == nil || err == io.EOF) {
		return k, r.finish()
	}
	return k, damaged(err)
}

// finish reads the end of a piece, which the ciphertext vouches for, and gives its buffers back.
func (r *Reader) finish() error {
	var more [1]byte
	k, err := r.current.Read(more[:])
	if s, ok := r.current.(*small); ok {
		rooms.Put(s.room)
	}
	r.current = nil
	if k != 0 || err != io.EOF {
		return ErrDamaged
	}
	return nil
}

// damaged is what an error of reading ciphertext means.
func damaged(err error) error {
	var bad sio.Error
	if errors.As(err, &bad) || err == io.EOF || err == io.ErrUnexpectedEOF {
		return ErrDamaged
	}
	return err
}

// turn opens the piece that holds pos.
func (r *Reader) turn() error {
	p := &r.pieces[sort.Search(len(r.pieces), func(i int) bool { return r.pieces[i].at+r.pieces[i].Size > r.pos })]
	r.end = p.at + p.Size
	var err error
	switch offset := r.pos - p.at; {
	case !p.sealed():
		r.current, err = r.section(p, offset)
	case p.Stored != r.n.storedSize(p.Size):
		err = ErrDamaged
	default:
		r.current, err = r.decrypt(p, offset)
	}
	return err
}

// section reads the stored bytes of a piece from an offset on.
func (r *Reader) section(p *place, offset int64) (io.Reader, error) {
	if _, err := r.raw.Seek(p.rawAt+offset, io.SeekStart); err != nil {
		return nil, err
	}
	return io.LimitReader(r.raw, p.Stored-offset), nil
}

// decrypt reads the plaintext of a piece from an offset on.
func (r *Reader) decrypt(p *place, offset int64) (io.Reader, error) {
	from, err := r.section(p, 0)
	if err != nil {
		return nil, err
	}
	head := make([]byte, headSize(len(r.n.keys)))
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, damaged(err)
	}
	keys, err := r.n.openHead(head, p.Number)
	if err != nil {
		return nil, err
	}
	if len(keys) == 1 && p.Size <= packagePlain {
		return openSmall(p, keys[0], offset, from)
	}
	return r.layer(p, keys, offset, from)
}

// A small reads a piece of one package, which is decrypted at once: sio's readers clear a buffer of a whole package each.
type small struct {
	bytes.Reader
	room *[]byte
}

// rooms hold a package, and behind it the plaintext.
var rooms = sync.Pool{New: func() any { b := make([]byte, packageStored+packagePlain); return &b }}

func openSmall(p *place, key []byte, offset int64, from io.Reader) (io.Reader, error) {
	room := rooms.Get().(*[]byte)
	sealed := (*room)[:p.Size+packageOverhead]
	if _, err := io.ReadFull(from, sealed); err != nil {
		return nil, damaged(err)
	}
	plain, err := sio.DecryptBuffer((*room)[packageStored:packageStored], sealed, config(key, 0))
	if err != nil || int64(len(plain)) != p.Size {
		return nil, ErrDamaged
	}
	s := &small{room: room}
	s.Reset(plain[offset:])
	return s, nil
}

// layer reads the plaintext of the innermost of the layers with these keys from an offset on. from reads the outermost
// from its beginning.
func (r *Reader) layer(p *place, keys [][]byte, offset int64, from io.Reader) (io.Reader, error) {
	first := offset / packagePlain
	var err error
	switch start := first * packageStored; {
	case len(keys) > 1:
		from, err = r.layer(p, keys[1:], start, from)
	case start > 0:
		from, err = r.section(p, int64(headSize(len(r.n.keys)))+start)
	}
	if err != nil {
		return nil, err
	}
	plain, err := sio.DecryptReader(from, config(keys[0], uint32(first)))
	if err != nil {
		return nil, err
	}
	_, err = io.CopyN(io.Discard, plain, offset%packagePlain)
	return plain, damaged(err)
}
