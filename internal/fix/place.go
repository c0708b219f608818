package fix

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// A kind is what a place is.
type kind uint8

const (
	theRequest kind = iota
	bucketPolicy
	accessPointPolicy
	keyPolicy
	endpointPolicy
	trustPolicy
	userPolicy // inline
	rolePolicy
	groupPolicy
	managedPolicy
	boundaryPolicy // a managed policy that limits
	serviceControlPolicy
	resourceControlPolicy
	sessionPolicy // of the request
	setting       // not a policy: of a bucket, key, user, object …
)

// A place is a policy, or a thing with a setting, that a step changes.
type place struct {
	kind    kind
	account iam.AccountID // whose administrator changes it; "" for the caller's own side
	org     string        // of an organization's policy
	owner   string        // name of the bucket, key, endpoint, user, role, group
	name    string        // of the policy, where it has one
	where   string        // in words: "bucket policy of reports"
	path    node.Pointer  // of the document or thing in the estate, or in the request
}

func accountPath(id iam.AccountID) node.Pointer { return node.Pointer{"accounts", string(id)} }

func bucketPath(b *estate.Bucket) node.Pointer { return accountPath(b.Account).To("buckets", b.Name) }

func bucketPlace(b *estate.Bucket) place {
	return place{kind: bucketPolicy, account: b.Account, owner: b.Name, where: "bucket policy of " + b.Name, path: bucketPath(b).To("document")}
}

func keyPlace(k *estate.Key, name string) place {
	return place{kind: keyPolicy, account: k.Account, owner: k.ARN(), where: "key policy of " + k.ARN(), path: accountPath(k.Account).To("keys", name, "document")}
}

func endpointPlace(v *estate.VPCEndpoint) place {
	return place{kind: endpointPolicy, account: v.Account, owner: v.ID, where: "policy of VPC endpoint " + v.ID, path: accountPath(v.Account).To("vpcEndpoints", v.ID, "document")}
}

// pointPlace is the policy of an access point, which stands under its bucket or
// under its account.
func pointPlace(e *estate.Estate, p *estate.AccessPoint) place {
	at := accountPath(p.Account)
	if b, ok := e.Bucket(p.Bucket); ok && b.Account == p.Account && b.AccessPoints[p.Name] != nil {
		at = at.To("buckets", b.Name)
	}
	return place{kind: accessPointPolicy, account: p.Account, owner: p.Name, where: "policy of access point " + p.Name, path: at.To("accessPoints", p.Name, "document")}
}

func trustPlace(id iam.AccountID, role string) place {
	return place{kind: trustPolicy, account: id, owner: role, where: "trust policy of role " + role, path: accountPath(id).To("roles", role, "trust")}
}

func inlinePlace(k kind, id iam.AccountID, owner, name string) place {
	words := map[kind]string{userPolicy: "user", rolePolicy: "role", groupPolicy: "group"}[k]
	return place{kind: k, account: id, owner: owner, name: name, where: "inline policy " + name + " of " + words + " " + owner,
		path: accountPath(id).To(words+"s", owner, "inline", name)}
}

func managedPlace(k kind, a *estate.Account, name string) place {
	word := "managed policy "
	if k == boundaryPolicy {
		word = "permissions boundary "
	}
	return place{kind: k, account: a.ID, name: name, where: word + name, path: accountPath(a.ID).To("managedPolicies", name, "document")}
}

func orgPlace(k kind, id string, org *estate.Organization, name string) place {
	word := map[kind]string{serviceControlPolicy: "service control policy ", resourceControlPolicy: "resource control policy "}[k]
	return place{kind: k, account: org.ManagementAccount, org: id, name: name, where: word + name, path: node.Pointer{"organizations", id, "policies", name, "document"}}
}

// document returns the policy that stands at a place, nil for none.
func (p *place) document(s *state) *policy.Document {
	e := s.estate
	a := e.Accounts[p.account]
	switch p.kind {
	case theRequest, setting:
		return nil
	case sessionPolicy:
		for i, sp := range s.request.SessionPolicies {
			if p.path[len(p.path)-1] == itoa(i) {
				return sp.Document
			}
		}
		return nil
	case serviceControlPolicy, resourceControlPolicy:
		if org := e.Organizations[p.org]; org != nil && org.Policies[p.name] != nil {
			return org.Policies[p.name].Document.Document
		}
		return nil
	}
	if a == nil {
		return nil
	}
	return documentIn(a, p)
}

func documentIn(a *estate.Account, p *place) *policy.Document {
	name := p.path[3]
	switch p.kind {
	case bucketPolicy:
		if b := a.Buckets[name]; b != nil {
			return b.Document.Document
		}
	case keyPolicy:
		if k := a.Keys[name]; k != nil {
			return k.Document.Document
		}
	case endpointPolicy:
		if v := a.VPCEndpoints[name]; v != nil {
			return v.Document.Document
		}
	case accessPointPolicy:
		points := a.AccessPoints
		if p.path[2] == "buckets" {
			points = a.Buckets[name].AccessPoints
		}
		if ap := points[p.owner]; ap != nil {
			return ap.Document.Document
		}
	case trustPolicy:
		if r := a.Roles[name]; r != nil {
			return r.Trust.Document
		}
	case userPolicy:
		if u := a.Users[name]; u != nil {
			return inlineNamed(u.Inline, p.name)
		}
	case rolePolicy:
		if r := a.Roles[name]; r != nil {
			return inlineNamed(r.Inline, p.name)
		}
	case groupPolicy:
		if g := a.Groups[name]; g != nil {
			return inlineNamed(g.Inline, p.name)
		}
	case managedPolicy, boundaryPolicy:
		if m := a.ManagedPolicies[name]; m != nil {
			return m.Document.Document
		}
	}
	return nil
}

