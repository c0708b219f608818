package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

// alike tells, for one ask, which principals the engine cannot tell apart, so that
// one of them is asked for all. Users and roles of an account are alike if no
// policy, grant or ACL names one of them, the same of their policies speak of
// what is asked, and they agree in every key that a policy in play tests of its
// caller. All others are like nobody.
type alike struct {
	engine  *Engine
	actions []policy.Action
	places  []policy.Place               // that they are asked on
	named   *mentions                    // whom what is put to the ask names
	shared  callerKeys                   // that policies test on the side of the resource and the organization
	own     []*spoken                    // per identity-based policy of the estate
	limits  map[*policy.Document]*spoken // boundaries
}

// callerKeys are the condition keys that differ between principals of one account
// and kind.
type callerKeys struct {
	name bool     // aws:PrincipalArn, aws:userid, aws:username
	tags []string // of aws:PrincipalTag/, without that
}

// spoken is what one identity-based policy has to do with an ask.
type spoken struct {
	speaks bool
	keys   callerKeys
}

func (e *Engine) alike(a *Ask, open bool) *alike {
	l := &alike{engine: e, actions: actionsOfAsk(a), places: e.places(a, open), named: newMentions(), limits: map[*policy.Document]*spoken{}}
	if e.keyMayMatter(a, open) {
		l.named = e.mentions // grants name principals, too
	} else {
		l.actions = slices.DeleteFunc(slices.Clone(l.actions), func(x policy.Action) bool { return strings.HasPrefix(x.String(), "kms:") })
	}
	for _, d := range e.sharedDocuments(a) {
		d.EachSpeaking(l.actions, l.places, func(st *policy.Statement) {
			l.shared.statement(st)
			if l.named != e.mentions {
				l.named.statement(st)
			}
		})
	}
	return l
}

// actionsOfAsk lists every permission that an ask may come to.
func actionsOfAsk(a *Ask) []policy.Action {
	if u := unitsNamed([]string{a.Operation}); a.Operation != "" && len(u) > 0 {
		return u[0].asks
	}
	return []policy.Action{policy.NewAction(a.action())}
}

var keySSE = condition.Intern("s3:x-amz-server-side-encryption")

// keyMayMatter tells whether a KMS key may have a part in an ask: the data is, or
// may be, encrypted under one, or an upload may ask for it.
func (e *Engine) keyMayMatter(a *Ask, open bool) bool {
	b := e.bucket(a)
	if b == nil || len(b.Unknown) > 0 || strings.HasPrefix(b.DefaultEncryption().Algorithm, "aws:kms") || writes(a.Operation) && e.mentions.keys[keySSE] {
		return true
	}
	under := func(o *estate.Object) bool {
		return o != nil && (len(o.Unknown) > 0 || len(o.Versions) > 0 || o.Encryption != nil && strings.HasPrefix(o.Encryption.Algorithm, "aws:kms"))
	}
	if !open {
		return under(b.Objects[a.Key])
	}
	for _, o := range b.Objects {
		if under(o) {
			return true
		}
	}
	return false
}

// places lists the resources of S3 that an ask is about, the bucket of a key and
// the access point included.
func (e *Engine) places(a *Ask, open bool) []policy.Place {
	var list []policy.Place
	add := func(arn, between string) {
		list = append(list, policy.Place{Text: arn})
		if a.Key != "" || open {
			list = append(list, policy.Place{Text: arn + between + a.Key, Open: open})
		}
	}
	if b := e.bucket(a); b != nil {
		add(e.prefix(b.Name), "/")
	} else {
		list = append(list, policy.Place{Open: true})
	}
	if ap, ok := e.point(a); ok && a.AccessPoint != "" {
		add(ap.ARN(estate.PartitionOf(ap.Region)), "/object/")
	}
	return list
}

// sharedDocuments lists the policies that are not identity-based and may be put
// to an ask.
func (e *Engine) sharedDocuments(a *Ask) []*policy.Document {
	list := e.common()
	if b := e.bucket(a); b != nil {
		list = append(list[:len(list):len(list)], one(b.Document)...)
	}
	if ap, ok := e.point(a); ok && a.AccessPoint != "" {
		list = append(list[:len(list):len(list)], one(ap.Document)...)
	}
	return list
}

// common lists the policies that may be put to any ask: of organizations, VPC
// endpoints and KMS keys.
func (e *Engine) common() []*policy.Document {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.commonDocs != nil {
		return e.commonDocs
	}
	list := []*policy.Document{}
	for _, org := range e.estate.Organizations {
		for _, p := range org.Policies {
			list = append(list, one(p.Document)...)
		}
	}
	for _, a := range e.estate.Accounts {
		for _, v := range a.VPCEndpoints {
			list = append(list, one(v.Document)...)
		}
		for _, k := range a.Keys {
			list = append(list, one(k.Document)...)
		}
	}
	e.commonDocs = list
	return list
}

