package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// anySkew leaves it to S3 to judge the program's clock.
const anySkew = 100 * 365 * 24 * time.Hour

// errUnknownKey is the answer to a signature with an access key whose secret the
// proxy does not find.
var errUnknownKey = errors.New("the secret of the access key was found in no place that SDKs look at")

// sign replaces the signature of a request by one for the upstream. Whoever cannot
// sign with the secret of an access key gets nothing signed with it.
func (p *Proxy) sign(r, out *http.Request, claim sigv4.Claim) error {
	if claim.Algorithm == sigv4.AlgorithmV4A {
		return fmt.Errorf("a signature of %s, as for Multi-Region Access Points, %w", claim.Algorithm, ErrForward)
	}
	c, ok := p.Keys.Credential(claim.AccessKeyID)
	if !ok {
		return fmt.Errorf("the request of access key %s %w: %w", claim.AccessKeyID, ErrForward, errUnknownKey)
	}
	token := r.Header.Get("X-Amz-Security-Token")
	if claim.Mechanism == sigv4.Query {
		token = r.URL.Query().Get("X-Amz-Security-Token")
	}
	c.SessionToken = token // the one that was sent, be it right or wrong
	verifier := sigv4.Verifier{Service: claim.Service, Keys: sigv4.KeyMap{claim.AccessKeyID: c}, MaxSkew: anySkew, AllowSigV2: true}
	res, refused := verifier.Verify(r)
	if refused != nil {
		return refused
	}
	if r.Body != nil && out.Body != http.NoBody {
		out.Body = r.Body // services other than S3 sign the body, which was read
	}
	signer := sigv4.Signer{Credential: c, Region: claim.Region, Service: claim.Service}
	if claim.Mechanism == sigv4.Query {
		presign(r, out, res, signer)
		return nil
	}
	out.Header.Del("Authorization")
	at := orNow(res.SignedAt) // so that S3 sees the program's clock
	if claim.Algorithm == sigv4.AlgorithmV2 {
		out.Header.Del("X-Amz-Date")
		signer.SignV2(out, at, "")
		return nil
	}
	signature := signer.Sign(out, at, cmp.Or(res.Payload, sigv4.UnsignedPayload), signedToo(out, res)...)
	if res.Payload == sigv4.StreamingSigned || res.Payload == sigv4.StreamingSignedTrailer {
		out.Body, out.ContentLength = rechunk(r, res, signer, at, signature), chunkedLength(res)
	}
	return nil
}

func orNow(at time.Time) time.Time {
	if at.IsZero() {
		return time.Now()
	}
	return at
}

// signedToo are the headers that were signed besides host and x-amz-*, and are sent.
func signedToo(out *http.Request, res *sigv4.Result) (names []string) {
	for _, name := range res.SignedHeaders {
		if out.Header.Get(name) != "" {
			names = append(names, name)
		}
	}
	return names
}

// presign replaces the signature in the target of a presigned URL, which was made for
// the proxy's own address, by one that is as old and lasts as long.
func presign(r, out *http.Request, res *sigv4.Result, signer sigv4.Signer) {
	_, query, _ := strings.Cut(r.RequestURI, "?")
	rest, expires := []string{}, int64(0)
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "Expires":
			expires, _ = strconv.ParseInt(value, 10, 64) // was verified
		case "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token",
			"AWSAccessKeyId", "Signature", "":
		default:
			rest = append(rest, pair)
		}
	}
	out.URL.Opaque, _, _ = strings.Cut(out.URL.Opaque, "?")
	out.URL.RawQuery, out.URL.ForceQuery = strings.Join(rest, "&"), false
	signed := ""
	if res.Algorithm == sigv4.AlgorithmV2 {
		signed = signer.PresignV2(out, time.Unix(expires, 0), "")
	} else {
		signed = signer.Presign(out, res.SignedAt, res.Expires, signedToo(out, res)...)
	}
	_, out.URL.RawQuery, _ = strings.Cut(signed, "?")
}

// chunkSize is the size of all chunks but the last, which S3 wants to be of 8 KiB at
// least ("Defining the chunk body" in the Amazon S3 API Reference).
const chunkSize = 64 << 10

// chunkedLength is the length of a body that rechunk makes; -1 with trailing fields.
func chunkedLength(res *sigv4.Result) int64 {
	if res.Payload != sigv4.StreamingSigned {
		return -1
	}
	line := func(size int64) int64 {
		return int64(len(fmt.Sprintf("%x;chunk-signature=\r\n\r\n", size))) + 64 + size
	}
	full, rest := res.DecodedLength/chunkSize, res.DecodedLength%chunkSize
	n := full*line(chunkSize) + line(0)
	if rest > 0 {
		n += line(rest)
	}
	return n
}

// rechunk signs the chunks of an aws-chunked body anew.
func rechunk(r *http.Request, res *sigv4.Result, signer sigv4.Signer, at time.Time, signature string) io.ReadCloser {
	reader, pipe := io.Pipe()
	go func() {
		body := res.Body(r.Body)
		w := signer.ChunkWriter(pipe, at, res.Payload, signature)
		err := copyChunks(w, body)
		if err == nil {
			var trailer []sigv4.FormField
			for name := range strings.SplitSeq(r.Header.Get("X-Amz-Trailer"), ",") {
				if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
					trailer = append(trailer, sigv4.FormField{Name: name, Value: body.Trailer().Get(name)})
				}
			}
			err = w.Close(trailer...)
		}
		pipe.CloseWithError(err) // nil ends the body
	}()
	return reader
}

func copyChunks(w io.Writer, body io.Reader) error {
	chunk := make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(body, chunk)
		if n > 0 {
			if _, err := w.Write(chunk[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}
