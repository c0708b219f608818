package estate

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
)

// checkAccount checks an account, but for what the old one has as well.
func (l *linker) checkAccount(a, old *Account, at *trail) {
	for name, p := range changed(a.ManagedPolicies, old.ManagedPolicies) {
		at := at.to("managedPolicies", name)
		if p.Document.Document == nil && !p.Unknown.has("document") {
			l.errorf(at, "managed policy %q has no document; write one, or list \"document\" under unknown", name)
		}
		l.checkDocument(identityPolicy, &p.Document)
	}
	l.checkIdentities(a, old, at)
	for name, p := range sorted(a.AccessPoints) {
		l.checkAccessPoint(p, at.to("accessPoints", name))
	}
	for name, k := range changed(a.Keys, old.Keys) {
		l.checkKey(k, at.to("keys", name))
	}
	for _, v := range changed(a.VPCEndpoints, old.VPCEndpoints) {
		l.checkDocument(resourcePolicy, &v.Document)
	}
	for name, b := range changed(a.Buckets, old.Buckets) {
		l.checkBucket(b, at.to("buckets", name))
	}
}

// checkIdentities checks groups, users and roles: all of them where what they
// refer to is not what it was.
func (l *linker) checkIdentities(a, old *Account, at *trail) {
	if !sameMap(a.ManagedPolicies, old.ManagedPolicies) || !sameMap(a.Groups, old.Groups) || len(a.Unknown) != len(old.Unknown) {
		old = &Account{}
	}
	for name, g := range changed(a.Groups, old.Groups) {
		at := at.to("groups", name)
		l.checkInline(g.Inline, at.to("inline"))
		l.checkAttached(a, g.Attached, at.to("attached"))
	}
	for name, u := range changed(a.Users, old.Users) {
		l.checkUser(a, u, at.to("users", name))
	}
	for name, r := range changed(a.Roles, old.Roles) {
		at := at.to("roles", name)
		l.checkDocument(trustPolicy, &r.Trust)
		l.checkInline(r.Inline, at.to("inline"))
		l.checkAttached(a, r.Attached, at.to("attached"))
		l.checkManaged(a, r.Boundary, at.to("boundary"))
	}
}

// sameMap reports whether two maps are one.
func sameMap[V any](m, old map[string]V) bool {
	return reflect.ValueOf(m).Pointer() == reflect.ValueOf(old).Pointer()
}

// changed yields what another map does not share, in the order of the names.
func changed[V any](m, old map[string]*V) iter.Seq2[string, *V] {
	if len(old) == 0 {
		return sorted(m)
	}
	var fresh map[string]*V
	if !sameMap(m, old) {
		fresh = maps.Clone(m)
		maps.DeleteFunc(fresh, func(name string, v *V) bool { return old[name] == v })
	}
	return sorted(fresh)
}

func (l *linker) checkUser(a *Account, u *User, at *trail) {
	l.checkInline(u.Inline, at.to("inline"))
	l.checkAttached(a, u.Attached, at.to("attached"))
	l.checkManaged(a, u.Boundary, at.to("boundary"))
	for i, name := range u.Groups {
		if _, ok := a.Groups[name]; !ok && !a.Unknown.has("groups") {
			l.errorf(at.to("groups").item(i), "account %s has no group %q%s", a.ID, name, didYouMean(name, keys(a.Groups)))
		}
	}
}

func (l *linker) checkInline(list Documents, at *trail) {
	for i := range list {
		d := &list[i]
		if d.Document.Document == nil {
			l.errorf(at.to(d.Name), "inline policy %q has no document", d.Name)
		}
		l.checkDocument(identityPolicy, &d.Document)
	}
}

func (l *linker) checkAttached(a *Account, refs []string, at *trail) {
	for i, ref := range refs {
		if ref == "" {
			l.errorf(at.item(i), "an empty name where a managed policy's is expected")
			continue
		}
		l.checkManaged(a, ref, at.item(i))
	}
}

