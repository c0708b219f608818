package estate

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// The policies that AWS attaches by itself.
const (
	FullAWSAccess    = "FullAWSAccess"    // the service control policy; may be detached
	RCPFullAWSAccess = "RCPFullAWSAccess" // the resource control policy; cannot be detached
)

// BuiltIn is the file name of documents that AWS supplies.
const BuiltIn = "(built in)"

func builtIn(text string) *policy.Document {
	d, err := policy.Parse(BuiltIn, []byte(text))
	if err != nil {
		panic("estate: " + err.Error())
	}
	return d
}

var (
	fullAccess = policy.Named{Name: FullAWSAccess, Document: builtIn(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`)}
	rcpFullAccess = policy.Named{Name: RCPFullAWSAccess, Document: builtIn(
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}`)}
)

// orgWalk is the state of a walk down an organization.
type orgWalk struct {
	*linker
	id     string
	org    *Organization
	levels []*Level
	ids    string // "o-x/r-y/ou-z/"
}

func (l *linker) organization(id string, org *Organization) {
	if org.Root == nil {
		return
	}
	w := &orgWalk{linker: l, id: id, org: org, ids: id + "/"}
	if org.Root.ID == "" {
		org.Root.ID = "r-" + strings.ToLower(uniqueID("", "", "root", id))[:4]
	}
	w.unit(org.Root, "root "+org.Root.ID, newTrail("organizations", id, "root"))
}

func (w *orgWalk) unit(u *Unit, name string, at *trail) {
	ids := w.ids
	w.ids += u.ID + "/"
	w.levels = append(w.levels, w.level(name, u.SCPs, u.RCPs, u.S3, u.Unknown, at))
	for id, hang := range sorted(u.Accounts) {
		w.account(id, hang, at.to("accounts", string(id)))
	}
	for id, child := range sorted(u.Units) {
		at := at.to("units", id)
		if child.ID != "" && child.ID != id {
			w.errorf(at.to("id"), "id %q of unit %q", child.ID, id)
		}
		settle(&child.ID, id)
		w.unit(child, "unit "+id, at)
	}
	w.levels = w.levels[:len(w.levels)-1]
	w.ids = ids
}

func (w *orgWalk) account(id iam.AccountID, hang *Attachments, at *trail) {
	if !id.Valid() {
		w.keyf(at, "account id %q; an account id has twelve digits", id)
		return
	}
	if other, ok := w.ix.orgPaths[id]; ok {
		w.keyf(at, "account %s stands in %s already", id, strings.TrimSuffix(other, "/"))
		return
	}
	w.ix.orgPaths[id] = w.ids
	level := w.level("account "+string(id), hang.SCPs, hang.RCPs, hang.S3, hang.Unknown, at)
	a, ok := w.e.Accounts[id]
	if !ok {
		return
	}
	a.Organization, a.OrganizationID = w.org, w.id
	a.Path = append(slices.Clone(w.levels), level)
}

func (w *orgWalk) level(name string, scps *[]string, rcps, s3 []string, unknown Unknowns, at *trail) *Level {
	level := &Level{Name: name, Unknown: slices.Concat(unknown, w.org.Unknown)}
	if scps == nil {
		level.SCPs = append(level.SCPs, fullAccess)
	} else {
		for i, name := range *scps {
			if p := w.attach(level, "scp", "scps", name, at.to("scps").item(i)); p != nil {
				level.SCPs = append(level.SCPs, policy.Named{Name: name, Document: p.Document.Document})
			} else if name == FullAWSAccess {
				level.SCPs = append(level.SCPs, fullAccess)
			}
		}
	}
	level.RCPs = append(level.RCPs, rcpFullAccess)
	for i, name := range rcps {
		if p := w.attach(level, "rcp", "rcps", name, at.to("rcps").item(i)); p != nil {
			level.RCPs = append(level.RCPs, policy.Named{Name: name, Document: p.Document.Document})
		}
	}
	for i, name := range s3 {
		if p := w.attach(level, "s3", "s3", name, at.to("s3").item(i)); p != nil {
			level.S3 = append(level.S3, p)
		}
	}
	return level
}

// attach returns the policy of that name whose document is known, and nil
// otherwise; the level then knows why.
func (w *orgWalk) attach(level *Level, kind, field, name string, at *trail) *OrgPolicy {
	if name == FullAWSAccess && kind == "scp" || name == RCPFullAWSAccess && kind == "rcp" {
		return nil
	}
	p, ok := w.org.Policies[name]
	if !ok {
		if why, ok := w.org.Unknown.Why("policies"); ok {
			level.Unknown = append(level.Unknown, UnknownItem{What: field, Why: "policy " + name + ": " + why})
			return nil
		}
		w.errorf(at, "organization %s has no policy %q%s", w.id, name, didYouMean(name, w.policyNames(kind)))
		return nil
	}
	if p.Type != kind {
		w.errorf(at, "policy %q is of type %q, and %s takes those of type %q", name, p.Type, field, kind)
		return nil
	}
	if why, ok := p.Unknown.Why("document"); ok {
		level.Unknown = append(level.Unknown, UnknownItem{What: field, Why: "policy " + name + ": " + why})
		return nil
	}
	if p.Document.Document == nil && kind != "s3" {
		return nil // which the check of the policy itself complains about
	}
	return p
}

func (w *orgWalk) policyNames(kind string) []string {
	var names []string
	switch kind {
	case "scp":
		names = append(names, FullAWSAccess)
	case "rcp":
		names = append(names, RCPFullAWSAccess)
	}
	for name, p := range sorted(w.org.Policies) {
		if p.Type == kind {
			names = append(names, name)
		}
	}
	return names
}

func didYouMean(name string, known []string) string {
	if near, ok := node.Nearest(name, known); ok {
		return "; did you mean \"" + near + "\"?"
	}
	return ""
}

// OrgPath returns the place of an account in the form of the condition key
// aws:PrincipalOrgPaths, "o-x/r-y/ou-z/", and "" for an account that no
// organization of the estate holds.
func (e *Estate) OrgPath(id iam.AccountID) string { return e.lookups().orgPaths[id] }

// OrganizationPublicAccessBlock returns what S3 policies of the organization
// assign to the account's Block Public Access settings, with the policy that
// does, and not ok where none does. The policy nearest to the account wins, as
// with the assignment operator of all declarative policies (AWS Organizations
// User Guide, "Understanding declarative policy inheritance").
func (a *Account) OrganizationPublicAccessBlock() (PublicAccessBlock, *OrgPolicy, bool) {
	for _, level := range slices.Backward(a.Path) {
		for _, p := range slices.Backward(level.S3) {
			switch p.Document.s3 {
			case "all":
				return allOn, p, true
			case "none":
				return allOff, p, true
			}
		}
	}
	return PublicAccessBlock{}, nil, false
}
