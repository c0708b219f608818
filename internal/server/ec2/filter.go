package ec2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/server/awsapi"
)

// passes reports whether a thing passes the filters of a call: each filter has the
// name of one of its fields, or of a tag, and one value of it has to match, with *
// and ? (Amazon EC2 User Guide, List and filter using the CLI and API).
func passes(c *awsapi.Call, filters []types.Filter, tags, fields map[string]string) (bool, error) {
	all := true
	for _, f := range filters {
		name := aws.ToString(f.Name)
		tag, isTag := strings.CutPrefix(name, "tag:")
		value, known := fields[name]
		var ok bool
		switch {
		case isTag:
			value, ok = tags[tag]
			ok = ok && matches(f.Values, value)
		case name == "tag-key":
			ok = slices.ContainsFunc(tagList(tags), func(t types.Tag) bool { return matches(f.Values, *t.Key) })
		case known:
			ok = matches(f.Values, value)
		default:
			return false, c.Errorf("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		all = all && ok
	}
	return all, nil
}

func matches(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(text string) bool {
		p, err := condition.Dialect{Wildcards: true}.Compile(text)
		return err == nil && p.Match(value, nil) == condition.True
	})
}

// pageOf returns the part of a list that a call asks for, and the token of the
// next.
func pageOf[T any](c *awsapi.Call, list []T, token *string, limit *int32) ([]T, *string, error) {
	page, next, ok := awsapi.Page(list, token, limit, 1000)
	if !ok {
		return nil, nil, c.Errorf("InvalidNextToken", "The token is not valid.")
	}
	return page, next, nil
}
