package s3

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/store"
)

// A span is the part of an object that is sent.
type span struct {
	first, length int64

	sums map[string]string // its checksums, where they are known
}

func (s span) contentRange(size int64) string {
	return "bytes " + itoa(s.first) + "-" + itoa(s.first+s.length-1) + "/" + itoa(size)
}

// part tells what is to be sent, by Range or partNumber, and with which status.
// A Range that does not parse, or names several ranges, is ignored, as in S3.
func (x *exchange) part(o *store.Object) (span, int, error) {
	whole := span{0, o.Size, o.Checksums}
	if v, ok := x.query.Lookup("partNumber"); ok {
		return x.numbered(o, v)
	}
	header := x.get("Range")
	if header == "" || x.get("If-Range") != "" && !matchETag(x.get("If-Range"), o.ETag) {
		return whole, http.StatusOK, nil
	}
	s, ok, satisfiable := parseRange(header, o.Size)
	switch {
	case !ok:
		return whole, http.StatusOK, nil
	case !satisfiable:
		return whole, 0, wire.NewError(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable").
			With("RangeRequested", header).With("ActualObjectSize", itoa(o.Size)).WithHeader("Content-Range", "bytes */"+itoa(o.Size))
	}
	if s.length == o.Size {
		s.sums = o.Checksums
	}
	return s, http.StatusPartialContent, nil
}

// parseRange reads bytes=FIRST-LAST, bytes=FIRST- and bytes=-LENGTH.
func parseRange(header string, size int64) (s span, ok, satisfiable bool) {
	spec, ok := strings.CutPrefix(strings.TrimSpace(header), "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return s, false, false
	}
	from, to, ok := strings.Cut(spec, "-")
	if !ok {
		return s, false, false
	}
	if from == "" {
		n, err := strconv.ParseInt(to, 10, 64)
		if err != nil || n < 0 {
			return s, false, false
		}
		n = min(n, size)
		return span{first: size - n, length: n}, true, n > 0
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || first < 0 {
		return s, false, false
	}
	last := size - 1
	if to != "" {
		if last, err = strconv.ParseInt(to, 10, 64); err != nil || last < first {
			return s, false, false
		}
		last = min(last, size-1)
	}
	return span{first: first, length: last - first + 1}, true, first < size
}

// numbered is the part of a multipart upload. An object written in one piece is
// its own first part.
func (x *exchange) numbered(o *store.Object, value string) (span, int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 10000 {
		return span{}, 0, invalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", value)
	}
	if x.get("Range") != "" {
		return span{}, 0, invalidRequest("Cannot specify both Range header and partNumber query parameter")
	}
	missing := wire.NewError(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber", "The requested partnumber is not satisfiable").
		With("PartNumberRequested", value).With("ActualPartCount", itoa(int64(max(o.Parts, 1))))
	if o.Parts == 0 {
		if n == 1 {
			return span{0, o.Size, o.Checksums}, http.StatusPartialContent, nil
		}
		return span{}, 0, missing
	}
	parts, _, err := x.store().ObjectParts(x.ctx, o.Bucket, o.Key, o.VersionID, 0, 10000)
	if err != nil {
		return span{}, 0, err
	}
	var at int64
	for _, p := range parts {
		if p.Number == n {
			return span{at, p.Size, x.sumsOf(o, &p)}, http.StatusPartialContent, nil
		}
		at += p.Size
	}
	return span{}, 0, missing
}

// sumsOf are the checksums of a part, which S3 tells where the upload was created with one of which each part has a
// share, or where the part is all there is (observed at AWS).
func (x *exchange) sumsOf(o *store.Object, p *store.Part) map[string]string {
	if u, ok := uploadOf(&o.Attributes); ok && u.Asked && (u.composite() || o.Parts == 1) {
		return p.Checksums
	}
	return nil
}
