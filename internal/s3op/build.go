package s3op

import (
	"slices"
	"strings"
)

// The messages for anonymous callers that several operations share.
const (
	accessDenied       = "Access Denied"
	pleaseAuthenticate = "Anonymous users cannot invoke this API. Please authenticate."
)

func read(scope Scope, name, subresource, action string) *Spec {
	s := write(scope, "GET", name, subresource, action)
	s.Read = true
	return s
}

func write(scope Scope, method, name, subresource, action string) *Spec {
	return &Spec{Name: name, Scope: scope, Method: method, Subresource: subresource, Action: action, Success: 200, Doc: page(name)}
}

func page(name string) string {
	return "https://docs.aws.amazon.com/AmazonS3/latest/API/API_" + name + ".html"
}

// verb returns the first word of an operation's name, "Get" of "GetObject".
func verb(name string) string {
	i := strings.IndexFunc(name[1:], func(r rune) bool { return r >= 'A' && r <= 'Z' })
	return name[:i+1]
}

func (s *Spec) method(m string) *Spec        { s.Method = m; return s }
func (s *Spec) alias(names ...string) *Spec  { s.Aliases = append(s.Aliases, names...); return s }
func (s *Spec) parameters(p ...string) *Spec { s.Parameters = p; return s }
func (s *Spec) version(action string) *Spec  { s.VersionAction = action; return s }
func (s *Spec) success(status int) *Spec     { s.Success = status; return s }
func (s *Spec) acl(permission string) *Spec {
	s.ACLPermission, s.ACLScope = permission, s.Scope
	return s
}
func (s *Spec) accessPoint() *Spec                { s.ThroughAccessPoint = true; return s }
func (s *Spec) anyResource() *Spec                { s.AnyResource = true; return s }
func (s *Spec) defaultAllowed() *Spec             { s.DefaultAllowed = true; return s }
func (s *Spec) neverAnonymous(m string) *Spec     { s.AnonymousText = m; return s }
func (s *Spec) trait(t traits) *Spec              { s.traits |= t; return s }
func (s *Spec) also(c ...Conditional) *Spec       { s.Conditional = append(s.Conditional, c...); return s }
func (s *Spec) kms(k ...ConditionalKMS) *Spec     { s.KMSNeeds = append(s.KMSNeeds, k...); return s }
func (s *Spec) elsewhere(actions ...string) *Spec { s.Elsewhere = actions; return s }
func (s *Spec) page(url string) *Spec             { s.Doc = url; return s }

// aclOnBucket is the ACL permission of an object operation that the bucket's ACL
// grants.
func (s *Spec) aclOnBucket(permission string) *Spec {
	s.ACLPermission, s.ACLScope = permission, Bucket
	return s
}

// source marks a copy: it reads another object.
func (s *Spec) source() *Spec {
	s.SourceAction, s.SourceVersionAction = "s3:GetObject", "s3:GetObjectVersion"
	return s
}

func concat(lists ...[]*Spec) []*Spec { return slices.Concat(lists...) }
