package iam

import (
	"encoding/base64"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/why403/why403/internal/server/awsapi"
)

// defaultItems is how many items a list call returns that does not say.
const defaultItems = 100

// marked begins what a Marker encodes, so that other texts are told from one.
const marked = "after:"

// page writes one page of a list into an output: those behind the input's Marker, as
// many as its MaxItems, with IsTruncated and Marker for the rest. The list is in the
// order of key without regard to case; no two items have the same.
func page[T any](c *awsapi.Call, in, out any, field string, items []T, key func(T) string) error {
	place := func(item T) string { return strings.ToLower(key(item)) + "\x00" + key(item) }
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(place(a), place(b)) })
	start, n := 0, defaultItems
	if marker := text(in, "Marker"); marker != "" {
		decoded, err := base64.RawURLEncoding.DecodeString(marker)
		last, ok := strings.CutPrefix(string(decoded), marked)
		if err != nil || !ok {
			return c.Errorf("ValidationError", "Invalid Marker.")
		}
		start = sort.Search(len(items), func(i int) bool { return place(items[i]) > last })
	}
	if p := member[*int32](in, "MaxItems"); p != nil {
		n = int(*p)
	}
	end := min(start+n, len(items))
	list := append(make([]T, 0, end-start), items[start:end]...)
	reflect.ValueOf(out).Elem().FieldByName(field).Set(reflect.ValueOf(list))
	if end < len(items) {
		set(out, "IsTruncated", true)
		set(out, "Marker", aws.String(base64.RawURLEncoding.EncodeToString([]byte(marked+place(items[end-1])))))
	}
	return nil
}
