package query

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

// mentions is what the policies and ACLs of an estate name.
type mentions struct {
	principals map[string]bool        // ARNs, and the host names of services
	entities   map[string]bool        // users and roles among them, as "account/name"
	ids        map[string]bool        // unique ids
	accounts   map[iam.AccountID]bool // account ids
	canonical  map[string]bool        // canonical ids
	userids    map[string]bool        // values of aws:userid that name a session
	arns       []string               // patterns of aws:PrincipalArn
	keys       map[condition.Key]bool // keys of conditions and variables
	tags       bool                   // some of them are aws:PrincipalTag/…
	objects    []string               // ARNs that grants on KMS keys are limited to
}

func newMentions() *mentions {
	return &mentions{principals: map[string]bool{}, entities: map[string]bool{}, ids: map[string]bool{}, accounts: map[iam.AccountID]bool{}, canonical: map[string]bool{},
		userids: map[string]bool{}, keys: map[condition.Key]bool{}}
}

// mentionsOf reads all policies and ACLs once.
func mentionsOf(e *estate.Estate) *mentions {
	m := newMentions()
	for _, d := range e.PolicyDocuments() {
		for i := range d.Statements {
			m.statement(&d.Statements[i])
		}
	}
	for _, a := range e.Accounts {
		for _, k := range a.Keys {
			for _, g := range k.Grants {
				m.arn(g.Grantee)
				for _, context := range []map[string]string{g.Constraints.EncryptionContextSubset, g.Constraints.EncryptionContextEquals} {
					if arn, ok := context["aws:s3:arn"]; ok {
						m.objects = append(m.objects, arn)
					}
				}
			}
		}
		for _, b := range a.Buckets {
			m.acl(b.ACL)
			for _, o := range b.Objects {
				m.object(o)
			}
		}
	}
	return m
}

func (m *mentions) object(o *estate.Object) {
	m.acl(o.ACL)
	m.owner(o.Owner)
	for _, v := range o.Versions {
		m.object(v)
	}
}

func (m *mentions) acl(list *estate.ACL) {
	if list == nil {
		return
	}
	m.owner(list.Owner)
	for _, g := range list.Grants {
		m.owner(g.Grantee.ID)
	}
}

// owner notes an account id or a canonical id.
func (m *mentions) owner(id string) {
	switch {
	case id == "" || id == "anonymous":
	case iam.AccountID(id).Valid():
		m.accounts[iam.AccountID(id)] = true
	default:
		m.canonical[id] = true
	}
}

func (m *mentions) statement(st *policy.Statement) {
	for _, p := range st.Principals {
		switch p.Type {
		case "Service":
			m.principals[p.Text] = true
		case "CanonicalUser":
			m.canonical[p.Text] = true
		case "AWS":
			m.arn(p.Text)
		}
	}
	for _, r := range st.Resources {
		eachVariable(r.Text, m.key)
	}
	for i := range st.Conditions {
		m.condition(&st.Conditions[i])
	}
}

// arn notes a principal, or an account.
func (m *mentions) arn(text string) {
	arn, ok := iam.ParseARN(text)
	switch {
	case iam.AccountID(text).Valid():
		m.accounts[iam.AccountID(text)] = true
	case ok && arn.Resource == "root":
		m.accounts[arn.Account] = true
	case ok && !strings.ContainsAny(text, "*?$") || strings.HasSuffix(text, ".amazonaws.com"):
		m.principals[text] = true
		m.entity(arn)
	case !ok:
		m.ids[text] = true
	}
}

func (m *mentions) entity(arn iam.ARN) {
	kind, name, _ := strings.Cut(arn.Resource, "/")
	if kind == "assumed-role" {
		name, _, _ = strings.Cut(name, "/")
	}
	m.entities[string(arn.Account)+"/"+name[strings.LastIndexByte(name, '/')+1:]] = true
}

func (m *mentions) condition(c *policy.Condition) {
	m.key(c.Key)
	for _, v := range c.Values {
		eachVariable(v.Text, m.key)
		switch strings.ToLower(c.Key) {
		case "aws:principalarn":
			m.arns = append(m.arns, v.Text)
			m.arn(v.Text)
		case "aws:principalaccount", "kms:calleraccount":
			m.arn(v.Text)
		case "aws:userid":
			m.userids[v.Text] = true
		}
	}
}

func (m *mentions) key(name string) {
	m.keys[condition.Intern(name)] = true
	m.tags = m.tags || strings.HasPrefix(strings.ToLower(name), "aws:principaltag/")
}

// eachVariable calls back for the key of every policy variable of a text.
func eachVariable(text string, visit func(key string)) {
	for {
		_, rest, ok := strings.Cut(text, "${")
		if !ok {
			return
		}
		name, behind, ok := strings.Cut(rest, "}")
		if !ok {
			return
		}
		if name, _, _ = strings.Cut(name, ","); strings.Contains(name, ":") {
			visit(name)
		}
		text = behind
	}
}
