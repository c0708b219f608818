package envelope

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"hash"
	"io"

	"github.com/minio/sio"

	"github.com/why403/why403/internal/server/vault"
)

// A Sealing reads the envelope of what it reads. MD5, ETag and Size tell of the plaintext once that came to its end.
type Sealing struct {
	n      *Envelope
	part   int
	plain  *bufio.Reader
	source *source
	sealed io.Reader // nil before the first Read
}

// source counts the plaintext, and hashes it where its MD5 is wanted.
type source struct {
	r    io.Reader
	md5  hash.Hash // nil: not wanted
	size int64
}

func (s *source) Read(p []byte) (int, error) {
	k, err := s.r.Read(p)
	s.size += int64(k)
	if s.md5 != nil {
		s.md5.Write(p[:k])
	}
	return k, err
}

// Seal returns the envelope of an object in one piece (part 0), or of a part. wantMD5 has the MD5 taken even where the
// ETag is not made of it.
func (n *Envelope) Seal(plain io.Reader, part int, wantMD5 bool) *Sealing {
	s := &source{r: plain}
	if wantMD5 || n.md5 {
		s.md5 = md5.New()
	}
	return &Sealing{n: n, part: part, source: s, plain: bufio.NewReaderSize(s, 16)} // 16 to peek; the rest goes by
}

// Read implements io.Reader.
func (s *Sealing) Read(p []byte) (int, error) {
	if s.sealed == nil {
		if _, err := s.plain.Peek(1); err != nil {
			return 0, err // io.EOF: no bytes have no envelope
		}
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	return s.sealed.Read(p)
}

func (s *Sealing) begin() error {
	head, keys := s.n.newHead(s.part)
	var r io.Reader = s.plain
	for _, key := range keys {
		var err error
		if r, err = sio.EncryptReader(r, config(key, 0)); err != nil {
			return err
		}
	}
	s.sealed = &headed{head: head, r: r}
	return nil
}

// headed reads a head and what follows it, in one Read where p has the room. The first Read asks sio for less than a
// package: if that is all, sio gives its buffer back, which it otherwise forgets.
type headed struct {
	head []byte
	r    io.Reader
}

func (h *headed) Read(p []byte) (int, error) {
	if h.head == nil {
		return h.r.Read(p)
	}
	k := copy(p, h.head)
	if h.head = h.head[k:]; len(h.head) > 0 || k == len(p) {
		return k, nil
	}
	h.head = nil
	m, err := h.r.Read(p[k:min(len(p), k+packageStored-1)])
	return k + m, err
}

// Size is how many bytes were sealed.
func (s *Sealing) Size() int64 { return s.source.size }

// MD5 is that of the bytes that were sealed; nil where it was not taken.
func (s *Sealing) MD5() []byte {
	if s.source.md5 == nil {
		return nil
	}
	return s.source.md5.Sum(nil)
}

// ETag is the MD5 with SSE-S3. With other encryption it is not ("Object" in the Amazon S3 API Reference), and is random.
func (s *Sealing) ETag() string {
	if s.n.md5 {
		return hex.EncodeToString(s.MD5())
	}
	return hex.EncodeToString(vault.NewDataKey()[:md5.Size])
}
