package query

import (
	"slices"
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
// Within the resource's account a user or role needs an Allow of an identity-based
// policy, unless the resource's side names everyone, the principal itself or its
// role; across accounts it needs that always, and everybody needs the resource's
// side to reach him, see decide.sameAccount and crossAccount.
type filter struct {
	engine   *Engine
	action   policy.Action
	resource string // of the bucket's check
	through  string // of the access point's check; "" for none
	open     bool   // any key behind resource
	pass     bool   // nothing can be told

	bucketPolicy, pointPolicy *policy.Document
	bucket                    string
	account                   iam.AccountID // whose resource is asked first: the access point, else the bucket

	documents []int8   // per identity-based policy of the estate: 1 may allow, -1 cannot
	everyone  bool     // the resource's side reaches everyone
	named     []string // the ARNs and ids that it names
	delegates bool     // and an account counts as well
}

// filter makes a filter for an ask; with open set for any key.
func (e *Engine) filter(a *Ask, open bool) *filter {
	f := &filter{engine: e, action: policy.NewAction(a.action()), open: open}
	b := e.bucket(a)
	spec, isOperation := s3op.Lookup(a.Operation)
	unread := func(u estate.Unknowns, what string) bool { _, ok := u.Why(what); return ok }
	f.pass = b == nil || a.action() == "" || unread(b.Unknown, "document") || unread(b.Unknown, "ownership") || !b.ACLsDisabled() ||
		isOperation && (spec.DefaultAllowed || spec.Scope != s3op.Bucket && spec.Scope != s3op.Object || spec.Name == "CreateBucket" || spec.Name == "DeleteObjects")
	if f.pass {
		return f
	}
	f.bucket, f.account = b.Name, b.Account
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
	f.pointPolicy, f.account, f.delegates = ap.Document.Document, ap.Account, true
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
	switch {
	case f.pass:
		return false
	case p.Account == f.account:
		return f.inside(p) && !f.everyone && !f.names(p) && f.ownRefuses(p)
	}
	// Of another account, or of none: the resource's side must reach the caller,
	// and then a user's or role's own side must allow.
	return !f.everyone && !f.names(p) || !p.Outside && f.inside(p) && f.ownRefuses(p)
}

// inside tells the kinds of principal whose identity-based policies must allow.
func (f *filter) inside(p *Principal) bool {
	return p.kind == iam.User || p.kind == iam.RoleSession
}

// ownRefuses tells that no identity-based policy of a user or role may allow.
func (f *filter) ownRefuses(p *Principal) bool {
	own := f.engine.own(p)
	return own.known && !slices.ContainsFunc(own.docs, f.mayAllow)
}

// names tells whether the resource's side may name the principal: within one
// account itself or its role, else also its account. An id may be anyone's.
func (f *filter) names(p *Principal) bool {
	account := string(p.Account)
	if p.Name == OtherAccounts {
		account = string(f.engine.stranger)
	}
	for _, text := range f.named {
		isARN, isService := strings.HasPrefix(text, "arn:"), strings.HasSuffix(text, ".amazonaws.com") || strings.HasSuffix(text, ".amazonaws.com.cn")
		var named bool
		switch {
		case p.kind == iam.Anonymous:
		case p.kind == iam.ServicePrincipal:
			named = strings.EqualFold(text, p.Name)
		case p.kind == iam.OriginAccessIdentity:
			named = text == p.Name
		case isService:
		case !isARN && !iam.AccountID(text).Valid():
			named = true
		case p.Account == f.account && !f.delegates:
			named = strings.HasSuffix(text, "/"+p.entity) || strings.Contains(text, "/"+p.entity+"/")
		default:
			named = strings.Contains(text, account)
		}
		if named {
			return true
		}
	}
	return false
}

// candidates lists the principals that are not refused for sure, in order; nil
// where that is everyone.
func (f *filter) candidates() []int {
	e := f.engine
	if f.pass {
		return nil
	}
	list := slices.Clone(e.others)
	for _, ids := range [][]int32{e.onBucket[f.bucket], e.onAny} {
		for _, id := range ids {
			if f.mayAllow(id) {
				list = append(list, e.holders[id]...)
			}
		}
	}
	if f.everyone || len(f.named) > 0 {
		list = append(list, e.ofAccount[f.account]...)
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(i int) bool { return f.refuses(&e.principals[i]) })
}

func anyStatement(*policy.Statement) bool { return true }

func (f *filter) mayAllow(id int32) bool {
	if f.documents == nil {
		f.documents = make([]int8, len(f.engine.policies))
	}
	may := &f.documents[id]
	if *may == 0 {
		*may = -1
		d := f.engine.policies[id]
		if d.MayAllow(f.action, f.resource, f.open, anyStatement) || f.through != "" && d.MayAllow(f.action, f.through, f.open, anyStatement) {
			*may = 1
		}
	}
	return *may > 0
}
