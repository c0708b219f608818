package sigv4

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

const trailerSignature = "x-amz-trailer-signature"

// readTrailer reads the trailing fields up to the empty line, and verifies
// their signature where chunks are signed. On the wire a line ends with CRLF;
// a line feed alone is taken too.
func (c *chunkReader) readTrailer() error {
	fields := http.Header{}
	var signed strings.Builder
	signature := ""
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || signature != "" || len(fields) > len(c.state.trailers) {
			return errTrailer()
		}
		if c.signed && name == trailerSignature {
			signature = value
			continue
		}
		if err := c.checkTrailer(name, value, fields); err != nil {
			return err
		}
		fields.Set(name, value)
		signed.WriteString(name + ":" + value + "\n")
	}
	if len(fields) != len(c.state.trailers) {
		return errTrailer()
	}
	c.body.trailer = fields
	if !c.signed {
		return nil
	}
	text := trailerStringToSign(c.state.bodyKey, c.prior, sha256Hex([]byte(signed.String())))
	return c.state.verify(text, signature)
}

// checkTrailer requires an announced name, once, with a checksum of its
// algorithm's length.
func (c *chunkReader) checkTrailer(name, value string, seen http.Header) *Error {
	if !slices.Contains(c.state.trailers, name) || seen.Get(name) != "" {
		return errTrailer()
	}
	sum, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(sum) != checksumSizes[name] {
		return newError("", ReasonMalformedTrailer, 400, "InvalidRequest", "Value for "+name+" trailing header is invalid.")
	}
	return nil
}

func errTrailer() *Error {
	return newError("", ReasonMalformedTrailer, 400, "MalformedTrailerError",
		"The request contained trailing data that was not well-formed or did not conform to our published schema.")
}
