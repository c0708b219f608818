package sigv4

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"io"
	"strconv"
	"strings"
)

const (
	minChunk      = 8192 // smallest signed chunk but the last
	maxChunkLine  = 1024 // longest header line of a chunk
	maxChunkDigit = 16   // hexadecimal digits of a chunk size
)

// chunkReader decodes an aws-chunked body and verifies its signatures.
type chunkReader struct {
	src    *bufio.Reader
	body   *Body
	state  bodyState
	signed bool // chunks carry signatures
	ends   bool // a trailer follows the last chunk

	left    int64 // of the declared decoded length
	number  int   // of the current chunk, from 1
	size    int64 // of the current chunk
	unread  int64 // of the current chunk
	prior   string
	current string // signature that the current chunk claims
	hash    hash.Hash
}

func newChunkReader(src io.Reader, r *Result, b *Body) *chunkReader {
	return &chunkReader{
		src: bufio.NewReaderSize(src, 8<<10), body: b, state: r.body,
		signed: r.Payload != StreamingUnsignedTrailer,
		ends:   r.Payload != StreamingSigned,
		left:   r.DecodedLength, prior: r.body.seed, hash: sha256.New(),
	}
}

// Read implements io.Reader over the data of the chunks.
func (c *chunkReader) Read(p []byte) (int, error) {
	if c.unread == 0 {
		if done, err := c.nextChunk(); done || err != nil {
			return 0, err
		}
	}
	n, err := c.src.Read(p[:min(int64(len(p)), c.unread)])
	c.unread -= int64(n)
	if c.signed {
		c.hash.Write(p[:n])
	}
	if err != nil {
		return n, wireError(err)
	}
	if c.unread > 0 {
		return n, nil
	}
	return n, c.endChunk()
}

// nextChunk reads the header of the next chunk. done comes with io.EOF after
// the last one, when everything that follows has been checked.
func (c *chunkReader) nextChunk() (done bool, err error) {
	size, signature, err := c.header()
	if err != nil {
		return false, err
	}
	if c.signed && size > 0 && c.number > 0 && c.size < minChunk {
		return false, errChunkSize(c.number, c.size)
	}
	if size > c.left {
		return false, errIncomplete()
	}
	c.number, c.size, c.unread, c.current = c.number+1, size, size, signature
	c.left -= size
	if size > 0 {
		return false, nil
	}
	return true, c.finish()
}

// finish checks the last chunk and what follows it, and returns io.EOF when
// all is well.
func (c *chunkReader) finish() error {
	if err := c.verifyChunk(); err != nil {
		return err
	}
	if c.left != 0 {
		return errIncomplete()
	}
	if c.ends {
		if err := c.readTrailer(); err != nil {
			return err
		}
	} else if err := c.lineEnd(); err != nil {
		return err
	}
	if _, err := c.src.ReadByte(); err == nil {
		return errIncomplete()
	} else if err != io.EOF {
		return wireError(err)
	}
	return io.EOF
}

// endChunk verifies the chunk whose data has been read.
func (c *chunkReader) endChunk() error {
	if err := c.lineEnd(); err != nil {
		return err
	}
	return c.verifyChunk()
}

// header reads "size" or "size;chunk-signature=..." and its line end.
func (c *chunkReader) header() (int64, string, error) {
	line, err := c.line()
	if err != nil {
		return 0, "", err
	}
	digits, extension, _ := strings.Cut(line, ";")
	size, perr := strconv.ParseUint(digits, 16, 63)
	if perr != nil || len(digits) > maxChunkDigit {
		return 0, "", errIncomplete()
	}
	if !c.signed {
		return int64(size), "", nil
	}
	signature, ok := strings.CutPrefix(extension, "chunk-signature=")
	if !ok || !isHex64(signature) {
		return 0, "", errIncomplete()
	}
	return int64(size), signature, nil
}

// line reads one line without its end.
func (c *chunkReader) line() (string, error) {
	b, err := c.src.ReadSlice('\n')
	if err == bufio.ErrBufferFull || len(b) > maxChunkLine {
		return "", errIncomplete()
	}
	if err != nil {
		return "", wireError(err)
	}
	return strings.TrimSuffix(string(b[:len(b)-1]), "\r"), nil
}

// lineEnd reads an empty line.
func (c *chunkReader) lineEnd() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	if line != "" {
		return errIncomplete()
	}
	return nil
}

// verifyChunk compares the current chunk's signature, and makes it the prior
// one of the next.
func (c *chunkReader) verifyChunk() error {
	if !c.signed {
		return nil
	}
	sum := hex.EncodeToString(c.hash.Sum(nil))
	c.hash.Reset()
	if err := c.state.verify(chunkStringToSign(c.state.bodyKey, c.prior, sum), c.current); err != nil {
		return err
	}
	c.prior = c.current
	return nil
}

// chunkStringToSign is the string to sign of one chunk.
func chunkStringToSign(k bodyKey, prior, sum string) string {
	return AlgorithmV4 + "-PAYLOAD\n" + k.stamp + "\n" + k.scope.String() + "\n" + prior + "\n" + emptySHA256 + "\n" + sum
}

// trailerStringToSign is the string to sign of the trailing fields.
func trailerStringToSign(k bodyKey, prior, sum string) string {
	return AlgorithmV4 + "-TRAILER\n" + k.stamp + "\n" + k.scope.String() + "\n" + prior + "\n" + sum
}

// verify compares a signature within the body.
func (s *bodyState) verify(stringToSign, provided string) error {
	if subtle.ConstantTimeCompare([]byte(signV4(s.key, []byte(stringToSign))), []byte(provided)) == 1 {
		return nil
	}
	e := newError(GateSignature, ReasonChunkSignature, 403, "SignatureDoesNotMatch", mismatchMessage).
		with("StringToSign", stringToSign).with("SignatureProvided", provided).
		with("StringToSignBytes", hexBytes(stringToSign))
	e.Detail = &Mismatch{StringToSign: stringToSign, SignatureProvided: provided,
		Hint: Hint{Part: PartPayload, Text: "a chunk or trailer of the body was altered after it was signed, or signed after another prior signature"}}
	return e
}

func errChunkSize(number int, size int64) *Error {
	return newError("", ReasonChunkSize, 400, "InvalidChunkSizeError",
		"Only the last chunk is allowed to have a size less than 8192 bytes").
		with("Chunk", strconv.Itoa(number)).with("BadChunkSize", strconv.FormatInt(size, 10))
}

func errIncomplete() *Error {
	return newError("", ReasonIncompleteBody, 400, "IncompleteBody", "The request body terminated unexpectedly")
}

// wireError turns an early end of the body into IncompleteBody, and leaves
// other errors of the connection as they are.
func wireError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errIncomplete()
	}
	return err
}
