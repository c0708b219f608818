package s3

import "encoding/binary"

// A combined is the CRC of bytes of which only the CRCs of consecutive pieces are
// known. The bits of CRCs and of the polynomial are reflected, as in all CRCs that
// S3 knows.
//
// The CRC of A and B together is that of A, multiplied by x to the power of B's
// length in bits modulo the polynomial, plus that of B; initial and final
// inversion cancel out.
type combined struct {
	algorithm *algorithm
	crc       uint64
	begun     bool
}

// add appends a piece of that CRC, in big-endian bytes, and length.
func (c *combined) add(sum []byte, length int64) {
	if c.algorithm.polynomial == 0 {
		return
	}
	var wide [8]byte
	copy(wide[8-len(sum):], sum)
	next := binary.BigEndian.Uint64(wide[:])
	if c.begun {
		next ^= c.multiply(c.crc, c.power(8*uint64(length)))
	}
	c.crc, c.begun = next, true
}

// sum returns the CRC in big-endian bytes.
func (c *combined) sum() []byte {
	wide := binary.BigEndian.AppendUint64(nil, c.crc)
	return wide[8-c.algorithm.size:]
}

// one is the polynomial 1: its highest bit is the lowest power.
func (c *combined) one() uint64 { return 1 << (8*c.algorithm.size - 1) }

// multiply multiplies two polynomials.
func (c *combined) multiply(a, b uint64) (product uint64) {
	for bit := c.one(); a != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
			a &^= bit
		}
		b = c.shift(b)
	}
	return product
}

// shift multiplies by x.
func (c *combined) shift(b uint64) uint64 {
	if b&1 != 0 {
		return b>>1 ^ c.algorithm.polynomial
	}
	return b >> 1
}

// power returns x to the n.
func (c *combined) power(n uint64) uint64 {
	result, base := c.one(), c.shift(c.one())
	for ; n != 0; n >>= 1 {
		if n&1 != 0 {
			result = c.multiply(result, base)
		}
		base = c.multiply(base, base)
	}
	return result
}
