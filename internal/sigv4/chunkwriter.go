package sigv4

import (
	"io"
	"strconv"
	"time"
)

// A ChunkWriter writes an aws-chunked body. Every Write becomes one chunk.
type ChunkWriter struct {
	w        io.Writer
	key      bodyKey
	prior    string
	unsigned bool
	trailers bool
}

// ChunkWriter returns a writer for the body of a request that s signed at that
// time with payload, a streaming value, and signature as the result.
func (s Signer) ChunkWriter(w io.Writer, at time.Time, payload, signature string) *ChunkWriter {
	sc := s.scope(at)
	return &ChunkWriter{
		w:     w,
		key:   bodyKey{signingKey(s.Credential.Secret, sc), at.UTC().Format(basicFormat), sc, signature},
		prior: signature, unsigned: payload == StreamingUnsignedTrailer, trailers: payload != StreamingSigned,
	}
}

// Write writes p as one chunk. Empty writes are left out, as an empty chunk
// ends the body.
func (c *ChunkWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := c.chunk(p); err != nil {
		return 0, err
	}
	if _, err := c.w.Write(p); err != nil {
		return 0, err
	}
	_, err := io.WriteString(c.w, "\r\n")
	return len(p), err
}

// chunk writes the header line of a chunk.
func (c *ChunkWriter) chunk(p []byte) error {
	line := strconv.FormatInt(int64(len(p)), 16)
	if !c.unsigned {
		c.prior = signV4(c.key.key, []byte(chunkStringToSign(c.key, c.prior, sha256Hex(p))))
		line += ";chunk-signature=" + c.prior
	}
	_, err := io.WriteString(c.w, line+"\r\n")
	return err
}

// Close ends the body, with the trailing fields given.
func (c *ChunkWriter) Close(trailer ...FormField) error {
	if err := c.chunk(nil); err != nil {
		return err
	}
	end, signed := "", ""
	for _, f := range trailer {
		end += f.Name + ":" + f.Value + "\r\n"
		signed += f.Name + ":" + f.Value + "\n"
	}
	if c.trailers && !c.unsigned {
		c.prior = signV4(c.key.key, []byte(trailerStringToSign(c.key, c.prior, sha256Hex([]byte(signed)))))
		end += trailerSignature + ":" + c.prior + "\r\n"
	}
	_, err := io.WriteString(c.w, end+"\r\n")
	return err
}
