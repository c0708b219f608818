package s3

import (
	"net/http"
	"strings"

	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/wire"
)

// tellCharged says that the requester pays: "Downloading objects from Requester Pays buckets". That it agreed was
// decided.
func (x *exchange) tellCharged() {
	if x.bucket == nil || !x.bucket.RequesterPays() || x.account() == x.bucket.Account || x.spec.Scope == s3op.Account {
		return
	}
	if strings.EqualFold(x.get("X-Amz-Request-Payer"), "requester") || strings.EqualFold(x.query.Get("x-amz-request-payer"), "requester") {
		x.set("X-Amz-Request-Charged", "requester")
	}
}

// closed answers SelectObjectContent, which AWS closed to new customers on 25 July 2024.
func (x *exchange) closed() error {
	return wire.NewError(http.StatusMethodNotAllowed, "MethodNotAllowed", methodNotAllowed).With("Method", x.r.Method).With("ResourceType", "OBJECT")
}
