package proxy

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// askLimit is how long a program waits for its refusal while the reason is asked.
const askLimit = 5 * time.Second

// ask makes the request of a HEAD that was refused once more, as the smallest GET that
// needs the same permission: one byte of the object, or none of the keys of the bucket
// (Amazon S3 API Reference, HeadObject and HeadBucket). Its answer has the body that
// tells why, which that of a HEAD never has. It is nil where the answer is another, and
// where the request cannot be made so.
func (p *Proxy) ask(r, out *http.Request, status int) []byte {
	claim, t := sigv4.ReadClaim(r), target(r)
	byHeader := claim.Mechanism == sigv4.Header && claim.Algorithm == sigv4.AlgorithmV4
	if status != http.StatusForbidden && status != http.StatusBadRequest || t.Bucket == "" || !byHeader && claim.Mechanism != sigv4.Anonymous {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), askLimit)
	defer cancel()
	get := out.Clone(ctx)
	get.Method, get.Body = http.MethodGet, http.NoBody
	switch {
	case t.Key != "":
		get.Header.Set("Range", "bytes=0-0")
	case get.URL.Opaque == "" && get.URL.RawQuery == "":
		get.URL.RawQuery = "list-type=2&max-keys=0"
	default:
		return nil
	}
	if byHeader {
		c, ok := p.Keys.Credential(claim.AccessKeyID)
		if !ok {
			return nil
		}
		c.SessionToken = r.Header.Get("X-Amz-Security-Token")
		at, _ := time.Parse("20060102T150405Z", out.Header.Get("X-Amz-Date"))
		get.Header.Del("Authorization")
		signer := sigv4.Signer{Credential: c, Region: claim.Region, Service: claim.Service}
		signer.Sign(get, orNow(at), cmp.Or(get.Header.Get("X-Amz-Content-Sha256"), sigv4.UnsignedPayload))
	}
	res, err := p.Transport.RoundTrip(get)
	if err != nil {
		return nil // the refusal stands without its reason
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, longestBody))
	if err != nil || res.StatusCode != status {
		return nil
	}
	return body
}
