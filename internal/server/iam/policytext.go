package iam

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/wire"
)

// encoded writes a document as IAM's answers do: percent-encoded (RFC 3986).
func encoded(d estate.Document) *string {
	s := strings.ReplaceAll(url.QueryEscape(d.Text()), "+", "%20")
	return &s
}

// size is what counts of a document for quotas: all but white space.
func size(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

func malformed(c *awsapi.Call, message string) *wire.Error {
	return c.Errorf("MalformedPolicyDocument", "%s", message)
}

// identityDocument reads an identity-based policy, and refuses what IAM does, in
// its words. file names it to explanations. Managed policies have to be of the
// present version of the language; inline ones may be of the old one.
func identityDocument(c *awsapi.Call, file, document string, managed bool) (estate.Document, error) {
	d, err := estate.ParseDocument(file, []byte(document))
	if m := identityComplaint(document, managed); m != "" {
		return d, malformed(c, m)
	}
	if err != nil {
		return d, malformed(c, badSyntax)
	}
	return d, nil
}
