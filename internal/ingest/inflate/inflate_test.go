package inflate

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

func all(r *Reader, in io.Reader) (text []byte, err error) {
	r.Reset(in)
	for {
		piece, err := r.Piece()
		if err != nil {
			return text, err
		}
		text = append(text, piece...)
	}
}

func zipped(t testing.TB, text []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	z.Name, z.Comment, z.Extra = "name", "comment", []byte("extra")
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// texts are of all sorts: repeated near and far, random, of few characters, empty.
func texts() map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n, of int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('a' + rng.IntN(of))
		}
		return b
	}
	words := &strings.Builder{}
	for words.Len() < 400<<10 {
		fmt.Fprintf(words, `{"key":"data/%d/%x","bucket":"lake-%d"},`, rng.IntN(30), rng.Uint64(), rng.IntN(5))
	}
	far := random(window-1, 200)
	return map[string][]byte{"empty": nil, "one": []byte("a"), "short": []byte("hello, hello"), "zeros": make([]byte, 300<<10), "random": random(300<<10, 256), "few": random(300<<10, 3),
		"skewed": bytes.Repeat([]byte("aaaaaaaaaaaaaaabaaaaaaaaacaaaad"), 4000), "words": []byte(words.String()), "far": bytes.Repeat(far, 6), "period": bytes.Repeat([]byte("abcde"), 33333)}
}

// The text comes out that went in, in whatever bits the stream is read.
func TestTexts(t *testing.T) {
	r := new(Reader)
	for name, text := range texts() {
		for _, level := range []int{gzip.NoCompression, gzip.BestSpeed, gzip.DefaultCompression, gzip.BestCompression, gzip.HuffmanOnly} {
			zip := zipped(t, text, level)
			twice := append(bytes.Clone(zip), zip...)
			for how, in := range map[string]io.Reader{"at once": bytes.NewReader(twice), "by bytes": iotest.OneByteReader(bytes.NewReader(twice)), "with the end": iotest.DataErrReader(bytes.NewReader(twice))} {
				got, err := all(r, in)
				if !bytes.Equal(got, append(bytes.Clone(text), text...)) || err != io.EOF {
					t.Errorf("%s, level %d, read %s: %d bytes of %d, %v", name, level, how, len(got), 2*len(text), err)
				}
			}
		}
	}
}

// What is cut off or changed is told, and what came before the cut is right.
func TestDamage(t *testing.T) {
	r := new(Reader)
	text := texts()["words"][:200<<10]
	zip := zipped(t, text, 6)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n := rng.IntN(len(zip))
		got, err := all(r, bytes.NewReader(zip[:n]))
		if !bytes.HasPrefix(text, got) || err != io.ErrUnexpectedEOF && !(n == 0 && err == io.EOF) {
			t.Fatalf("cut at %d: %d bytes, %v", n, len(got), err)
		}
		bad := bytes.Clone(zip)
		bad[10+rng.IntN(len(zip)-10)] ^= 1 << rng.IntN(8)
		if got, err := all(r, bytes.NewReader(bad)); err == io.EOF && !bytes.Equal(got, text) {
			t.Fatalf("damaged: %d bytes, no error", len(got))
		}
	}
	broken := errors.New("broken")
	if _, err := all(r, io.MultiReader(bytes.NewReader(zip[:5000]), iotest.ErrReader(broken))); err != broken {
		t.Errorf("%v, want what the stream says", err)
	}
	if _, err := all(r, strings.NewReader("no gzip at all")); err != ErrHeader {
		t.Errorf("%v, want %v", err, ErrHeader)
	}
}

// compare holds a Reader to compress/flate, but for the checksum, which hardly ever
// is that of what comes out. Of a stream that is cut off one may have a few bytes
// more than the other.
func compare(t *testing.T, r *Reader, body []byte) (whole bool) {
	want, wantErr := io.ReadAll(flate.NewReader(bytes.NewReader(body)))
	got, err := all(r, bytes.NewReader(append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0}, body...)))
	switch {
	case wantErr == nil && !bytes.Equal(got, want):
		t.Errorf("%x: %d bytes, want %d; %v", body, len(got), len(want), err)
	case wantErr != nil && (err == io.EOF || !bytes.HasPrefix(want, got) && !bytes.HasPrefix(got, want)):
		t.Errorf("%x: %d bytes and %v, want %d bytes and %v", body, len(got), err, len(want), wantErr)
	}
	return wantErr == nil
}

func seeds(t testing.TB) (list [][]byte) {
	for _, text := range texts() {
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.BestCompression, flate.HuffmanOnly} {
			list = append(list, deflated(t, text[:min(len(text), 3000)], level))
		}
	}
	return list
}

// What becomes of a few changed bytes is what becomes of them elsewhere.
func TestAltered(t *testing.T) {
	rng, r, whole := rand.New(rand.NewPCG(5, 6)), new(Reader), 0
	list := seeds(t)
	for range 5000 {
		body := bytes.Clone(list[rng.IntN(len(list))])
		for range rng.IntN(4) {
			body[rng.IntN(min(len(body), 1+rng.IntN(3000)))] ^= 1 << rng.IntN(8)
		}
		if compare(t, r, body) {
			whole++
		}
	}
	if whole < 1200 {
		t.Errorf("of 5,000 streams %d were whole", whole)
	}
}

// FuzzReader looks for streams of which the text is another one than that of
// compress/flate.
func FuzzReader(f *testing.F) {
	for _, body := range append(seeds(f), []byte{1, 0, 0, 0xff, 0xff}) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) { compare(t, new(Reader), body) })
}

func deflated(t testing.TB, text []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
