package fix

import (
	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
)

// foreignObject are the steps for an object of another account, which the
// bucket's policies do not reach: its owner grants by the ACL, or the bucket's
// owner takes all objects over.
func (f *Fixer) foreignObject(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	if c == nil {
		return nil
	}
	var steps []*step
	if st := s.objectGrant(r, c); st != nil {
		steps = append(steps, st)
	}
	if b, ok := s.estate.Bucket(c.Bucket.Name); ok {
		st := s.bucketSetting(b, "ownership", node.Text("BucketOwnerEnforced"))
		st.gate, st.cost, st.title = r.Gate, costSetting, "make account "+string(b.Account)+" the owner of every object of bucket "+b.Name+" (Object Ownership BucketOwnerEnforced)"
		st.note = "all ACLs of the bucket and its objects stop counting: who has access by them needs a policy"
		st.command = awsCommand("s3api", "put-bucket-ownership-controls", "--bucket", b.Name, "--ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerEnforced}]")
		if others(b.ACL) {
			st.estate = append([]node.Change{added(bucketPath(b).To("acl"), node.Mapping().Put("canned", node.Text("private")))}, st.estate...)
			st.title = "set the ACL of the bucket to private, and " + st.title
			st.command = awsCommand("s3api", "put-bucket-acl", "--bucket", b.Name, "--acl", "private") + "\n" + st.command
		}
		steps = append(steps, st)
	}
	return steps
}

func others(a *estate.ACL) bool {
	return a != nil && (a.Canned != "" && a.Canned != "private" || len(a.Grants) > 0)
}

// objectGrant lets the object's owner grant to the caller's account, which then
// decides by its own policies.
func (s *state) objectGrant(r *decide.Refusal, c *decide.Check) *step {
	account := s.facts.Caller.Account
	if account == "" || c.Object == nil || c.ObjectACL == "" {
		return nil
	}
	id := string(account)
	if a := s.estate.Accounts[account]; a != nil {
		id = a.Canonical()
	}
	st := s.objectStep(c.Bucket, c.Object, "acl", func(o *estate.Object) *node.Node { return s.grantedACL(c, id) })
	if st == nil {
		return nil
	}
	st.gate, st.cost, st.title = r.Gate, costStatement, "let account "+string(c.Object.Owner)+", which owns the object, grant "+c.ObjectACL+" to account "+string(account)+" by the object's ACL"
	st.place.account = c.Object.Owner
	st.note = "an ACL cannot name a user or role: the policies of account " + string(account) + " decide who of it may"
	option := map[string]string{"READ": "--grant-read", "READ_ACP": "--grant-read-acp", "WRITE_ACP": "--grant-write-acp", "FULL_CONTROL": "--grant-full-control"}[c.ObjectACL]
	args := []string{"s3api", "put-object-acl", "--bucket", c.Bucket.Name, "--key", c.Object.Key, option, "id=" + id}
	if owner := s.estate.Accounts[c.Object.Owner]; owner != nil && option != "--grant-full-control" {
		args = append(args, "--grant-full-control", "id="+owner.Canonical())
	}
	st.command = awsCommand(args...)
	if account != c.Bucket.Account {
		st.opens = opensOther
	}
	return st
}

// grantedACL is the object's ACL with one grant more, canned ACLs written out.
func (s *state) grantedACL(c *decide.Check, id string) *node.Node {
	grants := node.List()
	put := func(g *node.Node, permission string) {
		grants.Items = append(grants.Items, node.Mapping().Put("grantee", g).Put("permission", node.Text(permission)))
	}
	user := func(id string) *node.Node {
		return node.Mapping().Put("type", node.Text("CanonicalUser")).Put("id", node.Text(id))
	}
	for _, g := range c.Object.ACL.Grants {
		switch {
		case g.Group != "":
			put(node.Mapping().Put("type", node.Text("Group")).Put("uri", node.Text(groupURI[g.Group])), g.Permission)
		case g.Account.Valid():
			put(user(string(g.Account)), g.Permission)
		}
	}
	put(user(id), c.ObjectACL)
	return node.Mapping().Put("grants", grants)
}

var groupURI = map[string]string{
	"AllUsers": "http://acs.amazonaws.com/groups/global/AllUsers", "AuthenticatedUsers": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
	"LogDelivery": "http://acs.amazonaws.com/groups/s3/LogDelivery",
}
