package s3

import (
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
)

// What is decided on and what is done must read the same value of a header, and an
// empty one as none.

// fold makes one value of a header that was sent in several lines, which mean that
// (RFC 9110, 5.3), and are signed so.
func fold(h http.Header) {
	for name, values := range h {
		if len(values) > 1 {
			h[name] = []string{strings.Join(values, ",")}
		}
	}
}

// ownParameters leaves out the parameters that act as headers where the request is
// no presigned URL: in that alone they do. There each has one value, like a header.
func ownParameters(r *http.Request, q wire.Query) wire.Query {
	if !slices.ContainsFunc(q, actsAsHeader) {
		return q
	}
	if sigv4.ReadClaim(r).Mechanism != sigv4.Query {
		return slices.DeleteFunc(slices.Clone(q), actsAsHeader)
	}
	var own wire.Query
	for _, p := range q {
		if p.Value == "" && actsAsHeader(p) {
			continue // as of an empty header
		}
		i := slices.IndexFunc(own, func(o wire.Param) bool { return actsAsHeader(o) && strings.EqualFold(o.Name, p.Name) })
		if i < 0 {
			own = append(own, p)
			continue
		}
		own[i].Value += "," + p.Value
	}
	return own
}

func actsAsHeader(p wire.Param) bool {
	return len(p.Name) > 6 && strings.EqualFold(p.Name[:6], "x-amz-")
}
