package fix

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

// block are the steps where Block Public Access refuses. Turning it off is the
// last of them.
func (f *Fixer) block(s *state, r *decide.Refusal) []*step {
	var steps []*step
	switch r.Reason {
	case reason.BlockPublicACLs:
		drop := s.noHeader("x-amz-acl", "x-amz-grant-*")
		if len(drop) > 0 && !s.facts.Form.WritesACL {
			steps = append(steps, requestStep(r.Gate, costRequest, "leave out the public ACL", drop...))
		}
		if b := s.request.Body; b != nil && b.HasGrants || s.facts.Form.WritesACL {
			steps = append(steps, requestStep(r.Gate, costRequest+1, "set an ACL that is not public: x-amz-acl: private", append(append(drop, s.noBody()...), s.privateHeader())...))
		}
	case reason.BlockPublicPolicy:
		steps = append(steps, s.limitedBody(r)...)
	case reason.RestrictPublicBuckets:
		steps = append(steps, f.limitedPolicy(s, r)...)
	case reason.IgnorePublicACLs:
		steps = append(steps, f.resourceSteps(s, r)...)
	}
	return append(steps, s.blockOff(r)...)
}

func (s *state) noBody() []node.Change {
	if s.request.Body == nil {
		return nil
	}
	return []node.Change{removed(node.Pointer{"body"})}
}

func (s *state) privateHeader() node.Change {
	if s.request.Headers == nil {
		return added(node.Pointer{"headers"}, node.Mapping().Put("x-amz-acl", node.Text("private")))
	}
	return added(node.Pointer{"headers", "x-amz-acl"}, node.Text("private"))
}

// limitedBody limits the statements of a policy that is to be put to the
// bucket's own account, where they are public.
func (s *state) limitedBody(r *decide.Refusal) []*step {
	doc := s.facts.Form.Policy
	if doc == nil || s.facts.Target == nil {
		return nil
	}
	point := len(s.facts.Checks) > 0 && s.facts.Checks[0].Name == "s3:PutAccessPointPolicy"
	n, err := limitedTo(doc, point, string(s.facts.Target.Account))
	if err != nil {
		return nil
	}
	body := n
	if s.request.Body != nil && s.request.Body.Node != nil && s.request.Body.Node.Get("Statement") == nil {
		body = node.Mapping().Put("policy", n)
	}
	st := requestStep(r.Gate, costRequest, "put a policy that is not public: limit it to the principals that are meant, here by aws:PrincipalAccount to account "+string(s.facts.Target.Account),
		added(node.Pointer{"body"}, body))
	return []*step{st}
}

