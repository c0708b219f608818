package s3

import (
	"net/http"

	"github.com/why403/why403/internal/server/wire"
)

// preflight answers OPTIONS. It is decided by the bucket's CORS rules alone, of
// which buckets of this endpoint have none.
func (x *exchange) preflight() error {
	method := x.get("Access-Control-Request-Method")
	if x.get("Origin") == "" || method == "" {
		return wire.NewError(http.StatusBadRequest, "BadRequest", "Insufficient information. Origin request header needed.")
	}
	kind := "OBJECT"
	if x.key == "" {
		kind = "BUCKET"
	}
	message := "CORSResponse: CORS is not enabled for this bucket."
	if _, ok := x.estate.Bucket(x.bucketName); !ok {
		message, kind = "CORSResponse: Bucket not found", "BUCKET"
	}
	return wire.NewError(http.StatusForbidden, "AccessForbidden", message).With("Method", method).With("ResourceType", kind)
}
