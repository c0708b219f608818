package s3

import (
	"net/http"
	"strings"
	"time"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/store"
)

// checkConditions checks the preconditions of a read, in the order of RFC 9110,
// 13.2.2, as the pages of GetObject and HeadObject have it.
func (x *exchange) checkConditions(o *store.Object) error {
	switch {
	case x.get("If-Match") != "":
		if !matchETag(x.get("If-Match"), o.ETag) {
			return preconditionFailed("If-Match")
		}
	case x.get("If-Unmodified-Since") != "":
		if t, ok := parseHTTPTime(x.get("If-Unmodified-Since")); ok && seconds(o.Modified).After(t) {
			return preconditionFailed("If-Unmodified-Since")
		}
	}
	switch {
	case x.get("If-None-Match") != "":
		if matchETag(x.get("If-None-Match"), o.ETag) {
			return x.notModified(o)
		}
	case x.get("If-Modified-Since") != "":
		if x.unmodified(o, x.get("If-Modified-Since")) {
			return x.notModified(o)
		}
	}
	return nil
}

// unmodified reports whether an object is as old as a time that the client states. Times to come are ignored: RFC 9110, 13.1.3,
// and observed at AWS.
func (x *exchange) unmodified(o *store.Object, since string) bool {
	t, ok := parseHTTPTime(since)
	return ok && !seconds(o.Modified).After(t) && !t.After(x.s.World.Now())
}

func (x *exchange) notModified(o *store.Object) error {
	x.set("ETag", `"`+o.ETag+`"`)
	x.set("Last-Modified", httpTime(o.Modified))
	x.setVersion(o)
	return wire.NewError(http.StatusNotModified, "NotModified", "Not Modified")
}

func preconditionFailed(condition string) error {
	return wire.NewError(http.StatusPreconditionFailed, "PreconditionFailed", preconditionMessage).With("Condition", condition)
}

// matchETag reports whether a list of ETags, quoted or not, or "*", has one.
func matchETag(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.Trim(strings.TrimPrefix(strings.TrimSpace(one), "W/"), `"`)
		if one == "*" || one == etag {
			return true
		}
	}
	return false
}

func parseHTTPTime(s string) (time.Time, bool) {
	t, err := http.ParseTime(s)
	if err != nil {
		t, err = time.Parse(time.RFC3339, s)
	}
	return t, err == nil
}

// seconds drops what HTTP dates cannot say.
func seconds(t time.Time) time.Time { return t.Truncate(time.Second) }
