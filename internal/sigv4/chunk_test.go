package sigv4

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// chunked makes an aws-chunked body by hand.
type chunked struct{ bytes.Buffer }

func (c *chunked) add(data, signature string) *chunked {
	c.WriteString(strconv.FormatInt(int64(len(data)), 16))
	if signature != "" {
		c.WriteString(";chunk-signature=" + signature)
	}
	c.WriteString("\r\n" + data)
	if data != "" {
		c.WriteString("\r\n")
	}
	return c
}

func (c *chunked) end(lines ...string) string {
	for _, l := range lines {
		c.WriteString(l + "\r\n")
	}
	c.WriteString("\r\n")
	return c.String()
}

var (
	publishedData = strings.Repeat("a", 65536)
	publishedTail = strings.Repeat("a", 1024)
)

// publishedChunks is the example of "Signature Calculations for the
// Authorization Header: Transferring Payload in Multiple Chunks".
func publishedChunks() (head, body string) {
	body = new(chunked).
		add(publishedData, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648").
		add(publishedTail, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497").
		add("", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9").end()
	return `PUT /examplebucket/chunkObject.txt HTTP/1.1
Host: s3.amazonaws.com
Content-Encoding: aws-chunked
Content-Length: 66824
x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD
x-amz-date: 20130524T000000Z
x-amz-decoded-content-length: 66560
x-amz-storage-class: REDUCED_REDUNDANCY
` + docAuth("content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
		"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"), body
}

// publishedTrailer is the example with a trailing checksum. Its page prints
// content-length among the signed headers; the signature is without it.
func publishedTrailer() (head, body string) {
	body = new(chunked).
		add(publishedData, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2").
		add(publishedTail, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7").
		add("", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992").
		end("x-amz-checksum-crc32c:sOO8/Q==", "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435")
	return `PUT /examplebucket/chunkObject.txt HTTP/1.1
Host: s3.amazonaws.com
Content-Encoding: aws-chunked
Content-Length: ` + strconv.Itoa(len(body)) + `
x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
x-amz-date: 20130524T000000Z
x-amz-decoded-content-length: 66560
x-amz-storage-class: REDUCED_REDUNDANCY
x-amz-trailer: x-amz-checksum-crc32c
` + docAuth("content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
		"106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"), body
}

func TestPublishedChunks(t *testing.T) {
	for _, example := range []func() (string, string){publishedChunks, publishedTrailer} {
		head, body := example()
		r := wire(t, head, body)
		res := accepted(t, at(docTime, keys(docCred)), r)
		if !res.Streaming() || res.DecodedLength != 66560 {
			t.Errorf("result %+v", res)
		}
		b := res.Body(iotest.OneByteReader(r.Body))
		got, err := io.ReadAll(b)
		if err != nil || string(got) != publishedData+publishedTail {
			t.Fatalf("%s: %d bytes, %v", res.Payload, len(got), err)
		}
		if sum := b.Trailer().Get("x-amz-checksum-crc32c"); res.Payload == StreamingSignedTrailer && sum != "sOO8/Q==" {
			t.Errorf("trailer %v", b.Trailer())
		}
	}
	if _, body := publishedChunks(); len(body) != 66824 {
		t.Errorf("body of %d bytes, want 66824", len(body))
	}
}

// Every change of one byte of a signed chunked body is noticed.
func TestAlteredChunksAreRefused(t *testing.T) {
	for _, example := range []func() (string, string){publishedChunks, publishedTrailer} {
		head, body := example()
		positions := []int{0, 3, 10, 50, 85, 86, 87, 100, 65000, 65622, 65624, 65640, 66700, 66710, len(body) - 3, len(body) - 1}
		if strings.Contains(body, "crc32c") {
			positions = append(positions, strings.Index(body, "sOO8"), strings.Index(body, "x-amz-ch"), strings.Index(body, "d81f"))
		}
		for _, i := range positions {
			altered := []byte(body)
			altered[i] ^= 1
			r := wire(t, head, string(altered))
			res := accepted(t, at(docTime, keys(docCred)), r)
			got, err := io.ReadAll(res.Body(r.Body))
			asError(t, err)
			if len(got) > 66560 {
				t.Errorf("byte %d: %d bytes came out", i, len(got))
			}
		}
		for _, n := range []int{0, 1, 40, 86, 87, 5000, 65623, 66600, len(body) - 5, len(body) - 1} {
			r := wire(t, strings.Replace(head, "Content-Length: ", "X-Was: ", 1), "")
			r.Header.Set("Content-Length", r.Header.Get("X-Was"))
			r.Header.Del("X-Was")
			res := accepted(t, at(docTime, keys(docCred)), r)
			_, err := io.ReadAll(res.Body(strings.NewReader(body[:n])))
			if e := asError(t, err); e.Code != "IncompleteBody" {
				t.Errorf("cut at %d: %v", n, e)
			}
		}
	}
}

func TestChunkSignatureMismatchAnswer(t *testing.T) {
	head, body := publishedChunks()
	r := wire(t, head, strings.Replace(body, "0055627c", "0055627d", 1))
	res := accepted(t, at(docTime, keys(docCred)), r)
	_, err := io.ReadAll(res.Body(r.Body))
	e := asError(t, err)
	is(t, e, GateSignature, ReasonChunkSignature, 403, "SignatureDoesNotMatch", mismatchMessage)
	want := "AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n" +
		"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\n" + emptySHA256 + "\n" +
		"2edc986847e209b4016e141a6dc8716d3207350f416969382d431539bf292e4a"
	if e.Detail.StringToSign != want {
		t.Errorf("string to sign %q, want %q", e.Detail.StringToSign, want)
	}
}

// streamed makes a streaming PUT, whose body it gets afterwards.
func streamed(t testing.TB, payload string, length int, trailers ...string) (*http.Request, string) {
	r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key", "")
	r.Header.Set("Content-Encoding", "aws-chunked")
	r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(length))
	for _, name := range trailers {
		r.Header.Add("X-Amz-Trailer", name)
	}
	return r, formSigner.Sign(r, testTime, payload)
}

// Law: what the writer writes, in chunks of any size, the reader yields.
func TestChunkRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, payload := range []string{StreamingSigned, StreamingSignedTrailer, StreamingUnsignedTrailer} {
		for _, size := range []int{0, 1, 8191, 8192, 8193, 50000} {
			data := make([]byte, size)
			for i := range data {
				data[i] = byte(random.Uint32())
			}
			var trailer []FormField
			var names []string
			if payload != StreamingSigned {
				trailer, names = []FormField{{"x-amz-checksum-crc32", "AAAAAA=="}}, []string{"x-amz-checksum-crc32"}
			}
			r, signature := streamed(t, payload, size, names...)
			var wire bytes.Buffer
			w := formSigner.ChunkWriter(&wire, testTime, payload, signature)
			for rest := data; len(rest) > 0; {
				n := min(len(rest), 8192+random.IntN(5000))
				if _, err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Close(trailer...); err != nil {
				t.Fatal(err)
			}
			b := accepted(t, at(testTime, keys(docCred)), r).Body(iotest.HalfReader(&wire))
			got, err := io.ReadAll(b)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s of %d bytes: %d bytes, %v", payload, size, len(got), err)
			}
			if names != nil && b.Trailer().Get(names[0]) != "AAAAAA==" {
				t.Errorf("%s: trailer %v", payload, b.Trailer())
			}
		}
	}
}

func TestUnsignedTrailerRefusals(t *testing.T) {
	const incomplete = "The request body terminated unexpectedly"
	const malformed = "The request contained trailing data that was not well-formed or did not conform to our published schema."
	for _, tt := range []struct{ name, body, code, message string }{
		{"as announced", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "", ""},
		{"several chunks, small ones too", "2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Amz-Checksum-Crc32: NhCmhg==\r\n\r\n", "", ""},
		{"another name", "5\r\nhello\r\n0\r\nx-amz-checksum-sha1:qvTGHdzF6KLavt4PO0gs2a6pQ00=\r\n\r\n", "MalformedTrailerError", malformed},
		{"none", "5\r\nhello\r\n0\r\n\r\n", "MalformedTrailerError", malformed},
		{"twice", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "MalformedTrailerError", malformed},
		{"no field", "5\r\nhello\r\n0\r\nnonsense\r\n\r\n", "MalformedTrailerError", malformed},
		{"not base64", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:????\r\n\r\n", "InvalidRequest", "Value for x-amz-checksum-crc32 trailing header is invalid."},
		{"wrong length", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n", "InvalidRequest", "Value for x-amz-checksum-crc32 trailing header is invalid."},
		{"too long", "6\r\nhello!\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "IncompleteBody", incomplete},
		{"too short", "4\r\nhell\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "IncompleteBody", incomplete},
		{"size is no number", "x\r\nhello\r\n0\r\n\r\n", "IncompleteBody", incomplete},
		{"negative size", "-5\r\nhello\r\n0\r\n\r\n", "IncompleteBody", incomplete},
		{"size overflows", "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n", "IncompleteBody", incomplete},
		{"size without end", strings.Repeat("0", 1<<20), "IncompleteBody", incomplete},
		{"data runs over", "5\r\nhello!\r\n0\r\n\r\n", "IncompleteBody", incomplete},
		{"more after the end", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\nmore", "IncompleteBody", incomplete},
		{"nothing", "", "IncompleteBody", incomplete},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := streamed(t, StreamingUnsignedTrailer, 5, "x-amz-checksum-crc32")
			got, err := io.ReadAll(accepted(t, at(testTime, keys(docCred)), r).Body(strings.NewReader(tt.body)))
			if tt.code == "" {
				if err != nil || string(got) != "hello" {
					t.Errorf("%q, %v", got, err)
				}
				return
			}
			e := asError(t, err)
			if e.Code != tt.code || e.Message != tt.message || e.Status != 400 || e.Gate != "" {
				t.Errorf("%+v, want %s %q", e, tt.code, tt.message)
			}
		})
	}
}

func TestSmallChunkThatIsNotLast(t *testing.T) {
	r, signature := streamed(t, StreamingSigned, 10)
	var wire bytes.Buffer
	w := formSigner.ChunkWriter(&wire, testTime, StreamingSigned, signature)
	io.WriteString(w, "hello")
	io.WriteString(w, "hello")
	w.Close()
	_, err := io.ReadAll(accepted(t, at(testTime, keys(docCred)), r).Body(&wire))
	is(t, asError(t, err), "", ReasonChunkSize, 400, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes",
		Element{"Chunk", "1"}, Element{"BadChunkSize", "5"})
}

func TestStreamingHeaders(t *testing.T) {
	put := func(change func(http.Header)) *http.Request {
		r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key", "")
		r.Header.Set("X-Amz-Decoded-Content-Length", "5")
		change(r.Header)
		formSigner.Sign(r, testTime, StreamingUnsignedTrailer)
		return r
	}
	v := at(testTime, keys(docCred))
	is(t, refused(t, v, put(func(h http.Header) { h.Del("X-Amz-Decoded-Content-Length") })), "", ReasonMissingLength, 411, "MissingContentLength",
		"You must provide the Content-Length HTTP header.")
	is(t, refused(t, v, put(func(h http.Header) { h.Set("X-Amz-Trailer", "x-amz-meta-a") })), "", ReasonMalformedTrailer, 400, "InvalidRequest",
		"The value specified in the x-amz-trailer header is not supported")
	r := request(t, "POST", "https://my-bucket.s3.amazonaws.com/key?uploads", "")
	formSigner.Sign(r, testTime, StreamingSigned)
	is(t, refused(t, v, r), "", ReasonStreamingRefused, 400, "InvalidRequest", "The value of x-amz-content-sha256 header is invalid.")
}

func TestPayloadHash(t *testing.T) {
	r := request(t, "PUT", "https://my-bucket.s3.amazonaws.com/key", "hello")
	hash := sha256Hex([]byte("hello"))
	formSigner.Sign(r, testTime, hash)
	res := accepted(t, at(testTime, keys(docCred)), r)
	if got, err := io.ReadAll(res.Body(strings.NewReader("hello"))); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
	_, err := io.ReadAll(res.Body(strings.NewReader("hallo")))
	is(t, asError(t, err), GateSignature, ReasonPayloadMismatch, 400, "XAmzContentSHA256Mismatch",
		"The provided 'x-amz-content-sha256' header does not match what was computed.",
		Element{"ClientComputedContentSHA256", hash}, Element{"S3ComputedContentSHA256", sha256Hex([]byte("hallo"))})
	_, err = io.ReadAll(res.Body(iotest.ErrReader(io.ErrUnexpectedEOF)))
	is(t, asError(t, err), "", ReasonIncompleteBody, 400, "IncompleteBody",
		"You did not provide the number of bytes specified by the Content-Length HTTP header")
}
