package embedded

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"sync"
)

// body is what was received: bytes in memory, or a file.
type body struct {
	data []byte // of a small body
	temp string // of a large one, until it is published
	name string // once it is published
	md5  string
	size int64
}

// buffers serve receive; a body takes one however large it is.
var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// receive reads a body to its end: at most limit bytes into memory, more into a temporary file that is on stable storage when
// receive returns. The MD5 of an opaque body is not taken.
func (s *Store) receive(ctx context.Context, r io.Reader, limit int, opaque bool) (body, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	r = contextReader{ctx, r}
	sum := newDigest(opaque)
	n, err := io.ReadFull(r, (*buf)[:min(limit+1, len(*buf))])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return body{}, err
	}
	head := (*buf)[:n]
	if n <= limit && err != nil {
		sum.Write(head)
		return body{data: append([]byte{}, head...), md5: sum.hex(), size: int64(n)}, nil
	}
	file, temp, err := s.files.create()
	if err != nil {
		return body{}, err
	}
	b := body{temp: temp}
	b.size, err = spill(file, head, r, *buf, sum)
	if err != nil {
		return body{}, errors.Join(err, s.files.remove(temp))
	}
	b.md5 = sum.hex()
	return b, nil
}

// A digest is the MD5 of a body, or nothing.
type digest struct{ hash.Hash }

func newDigest(opaque bool) digest {
	if opaque {
		return digest{}
	}
	return digest{md5.New()}
}

func (d digest) Write(p []byte) (int, error) {
	if d.Hash == nil {
		return len(p), nil
	}
	return d.Hash.Write(p)
}

func (d digest) hex() string {
	if d.Hash == nil {
		return ""
	}
	return hex.EncodeToString(d.Sum(nil))
}

// spill writes head and the rest of r to file and sum, syncs the file and closes it. head may be part of buf.
func spill(file *os.File, head []byte, r io.Reader, buf []byte, sum io.Writer) (size int64, err error) {
	defer func() { err = errors.Join(err, file.Close()) }()
	w := io.MultiWriter(file, sum)
	n, err := w.Write(head)
	if err != nil {
		return 0, err
	}
	// Hidden types keep CopyBuffer from bypassing buf.
	rest, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, buf)
	if err != nil {
		return 0, err
	}
	return int64(n) + rest, file.Sync()
}

// publish moves the file of a large body to its place.
func (s *Store) publish(b *body) (err error) {
	if b.temp == "" {
		return nil
	}
	b.name, err = s.files.publish(b.temp)
	return err
}

// abandon removes the file of a body that became nothing because of err. After a failed commit the file stays, since the
// commit may have reached the disk; the next start knows.
func (s *Store) abandon(b body, err error) error {
	if _, doubtful := errors.AsType[commitError](err); doubtful {
		return err
	}
	for _, name := range []string{b.temp, b.name} {
		if name != "" {
			_ = s.files.remove(name) // what resists, the next start removes
		}
	}
	return err
}

// contextReader fails once its context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
