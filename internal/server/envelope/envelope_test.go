package envelope

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/vault"
	"github.com/why403/why403/internal/store/embedded"
)

var customer = bytes.Repeat([]byte("k"), 32)

// kinds are the encryptions of S3.
var kinds = []*estate.Encryption{
	nil,
	{Algorithm: "aws:kms", Key: "arn:aws:kms:us-east-1:111122223333:key/1"},
	{Algorithm: "aws:kms:dsse", Key: "arn:aws:kms:us-east-1:111122223333:key/1"},
	{Algorithm: "SSE-C"},
}

func nameOfKind(e *estate.Encryption) string {
	if e == nil {
		return "AES256"
	}
	return e.Algorithm
}

func newVault(t testing.TB) *vault.Vault {
	t.Helper()
	s, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, err := vault.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// text is so many bytes that do not repeat.
func text(n int) []byte {
	b := make([]byte, n)
	c := rand.NewChaCha8([32]byte{1})
	c.Read(b)
	return b
}

func seal(t testing.TB, n *Envelope, plain []byte, part int) ([]byte, *Sealing) {
	t.Helper()
	s := n.Seal(bytes.NewReader(plain), part, false)
	stored, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	return stored, s
}

func piece(number int, plain, stored []byte) Piece {
	return Piece{Number: number, Size: int64(len(plain)), Stored: int64(len(stored))}
}

// What is sealed opens, whole and from any byte on, and the store sees nothing of it.
func TestRoundTrip(t *testing.T) {
	v := newVault(t)
	for _, e := range kinds {
		for _, size := range []int{0, 1, 15, 16, 17, 4096, packagePlain - 1, packagePlain, packagePlain + 1, 3 * packagePlain, 5*packagePlain + 77} {
			t.Run(fmt.Sprint(nameOfKind(e), "/", size), func(t *testing.T) {
				n, plain := For(v, "b", "k", e, customer), text(size)
				stored, s := seal(t, n, plain, 0)
				if int64(len(stored)) != n.storedSize(int64(size)) || s.Size() != int64(size) {
					t.Fatalf("stored %d bytes, expected %d; says that it sealed %d", len(stored), n.storedSize(int64(size)), s.Size())
				}
				if size > 16 && bytes.Contains(stored, plain[:16]) {
					t.Error("the stored bytes hold the plaintext")
				}
				open := func() io.ReadSeeker { return n.Open(bytes.NewReader(stored), piece(0, plain, stored)) }
				if err := iotest.TestReader(open(), plain); err != nil {
					t.Error(err)
				}
				readRanges(t, open(), plain)
			})
		}
	}
}

// readRanges reads random ranges, and at the borders of packages.
func readRanges(t *testing.T, r io.ReadSeeker, plain []byte) {
	t.Helper()
	starts := []int{0, packagePlain - 1, packagePlain, packagePlain + 1, len(plain) - 1, len(plain)}
	for range 20 {
		starts = append(starts, rand.IntN(len(plain)+1))
	}
	for _, at := range starts {
		if at < 0 || at > len(plain) {
			continue
		}
		got := make([]byte, rand.IntN(len(plain)-at+1))
		if _, err := r.Seek(int64(at), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, plain[at:at+len(got)]) {
			t.Fatalf("%d bytes from %d on are wrong: %v", len(got), at, err)
		}
	}
}

// The parts of a multipart object are sealed each by itself; one that an earlier version kept stands as it is.
func TestPieces(t *testing.T) {
	v := newVault(t)
	for _, e := range kinds {
		n := For(v, "b", "k", e, customer)
		var all, raw []byte
		var pieces []Piece
		for i, size := range []int{packagePlain * 2, 100, 0, packagePlain + 5, 7} {
			plain := text(size)
			stored, _ := seal(t, n, plain, i+1)
			if i == 1 {
				stored = plain
			}
			pieces = append(pieces, piece(i+1, plain, stored))
			all, raw = append(all, plain...), append(raw, stored...)
		}
		r := n.Open(bytes.NewReader(raw), pieces...)
		if err := iotest.TestReader(r, all); err != nil {
			t.Errorf("%s: %v", nameOfKind(e), err)
		}
		readRanges(t, r, all)
	}
}

// Neither a changed byte, nor a cut, nor bytes of another object, part or key are taken for the object's.
func TestDamage(t *testing.T) {
	v := newVault(t)
	for _, e := range kinds {
		n, plain := For(v, "b", "k", e, customer), text(packagePlain+100)
		stored, _ := seal(t, n, plain, 0)
		p := piece(0, plain, stored)
		check := func(what string, n *Envelope, raw []byte, p Piece) {
			t.Helper()
			got, err := io.ReadAll(n.Open(bytes.NewReader(raw), p))
			if !errors.Is(err, ErrDamaged) || len(got) > packagePlain {
				t.Errorf("%s, %s: %d bytes, %v", nameOfKind(e), what, len(got), err)
			}
		}
		for _, at := range []int{0, 1, 2, 20, 61, 62, 64, 100, 130, 200, packagePlain, packagePlain + 200, len(stored) - 1} {
			bad := bytes.Clone(stored)
			bad[at] ^= 1
			check(fmt.Sprint("byte ", at), n, bad, p)
		}
		check("cut", n, stored[:len(stored)-1], p)
		check("empty", n, nil, p)
		check("wrong size", n, stored, Piece{Size: p.Size - 1, Stored: p.Stored})
		check("as a part", n, stored, Piece{Number: 1, Size: p.Size, Stored: p.Stored})
		check("as another key's", For(v, "b", "k2", e, customer), stored, p)
		check("as another bucket's", For(v, "bk", "", e, customer), stored, p)
		check("in another vault, or with another customer's key", For(newVault(t), "b", "k", e, bytes.Repeat([]byte("o"), 32)), stored, p)
	}
}

// "Object" in the Amazon S3 API Reference: the ETag is the MD5 with SSE-S3, and is not with SSE-KMS and SSE-C.
func TestETag(t *testing.T) {
	v, plain := newVault(t), []byte("hello")
	sum := md5.Sum(plain)
	for _, e := range kinds {
		_, s := seal(t, For(v, "b", "k", e, customer), plain, 0)
		if is := s.ETag() == hex.EncodeToString(sum[:]); is != (e == nil) || len(s.ETag()) != 32 {
			t.Errorf("%s: ETag %s", nameOfKind(e), s.ETag())
		}
		if e != nil && s.MD5() != nil {
			t.Errorf("%s: the MD5 was taken, and nobody wanted it", nameOfKind(e))
		}
	}
}

// A source that fails is not taken for one that ends.
func TestSourceFails(t *testing.T) {
	n, boom := For(newVault(t), "b", "k", nil, nil), errors.New("boom")
	for _, before := range []int{0, 10, packagePlain, packagePlain * 2} {
		_, err := io.ReadAll(n.Seal(io.MultiReader(bytes.NewReader(text(before)), iotest.ErrReader(boom)), 0, false))
		if !errors.Is(err, boom) {
			t.Errorf("after %d bytes: %v", before, err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	v := newVault(b)
	for _, e := range kinds {
		for _, size := range []int{4 << 10, 8 << 20} {
			b.Run(fmt.Sprint(nameOfKind(e), "/", size), func(b *testing.B) {
				plain, buf := text(size), make([]byte, 256<<10)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					s := For(v, "b", "k", e, customer).Seal(bytes.NewReader(plain), 0, false)
					io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{s}, buf)
				}
			})
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	v := newVault(b)
	buf := make([]byte, 128<<10)
	for _, e := range kinds {
		for _, size := range []int{4 << 10, 8 << 20} {
			b.Run(fmt.Sprint(nameOfKind(e), "/", size), func(b *testing.B) {
				n, plain := For(v, "b", "k", e, customer), text(size)
				stored, _ := seal(b, n, plain, 0)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					r := n.Open(bytes.NewReader(stored), piece(0, plain, stored))
					io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, buf)
				}
			})
		}
	}
}

// No bit of a small envelope can be changed.
func TestSmallDamage(t *testing.T) {
	n, plain := For(newVault(t), "b", "k", nil, nil), text(20)
	stored, _ := seal(t, n, plain, 0)
	for bit := range 8 * len(stored) {
		bad := bytes.Clone(stored)
		bad[bit/8] ^= 1 << (bit % 8)
		if got, err := io.ReadAll(n.Open(bytes.NewReader(bad), piece(0, plain, bad))); !errors.Is(err, ErrDamaged) || len(got) > 0 {
			t.Errorf("bit %d: %q, %v", bit, got, err)
		}
	}
	for cut := range stored {
		if got, err := io.ReadAll(n.Open(bytes.NewReader(stored[:cut]), piece(0, plain, stored))); !errors.Is(err, ErrDamaged) || len(got) > 0 {
			t.Errorf("cut to %d: %q, %v", cut, got, err)
		}
	}
}

// Whatever becomes of stored bytes: what is read is what was sealed, or an error.
func FuzzOpen(f *testing.F) {
	n, plain := For(newVault(f), "b", "k", kinds[2], nil), text(packagePlain+100)
	stored, _ := seal(f, n, plain, 0)
	f.Add(0, []byte{1}, int64(len(plain)), int64(0))
	f.Add(len(stored)-1, []byte{0}, int64(len(plain)), int64(packagePlain))
	f.Add(70, []byte("garbage"), int64(1), int64(0))
	f.Fuzz(func(t *testing.T, at int, patch []byte, size, from int64) {
		raw := bytes.Clone(stored)
		if at >= 0 && at < len(raw) {
			copy(raw[at:], patch)
		}
		if from < 0 || from >= size || size > 1<<30 { // sizes are the database's to vouch for
			return
		}
		r := n.Open(bytes.NewReader(raw), Piece{Size: size, Stored: int64(len(raw))})
		if _, err := r.Seek(from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err == nil && from < int64(len(plain)) && !bytes.Equal(got, plain[from:]) || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}
