package ingest

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// In place and ahead each piece holds until the next is asked for, and whatever ends
// the stream is told, time and again.
func TestPieces(t *testing.T) {
	rng, text := rand.New(rand.NewPCG(1, 2)), make([]byte, 3<<20)
	for i := range text {
		text[i] = byte(rng.IntN(20))
	}
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	_, _ = z.Write(text)
	_ = z.Close()
	r := new(gzip.Reader)
	for cut, want := range map[int]error{0: io.EOF, 1: io.ErrUnexpectedEOF, zip.Len() / 2: io.ErrUnexpectedEOF} {
		for name, take := range map[string]func(*gzip.Reader) (func() ([]byte, error), func()){"in place": inPlace, "ahead": ahead} {
			if err := r.Reset(bytes.NewReader(zip.Bytes()[:zip.Len()-cut])); err != nil {
				t.Fatal(err)
			}
			next, stop := take(r)
			rest := text
			piece, err := next()
			for ; err == nil; piece, err = next() {
				if !bytes.HasPrefix(rest, piece) {
					t.Fatalf("%s, cut by %d: a piece of %d bytes, %d before the end, is another text", name, cut, len(piece), len(rest))
				}
				rest = rest[len(piece):]
			}
			if _, again := next(); err != want || again != want {
				t.Errorf("%s, cut by %d: %v, then %v, want %v", name, cut, err, again, want)
			}
			if cut < 2 && len(rest) > 0 {
				t.Errorf("%s, cut by %d: %d bytes are missing", name, cut, len(rest))
			}
			stop()
			_ = r.Reset(bytes.NewReader(zip.Bytes()))
			next, stop = take(r)
			if piece, err := next(); err != nil || !bytes.HasPrefix(text, piece) {
				t.Errorf("%s: %d bytes, %v", name, len(piece), err)
			}
			stop() // early; the reader is free then
		}
	}
}
