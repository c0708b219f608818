package fix

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// A grant is what a statement is to allow.
type grant struct {
	action, resource string
	principal        *node.Node // nil in policies that have none
	conditions       []equal
}

// An equal is a condition that a key has a value.
type equal struct{ operator, key, value string }

// grantFor is the narrowest grant that covers a check.
func (f *Fixer) grantFor(s *state, c *decide.Check, key string) grant {
	g := grant{action: c.Action.String(), resource: literal(c.Resource)}
	switch {
	case c.Kind == decide.RoleCheck:
		g.conditions = carried(c, "StringEquals", "sts:ExternalId")
	case c.Kind == decide.KeyCheck:
		g.conditions = append(carried(c, "StringEquals", "kms:ViaService"), f.encryptionContext(c)...)
	case g.action == "s3:ListBucket" || g.action == "s3:ListBucketVersions":
		if g.conditions = carried(c, "StringEquals", "s3:prefix"); f.ForPrefix != "" {
			g.conditions = []equal{{"StringLike", "s3:prefix", f.ForPrefix + "*"}}
		}
		if key != "" {
			g.conditions = []equal{{"StringEquals", "s3:prefix", key}}
		}
	case f.ForPrefix != "" && c.ObjectAction && strings.HasPrefix(keyIn(c.Resource), f.ForPrefix):
		g.resource = strings.TrimSuffix(c.Resource, keyIn(c.Resource)) + literal(f.ForPrefix) + "*"
	}
	return g
}

// encryptionContext is the condition that a key is used for this object, or this
// prefix; for the bucket, where it has a bucket key.
func (f *Fixer) encryptionContext(c *decide.Check) []equal {
	const name = "kms:EncryptionContext:aws:s3:arn"
	same := carried(c, "StringEquals", name)
	if len(same) == 0 || f.ForPrefix == "" || !strings.HasPrefix(keyIn(same[0].value), f.ForPrefix) {
		return same
	}
	bucket := strings.TrimSuffix(same[0].value, keyIn(same[0].value))
	return []equal{{"StringLike", name, bucket + literal(f.ForPrefix) + "*"}}
}

// carried is the condition that a key has the value that the request carries,
// none where it carries none or the value is not known.
func carried(c *decide.Check, operator, key string) []equal {
	v := c.Context.Lookup(condition.Intern(key))
	if v.State != condition.Present || v.Multi || v.One == "" {
		return nil
	}
	return []equal{{operator, key, v.One}}
}

// keyIn returns the key of an object's ARN.
func keyIn(arn string) string {
	_, key, _ := strings.Cut(arn, "/")
	if strings.HasPrefix(arn, "arn:aws:s3:") && strings.Contains(arn, ":accesspoint/") {
		_, key, _ = strings.Cut(arn, "/object/")
	}
	return key
}

// literal writes text so that a pattern means it and nothing else (IAM User
// Guide, Policy elements: variables, Special characters).
func literal(text string) string {
	if text == "*" || strings.HasSuffix(text, ":*") {
		return text // an action without resources is asked on everything
	}
	return strings.NewReplacer("${", "${$}{", "*", "${*}", "?", "${?}").Replace(text)
}

// statement writes the grant as a statement of a document, with a Sid that the
// document does not have.
func (g *grant) statement(s *state, doc *policy.Document, noResource bool) *node.Node {
	st := node.Mapping().Put("Sid", node.Text(sid(s, g.action, doc))).Put("Effect", node.Text("Allow"))
	if g.principal != nil {
		st.Put("Principal", g.principal)
	}
	st.Put("Action", node.Text(g.action))
	if !noResource {
		st.Put("Resource", node.Text(g.resource))
	}
	if len(g.conditions) > 0 {
		st.Put("Condition", conditionsNode(g.conditions))
	}
	return st
}

func conditionsNode(list []equal) *node.Node {
	n := node.Mapping()
	for _, c := range list {
		keys := n.Get(c.operator)
		if keys == nil {
			keys = node.Mapping()
			n.Put(c.operator, keys)
		}
		keys.Put(c.key, node.Text(c.value))
	}
	return n
}

// sid names a statement after the action and the caller: letters and digits
// alone, which every type of policy takes.
func sid(s *state, action string, doc *policy.Document) string {
	_, name, _ := strings.Cut(action, ":")
	base := "Allow" + words(name) + "To" + words(callerName(s))
	if doc == nil {
		return base
	}
	taken := func(sid string) bool {
		return slices.ContainsFunc(doc.Statements, func(st policy.Statement) bool { return st.Sid == sid })
	}
	out := base
	for i := 2; taken(out); i++ {
		out = base + itoa(i)
	}
	return out
}

// words keeps letters and digits, and sets the first of every run in upper case.
func words(text string) string {
	var b strings.Builder
	upper := true
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z' && upper:
			b.WriteRune(r - 'a' + 'A')
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			upper = true
			continue
		}
		upper = false
	}
	return b.String()
}

func callerName(s *state) string {
	c := &s.facts.Caller
	switch c.Kind {
	case iam.RootUser:
		return "root of " + string(c.Account)
	case iam.ServicePrincipal:
		return strings.TrimSuffix(strings.TrimSuffix(c.Name, ".cn"), ".amazonaws.com")
	case iam.OriginAccessIdentity:
		return "cloudfront " + c.Name
	case iam.Anonymous:
		return "everyone"
	}
	return c.Name
}

// principalARN is how policies name the caller: a session by its role. It is ""
// for callers that no ARN names.
func principalARN(c *decide.Caller) string {
	switch c.Kind {
	case iam.RoleSession:
		if c.RoleARN != "" {
			return c.RoleARN
		}
		return c.Principal.RoleARN(orSlash(c.Path))
	case iam.User:
		if c.UserARN != "" {
			return c.UserARN
		}
	case iam.ServicePrincipal, iam.Anonymous:
		return ""
	}
	return c.ARN()
}

func orSlash(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// principalOf is the Principal element that means the caller alone; nil for
// anonymous callers.
func principalOf(c *decide.Caller) *node.Node {
	if c.Kind == iam.ServicePrincipal {
		return node.Mapping().Put("Service", node.Text(c.Name))
	}
	if arn := principalARN(c); arn != "" {
		return node.Mapping().Put("AWS", node.Text(arn))
	}
	return nil
}

// who names the caller in titles.
func who(s *state) string {
	if arn := principalARN(&s.facts.Caller); arn != "" {
		return arn
	}
	if s.facts.Caller.Kind == iam.ServicePrincipal {
		return s.facts.Caller.Name
	}
	return "everyone"
}

// principalAll is everyone, signed or not.
func principalAll() *node.Node { return node.Text("*") }
