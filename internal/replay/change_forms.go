package replay

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/policy"
)

func (c *changer) bucketPolicy(name, path string) error {
	b, err := c.bucket(name)
	if err != nil {
		return err
	}
	doc, err := c.document(path)
	b.Document, b.Unknown = estate.InlineDocument(doc), read(b.Unknown, "document")
	return err
}

func (c *changer) scp(name, path string) error { return c.organization("scp", name, path) }
func (c *changer) rcp(name, path string) error { return c.organization("rcp", name, path) }

func (c *changer) organization(kind, name, path string) error {
	doc, err := c.document(path)
	if err != nil {
		return err
	}
	if doc == nil {
		return c.errorf("edit a copy of the estate, and give its path", "an organization policy cannot be taken away by this")
	}
	var known []string
	for _, org := range c.e.Organizations {
		for n, p := range org.Policies {
			if p.Type == kind {
				known = append(known, n)
			}
			if n == name && p.Type == kind {
				p.Document, p.Unknown = estate.InlineDocument(doc), read(p.Unknown, "document")
				return nil
			}
		}
	}
	slices.Sort(known)
	return c.unknown(kind, name, known)
}

// identity replaces all policies of a user, role or group, or one inline policy.
// The name is role/NAME, with the policy's behind it, or an ARN.
func (c *changer) identity(name, path string) error {
	doc, err := c.document(path)
	if err != nil {
		return err
	}
	who, err := c.holder("identity", name, path)
	if err != nil {
		return err
	}
	docs, attached, unknown := identityOf(who.account, who.kind, who.name)
	replaceInline(docs, attached, who.rest, doc)
	if who.rest == "" {
		*unknown = read(*unknown, "inline", "attached")
	}
	return nil
}

// boundary sets the permissions boundary of a user or role to a document.
func (c *changer) boundary(name, path string) error {
	doc, err := c.document(path)
	if err != nil {
		return err
	}
	who, err := c.holder("boundary", name, path)
	if err != nil {
		return err
	}
	boundary, unknown := boundaryOf(who.account, who.kind, who.name)
	if boundary == nil {
		return c.errorf("write boundary:role/NAME=FILE or boundary:user/NAME=FILE", "a group has no permissions boundary")
	}
	*unknown = read(*unknown, "boundary")
	if *boundary = ""; doc == nil {
		return nil
	}
	*boundary = "boundary-of-" + who.name
	if who.account.ManagedPolicies == nil {
		who.account.ManagedPolicies = map[string]*estate.ManagedPolicy{}
	}
	who.account.ManagedPolicies[*boundary] = &estate.ManagedPolicy{Document: estate.InlineDocument(doc)}
	return nil
}

// A holder is the user, role or group that a change names.
type holder struct {
	account          *estate.Account
	kind, name, rest string
}

// holder finds the user, role or group that a change names by role/NAME or an ARN.
func (c *changer) holder(form, name, path string) (*holder, error) {
	account := iam.AccountID("")
	if arn, ok := iam.ParseARN(name); ok {
		account, name = arn.Account, arn.Resource
	}
	kind, rest, _ := strings.Cut(name, "/")
	h := &holder{kind: kind}
	h.name, h.rest, _ = strings.Cut(rest, "/")
	found := 0
	var known []string
	for id, a := range c.e.Accounts {
		if account != "" && id != account {
			continue
		}
		known = append(known, identities(a)...)
		if docs, _, _ := identityOf(a, h.kind, h.name); docs != nil {
			found++
			h.account = a
		}
	}
	slices.Sort(known)
	switch found {
	case 0:
		return nil, c.unknown("identity", strings.TrimSuffix(kind+"/"+h.name, "/"), known)
	case 1:
		return h, nil
	}
	return nil, c.errorf("write its ARN: "+form+":arn:aws:iam::ACCOUNT:"+kind+"/"+h.name+"="+path, "%d accounts have a %s %s", found, kind, h.name)
}

func identities(a *estate.Account) []string {
	var list []string
	for name := range a.Roles {
		list = append(list, "role/"+name)
	}
	for name := range a.Users {
		list = append(list, "user/"+name)
	}
	for name := range a.Groups {
		list = append(list, "group/"+name)
	}
	return list
}

func identityOf(a *estate.Account, kind, name string) (*estate.Documents, *[]string, *estate.Unknowns) {
	switch kind {
	case "role":
		if r := a.Roles[name]; r != nil {
			return &r.Inline, &r.Attached, &r.Unknown
		}
	case "user":
		if u := a.Users[name]; u != nil {
			return &u.Inline, &u.Attached, &u.Unknown
		}
	case "group":
		if g := a.Groups[name]; g != nil {
			return &g.Inline, &g.Attached, &g.Unknown
		}
	}
	return nil, nil, nil
}

func boundaryOf(a *estate.Account, kind, name string) (*string, *estate.Unknowns) {
	switch kind {
	case "role":
		return &a.Roles[name].Boundary, &a.Roles[name].Unknown
	case "user":
		return &a.Users[name].Boundary, &a.Users[name].Unknown
	}
	return nil, nil
}

