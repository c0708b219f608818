package s3

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

// checkLifecycle is what PutBucketLifecycleConfiguration refuses. Rules without an
// id get one. See "Lifecycle configuration elements" in the Amazon S3 User Guide.
func checkLifecycle(x *exchange, d *document.Element) error {
	if x.bucket.Versioning.MFADeleteEnabled() {
		return wire.NewError(http.StatusConflict, "InvalidBucketState", "Lifecycle configuration is not allowed on a bucket with MFA Delete enabled")
	}
	if size := x.get(minimumSize); size != "" && size != defaultMinimumSize && size != "varies_by_storage_class" {
		return invalidRequest("Invalid TransitionDefaultMinimumObjectSize found: " + size)
	}
	seen := map[string]bool{}
	for _, rule := range d.All("Rule") {
		id := rule.Get("ID")
		switch {
		case len(id) > 255:
			return invalidArgument("ID length should not exceed allowed limit of 255", "ID", id)
		case seen[id]:
			return invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", id)
		case id == "":
			nameRule(rule)
		default:
			seen[id] = true
		}
		if err := checkLifecycleRule(rule); err != nil {
			return err
		}
	}
	return nil
}

func nameRule(rule *document.Element) {
	id := rule.Child("ID")
	if id == nil {
		id = &document.Element{Name: "ID"}
		rule.Children = append([]*document.Element{id}, rule.Children...)
	}
	var b [24]byte
	rand.Read(b[:]) // never fails
	id.Text = base64.RawURLEncoding.EncodeToString(b[:])
}

// lifecycleActions are the elements of a rule that do something.
var lifecycleActions = []string{"Expiration", "Transition", "NoncurrentVersionExpiration", "NoncurrentVersionTransition", "AbortIncompleteMultipartUpload"}

func checkLifecycleRule(rule *document.Element) error {
	if rule.Has("Prefix") == rule.Has("Filter") {
		return malformedXML()
	}
	actions := 0
	for _, name := range lifecycleActions {
		actions += len(rule.All(name))
	}
	if actions == 0 {
		return invalidRequest("At least one action needs to be specified in a rule")
	}
	if err := checkLifecycleFilter(rule); err != nil {
		return err
	}
	for _, check := range []func(*document.Element) error{checkExpiration, checkTransitions, checkNoncurrent} {
		if err := check(rule); err != nil {
			return err
		}
	}
	if abort := rule.Child("AbortIncompleteMultipartUpload"); abort != nil {
		return positive(abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload")
	}
	return nil
}

func checkLifecycleFilter(rule *document.Element) error {
	filter := rule.Child("Filter")
	if filter == nil {
		return nil
	}
	and := filter.Child("And")
	if len(filter.Children) > 1 || and != nil && len(and.Children) < 2 {
		return malformedXML()
	}
	tagged := filter.Has("Tag") || and.Has("Tag")
	switch {
	case tagged && rule.Has("AbortIncompleteMultipartUpload"):
		return invalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.")
	case tagged && rule.Has("Expiration", "ExpiredObjectDeleteMarker"):
		return invalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.")
	}
	for _, f := range []*document.Element{filter, and} {
		greater, hasGreater := f.Int("ObjectSizeGreaterThan")
		less, hasLess := f.Int("ObjectSizeLessThan")
		if hasGreater && hasLess && greater >= less {
			return invalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")
		}
	}
	return checkFilterTags(filter)
}

func checkExpiration(rule *document.Element) error {
	e := rule.Child("Expiration")
	switch {
	case e == nil:
		return nil
	case len(e.Children) != 1:
		return malformedXML()
	case e.Has("Days"):
		return positive(e, "Days", "Expiration")
	}
	return midnight(e)
}

// midnight holds a date to what lifecycle rules take.
func midnight(e *document.Element) error {
	if v := e.Get("Date"); v != "" && !strings.HasSuffix(v, "T00:00:00.000Z") {
		return invalidArgument("'Date' must be at midnight GMT", "Date", v)
	}
	return nil
}

func positive(e *document.Element, name, action string) error {
	if n, ok := e.Int(name); !ok {
		return malformedXML()
	} else if n <= 0 || n > 1<<31-1 {
		return invalidArgument("'"+name+"' for "+action+" action must be a positive integer", name, e.Get(name))
	}
	return nil
}

// checkTransitions also compares with the expiration, where both count days.
func checkTransitions(rule *document.Element) error {
	expires, counts := rule.Int("Expiration", "Days")
	for _, t := range rule.All("Transition") {
		if t.Has("Days") == t.Has("Date") {
			return malformedXML()
		}
		if err := midnight(t); err != nil {
			return err
		}
		class := t.Get("StorageClass")
		days, ok := t.Int("Days")
		switch {
		case !ok:
		case days < 0:
			return invalidArgument("'Days' in Transition action must be nonnegative", "Days", t.Get("Days"))
		case (class == "STANDARD_IA" || class == "ONEZONE_IA") && days < 30:
			return invalidArgument("'Days' in Transition action must be greater than or equal to 30 for storageClass '"+class+"'", "Days", t.Get("Days"))
		case counts && expires <= days:
			return invalidArgument("'Days' in the Expiration action for filter '("+filterText(rule)+")' must be greater than 'Days' in the Transition action", "Days", itoa(expires))
		}
	}
	return nil
}

func filterText(rule *document.Element) string {
	prefix := rule.Get("Prefix")
	if rule.Has("Filter") {
		prefix = rule.Get("Filter", "Prefix") + rule.Get("Filter", "And", "Prefix")
	}
	return "prefix=" + prefix
}

func checkNoncurrent(rule *document.Element) error {
	if e := rule.Child("NoncurrentVersionExpiration"); e != nil {
		if err := positive(e, "NoncurrentDays", "NoncurrentVersionExpiration"); err != nil {
			return err
		}
		if n, ok := e.Int("NewerNoncurrentVersions"); ok && (n < 1 || n > 100) {
			return invalidArgument("'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be between 1 and 100", "NewerNoncurrentVersions", itoa(n))
		}
	}
	for _, t := range rule.All("NoncurrentVersionTransition") {
		class := t.Get("StorageClass")
		switch days, ok := t.Int("NoncurrentDays"); {
		case !ok:
			return malformedXML()
		case days < 0:
			return invalidArgument("'NoncurrentDays' in NoncurrentVersionTransition action must be nonnegative", "NoncurrentDays", itoa(days))
		case (class == "STANDARD_IA" || class == "ONEZONE_IA") && days < 30:
			return invalidArgument("'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to 30 for storageClass '"+class+"'", "NoncurrentDays", itoa(days))
		}
	}
	return nil
}

const (
	minimumSize        = "X-Amz-Transition-Default-Minimum-Object-Size"
	defaultMinimumSize = "all_storage_classes_128K"

	minimumSizeName = "TransitionDefaultMinimumObjectSize"
)

func keepMinimumSize(x *exchange, side *world.Side) {
	setConfiguration(side, minimumSizeName, x.get(minimumSize))
}

func tellMinimumSize(x *exchange) {
	size := x.s.World.Side(x.bucketName).Configurations[minimumSizeName]
	if size == "" {
		size = defaultMinimumSize
	}
	x.set(minimumSize, size)
}
