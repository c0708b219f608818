package inflate

import "math/bits"

// An entry of a table says what the next bits of the stream are. From the low end: how
// many bits, extra bits included (8), how many without those (4), flags (4), and what
// they stand for: a literal byte, the base of a length or distance, or the place of a
// second table.
type entry uint32

const (
	endOfBlock entry = 1 << 12
	second     entry = 1 << 13 // there is a second table, of which the index has as many bits as are given without extra bits
	invalid    entry = 1 << 14
	literal    entry = 1 << 31
)

func (e entry) size() uint     { return uint(e & 63) }
func (e entry) codeSize() uint { return uint(e>>8) & 15 }
func (e entry) value() uint    { return uint(e>>16) & 0x7fff }

// The tables have entries for the first bits of a code, and second ones for the rest,
// of which there are at most as many as half of the symbols.
const (
	litBits, distBits = 10, 8
	litTable          = 1<<litBits + 288/2<<(15-litBits)
	distTable         = 1<<distBits + 32/2<<(15-distBits)
)

// What the symbols stand for (RFC 1951, 3.2.5).
var literals, distances = symbols()

func symbols() (lit [288]entry, dist [32]entry) {
	for i := range 256 {
		lit[i] = literal | entry(i)<<16
	}
	lit[256] = endOfBlock
	for i, base := 257, 3; i < 285; i++ {
		extra := max(0, (i-261)/4)
		lit[i] = entry(base<<16 | extra)
		base += 1 << extra
	}
	lit[285] = longest << 16
	lit[286], lit[287] = invalid, invalid
	for i, base := 0, 1; i < 30; i++ {
		extra := max(0, i/2-1)
		dist[i] = entry(base<<16 | extra)
		base += 1 << extra
	}
	dist[30], dist[31] = invalid, invalid
	return lit, dist
}

// build makes the table of the Huffman code whose codes have these sizes, 0 for
// symbols that have none. False means that there is no such code: it has to be
// complete, unless it is of one symbol or none, as in blocks without repetitions.
func build(table []entry, first uint, sizes []uint8, symbols []entry) bool {
	var count, next [16]int
	for _, n := range sizes {
		count[n]++
	}
	code, longest := 0, uint(0)
	for n := uint(1); n < 16; n++ {
		code <<= 1
		next[n] = code // the first of this size
		if code += count[n]; code > 1<<n {
			return false
		}
		if count[n] > 0 {
			longest = n
		}
	}
	if code != 1<<15 && (longest > 1 || count[1] > 1) {
		return false
	}
	for i := range table[:1<<first] {
		table[i] = invalid
	}
	end := 1 << first
	for symbol, size := range sizes {
		if size == 0 {
			continue
		}
		n := uint(size)
		at := int(bits.Reverse16(uint16(next[n])) >> (16 - n))
		next[n]++
		part, width := table, first
		if n > first {
			head := &table[at&(1<<first-1)]
			at, n, width = at>>first, n-first, longest-first
			if *head&second == 0 {
				*head = second | entry(end)<<16 | entry(width)<<8
				end += 1 << width
			}
			part = table[head.value():]
		}
		for ; at < 1<<width; at += 1 << n {
			part[at] = symbols[symbol] + entry(n)<<8 + entry(n)
		}
	}
	return true
}

// orderOfSizes is the order in which the sizes of the codes for sizes stand.
var orderOfSizes = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// fixedCodes begins a block with the codes that RFC 1951 gives.
func (r *Reader) fixedCodes() error {
	var sizes [288]uint8
	for i := range sizes {
		switch {
		case i < 144, i >= 280:
			sizes[i] = 8
		case i < 256:
			sizes[i] = 9
		default:
			sizes[i] = 7
		}
	}
	build(r.lit[:], litBits, sizes[:], literals[:])
	for i := range 32 {
		sizes[i] = 5
	}
	build(r.dist[:], distBits, sizes[:32], distances[:])
	r.state = (*Reader).decode
	return nil
}

// ownCodes begins a block with codes of its own.
func (r *Reader) ownCodes() error {
	n, err := r.bits(14)
	if err != nil {
		return err
	}
	lits, dists, codes := int(n&31)+257, int(n>>5&31)+1, int(n>>10)+4
	if lits > 286 || dists > 30 {
		return ErrCorrupt
	}
	var sizes [286 + 30]uint8
	for _, i := range orderOfSizes[:codes] {
		size, err := r.bits(3)
		if err != nil {
			return err
		}
		sizes[i] = uint8(size)
	}
	var table [1 << 7]entry
	var symbols [19]entry
	for i := range symbols {
		symbols[i] = entry(i) << 16
	}
	if !build(table[:], 7, sizes[:19], symbols[:]) {
		return ErrCorrupt
	}
	clear(sizes[:19])
	if err := r.sizes(sizes[:lits+dists], &table); err != nil {
		return err
	}
	if !build(r.lit[:], litBits, sizes[:lits], literals[:]) || !build(r.dist[:], distBits, sizes[lits:lits+dists], distances[:]) {
		return ErrCorrupt
	}
	r.state = (*Reader).decode
	return nil
}

// sizes reads the sizes of codes, which are themselves coded.
func (r *Reader) sizes(sizes []uint8, table *[1 << 7]entry) error {
	for i := 0; i < len(sizes); {
		symbol, err := r.symbol(table)
		if err != nil {
			return err
		}
		if symbol < 16 {
			sizes[i] = uint8(symbol)
			i++
			continue
		}
		repeat := [...]struct{ bits, base uint }{{2, 3}, {3, 3}, {7, 11}}[symbol-16]
		more, err := r.bits(repeat.bits)
		if err != nil {
			return err
		}
		n := int(repeat.base + more)
		if n > len(sizes)-i || symbol == 16 && i == 0 {
			return ErrCorrupt
		}
		for ; n > 0; n-- {
			if symbol == 16 {
				sizes[i] = sizes[i-1]
			}
			i++
		}
	}
	return nil
}

// symbol reads one coded size, and no more bits than it has.
func (r *Reader) symbol(table *[1 << 7]entry) (uint, error) {
	for {
		e := table[r.acc&(1<<7-1)]
		switch {
		case e&invalid == 0 && e.size() <= r.n:
			_, err := r.bits(e.size())
			return e.value(), err
		case r.n >= 7:
			return 0, ErrCorrupt
		}
		if err := r.need(r.n + 1); err != nil {
			return 0, err
		}
	}
}
