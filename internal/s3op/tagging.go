package s3op

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A Tag is one object tag.
type Tag struct{ Key, Value string }

// ParseTagging reads the value of x-amz-tagging: tags as URL query parameters,
// key=value&key=value. A tag without = has an empty value. Order and double keys
// are kept; a key that is not properly encoded, or empty, is an error.
func ParseTagging(value string) ([]Tag, error) {
	var tags []Tag
	for pair := range strings.SplitSeq(value, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(k)
		if err != nil || key == "" {
			return nil, fmt.Errorf("tag %q is not a URL-encoded key=value", pair)
		}
		val, err := url.QueryUnescape(v)
		if err != nil {
			return nil, fmt.Errorf("value of tag %q is not URL-encoded", pair)
		}
		tags = append(tags, Tag{key, val})
	}
	return tags, nil
}

// sortedTags lists a map of tags by key.
func sortedTags(m map[string]string) []Tag {
	tags := make([]Tag, 0, len(m))
	for k, v := range m {
		tags = append(tags, Tag{k, v})
	}
	slices.SortFunc(tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return tags
}
