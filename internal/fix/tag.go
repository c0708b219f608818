package fix

import (
	"net/url"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// turnRequestTag tags the object as it is uploaded.
func (s *state) turnRequestTag(c *decide.Check, cond *policy.Condition, want condition.Truth) []*step {
	_, name, _ := strings.Cut(cond.Key, "/")
	if !sends(s, "x-amz-tagging") {
		return nil
	}
	var steps []*step
	for _, v := range values(c, cond, want) {
		have, _ := s.request.Header("x-amz-tagging")
		tags, err := url.ParseQuery(have)
		if err != nil {
			continue
		}
		tags.Set(name, v)
		steps = append(steps, &step{cost: costRequest, title: "tag the object with " + name + "=" + v, request: []node.Change{s.header("x-amz-tagging", tags.Encode())}})
	}
	return steps
}

// turnObjectTag tags the object that is there.
func (s *state) turnObjectTag(c *decide.Check, cond *policy.Condition, want condition.Truth) []*step {
	_, name, _ := strings.Cut(cond.Key, "/")
	var steps []*step
	for _, v := range values(c, cond, want) {
		st := s.objectStep(c.Bucket, c.Object, "tags", func(o *estate.Object) *node.Node {
			return with(tagsNode(o.Tags), spelled(o.Tags, name), node.Text(v))
		})
		if st == nil {
			return nil
		}
		st.cost, st.title, st.note = costTag, "tag the object with "+name+"="+v, "other policies may read the tag too"
		st.command = awsCommand("s3api", "put-object-tagging", "--bucket", c.Bucket.Name, "--key", c.Object.Key, "--tagging", "TagSet=[{Key="+name+",Value="+v+"}]")
		steps = append(steps, st)
	}
	return steps
}

func tagsNode(tags map[string]string) *node.Node {
	n := node.Mapping()
	for _, k := range sortedKeys(tags) {
		n.Put(k, node.Text(tags[k]))
	}
	return n
}

// turnPrincipalTag tags the user or role.
func (s *state) turnPrincipalTag(c *decide.Check, cond *policy.Condition, want condition.Truth) []*step {
	caller := &s.facts.Caller
	_, name, _ := strings.Cut(cond.Key, "/")
	a := s.estate.Accounts[caller.Account]
	if a == nil {
		return nil
	}
	k, owner, _, _ := s.holder(a)
	if owner == "" || caller.Kind == iam.FederatedUser {
		return nil
	}
	at, old := accountPath(a.ID).To("users", owner), map[string]string(nil)
	if k == rolePolicy {
		at, old = accountPath(a.ID).To("roles", owner), a.Roles[owner].Tags
	} else {
		old = a.Users[owner].Tags
	}
	name = spelled(old, name)
	var steps []*step
	for _, v := range values(c, cond, want) {
		change := added(at.To("tags", name), node.Text(v))
		if len(old) == 0 {
			change = added(at.To("tags"), node.Mapping().Put(name, node.Text(v)))
		}
		steps = append(steps, &step{cost: costTag, title: "tag " + who(s) + " with " + name + "=" + v, note: "every policy that tests this tag reads it",
			place: place{kind: setting, account: a.ID, owner: owner, name: "tag", where: "tags of " + owner, path: at}, estate: []node.Change{change}, command: tagCommand(k, owner, name, v)})
	}
	return steps
}

// with returns a mapping with one more member, in place of one of that name.
func with(n *node.Node, name string, value *node.Node) *node.Node {
	if n == nil {
		n = node.Mapping()
	}
	out, err := n.With(node.Change{Op: node.Add, Path: node.Pointer{name}, Value: value})
	if err != nil {
		return n
	}
	return out
}

// spelled is the name of a tag as it is written where it is there: condition keys
// are compared without regard to case.
func spelled(tags map[string]string, name string) string {
	for _, have := range sortedKeys(tags) {
		if strings.EqualFold(have, name) {
			return have
		}
	}
	return name
}
