package cloudtrail

// Pieces is a stream that has its text in memory already. A piece holds until the
// next is asked for.
type Pieces interface{ Piece() ([]byte, error) }

// bridge is how much of a piece is copied behind the end of the one before, to have
// in one what lies across. It is longer than nearly all records.
const bridge = 8 << 10

// A window is what a Reader sees of a stream of pieces: a piece itself, or the
// bridge between two.
type window struct {
	in    Pieces
	piece []byte
	ahead []byte // what of the piece is not in the buffer
	own   []byte // the bridge
}

// slide is fill for a stream of pieces: at a piece's end it builds a bridge to the
// next, and goes over to that piece when what lies across is read.
func (r *Reader) slide() error {
	w, rest := &r.window, r.buf[r.start:r.end]
	r.start = 0
	switch {
	case w.crossed(len(rest)):
		r.buf, w.ahead = w.piece[len(w.piece)-len(w.ahead)-len(rest):], nil
	case len(w.ahead) > 0:
		r.extend(rest)
	default:
		w.own = append(w.own[:0], rest...) // the piece goes
		piece, err := w.in.Piece()
		if err != nil {
			w.piece, r.buf, r.end = nil, w.own, len(w.own)
			r.ends(err)
			return nil
		}
		if w.piece, w.ahead = piece, piece; len(rest) > 0 {
			r.extend(w.own)
		} else {
			r.buf, w.ahead = piece, nil
		}
	}
	r.end = len(r.buf)
	if r.end >= maxRecord {
		return r.tooLong()
	}
	return nil
}

// crossed reports that the buffer is a bridge of which no more is left to read than
// what the piece behind it has too.
func (w *window) crossed(left int) bool {
	return len(w.ahead) > 0 && left <= len(w.piece)-len(w.ahead)
}

// extend makes the bridge longer.
func (r *Reader) extend(rest []byte) {
	w := &r.window
	n := min(len(w.ahead), max(bridge, len(rest)))
	w.own = append(append(w.own[:0], rest...), w.ahead[:n]...)
	w.ahead = w.ahead[n:]
	r.buf = w.own
}