// replaceInline puts a document in the place of one inline policy, or of all that
// is inline and attached where none is named. A user's groups stay.
func replaceInline(docs *estate.Documents, attached *[]string, name string, doc *policy.Document) {
	kept := estate.Documents{}
	if name == "" {
		*attached = nil
		name = "replaced"
	} else {
		for _, d := range *docs {
			if d.Name != name {
				kept = append(kept, d)
			}
		}
	}
	if doc != nil {
		kept = append(kept, estate.NamedDocument{Name: name, Document: estate.InlineDocument(doc)})
	}
	*docs = kept
}

func (c *changer) managed(name, path string) error {
	doc, err := c.document(path)
	if err != nil {
		return err
	}
	if doc == nil {
		return c.errorf("edit a copy of the estate, and give its path", "a managed policy cannot be taken away by this")
	}
	var known []string
	for _, a := range c.e.Accounts {
		known = slices.AppendSeq(known, maps.Keys(a.ManagedPolicies))
		if p := a.ManagedPolicies[name]; p != nil {
			p.Document, p.Unknown = estate.InlineDocument(doc), read(p.Unknown, "document")
			return nil
		}
	}
	slices.Sort(known)
	return c.unknown("managed policy", name, known)
}

func (c *changer) endpoint(id, path string) error {
	doc, err := c.document(path)
	if err != nil {
		return err
	}
	v, ok := c.e.VPCEndpoint(id)
	if !ok {
		return c.unknown("VPC endpoint", id, c.names(func(a *estate.Account) iter.Seq[string] { return maps.Keys(a.VPCEndpoints) }))
	}
	v.Document, v.Unknown = estate.InlineDocument(doc), read(v.Unknown, "document")
	return nil
}

func (c *changer) key(id, path string) error {
	doc, err := c.document(path)
	if err != nil {
		return err
	}
	if arn, ok := iam.ParseARN(id); ok {
		id = strings.TrimPrefix(arn.Resource, "key/")
	}
	for _, a := range c.e.Accounts {
		if k := a.Keys[id]; k != nil {
			k.Document, k.Unknown = estate.InlineDocument(doc), read(k.Unknown, "document")
			return nil
		}
	}
	return c.unknown("KMS key", id, c.names(func(a *estate.Account) iter.Seq[string] { return maps.Keys(a.Keys) }))
}

// accessPoint sets the policy of an access point, given by its name or ARN.
func (c *changer) accessPoint(name, path string) error {
	doc, err := c.document(path)
	if err != nil {
		return err
	}
	p, ok := c.e.AccessPoint(name)
	if !ok {
		var known []string
		for _, a := range c.e.Accounts {
			known = slices.AppendSeq(known, maps.Keys(a.AccessPoints))
			for _, b := range a.Buckets {
				known = slices.AppendSeq(known, maps.Keys(b.AccessPoints))
			}
		}
		slices.Sort(known)
		return c.unknown("access point", name, known)
	}
	p.Document, p.Unknown = estate.InlineDocument(doc), read(p.Unknown, "document")
	return nil
}

// names lists what the accounts of the estate hold, in order.
func (c *changer) names(of func(*estate.Account) iter.Seq[string]) []string {
	var known []string
	for _, a := range c.e.Accounts {
		known = slices.AppendSeq(known, of(a))
	}
	slices.Sort(known)
	return known
}

func (c *changer) publicAccessBlock(name, value string) error {
	if value != "on" && value != "off" {
		return c.errorf("write on or off", "%q turns nothing on or off", value)
	}
	on := value == "on"
	all := &estate.PublicAccessBlock{BlockPublicAcls: on, IgnorePublicAcls: on, BlockPublicPolicy: on, RestrictPublicBuckets: on}
	if a, ok := c.e.Account(iam.AccountID(name)); ok {
		a.PublicAccessBlock, a.Unknown = all, read(a.Unknown, "publicAccessBlock")
		return nil
	}
	b, err := c.bucket(name)
	if err != nil {
		return err
	}
	b.PublicAccessBlock, b.Unknown = all, read(b.Unknown, "publicAccessBlock")
	return nil
}

func (c *changer) ownership(name, value string) error {
	known := []string{"BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"}
	if !slices.Contains(known, value) {
		return c.errorf("write "+strings.Join(known, ", "), "there is no Object Ownership %q", value)
	}
	b, err := c.bucket(name)
	if err != nil {
		return err
	}
	b.Ownership, b.Unknown = value, read(b.Unknown, "ownership")
	return nil
}

func (c *changer) encryption(name, value string) error {
	algorithm, key := value, ""
	for _, known := range []string{"aws:kms:dsse", "aws:kms", "AES256"} {
		if rest, ok := strings.CutPrefix(value, known); ok && (rest == "" || rest[0] == ':' && known != "AES256") {
			algorithm, key = known, strings.TrimPrefix(rest, ":")
			break
		}
	}
	if algorithm != "AES256" && algorithm != "aws:kms" && algorithm != "aws:kms:dsse" {
		return c.errorf("write AES256, aws:kms or aws:kms:dsse, with :KEY behind", "there is no default encryption %q", value)
	}
	b, err := c.bucket(name)
	if err != nil {
		return err
	}
	blocked := []string{"SSE-C"}
	if b.Encryption != nil && b.Encryption.Blocked != nil {
		blocked = *b.Encryption.Blocked
	}
	b.Encryption, b.Unknown = &estate.Encryption{Algorithm: algorithm, Key: key, Blocked: &blocked}, read(b.Unknown, "encryption")
	return nil
}
