package live

import (
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
)

// document reads a policy as IAM sends it, URL-encoded, or as others do. What is
// missing or no policy is unknown.
func document(name string, text *string, what string, unknown *estate.Unknowns) estate.Document {
	if aws.ToString(text) == "" {
		*unknown = append(*unknown, estate.UnknownItem{What: what, Why: errEmpty.Error()})
		return estate.Document{}
	}
	plain, err := url.PathUnescape(*text)
	if err != nil || !strings.HasPrefix(strings.TrimSpace(*text), "%7B") {
		plain = *text // as the AWS CLI and moto have it
	}
	doc, err := estate.ParseDocument(name, []byte(plain))
	if err != nil {
		*unknown = append(*unknown, estate.UnknownItem{What: what, Why: "this policy is none that can be read: " + err.Error()})
		return estate.Document{}
	}
	return doc
}

// inline are the inline policies of a user, group or role; one that cannot be read
// is left out, and noted.
func inline(owner string, list []types.PolicyDetail, unknown *estate.Unknowns) estate.Documents {
	var out estate.Documents
	for _, p := range list {
		name := aws.ToString(p.PolicyName)
		if doc := document(owner+"?policy="+name, p.PolicyDocument, "inline", unknown); doc.Document != nil {
			out = append(out, estate.NamedDocument{Name: name, Document: doc})
		}
	}
	slices.SortFunc(out, func(a, b estate.NamedDocument) int { return strings.Compare(a.Name, b.Name) })
	return out
}
