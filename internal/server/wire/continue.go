package wire

import (
	"net/http"
	"strings"
)

// ContinueEmpty answers 100 Continue where the body is empty, which net/http leaves out
// as RFC 9110 (10.1.1) lets it. Botocore waits for it all the same, takes the final
// answer in its place, and then misreads the next one on that connection.
func ContinueEmpty(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 && r.ProtoAtLeast(1, 1) && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		w.WriteHeader(http.StatusContinue)
	}
}
