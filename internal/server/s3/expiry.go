package s3

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/store"
)

// setExpiry tells when which lifecycle rule is to delete an object: x-amz-expiration of
// PutObject and HeadObject. Noncurrent versions have none, nor has an answer about a version that the request names
// (observed at AWS).
func (x *exchange) setExpiry(o *store.Object) {
	if _, ok := x.s.World.Side(x.bucketName).Configurations[lifecycleConfiguration.name]; !ok || !o.Latest || x.versionID() != "" {
		return
	}
	var first time.Time
	var id string
	for _, rule := range x.configuration(lifecycleConfiguration).All("Rule") {
		if at := expiryBy(rule, o); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first, id = at, rule.Get("ID")
		}
	}
	if !first.IsZero() {
		x.set("X-Amz-Expiration", `expiry-date="`+first.UTC().Format(http.TimeFormat)+`", rule-id="`+url.QueryEscape(id)+`"`)
	}
}

// expiryBy is when a rule deletes an object, zero for never: "the next day midnight
// UTC" after the days that it counts from the object's creation ("Lifecycle
// configuration elements" in the Amazon S3 User Guide).
func expiryBy(rule *document.Element, o *store.Object) time.Time {
	if rule.Get("Status") != "Enabled" || !covers(rule, o) {
		return time.Time{}
	}
	if days, ok := rule.Int("Expiration", "Days"); ok {
		return o.Modified.UTC().AddDate(0, 0, int(days)+1).Truncate(24 * time.Hour)
	}
	at, _ := time.Parse(time.RFC3339, rule.Get("Expiration", "Date")) // a rule without one has the zero time
	return at
}

// covers reports whether a rule is for an object.
func covers(rule *document.Element, o *store.Object) bool {
	for _, f := range []*document.Element{rule, rule.Child("Filter"), rule.Find("Filter", "And")} {
		if f == nil {
			continue
		}
		greater, hasGreater := f.Int("ObjectSizeGreaterThan")
		less, hasLess := f.Int("ObjectSizeLessThan")
		if !strings.HasPrefix(o.Key, f.Get("Prefix")) || hasGreater && o.Size <= greater || hasLess && o.Size >= less {
			return false
		}
		for _, tag := range f.All("Tag") {
			if value, ok := o.Tags[tag.Get("Key")]; !ok || value != tag.Get("Value") {
				return false
			}
		}
	}
	return true
}
