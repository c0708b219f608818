package redact

import (
	"encoding/base64"
	"strings"

	"github.com/why403/why403/internal/node"
)

// Request replaces what names something in a request, one JSON object.
func (r *Redactor) Request(text []byte) ([]byte, error) {
	n, err := node.ParseJSON("request", text)
	if err != nil {
		return nil, err
	}
	r.settle()
	return node.AppendJSON(nil, r.object(n)), nil
}

// LearnRequest notes the patterns in the policies of a request. It comes before the
// first replacement.
func (r *Redactor) LearnRequest(text []byte) error {
	n, err := node.ParseJSON("request", text)
	if err != nil {
		return err
	}
	r.learned(n)
	return nil
}

// context replaces the values that a request states for condition keys.
func (r *Redactor) context(n *node.Node) *node.Node {
	if n.Kind != node.Object {
		return n
	}
	out := &node.Node{Kind: node.Object}
	for _, m := range n.Members {
		out.Members = append(out.Members, node.Member{Name: r.key(m.Name), Value: r.each(m.Value, func(text string) string { return r.value(m.Name, text) })})
	}
	return out
}

// pairs replaces values by their names.
func (r *Redactor) pairs(n *node.Node, replace func(name, value string) string) *node.Node {
	return members(n, func(name string, value *node.Node) *node.Node {
		return r.each(value, func(text string) string { return replace(strings.ToLower(name), text) })
	})
}

// namingHeaders are the headers whose values name something.
var namingHeaders = set(`host x-amz-account-id x-amz-expected-bucket-owner x-amz-source-expected-bucket-owner x-amz-copy-source x-amz-tagging x-amz-website-redirect-location
	x-amz-server-side-encryption-customer-key-md5 x-amz-copy-source-server-side-encryption-customer-key-md5 user-agent referer if-match if-none-match origin x-amz-mfa
	x-amz-copy-source-if-match x-amz-copy-source-if-none-match x-amz-rename-source`)

func (r *Redactor) header(name, value string) string {
	switch {
	case name == "x-amz-mfa":
		serial, code, ok := strings.Cut(value, " ")
		if ok {
			return r.Text(serial) + " " + code
		}
		return r.Text(value)
	case name == "x-amz-security-token" || name == "authorization" || strings.HasSuffix(name, "-customer-key"):
		return "left-out"
	case name == "x-amz-server-side-encryption-context":
		return r.encoded(value)
	case strings.HasPrefix(name, "x-amz-grant-"):
		return r.grants(value)
	case strings.HasSuffix(name, "kms-key-id"):
		return r.keyReference(value)
	case namingHeaders[name] || strings.HasPrefix(name, "x-amz-meta-"):
		return r.Text(value)
	}
	return value
}

// encoded replaces an encryption context, which is JSON in base64.
func (r *Redactor) encoded(value string) string {
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return r.Text(value)
	}
	n, err := node.ParseJSON("", text)
	if err != nil {
		return r.Text(value)
	}
	return base64.StdEncoding.EncodeToString(node.AppendJSON(nil, r.named(n, r.tag, (*Redactor).object)))
}

// namingParameters are the query parameters whose values name something.
var namingParameters = set("prefix marker start-after continuation-token key-marker version-id-marker upload-id-marker versionid uploadid x-amz-credential")

func (r *Redactor) parameter(name, value string) string {
	switch {
	case namingParameters[name]:
		return r.Text(value)
	case name == "x-amz-security-token" || name == "x-amz-signature":
		return "left-out"
	case strings.HasPrefix(name, "x-amz-"):
		return r.header(name, value)
	}
	return value
}
