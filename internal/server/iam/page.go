package iam

import (
	"encoding/base64"
	"reflect"
	"sort"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/why403/why403/internal/server/awsapi"
)

// defaultItems is how many items a list call returns that does not say.
const defaultItems = 100

// page writes one page of a sorted list into an output: those behind the input's
// Marker, as many as its MaxItems, with IsTruncated and Marker for the rest. key
// is what the list is sorted by; no two items have the same.
func page[T any](c *awsapi.Call, in, out any, field string, items []T, key func(T) string) error {
	start, n := 0, defaultItems
	if marker := text(in, "Marker"); marker != "" {
		last, err := base64.RawURLEncoding.DecodeString(marker)
		if err != nil {
			return c.Errorf("ValidationError", "Invalid Marker.")
		}
		start = sort.Search(len(items), func(i int) bool { return key(items[i]) > string(last) })
	}
	if p := member[*int32](in, "MaxItems"); p != nil {
		n = int(*p)
	}
	end := min(start+n, len(items))
	list := append(make([]T, 0, end-start), items[start:end]...)
	reflect.ValueOf(out).Elem().FieldByName(field).Set(reflect.ValueOf(list))
	if end < len(items) {
		set(out, "IsTruncated", true)
		set(out, "Marker", aws.String(base64.RawURLEncoding.EncodeToString([]byte(key(items[end-1])))))
	}
	return nil
}
