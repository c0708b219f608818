package replay

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/why403/why403/internal/condition"
)

// A division tells which texts all of a set of patterns treat alike. Patterns that
// are plain texts, or end in their only wildcard, cut the ordered texts into
// intervals; the others are compared one by one.
type division struct {
	bounds []string
	others []condition.Pattern
	open   []string // beginnings of patterns with variables: texts behind them stand alone
}

func (d *division) add(p condition.Pattern) {
	literal := p.Literal()
	switch {
	case p.HasVariables():
		d.open = append(d.open, literal)
	case p.MatchesAll():
	case p.IsPrefix():
		d.bounds = append(d.bounds, literal)
		if after, ok := successor(literal); ok {
			d.bounds = append(d.bounds, after)
		}
	case p.Wild():
		d.others = append(d.others, p)
	default:
		d.exact(literal)
	}
}

func (d *division) exact(text string) { d.bounds = append(d.bounds, text, text+"\x00") }

// successor is the first text behind all that begin with one.
func successor(s string) (string, bool) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < 0xff {
			return s[:i] + string([]byte{s[i] + 1}), true
		}
	}
	return "", false
}

// of returns the part of the division for the texts that begin with one.
func (d *division) of(begin string) *division {
	meets := func(literal string) bool {
		return strings.HasPrefix(literal, begin) || strings.HasPrefix(begin, literal)
	}
	part := &division{}
	for _, b := range d.bounds {
		if strings.HasPrefix(b, begin) || strings.HasPrefix(strings.TrimSuffix(b, "\x00"), begin) {
			part.bounds = append(part.bounds, b)
		}
	}
	for i := range d.others {
		if meets(d.others[i].Literal()) {
			part.others = append(part.others, d.others[i])
		}
	}
	for _, o := range d.open {
		if meets(o) {
			part.open = append(part.open, o)
		}
	}
	part.ready()
	return part
}

func (d *division) ready() {
	slices.Sort(d.bounds)
	d.bounds = slices.Compact(d.bounds)
}

// appendClass appends what the patterns make of a text.
func (d *division) appendClass(key, text []byte) []byte {
	low, high := 0, len(d.bounds)
	for low < high {
		if mid := (low + high) / 2; d.bounds[mid] <= string(text) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	key = append(key, byte(low), byte(low>>8), byte(low>>16))
	if len(d.others)+len(d.open) == 0 {
		return key
	}
	whole := string(text)
	for _, o := range d.open {
		if strings.HasPrefix(whole, o) {
			return append(binary.AppendUvarint(append(key, 2), uint64(len(text))), text...)
		}
	}
	for i := range d.others {
		m := byte(0)
		if d.others[i].Match(whole, nil) == condition.True {
			m = 1
		}
		key = append(key, m)
	}
	return key
}
