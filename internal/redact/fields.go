package redact

import (
	"regexp"
	"strings"

	"github.com/why403/why403/internal/node"
)

// A replacement replaces the value of a field, of an estate or of a request.
type replacement func(*Redactor, *node.Node) *node.Node

// plainFields are the fields whose values are AWS's own words, or numbers and times.
var plainFields = set(`version type region manager state operations networkOrigin service ownership canned permission uri algorithm blocked status mfaDelete requestPayer abac
	storageClass archiveStatus restoredUntil mode until time operation action unstated signedAt tokenExpires expires signedHeaders publicAccessBlock versioning objectLock
	legalHold locationConstraint objectOwnership SSEAlgorithm payer`)

// mappings are the fields that map names to things.
var mappings = set(`organizations policies units accounts managedPolicies groups users roles accessPoints vpcEndpoints buckets objects versions accessKeys mfaDevices`)

// field replaces the value of a field, which means the same wherever it stands. Of
// a field that is not told apart here, all texts are names.
func (r *Redactor) field(name string, n *node.Node) *node.Node {
	switch small := strings.ToLower(name); {
	case plainFields[small]:
		return n
	case mappings[small]:
		return r.named(n, r.Text, (*Redactor).object)
	}
	switch name {
	case "document", "trust", "policy":
		return r.document(n)
	case "inline":
		return r.named(n, r.Text, (*Redactor).document)
	case "keys":
		return r.named(n, r.keyReference, (*Redactor).object)
	case "aliases":
		return r.each(n, r.keyReference)
	case "encryption":
		return r.encryption(n)
	case "tags", "sessionTags", "EncryptionContextSubset", "EncryptionContextEquals":
		return r.named(n, r.tag, (*Redactor).object)
	case "unknown":
		return r.unknown(n)
	case "sourceIp":
		return r.each(n, r.address)
	case "body":
		if n.Kind == node.Object && n.Get("Statement") != nil {
			return r.policy(n)
		}
	case "context":
		return r.context(n)
	case "headers":
		return r.pairs(n, r.header)
	case "query":
		return r.pairs(n, r.parameter)
	case "sessionPolicies":
		return items(n, r.document)
	}
	return r.object(n)
}

// object replaces the fields of a mapping; a text is a name, and so is each of a list.
func (r *Redactor) object(n *node.Node) *node.Node {
	switch n.Kind {
	case node.Object:
		out := &node.Node{Kind: node.Object}
		for _, m := range n.Members {
			if m.Name == "secret" || m.Name == "seed" {
				continue
			}
			out.Members = append(out.Members, node.Member{Name: m.Name, Value: r.field(m.Name, m.Value)})
		}
		return out
	case node.Array:
		return items(n, r.object)
	}
	return r.each(n, r.Text)
}

// named replaces the names of a mapping, and what stands there; of a list each.
func (r *Redactor) named(n *node.Node, name func(string) string, value replacement) *node.Node {
	switch n.Kind {
	case node.Array:
		return items(n, r.object)
	case node.Object:
	default:
		return r.each(n, name)
	}
	out := &node.Node{Kind: node.Object}
	for _, m := range n.Members {
		out.Members = append(out.Members, node.Member{Name: name(m.Name), Value: value(r, m.Value)})
	}
	return out
}

// document is a policy, also as JSON text, and by name where a request refers to one.
func (r *Redactor) document(n *node.Node) *node.Node {
	if n.Kind == node.String && strings.HasPrefix(strings.TrimSpace(n.Text), "{") {
		if inner, err := node.ParseJSON("", []byte(n.Text)); err == nil {
			return node.Text(string(node.AppendJSON(nil, r.policy(inner))))
		}
	}
	if n.Kind == node.Object && n.Get("s3_attributes") != nil {
		return n // an S3 policy, which names nothing
	}
	if n.Kind != node.Object {
		return r.each(n, r.Text)
	}
	return r.policy(n)
}

// encryption has the key of KMS, and the context that the writer of an object gave.
func (r *Redactor) encryption(n *node.Node) *node.Node {
	return members(n, func(name string, value *node.Node) *node.Node {
		switch name {
		case "key":
			return r.each(value, r.keyReference)
		case "context":
			return r.named(value, r.tag, (*Redactor).object)
		case "bucketKey":
			return value
		}
		return r.field(name, value)
	})
}

// refusal is how AWS's error and the permission stand in a reason.
var refusal = regexp.MustCompile(`^([A-Za-z0-9.]+)(?::.*)? \(([a-z0-9-]+:[A-Za-z]+(?:, [a-z0-9-]+:[A-Za-z]+)*)[^()]*\)$`)

// unknown keeps of a reason AWS's code and the permission: its words name things.
func (r *Redactor) unknown(n *node.Node) *node.Node {
	why := func(text string) string {
		if m := refusal.FindStringSubmatch(text); m != nil {
			return m[1] + " (" + m[2] + ")"
		}
		if r.plainReason != nil && r.plainReason(text) {
			return text
		}
		return "not read"
	}
	if n.Kind == node.Object {
		return members(n, func(_ string, value *node.Node) *node.Node { return r.each(value, why) })
	}
	return items(n, func(item *node.Node) *node.Node {
		return members(item, func(name string, value *node.Node) *node.Node {
			if name == "why" {
				return r.each(value, why)
			}
			return value
		})
	})
}