// statement takes in the keys that one statement tests.
func (k *callerKeys) statement(st *policy.Statement) {
	for _, c := range st.Conditions {
		k.key(c.Key)
		for _, v := range c.Values {
			eachVariable(v.Text, k.key)
		}
	}
	for _, r := range st.Resources {
		eachVariable(r.Text, k.key)
	}
}

func (k *callerKeys) key(name string) {
	lower := strings.ToLower(name)
	switch tag, isTag := strings.CutPrefix(lower, "aws:principaltag/"); {
	case isTag:
		k.tags = addNew(k.tags, tag)
	case lower == "aws:principalarn", lower == "aws:userid", lower == "aws:username":
		k.name = true
	}
}

// of returns a text that principals who are alike have in common.
func (l *alike) of(p *Principal) string {
	own := l.engine.own(p)
	if p.Outside || !own.known || p.kind != iam.User && p.kind != iam.RoleSession || l.shared.name || l.isNamed(p) {
		return p.Name
	}
	var b strings.Builder
	keys := l.shared
	keys.tags = slices.Clip(keys.tags)
	b.WriteString(string(p.Account))
	b.WriteByte(' ')
	b.WriteByte('0' + byte(p.kind))
	if l.own == nil {
		l.own = make([]*spoken, len(l.engine.policies))
	}
	for _, id := range own.docs {
		if l.own[id] == nil {
			l.own[id] = l.spoken(l.engine.policies[id])
		}
		l.note(&b, &keys, l.own[id], id)
	}
	boundary, path, tags := l.engine.entity(p)
	if boundary != "" {
		a := l.engine.estate.Accounts[p.Account]
		named, err := a.Managed(boundary)
		if err != nil {
			return p.Name
		}
		s, ok := l.limits[named.Document]
		if !ok {
			s = l.spoken(named.Document)
			l.limits[named.Document] = s
		}
		fmt.Fprintf(&b, " under %s", boundary)
		l.note(&b, &keys, s, -1)
	}
	if keys.name {
		return p.Name
	}
	slices.Sort(keys.tags)
	for _, t := range keys.tags {
		for name, v := range tags {
			if strings.EqualFold(name, t) {
				fmt.Fprintf(&b, " %q=%q", t, v)
			}
		}
	}
	if strings.HasPrefix(path, "/aws-service-role/") {
		return p.Name
	}
	return b.String()
}

// spoken reads what a policy has to do with the ask.
func (l *alike) spoken(d *policy.Document) *spoken {
	s := &spoken{}
	d.EachSpeaking(l.actions, l.places, func(st *policy.Statement) {
		s.speaks = true
		s.keys.statement(st)
	})
	return s
}

// note notes a policy of the principal that speaks of what is asked.
func (l *alike) note(b *strings.Builder, keys *callerKeys, s *spoken, id int32) {
	if !s.speaks {
		return
	}
	b.WriteByte(' ')
	b.WriteString(strconv.Itoa(int(id)))
	keys.name = keys.name || s.keys.name
	for _, t := range s.keys.tags {
		keys.tags = addNew(keys.tags, t)
	}
}

// entity returns what the estate holds of a user or role beside its policies.
func (e *Engine) entity(p *Principal) (boundary, path string, tags map[string]string) {
	a := e.estate.Accounts[p.Account]
	if p.kind == iam.User {
		u := a.Users[p.entity]
		return u.Boundary, u.Path, u.Tags
	}
	r := a.Roles[p.entity]
	return r.Boundary, r.Path, r.Tags
}

// tags returns the tags of a user or role of the estate.
func (e *Engine) tags(p *Principal) map[string]string {
	a, ok := e.estate.Account(p.Account)
	switch {
	case ok && p.kind == iam.User && a.Users[p.entity] != nil:
		return a.Users[p.entity].Tags
	case ok && p.kind == iam.RoleSession && a.Roles[p.entity] != nil:
		return a.Roles[p.entity].Tags
	}
	return nil
}

// tag returns the principal's own value of aws:PrincipalTag/…, "" for other keys.
func (e *Engine) tag(p *Principal, k condition.Key) string {
	for name, v := range e.tags(p) {
		if condition.Intern("aws:PrincipalTag/"+name) == k {
			return v
		}
	}
	return ""
}

// isNamed tells whether something names a user or role, by its ARN, its unique id
// or the ARN of one of its sessions.
func (l *alike) isNamed(p *Principal) bool {
	if l.named.entities[string(p.Account)+"/"+p.entity] {
		return true
	}
	if len(l.named.ids) == 0 {
		return false
	}
	a := l.engine.estate.Accounts[p.Account]
	if p.kind == iam.User {
		return l.named.ids[a.Users[p.entity].UniqueID(a.ID, p.entity)]
	}
	return l.named.ids[a.Roles[p.entity].UniqueID(a.ID, p.entity)]
}
