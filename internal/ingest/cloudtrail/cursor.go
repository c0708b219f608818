package cloudtrail

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	errShort  = errors.New("the text ends inside a record")
	errSyntax = errors.New("this is no JSON")
)

// A cursor walks over JSON and takes out what it is asked for. What it passes
// over it only brackets; it is not judged. It fails once, and then stays where it
// was.
type cursor struct {
	b      []byte
	i      int
	failed error
	text   []byte // decoded strings
}

func (c *cursor) fail(err error) {
	if c.failed == nil {
		c.failed = err
	}
	c.i = len(c.b)
}

func (c *cursor) space() {
	for c.i < len(c.b) && c.b[c.i] <= ' ' {
		c.i++
	}
}

// peek returns the next character that is not white, 0 at the end.
func (c *cursor) peek() byte {
	c.space()
	if c.i < len(c.b) {
		return c.b[c.i]
	}
	c.fail(errShort)
	return 0
}

// open passes a bracket, and reports whether it stands there.
func (c *cursor) open(bracket byte) bool {
	if c.peek() != bracket {
		return false
	}
	c.i++
	return true
}

// member moves to the next member's value and returns its name; false behind the
// last. The cursor stands behind the opening bracket, or behind a value.
func (c *cursor) member() ([]byte, bool) {
	// As AWS writes it, without white space.
	if i := c.i; i+1 < len(c.b) && c.b[i] == ',' && c.b[i+1] == '"' {
		if j, escaped := scan(c.b, i+2); !escaped && j >= 0 && j+1 < len(c.b) && c.b[j+1] == ':' {
			c.i = j + 2
			return c.b[i+2 : j], true
		}
	}
	switch c.peek() {
	case ',':
		c.i++
	case '}':
		c.i++
		return nil, false
	}
	name := c.str()
	if c.peek() != ':' {
		c.fail(errSyntax)
		return nil, false
	}
	c.i++
	return name, true
}

// item reports whether another item of a list follows.
func (c *cursor) item() bool {
	switch c.peek() {
	case ',':
		c.i++
		c.space()
	case ']':
		c.i++
		return false
	}
	return c.failed == nil
}

// scan returns the index of the quote that closes the string whose text begins at
// i, or -1, and whether the text has escapes.
func scan(b []byte, i int) (end int, escaped bool) {
	for i < len(b) {
		n := indexQuote(b[i:])
		if n < 0 {
			break
		}
		if i += n; b[i] == '"' {
			return i, escaped
		}
		i += 2
		escaped = true
	}
	return -1, escaped
}

// indexQuoteGo is indexQuote for processors for which it is not written in their own
// language. It looks at eight characters at once: a zero byte of x shows as the
// lowest bit set in (x-ones)&^x&highs.
func indexQuoteGo(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		if found := ((quote-ones)&^quote | (slash-ones)&^slash) & highs; found != 0 {
			return i + bits.TrailingZeros64(found)>>3
		}
	}
	for ; i < len(b); i++ {
		if b[i] == '"' || b[i] == '\\' {
			return i
		}
	}
	return -1
}

// str reads a string.
func (c *cursor) str() []byte {
	if c.peek() != '"' {
		c.fail(errSyntax)
		return nil
	}
	j, escaped := scan(c.b, c.i+1)
	if j < 0 {
		c.fail(errShort)
		return nil
	}
	s := c.b[c.i+1 : j]
	c.i = j + 1
	if escaped {
		return c.unescape(s)
	}
	return s
}

// unescape decodes a string as encoding/json does.
func (c *cursor) unescape(s []byte) []byte {
	from := len(c.text)
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			c.text = append(c.text, s[i])
			i++
			continue
		}
		if i+1 >= len(s) {
			break
		}
		switch e := s[i+1]; e {
		case 'u':
			r, n := unicodeEscape(s[i:])
			if n == 0 {
				c.fail(errSyntax)
				return nil
			}
			c.text = utf8.AppendRune(c.text, r)
			i += n
			continue
		case 'b':
			c.text = append(c.text, '\b')
		case 'f':
			c.text = append(c.text, '\f')
		case 'n':
			c.text = append(c.text, '\n')
		case 'r':
			c.text = append(c.text, '\r')
		case 't':
			c.text = append(c.text, '\t')
		case '"', '\\', '/':
			c.text = append(c.text, e)
		default:
			c.fail(errSyntax)
			return nil
		}
		i += 2
	}
	return c.text[from:len(c.text):len(c.text)]
}

// unicodeEscape reads \uXXXX, and the second half of a pair.
func unicodeEscape(s []byte) (rune, int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hex4(s[6:]); ok {
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			return both, 12
		}
	}
	return utf8.RuneError, 6
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 32)
	return rune(n), err == nil
}

// maybeString reads a string, and passes over anything else.
func (c *cursor) maybeString() []byte {
	if c.peek() == '"' {
		return c.str()
	}
	c.skip()
	return nil
}

// skip passes over a value.
func (c *cursor) skip() {
	switch c.peek() {
	case '"':
		j, _ := scan(c.b, c.i+1)
		if j < 0 {
			c.fail(errShort)
			return
		}
		c.i = j + 1
	case '{', '[':
		c.skipNested()
	case ',', '}', ']', ':':
		c.fail(errSyntax)
	default:
		c.scalar()
	}
}

func (c *cursor) skipNested() {
	depth := 0
	for i := c.i; i < len(c.b); i++ {
		switch c.b[i] {
		case '"':
			if i, _ = scan(c.b, i+1); i < 0 {
				c.fail(errShort)
				return
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				c.i = i + 1
				return
			}
		}
	}
	c.fail(errShort)
}

// scalar reads a number or a word.
func (c *cursor) scalar() []byte {
	from := c.i
	for c.i < len(c.b) {
		switch ch := c.b[c.i]; {
		case ch == ',' || ch == '}' || ch == ']' || ch <= ' ':
			return c.b[from:c.i]
		case ch == '"' || ch == '{' || ch == '[' || ch == ':':
			c.fail(errSyntax)
			return nil
		}
		c.i++
	}
	c.fail(errShort)
	return nil
}
