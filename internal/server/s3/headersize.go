package s3

import (
	"net/http"

	"github.com/why403/why403/internal/server/wire"
)

// maxPutHeader is how great the header of a PUT may be ("Working with object metadata",
// Amazon S3 User Guide). Greater ones of other methods end at the limit of the HTTP server,
// which answers them itself, as it does an Expect that it does not know.
const maxPutHeader = 8 << 10

func checkHeaderSize(r *http.Request) error {
	if r.Method != http.MethodPut {
		return nil
	}
	size := len(r.URL.RawQuery)
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if size <= maxPutHeader {
		return nil
	}
	return wire.NewError(http.StatusBadRequest, "RequestHeaderSectionTooLarge",
		"Your request header and query parameters used to make the request exceed the maximum allowed size.").
		With("MaxSizeAllowed", itoa(maxPutHeader))
}
