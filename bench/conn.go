package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// A request is one that was signed, as it goes over the wire.
type request struct {
	head, body []byte
	want       []byte // that the answer is, to the byte; nil: not compared
	holds      []byte // that the answer contains; nil: not looked for
}

// sign makes a request of the bucket (of an object where key is not empty).
func (b *bench) sign(method, key, query string, body []byte) (*request, error) {
	path := "/" + b.bucket
	if key != "" {
		path += "/" + key
	}
	r, err := http.NewRequest(method, b.url.Scheme+"://"+b.url.Host+path, nil)
	if err != nil {
		return nil, err
	}
	r.URL.RawQuery = query
	payload := sigv4.UnsignedPayload
	if !b.unsigned {
		sum := sha256.Sum256(body)
		payload = hex.EncodeToString(sum[:])
	}
	sigv4.Signer{Credential: b.credential, Region: b.region}.Sign(r, time.Now(), payload)
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, r.URL.RequestURI(), r.URL.Host)
	if body != nil {
		fmt.Fprintf(&head, "Content-Length: %d\r\n", len(body))
	}
	for name, values := range r.Header {
		fmt.Fprintf(&head, "%s: %s\r\n", name, values[0])
	}
	head.WriteString("\r\n")
	return &request{head: head.Bytes(), body: body}, nil
}

// patternLength is how often a body repeats: little enough that comparing stays in
// the processor's cache.
const patternLength = 64 << 10

// pattern makes the bytes of an object, the same in every run.
func pattern(size int) []byte {
	b := make([]byte, size)
	state := uint32(2463534242)
	for i := range min(size, patternLength) {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		b[i] = byte(state)
	}
	for done := patternLength; done < size; done += patternLength {
		copy(b[done:], b[:patternLength])
	}
	return b
}

// A conn is one connection that is kept alive. It speaks as much of HTTP/1.1 as
// the answers of S3 need.
type conn struct {
	url *url.URL
	net net.Conn
	r   *bufio.Reader
	buf []byte
}

func dial(ctx context.Context, u *url.URL) (*conn, error) {
	c := &conn{url: u, buf: make([]byte, 256<<10)}
	return c, c.redial(ctx)
}

// redial puts a new connection in the place of one that failed.
func (c *conn) redial(ctx context.Context) (err error) {
	c.close()
	if c.url.Scheme == "https" {
		c.net, err = (&tls.Dialer{}).DialContext(ctx, "tcp", c.url.Host)
	} else {
		c.net, err = (&net.Dialer{}).DialContext(ctx, "tcp", c.url.Host)
	}
	if err != nil {
		c.net = nil
		return err
	}
	c.r = bufio.NewReaderSize(c.net, 64<<10)
	return nil
}

func (c *conn) close() {
	if c.net != nil {
		_ = c.net.Close() // nothing is under way
	}
}

// answerTimeout bounds one request, so that a server that hangs ends the run.
const answerTimeout = time.Minute

// do sends a request and reads its answer to the end.
func (c *conn) do(r *request) error {
	if err := c.net.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	buffers := net.Buffers{r.head, r.body}
	if _, err := buffers.WriteTo(c.net); err != nil {
		return err
	}
	status, length, err := c.readHead()
	if err != nil {
		return err
	}
	var body io.Reader = io.LimitReader(c.r, length)
	if length == chunked {
		body = httputil.NewChunkedReader(c.r)
	}
	if status != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(body, 2000))
		return fmt.Errorf("status %d: %s", status, text)
	}
	if err := c.compare(body, r, length); err != nil {
		return err
	}
	if length == chunked { // the empty line behind the trailer
		_, err = c.r.ReadSlice('\n')
	}
	return err
}

// chunked stands for a length that is not known.
const chunked = -1

// readHead reads an answer's status and headers.
func (c *conn) readHead() (status int, length int64, err error) {
	first, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(first) < 12 || !bytes.HasPrefix(first, []byte("HTTP/1.")) {
		return 0, 0, fmt.Errorf("answer begins with %q", first)
	}
	if status, err = strconv.Atoi(string(first[9:12])); err != nil {
		return 0, 0, fmt.Errorf("answer begins with %q", first)
	}
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return status, length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(strings.TrimSpace(string(value)), 10, 64); err != nil {
				return 0, 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = chunked
		}
	}
}

var errWrongBytes = errors.New("the answer is not what was put")

// compare reads a body, and holds it against what was put.
func (c *conn) compare(body io.Reader, r *request, length int64) error {
	var whole []byte
	pos := 0
	for {
		n, err := body.Read(c.buf)
		if r.want != nil && (pos+n > len(r.want) || !bytes.Equal(c.buf[:n], samePart(r.want, pos, n))) {
			return errWrongBytes
		}
		if r.holds != nil {
			whole = append(whole, c.buf[:n]...)
		}
		pos += n
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	switch {
	case length != chunked && int64(pos) != length:
		return io.ErrUnexpectedEOF
	case r.want != nil && pos != len(r.want), r.holds != nil && !bytes.Contains(whole, r.holds):
		return errWrongBytes
	}
	return nil
}

// samePart returns want[pos:pos+n], out of the first patterns where it can.
func samePart(want []byte, pos, n int) []byte {
	if pos = pos % patternLength; pos+n > len(want) {
		n = len(want) - pos
	}
	return want[pos : pos+n]
}
