package query

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
)

// A filter tells, for one ask, the principals that are refused for sure because
// nothing could allow them: no identity-based policy of theirs, and on the
// resource's side nothing that reaches them. An explicit deny is not looked for,
// and no condition is asked, so those who pass are many more than those who may.
//
// It holds for users and roles of the estate, of which AWS requires an Allow in
// an identity-based policy unless the resource's side names everyone, the
// principal itself or its role, see decide.sameAccount and crossAccount.
type filter struct {
	engine   *Engine
	action   policy.Action
	resource string // of the bucket's check
	through  string // of the access point's check; "" for none
	open     bool   // any key behind resource
	pass     bool   // nothing can be told

	bucketPolicy, pointPolicy *policy.Document
	pointAccount              iam.AccountID

	documents map[*policy.Document]bool // whether they may allow
	everyone  bool                      // the resource's side reaches everyone
	named     []string                  // the ARNs and ids that it names
	delegates bool                      // and an account counts as well
}

// filter makes a filter for an ask; with open set for any key.
func (e *Engine) filter(a *Ask, open bool) *filter {
	f := &filter{engine: e, action: policy.NewAction(a.action()), open: open, documents: map[*policy.Document]bool{}}
	b := e.bucket(a)
	spec, isOperation := s3op.Lookup(a.Operation)
	unread := func(u estate.Unknowns, what string) bool { _, ok := u.Why(what); return ok }
	f.pass = b == nil || a.action() == "" || unread(b.Unknown, "document") || unread(b.Unknown, "ownership") || !b.ACLsDisabled() ||
		isOperation && (spec.DefaultAllowed || spec.Scope != s3op.Bucket && spec.Scope != s3op.Object || spec.Name == "CreateBucket" || spec.Name == "DeleteObjects")
	if f.pass {
		return f
	}
	f.resource, f.bucketPolicy = e.prefix(b.Name), b.Document.Document
	object := a.Key
	if open {
		object = ""
	}
	if a.Key != "" || open {
		f.resource += "/" + object
	}
	if a.AccessPoint != "" {
		f.throughPoint(a, object, unread)
	}
	if !f.pass {
		f.readResource()
	}
	return f
}

func (f *filter) throughPoint(a *Ask, object string, unread func(estate.Unknowns, string) bool) {
	ap, ok := f.engine.point(a)
	if f.pass = !ok || unread(ap.Unknown, "document"); f.pass {
		return
	}
	f.pointPolicy, f.pointAccount, f.delegates = ap.Document.Document, ap.Account, true
	f.through = ap.ARN(estate.PartitionOf(ap.Region))
	if a.Key != "" || f.open {
		f.through += "/object/" + object
	}
}

// readResource notes whom the bucket's policy, and the access point's, may allow.
func (f *filter) readResource() {
	note := func(st *policy.Statement) bool {
		f.everyone = f.everyone || st.NotPrincipal
		for _, p := range st.Principals {
			f.everyone = f.everyone || p.Text == "*"
			f.named = append(f.named, p.Text)
		}
		return false // and the next one
	}
	if f.bucketPolicy != nil {
		f.bucketPolicy.MayAllow(f.action, f.resource, f.open, note)
	}
	if f.pointPolicy != nil {
		f.pointPolicy.MayAllow(f.action, f.through, f.open, note)
	}
}

// refuses reports principals that are refused for sure.
func (f *filter) refuses(p *Principal) bool {
	if f.pass || f.everyone || p.Outside || p.kind != iam.User && p.kind != iam.RoleSession {
		return false
	}
	own, known := f.engine.own(p)
	if !known || f.names(p) {
		return false
	}
	for _, d := range own {
		if f.mayAllow(d) {
			return false
		}
	}
	return true
}

// names tells whether the resource's side may name the principal, or its account
// where that suffices.
func (f *filter) names(p *Principal) bool {
	for _, text := range f.named {
		switch {
		case strings.HasSuffix(text, "/"+p.entity), strings.Contains(text, ":assumed-role/"+p.entity+"/"), !strings.HasPrefix(text, "arn:") && !iam.AccountID(text).Valid():
			return true
		case f.delegates && strings.Contains(text, string(p.Account)):
			return true
		}
	}
	return false
}

func anyStatement(*policy.Statement) bool { return true }

func (f *filter) mayAllow(d *policy.Document) bool {
	may, ok := f.documents[d]
	if !ok {
		may = d.MayAllow(f.action, f.resource, f.open, anyStatement) || f.through != "" && d.MayAllow(f.action, f.through, f.open, anyStatement)
		f.documents[d] = may
	}
	return may
}

// own returns the identity-based policies of a user or role; known is false where
// some of them could not be read.
func (e *Engine) own(p *Principal) (docs []*policy.Document, known bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if o, ok := e.owns[p.Name]; ok {
		return o.docs, o.known
	}
	o := &ownPolicies{known: true}
	if a, ok := e.estate.Account(p.Account); ok {
		o.account = a
		o.of(p)
	} else {
		o.known = false
	}
	e.owns[p.Name] = o
	return o.docs, o.known
}

// ownPolicies are a principal's identity-based policies.
type ownPolicies struct {
	account *estate.Account
	docs    []*policy.Document
	known   bool
}

func (o *ownPolicies) of(p *Principal) {
	if p.kind == iam.User {
		u := o.account.Users[p.entity]
		if o.known = u != nil && len(u.Unknown) == 0; !o.known {
			return
		}
		o.add(u.Inline, u.Attached)
		for _, name := range u.Groups {
			g := o.account.Groups[name]
			if g == nil || len(g.Unknown) > 0 {
				o.known = false
				return
			}
			o.add(g.Inline, g.Attached)
		}
		return
	}
	r := o.account.Roles[p.entity]
	if o.known = r != nil && len(r.Unknown) == 0; o.known {
		o.add(r.Inline, r.Attached)
	}
}

func (o *ownPolicies) add(inline estate.Documents, attached []string) {
	for i := range inline {
		if d := inline[i].Document.Document; d != nil {
			o.docs = append(o.docs, d)
		}
	}
	for _, ref := range attached {
		named, err := o.account.Managed(ref)
		if err != nil {
			o.known = false
			return
		}
		o.docs = append(o.docs, named.Document)
	}
}
