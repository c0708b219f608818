package redact

import "strings"

// resourceTypes are the words with which the last part of an ARN may begin.
var resourceTypes = map[string]bool{"user": true, "role": true, "group": true, "policy": true, "root": true, "mfa": true, "saml-provider": true, "oidc-provider": true,
	"instance-profile": true, "server-certificate": true, "assumed-role": true, "federated-user": true, "accesspoint": true, "key": true, "alias": true, "vpc": true,
	"vpc-endpoint": true, "instance": true, "function": true, "trail": true, "distribution": true, "account": true, "organization": true, "ou": true, "table": true,
	"secret": true, "log-group": true, "stack": true, "session": true, "service": true, "cluster": true, "task": true, "repository": true, "bucket": true, "access-grants": true,
	"origin-access-identity": true, "storage-lens": true, "job": true, "async-request": true}

// arn replaces what names something in an ARN, or in a pattern of one.
func (r *Redactor) arn(text string) string {
	parts := splitARN(text)
	for i := 4; i < len(parts); i++ {
		switch {
		case i == 4 && (parts[i] == "aws" || parts[i] == "cloudfront"):
		case i == 4:
			parts[i] = r.Text(parts[i])
		case parts[4] == "aws": // a policy of AWS's
		default:
			parts[i] = r.resource(parts[2], parts[i])
		}
	}
	return strings.Join(parts, ":")
}

// endOfARN is where an ARN ends in a text.
func endOfARN(text string) int {
	inside := false
	for i, c := range text {
		switch {
		case c == '{':
			inside = true
		case c == '}':
			inside = false
		case !inside && strings.ContainsRune(" \"'<>,;()", c):
			return i
		}
	}
	return len(text)
}

// splitARN splits an ARN at its first five colons, of which none is in a variable.
func splitARN(text string) []string {
	var parts []string
	begin, inside := 0, false
	for i, c := range text {
		switch {
		case c == '{':
			inside = true
		case c == '}':
			inside = false
		case c == ':' && !inside && len(parts) < 5:
			parts, begin = append(parts, text[begin:i]), i+1
		}
	}
	return append(parts, text[begin:])
}

// resource replaces what names something in the last part of an ARN. Of S3 it is a
// bucket with or without a key, or an access point.
func (r *Redactor) resource(service, text string) string {
	kind, rest := text, ""
	if at := strings.IndexAny(text, "/:"); at >= 0 {
		kind, rest = text[:at], text[at:]
	}
	switch {
	case strings.HasPrefix(text, "alias/aws/"):
		return text
	case service == "s3" && kind != "accesspoint" || !resourceTypes[kind] && !begins(kind):
		return r.Text(text)
	case kind == "accesspoint":
		name, key, object := strings.Cut(rest, "/object/")
		if object {
			return kind + r.Text(name) + "/object/" + r.Text(key)
		}
	}
	return kind + r.Text(rest)
}

// begins reports a pattern of which the part before the first wildcard begins a type
// of resource: ro*.
func begins(kind string) bool {
	at := strings.IndexAny(kind, "*?")
	if at < 2 {
		return false
	}
	for t := range resourceTypes {
		if strings.HasPrefix(t, kind[:at]) {
			return true
		}
	}
	return false
}