// checkManaged complains about a reference to a managed policy that the account
// does not have. AWS managed policies may be newer than our copy of them.
func (l *linker) checkManaged(a *Account, ref string, at *trail) {
	if ref == "" {
		return
	}
	if _, ok := a.ManagedPolicies[ref]; ok {
		return
	}
	name := ref
	if strings.HasPrefix(ref, "arn:") {
		arn, ok := iam.ParseARN(ref)
		rest, isPolicy := strings.CutPrefix(arn.Resource, "policy/")
		switch {
		case !ok || arn.Service != "iam" || !isPolicy:
			l.errorf(at, "%q is not the ARN of a managed policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess", ref)
			return
		case arn.Account == "aws":
			return
		case arn.Account != a.ID:
			l.errorf(at, "managed policy %s is of another account; AWS attaches policies of the account %s alone", ref, a.ID)
			return
		}
		name = rest[strings.LastIndexByte(rest, '/')+1:]
		if p, ok := a.ManagedPolicies[name]; ok {
			if right := p.ARN(arn.Partition, a.ID, name); right != ref {
				l.errorf(at, "account %s has no managed policy %q; did you mean %q?", a.ID, ref, right)
			}
			return
		}
	}
	if a.Unknown.has("managedPolicies") {
		return
	}
	if aws := "arn:aws:iam::aws:policy/" + name; name == ref && isAWSManaged(aws) {
		l.errorf(at, "account %s has no managed policy %q; the one of AWS is %q", a.ID, ref, aws)
		return
	}
	l.errorf(at, "account %s has no managed policy %q%s", a.ID, ref, didYouMean(name, keys(a.ManagedPolicies)))
}

func isAWSManaged(arn string) bool {
	_, ok := iamdata.ManagedPolicyEdition(arn)
	return ok
}

func (l *linker) checkAccessPoint(p *AccessPoint, at *trail) {
	switch {
	case p.NetworkOrigin == "VPC" && p.VPC == "" && !p.Unknown.has("vpc"):
		l.errorf(at.to("networkOrigin"), "network origin VPC without vpc; write the id of the VPC")
	case p.NetworkOrigin == "Internet" && p.VPC != "":
		l.errorf(at.to("vpc"), "vpc %q; an access point with network origin Internet has none", p.VPC)
	}
	l.checkDocument(resourcePolicy, &p.Document)
}

func (l *linker) checkKey(k *Key, at *trail) {
	l.checkDocument(resourcePolicy, &k.Document)
	for i, g := range k.Grants {
		if g.Grantee == "" {
			l.errorf(at.to("grants").item(i), "a grant names its grantee")
		}
	}
}

func (l *linker) checkBucket(b *Bucket, at *trail) {
	if b.Name == "" || strings.ContainsAny(b.Name, "/ \t\r\n") {
		l.keyf(at, "%q is not the name of a bucket", b.Name)
	}
	l.checkDocument(resourcePolicy, &b.Document)
	for name, p := range sorted(b.AccessPoints) {
		l.checkAccessPoint(p, at.to("accessPoints", name))
	}
	l.checkACL(b.ACL, at.to("acl"))
	if enc := b.Encryption; enc != nil {
		at := at.to("encryption")
		switch {
		case enc.Algorithm == "SSE-C":
			l.errorf(at.to("algorithm"), "SSE-C cannot be a bucket's default; it is AES256, aws:kms or aws:kms:dsse")
		case enc.Key != "" && !strings.HasPrefix(enc.Algorithm, "aws:kms"):
			l.errorf(at.to("key"), "a key with algorithm %q; write algorithm: aws:kms", or(enc.Algorithm, "AES256"))
		}
	}
	for key, o := range sorted(b.Objects) {
		l.checkObject(o, at.to("objects", key))
	}
}

func (l *linker) checkObject(o *Object, at *trail) {
	if o.Exists != nil {
		l.errorf(at.to("exists"), "exists stands in requests only; leave the object out, and write listed: true on the bucket where its objects are complete")
	}
	l.checkACL(o.ACL, at.to("acl"))
	for id, v := range sorted(o.Versions) {
		l.checkObject(v, at.to("versions", id))
	}
}

func (l *linker) checkACL(acl *ACL, at *trail) {
	if acl == nil {
		return
	}
	if acl.Canned != "" && len(acl.Grants) > 0 {
		l.errorf(at.to("canned"), "an acl is canned or has grants, not both")
	}
	for i := range acl.Grants {
		g, at := &acl.Grants[i], at.to("grants").item(i)
		if msg := incomplete(g); msg != "" {
			l.errorf(at, "%s", msg)
		}
	}
}

func incomplete(g *ACLGrant) string {
	switch who := &g.Grantee; {
	case who.Type == "":
		return "a grant names its grantee's type: CanonicalUser, Group or AmazonCustomerByEmail"
	case who.Type == "CanonicalUser" && who.ID == "":
		return "a grantee of type CanonicalUser has an id"
	case who.Type == "Group" && who.URI == "":
		return "a grantee of type Group has a uri"
	case who.Type == "AmazonCustomerByEmail" && who.Email == "":
		return "a grantee of type AmazonCustomerByEmail has an email"
	case g.Permission == "":
		return "a grant names its permission: READ, WRITE, READ_ACP, WRITE_ACP or FULL_CONTROL"
	}
	return ""
}

// has reports whether any of the names is listed.
func (u Unknowns) has(names ...string) bool {
	_, ok := u.Why(names...)
	return ok
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