// limitedTo adds a condition to every public statement of a policy.
func limitedTo(doc *policy.Document, point bool, account string) (*node.Node, error) {
	n := doc.Written()
	for _, c := range limitChanges(doc, nil, point, account) {
		var err error
		if n, err = n.With(c); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func limitChanges(doc *policy.Document, path node.Pointer, point bool, account string) []node.Change {
	var changes []node.Change
	for i := range doc.Statements {
		st := &doc.Statements[i]
		one := &policy.Document{Version: doc.Version, Statements: []policy.Statement{*st}}
		if public, _ := policy.Public(one, point); public {
			changes = append(changes, condAdded(st, statementPath(doc, path, i), "StringEquals", "aws:PrincipalAccount", account))
		}
	}
	return changes
}

// limitedPolicy limits the public statements of the policy that is there to its
// own account, whose principals they let in as before, so that
// RestrictPublicBuckets has nothing to restrict, and allows the caller by name.
func (f *Fixer) limitedPolicy(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	if c == nil || principalOf(&s.facts.Caller) == nil {
		return nil
	}
	gate, p, ok := iam.GateBucketPolicy, place{}, false
	if c.Kind == decide.AccessPointCheck {
		gate = iam.GateAccessPoint
		p, ok = s.accessPointPlace(c)
	} else if b, held := s.estate.Bucket(c.Bucket.Name); held {
		p, ok = bucketPlace(b), true
	}
	doc := p.document(s)
	if !ok || doc == nil {
		return nil
	}
	changes := limitChanges(doc, p.path, c.Kind == decide.AccessPointCheck, string(p.account))
	if len(changes) == 0 {
		return nil
	}
	limit := &step{gate: r.Gate, place: p, cost: costStatement, estate: changes, title: "limit the public statements of the " + p.where + " to account " + string(p.account) + " (aws:PrincipalAccount)",
		note: "nobody loses by it: RestrictPublicBuckets lets no one else in by a public policy"}
	limited, err := s.after(limit)
	if err != nil {
		return nil
	}
	g := f.grantFor(s, c, "")
	g.principal = principalOf(&s.facts.Caller)
	allow, _ := limited.allowIn(gate, p, g, costStatement)
	if allow == nil {
		return nil
	}
	limit.estate = append(limit.estate, allow.estate...)
	limit.title += ", and " + allow.title
	if s.facts.Caller.Account != p.account {
		limit.opens = opensOther
	}
	return []*step{limit}
}

// blockOff turns the one setting off, where it stands.
func (s *state) blockOff(r *decide.Refusal) []*step {
	name := blockNames[r.Reason]
	kind, id, _ := strings.Cut(r.Where, " ")
	var old estate.PublicAccessBlock
	st := &step{gate: r.Gate, cost: costBlock, title: "turn off " + name + " of " + r.Where, note: "it protects everything in the " + kind + ": whatever an ACL or policy opens to the public then is public"}
	switch kind {
	case "bucket":
		b, ok := s.estate.Bucket(id)
		if !ok {
			return nil
		}
		old = b.BlockPublicAccess()
		changed := s.bucketSetting(b, "publicAccessBlock", blockNode(old, name))
		st.place, st.estate = changed.place, changed.estate
		st.command = awsCommand("s3api", "put-public-access-block", "--bucket", id, "--public-access-block-configuration", blockText(old, name))
	case "account":
		a := s.estate.Accounts[iam.AccountID(id)]
		if a == nil {
			return nil
		}
		old = a.BlockPublicAccess()
		st.place = place{kind: setting, account: a.ID, name: "publicAccessBlock", where: r.Where, path: accountPath(a.ID).To("publicAccessBlock")}
		st.estate = []node.Change{added(st.place.path, blockNode(old, name))}
		st.command = awsCommand("s3control", "put-public-access-block", "--account-id", id, "--public-access-block-configuration", blockText(old, name))
	default:
		return nil // of an access point it is set when that is made, of an organization by its S3 policy
	}
	if r.Reason != reason.BlockPublicPolicy && r.Reason != reason.BlockPublicACLs {
		st.opens = opensPublic
	}
	return []*step{st}
}

var blockNames = map[reason.Code]string{
	reason.BlockPublicACLs: "BlockPublicAcls", reason.IgnorePublicACLs: "IgnorePublicAcls",
	reason.BlockPublicPolicy: "BlockPublicPolicy", reason.RestrictPublicBuckets: "RestrictPublicBuckets",
}

var blockOrder = []string{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}

func blockValues(p estate.PublicAccessBlock, off string) map[string]bool {
	m := map[string]bool{"BlockPublicAcls": p.BlockPublicAcls, "IgnorePublicAcls": p.IgnorePublicAcls, "BlockPublicPolicy": p.BlockPublicPolicy, "RestrictPublicBuckets": p.RestrictPublicBuckets}
	m[off] = false
	return m
}

func blockNode(p estate.PublicAccessBlock, off string) *node.Node {
	n := node.Mapping()
	for _, name := range blockOrder {
		n.Put(name, node.Flag(blockValues(p, off)[name]))
	}
	return n
}

func blockText(p estate.PublicAccessBlock, off string) string {
	var parts []string
	for _, name := range blockOrder {
		parts = append(parts, name+"="+map[bool]string{true: "true", false: "false"}[blockValues(p, off)[name]])
	}
	return strings.Join(parts, ",")
}
