// Package inflate takes the compression off gzip files (RFC 1951 and 1952), at about
// twice the speed of the libraries that there are for Go: it decodes from a register
// of 64 bits and a whole piece of text at a time. What it yields is what those
// libraries yield, which the tests hold it to, and the checksum of each file is
// verified.
package inflate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// What may be wrong with a file, besides io.ErrUnexpectedEOF.
var (
	ErrHeader   = errors.New("gzip: this is no header of compressed data")
	ErrCorrupt  = errors.New("gzip: the compressed data are damaged")
	ErrChecksum = errors.New("gzip: the checksum or the length of the text is not that of what was compressed")
)

const (
	window  = 32 << 10 // how far back text may be repeated
	outSize = window + 96<<10
	longest = 258                          // a repetition
	step    = 16                           // bytes that are copied at one time
	full    = outSize - longest - 2 - step // up to where the decoder may begin a symbol
	inSize  = 64 << 10
	spare   = 24 // what one step of the decoder reads of the input at most
)

// A Reader takes the compression off one stream after the other.
type Reader struct {
	from io.Reader
	eof  bool
	err  error // why there is no more

	in       []byte // read ahead; behind the end of the stream there are zeros
	pos, end int    // what of it is left
	acc      uint64 // the bits before, the next one lowest
	n        uint   // how many there are

	out           []byte // the window, and behind it the piece at hand
	o             int    // where that ends
	begin, summed int    // of the text since the header; what of it is in the checksum

	state func(*Reader) error // what comes next
	last  bool                // the block is the last one
	plain int                 // bytes left of a block that is not compressed
	crc   uint32
	size  uint32

	lit  [litTable]entry
	dist [distTable]entry
}

// Reset begins a stream.
func (r *Reader) Reset(from io.Reader) {
	if r.out == nil {
		r.in, r.out = make([]byte, inSize+spare), make([]byte, outSize)
	}
	r.from, r.eof, r.err = from, false, nil
	r.pos, r.end, r.acc, r.n = 0, 0, 0, 0
	r.o, r.begin, r.summed = 0, 0, 0
	r.state, r.last = (*Reader).header, false
}

// Piece returns the next piece of the text, which holds until the next call, or why
// there is none: behind the last one io.EOF.
func (r *Reader) Piece() ([]byte, error) {
	if gone := r.o - window; gone > 0 {
		copy(r.out, r.out[gone:r.o])
		r.o, r.begin, r.summed = window, max(0, r.begin-gone), r.summed-gone
	}
	from := r.o
	for r.err == nil && r.o < full {
		r.err = r.state(r)
	}
	r.sum()
	if r.o > from {
		return r.out[from:r.o], nil
	}
	return nil, r.err
}

// sum adds what is new to the checksum.
func (r *Reader) sum() {
	text := r.out[r.summed:r.o]
	r.crc, r.size, r.summed = crc32.Update(r.crc, crc32.IEEETable, text), r.size+uint32(len(text)), r.o
}

// fill reads on, and reports whether there is anything to decode.
func (r *Reader) fill() (bool, error) {
	r.end = copy(r.in, r.in[r.pos:r.end])
	r.pos = 0
	for !r.eof && r.end < inSize/2 {
		n, err := r.from.Read(r.in[r.end:inSize])
		if r.end += n; err == io.EOF {
			r.eof = true
			clear(r.in[r.end:][:spare])
		} else if err != nil {
			return false, err
		}
	}
	return r.end > 0, nil
}

// need reads on until there are so many bits, 32 at most.
func (r *Reader) need(n uint) error {
	for r.n < n {
		if r.pos == r.end {
			if more, err := r.fill(); err != nil {
				return err
			} else if !more {
				return io.ErrUnexpectedEOF
			}
		}
		r.acc |= uint64(r.in[r.pos]) << r.n
		r.pos++
		r.n += 8
	}
	return nil
}

// bits takes up to 32 bits.
func (r *Reader) bits(n uint) (uint, error) {
	if err := r.need(n); err != nil {
		return 0, err
	}
	v := uint(r.acc & (1<<n - 1))
	r.acc, r.n = r.acc>>n, r.n-n
	return v, nil
}

// align drops what is left of a byte.
func (r *Reader) align() { r.acc, r.n = r.acc>>(r.n&7), r.n&^7 }

// header reads the header of one compressed text; several may follow each other.
func (r *Reader) header() error {
	if r.pos == r.end && r.n == 0 {
		if more, err := r.fill(); err != nil {
			return err
		} else if !more {
			return io.EOF
		}
	}
	var h [10]byte
	for i := range h {
		c, err := r.bits(8)
		if err != nil {
			return err
		}
		h[i] = byte(c)
	}
	const extra, name, comment, crc = 4, 8, 16, 2
	if !bytes.HasPrefix(h[:], []byte{0x1f, 0x8b, 8}) {
		return ErrHeader
	}
	if h[3]&extra != 0 {
		n, err := r.bits(16)
		for ; err == nil && n > 0; n-- {
			_, err = r.bits(8)
		}
		if err != nil {
			return err
		}
	}
	for _, text := range []byte{name, comment} {
		for more := h[3]&text != 0; more; {
			c, err := r.bits(8)
			if err != nil {
				return err
			}
			more = c != 0
		}
	}
	if h[3]&crc != 0 {
		if _, err := r.bits(16); err != nil {
			return err
		}
	}
	r.begin, r.crc, r.size, r.state = r.o, 0, 0, (*Reader).block
	return nil
}

