package gather

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/policy"
)

// roleActions are the actions of STS that a role's trust policy decides (IAM
// User Guide, Passing session tags in AWS STS; Monitor and control actions taken
// with assumed roles).
var roleActions = []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:AssumeRoleWithWebIdentity"}

var (
	keyRoleSessionName = condition.Intern("sts:RoleSessionName")
	keyIAMResourceTag  = condition.Intern("iam:ResourceTag/")
)

// assumesRole tells whether the action is one on a role that STS decides.
func assumesRole(arn iam.ARN, action string) bool {
	return arn.Service == "iam" && strings.HasPrefix(arn.Resource, "role/") && slices.Contains(roleActions, action)
}

// directRole is a request to assume a role. What sts:ExternalId, session tags and
// the source identity say stands in the request's context, or is not passed; a
// session name always is.
func (t *task) directRole(arn iam.ARN, action string) {
	r := &decide.Role{ARN: t.r.Resource, Account: arn.Account, RCP: t.rcps(arn.Account)}
	r.Name = arn.Resource[strings.LastIndexByte(arn.Resource, '/')+1:]
	var keys, resource condition.Layer
	if !t.r.Absent() {
		keys.Set(keyRoleSessionName, condition.SomeValue)
	}
	resource.Set(keyResourceAccount, condition.String1(string(arn.Account)))
	a := t.accountOf(arn.Account)
	if a == nil {
		t.trustMissing(r, "the estate does not hold account "+string(arn.Account))
		resource.Set(keyResourceOrgID, condition.NotKnown)
		resource.Set(keyResourceOrgPaths, condition.NotKnown)
		resource.Set(keyResourceTag, condition.NotKnown)
		resource.Set(keyIAMResourceTag, condition.NotKnown)
	} else {
		t.organizationOf(&resource, a, keyResourceOrgID, keyResourceOrgPaths)
		t.heldRole(r, a, &resource)
	}
	t.facts.Checks = []decide.Check{{
		Kind: decide.RoleCheck, Name: action, Action: policy.NewAction(action), Resource: t.r.Resource, Role: r,
		Context: t.context(keys, nil, resource),
	}}
}

func (t *task) trustMissing(r *decide.Role, why string) {
	r.Trust.Missing = []decide.Missing{{What: "trust policy of role " + r.Name, Why: why, Need: "iam:GetRole"}}
}

// heldRole fills in a role of an account that the estate holds.
func (t *task) heldRole(r *decide.Role, a *estate.Account, resource *condition.Layer) {
	role, _, ok := a.RoleByARN(r.ARN)
	if !ok {
		t.trustMissing(r, "the estate does not hold the role")
		resource.Set(keyResourceTag, condition.NotKnown)
		resource.Set(keyIAMResourceTag, condition.NotKnown)
		return
	}
	r.Pos = role.Pos
	if why, unread := role.Unknown.Why("trust"); unread {
		t.trustMissing(r, why)
	} else if role.Trust.Document == nil {
		t.trustMissing(r, "the estate does not state it")
	} else {
		r.Trust = t.side("trust "+r.ARN, policy.Named{Name: "trust policy of role " + r.Name, Document: role.Trust.Document}, everyForm)
	}
	if _, unread := role.Unknown.Why("tags"); unread {
		resource.Set(keyResourceTag, condition.NotKnown)
		resource.Set(keyIAMResourceTag, condition.NotKnown)
	}
	for k, v := range role.Tags {
		resource.Set(condition.Intern("aws:ResourceTag/"+k), condition.String1(v))
		resource.Set(condition.Intern("iam:ResourceTag/"+k), condition.String1(v))
	}
}