func inlineNamed(list estate.Documents, name string) *policy.Document {
	i := slices.IndexFunc(list, func(d estate.NamedDocument) bool { return d.Name == name })
	if i < 0 {
		return nil
	}
	return list[i].Document.Document
}

// placeOf finds the policy that a statement of a gate stands in. Not ok for what
// nobody can change: an AWS managed policy, a built-in one.
func (s *state) placeOf(gate iam.Gate, c *decide.Check, doc *policy.Document) (place, bool) {
	e := s.estate
	switch gate {
	case iam.GateBucketPolicy:
		if c.Kind == decide.RoleCheck {
			return trustPlace(c.Role.Account, c.Role.Name), true
		}
		b, ok := e.Bucket(c.Bucket.Name)
		if !ok {
			return place{}, false
		}
		return bucketPlace(b), true
	case iam.GateAccessPoint:
		return s.accessPointPlace(c)
	case iam.GateKMS:
		return s.keyPlaceOf(c)
	case iam.GateVPCEndpoint:
		v, ok := e.VPCEndpoint(s.facts.Caller.Endpoint.ID)
		if !ok {
			return place{}, false
		}
		return endpointPlace(v), true
	case iam.GateSession:
		for i, sp := range s.request.SessionPolicies {
			if sp.Document == doc {
				return place{kind: sessionPolicy, where: "session policy " + itoa(i), path: node.Pointer{"sessionPolicies", itoa(i)}}, true
			}
		}
	case iam.GateSCP, iam.GateRCP:
		return s.orgPlaceOf(gate, doc)
	}
	return s.callerPlaceOf(gate, doc)
}

func (s *state) accessPointPlace(c *decide.Check) (place, bool) {
	if c.AccessPoint == nil {
		return place{}, false
	}
	p, ok := s.estate.AccessPoint(c.AccessPoint.ARN)
	if !ok {
		return place{}, false
	}
	return pointPlace(s.estate, p), true
}

// keyPlaceOf finds the key that a check asks for; not ok for AWS managed keys.
func (s *state) keyPlaceOf(c *decide.Check) (place, bool) {
	k, name := s.keyOf(c)
	if k == nil || k.AWSManaged() {
		return place{}, false
	}
	return keyPlace(k, name), true
}

// keyOf returns the key of a check, and its name in the estate.
func (s *state) keyOf(c *decide.Check) (*estate.Key, string) {
	if c.Key == nil {
		return nil, ""
	}
	a := s.estate.Accounts[c.Key.Account]
	if a == nil {
		return nil, ""
	}
	for _, name := range sortedKeys(a.Keys) {
		if a.Keys[name].ARN() == c.Key.ARN {
			return a.Keys[name], name
		}
	}
	return nil, ""
}

func (s *state) orgPlaceOf(gate iam.Gate, doc *policy.Document) (place, bool) {
	k := serviceControlPolicy
	if gate == iam.GateRCP {
		k = resourceControlPolicy
	}
	for _, id := range sortedKeys(s.estate.Organizations) {
		org := s.estate.Organizations[id]
		for _, name := range sortedKeys(org.Policies) {
			if org.Policies[name].Document.Document == doc {
				return orgPlace(k, id, org, name), true
			}
		}
	}
	return place{}, false
}

// callerPlaceOf finds a policy on the caller's side, by the document itself.
func (s *state) callerPlaceOf(gate iam.Gate, doc *policy.Document) (place, bool) {
	a := s.estate.Accounts[s.facts.Caller.Account]
	if a == nil {
		return place{}, false
	}
	managed := managedPolicy
	if gate == iam.GateBoundary {
		managed = boundaryPolicy
	}
	if gate == iam.GateIdentity {
		k, name, inline, groups := s.holder(a)
		if at := slices.IndexFunc(inline, func(d estate.NamedDocument) bool { return d.Document.Document == doc }); at >= 0 {
			return inlinePlace(k, a.ID, name, inline[at].Name), true
		}
		for _, g := range groups {
			if group := a.Groups[g]; group != nil {
				if at := slices.IndexFunc(group.Inline, func(d estate.NamedDocument) bool { return d.Document.Document == doc }); at >= 0 {
					return inlinePlace(groupPolicy, a.ID, g, group.Inline[at].Name), true
				}
			}
		}
	}
	for _, name := range sortedKeys(a.ManagedPolicies) {
		if a.ManagedPolicies[name].Document.Document == doc && !strings.HasPrefix(name, "arn:aws:iam::aws:") {
			return managedPlace(managed, a, name), true
		}
	}
	return place{}, false
}

// holder returns the user or role whose policies are the caller's, with its
// inline policies and groups: for a federated user, the user behind it. name is
// "" where the estate holds none.
func (s *state) holder(a *estate.Account) (k kind, name string, inline estate.Documents, groups []string) {
	c := &s.facts.Caller
	switch c.Kind {
	case iam.User:
		name = c.Name
	case iam.FederatedUser:
		if arn, ok := iam.ParseARN(c.UserARN); ok {
			name = arn.Resource[strings.LastIndexByte(arn.Resource, '/')+1:]
		}
	case iam.RoleSession:
		if r := a.Roles[c.Name]; r != nil {
			return rolePolicy, c.Name, r.Inline, nil
		}
		return 0, "", nil, nil
	}
	if u := a.Users[name]; u != nil {
		return userPolicy, name, u.Inline, u.Groups
	}
	return 0, "", nil, nil
}