// trailer compares checksum and length.
func (r *Reader) trailer() error {
	r.align()
	crc, err := r.bits(32)
	if err != nil {
		return err
	}
	size, err := r.bits(32)
	if err != nil {
		return err
	}
	if r.sum(); uint32(crc) != r.crc || uint32(size) != r.size {
		return ErrChecksum
	}
	r.state = (*Reader).header
	return nil
}

// block reads the header of a block.
func (r *Reader) block() error {
	if r.last {
		r.last, r.state = false, (*Reader).trailer
		return nil
	}
	last, err := r.bits(1)
	if err != nil {
		return err
	}
	kind, err := r.bits(2)
	if err != nil {
		return err
	}
	r.last = last == 1
	switch kind {
	case 0:
		return r.plainBlock()
	case 1:
		return r.fixedCodes()
	case 2:
		return r.ownCodes()
	}
	return ErrCorrupt
}

// plainBlock reads the header of a block that is not compressed.
func (r *Reader) plainBlock() error {
	r.align()
	n, err := r.bits(16)
	if err != nil {
		return err
	}
	inverse, err := r.bits(16)
	if err != nil {
		return err
	}
	if n != inverse^0xffff {
		return ErrCorrupt
	}
	r.plain, r.state = int(n), (*Reader).copyPlain
	return nil
}

func (r *Reader) copyPlain() error {
	for ; r.plain > 0 && r.o < full; r.plain-- {
		c, err := r.bits(8)
		if err != nil {
			return err
		}
		r.out[r.o] = byte(c)
		r.o++
	}
	if r.plain == 0 {
		r.state = (*Reader).block
	}
	return nil
}

// decode reads symbols until the block ends, the piece is full, or the input has to
// be read on.
func (r *Reader) decode() error {
	in, out, pos, acc, n, o := r.in, r.out, r.pos, r.acc, r.n, r.o
	lit, dist := &r.lit, &r.dist
	before, limit, full := o, r.end-spare, full
	if r.eof && pos > limit {
		limit, full = r.end, min(full, o+1) // one step, which may be taken back
	}
	var err error
	for pos <= limit && o < full {
		acc |= binary.LittleEndian.Uint64(in[pos:]) << (n & 63) // 56 bits at least
		pos += int((63 - n) >> 3)
		n |= 56
		e := lit[acc&(1<<litBits-1)]
		if e&literal != 0 {
			acc, n = acc>>e.size(), n-e.size()
			out[o] = byte(e >> 16)
			o++
			if e = lit[acc&(1<<litBits-1)]; e&literal != 0 {
				acc, n = acc>>e.size(), n-e.size()
				out[o] = byte(e >> 16)
				o++
				e = lit[acc&(1<<litBits-1)]
			}
		}
		if e&second != 0 {
			acc, n = acc>>litBits, n-litBits
			e = lit[e.value()+uint(acc)&(1<<e.codeSize()-1)]
		}
		if e&literal != 0 {
			acc, n = acc>>e.size(), n-e.size()
			out[o] = byte(e >> 16)
			o++
			continue
		}
		if e&(endOfBlock|invalid) != 0 {
			if acc, n = acc>>e.size(), n-e.size(); e&invalid != 0 {
				err = ErrCorrupt
			}
			r.state = (*Reader).block
			break
		}
		length := int(e.value() + uint(acc)&(1<<e.size()-1)>>e.codeSize())
		acc, n = acc>>e.size(), n-e.size()
		acc |= binary.LittleEndian.Uint64(in[pos:]) << (n & 63)
		pos += int((63 - n) >> 3)
		n |= 56
		e = dist[acc&(1<<distBits-1)]
		if e&second != 0 {
			acc, n = acc>>distBits, n-distBits
			e = dist[e.value()+uint(acc)&(1<<e.codeSize()-1)]
		}
		from := o - int(e.value()+uint(acc)&(1<<e.size()-1)>>e.codeSize())
		acc, n = acc>>e.size(), n-e.size()
		if from < r.begin || e&invalid != 0 {
			err = ErrCorrupt
			break
		}
		if end := o + length; length <= 4*step && o-from >= step {
			for ; o < end; o, from = o+step, from+step {
				*(*[step]byte)(out[o:]) = *(*[step]byte)(out[from:])
			}
			o = end
		} else {
			for o < end { // what is copied may be copied again
				o += copy(out[o:end], out[from:o])
			}
		}
	}
	// What was read ahead in whole bytes goes back.
	r.pos, r.n, r.o = pos-int(n>>3), n&7, o
	r.acc = acc & (1<<r.n - 1)
	switch {
	case err != nil:
		return err
	case r.pos > r.end:
		r.o = before
		return io.ErrUnexpectedEOF
	case pos > limit && !r.eof:
		_, err = r.fill()
	}
	return err
}
