package iam

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/policy"
)

// simulatePrincipalPolicy asks the policies of a user, group or role.
func simulatePrincipalPolicy(c *awsapi.Call, in *sdk.SimulatePrincipalPolicyInput) (*sdk.SimulatePrincipalPolicyOutput, error) {
	p, err := sourceOf(c, *in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	s := &simulation{c: c, principal: *p, orgs: true}
	out := &sdk.SimulatePrincipalPolicyOutput{}
	return out, s.run(in, out)
}

func simulateCustomPolicy(c *awsapi.Call, in *sdk.SimulateCustomPolicyInput) (*sdk.SimulateCustomPolicyOutput, error) {
	s := &simulation{c: c, principal: principal{account: c.Account()}}
	out := &sdk.SimulateCustomPolicyOutput{}
	return out, s.run(in, out)
}

// A simulation asks policies about actions on resources.
type simulation struct {
	c *awsapi.Call
	principal
	orgs     bool // service control policies count
	resource *source
	other    bool // the resource is another account's
	context  condition.Context
	missing  []string

	sets struct {
		identity, boundary, resource *policy.Set
		levels                       []*policy.Set
	}
}

// run reads what both operations share, and simulates.
func (s *simulation) run(in, out any) error {
	for _, read := range []func(in any) error{s.readPolicies, s.readCaller, s.readResource, s.readContext, s.compile} {
		if err := read(in); err != nil {
			return err
		}
	}
	resources := member[[]string](in, "ResourceArns")
	results := make([]indexed, 0, len(resources))
	for _, action := range member[[]string](in, "ActionNames") {
		if service, name, ok := strings.Cut(action, ":"); !ok || service == "" || name == "" {
			return s.c.Errorf("InvalidInput", "Invalid Entity Arn: %s does not match the pattern: service-code:action-name", action)
		}
		results = append(results, indexed{len(results), s.simulate(action, resources)})
	}
	var pages struct {
		List        []indexed
		IsTruncated bool
		Marker      *string
	}
	if err := page(s.c, in, &pages, "List", results, func(r indexed) string { return itoa(1e6 + r.n) }); err != nil {
		return err
	}
	list := make([]types.EvaluationResult, 0, len(pages.List))
	for _, r := range pages.List {
		list = append(list, r.EvaluationResult)
	}
	set(out, "EvaluationResults", list)
	set(out, "IsTruncated", pages.IsTruncated)
	set(out, "Marker", pages.Marker)
	return nil
}

type indexed struct {
	n int
	types.EvaluationResult
}

func (s *simulation) readPolicies(in any) error {
	docs, err := inputList(s.c, "PolicyInputList", member[[]string](in, "PolicyInputList"))
	if err != nil {
		return err
	}
	s.identity = append(s.identity, docs...)
	bounds, err := inputList(s.c, "PermissionsBoundaryPolicyInputList", member[[]string](in, "PermissionsBoundaryPolicyInputList"))
	if err != nil {
		return err
	}
	if len(bounds) > 1 {
		return s.c.Errorf("InvalidInput", "Only one permissions boundary policy can be specified.")
	}
	if len(bounds) == 1 {
		s.boundary = &bounds[0]
	}
	return nil
}

// readCaller reads whom the requests count as made by: a user.
func (s *simulation) readCaller(in any) error {
	arn := text(in, "CallerArn")
	if arn == "" {
		return nil
	}
	p, err := iam.ParsePrincipal(arn)
	if err != nil || p.Kind != iam.User {
		return s.c.Errorf("InvalidInput", "Invalid Caller Arn: %s", arn)
	}
	s.caller = policy.Caller{Principal: p, UserARN: arn}
	if a, ok := s.c.Estate.Account(p.Account); ok {
		if u, name, ok := a.UserByARN(arn); ok {
			s.caller = callerOf(a, arn, name, u)
			s.tags = u.Tags
		}
	}
	return nil
}

func (s *simulation) readResource(in any) error {
	document := text(in, "ResourcePolicy")
	if document == "" {
		return nil
	}
	switch s.caller.Kind {
	case iam.User:
	case iam.RoleSession:
		return s.c.Errorf("InvalidInput", "A resource policy cannot be simulated with a role")
	default:
		return s.c.Errorf("InvalidInput", "CallerArn is required when ResourcePolicy is specified")
	}
	docs, err := inputList(s.c, "ResourcePolicy", []string{document})
	if err != nil {
		return err
	}
	s.resource = &source{"ResourcePolicy", "Resource Policy", docs[0].document}
	if owner := text(in, "ResourceOwner"); owner != "" {
		arn, isARN := iam.ParseARN(owner)
		account := iam.AccountID(owner)
		if isARN {
			account = arn.Account
		}
		s.other = account != s.caller.Account
	}
	return nil
}

// readContext reads the context entries. What IAM fills in by itself follows from
// the caller.
func (s *simulation) readContext(in any) error {
	var own, given condition.Layer
	passed := map[string]bool{}
	put := func(key, value string) {
		if value != "" {
			own.Set(condition.Intern(key), condition.String1(value))
			passed[strings.ToLower(key)] = true
		}
	}
	if s.caller.Account != "" {
		put("aws:PrincipalAccount", string(s.caller.Account))
		put("aws:PrincipalArn", s.caller.UserARN+s.caller.RoleARN)
		put("aws:userid", s.caller.UniqueID)
		put("aws:PrincipalType", map[iam.PrincipalKind]string{iam.User: "User", iam.RoleSession: "AssumedRole"}[s.caller.Kind])
		if s.caller.Kind == iam.User {
			put("aws:username", s.caller.Name)
		}
		for k, v := range s.tags {
			put("aws:PrincipalTag/"+k, v)
		}
		if s.account != nil && s.account.OrganizationID != "" && s.account.ID == s.caller.Account {
			put("aws:PrincipalOrgID", s.account.OrganizationID)
			own.Set(condition.Intern("aws:PrincipalOrgPaths"), condition.Strings(s.c.Estate.OrgPath(s.account.ID)))
			passed["aws:principalorgpaths"] = true
		}
	}
	for _, e := range member[[]types.ContextEntry](in, "ContextEntries") {
		if e.ContextKeyName == nil || len(e.ContextKeyValues) == 0 {
			continue
		}
		v := condition.String1(e.ContextKeyValues[0])
		switch {
		case strings.HasSuffix(string(e.ContextKeyType), "List"):
			v = condition.Strings(e.ContextKeyValues...)
		case e.ContextKeyType == types.ContextKeyTypeEnumIp:
			v = condition.Address(e.ContextKeyValues[0])
		}
		given.Set(condition.Intern(*e.ContextKeyName), v)
		passed[strings.ToLower(*e.ContextKeyName)] = true
	}
	s.context = condition.NewContext(given, own)
	asked := s.identity
	for _, more := range []*source{s.boundary, s.resource} {
		if more != nil {
			asked = append(asked[:len(asked):len(asked)], *more)
		}
	}
	s.missing = []string{}
	for _, key := range contextKeys(asked) {
		if !passed[strings.ToLower(key)] {
			s.missing = append(s.missing, key)
		}
	}
	return nil
}

// compile makes the policies ready.
func (s *simulation) compile(any) error {
	var err error
	ready := func(docs []policy.Named) (set *policy.Set) {
		if err == nil {
			set, err = policy.NewSet(docs, &s.caller)
		}
		return set
	}
	s.sets.identity = ready(named(s.identity))
	if s.boundary != nil {
		s.sets.boundary = ready(named([]source{*s.boundary}))
	}
	if s.resource != nil {
		s.sets.resource = ready(named([]source{*s.resource}))
	}
	if a := s.account; s.orgs && a != nil && a.Organization != nil && a.Organization.ManagementAccount != a.ID {
		for _, level := range a.Path {
			s.sets.levels = append(s.sets.levels, ready(level.SCPs))
		}
	}
	if err != nil {
		return s.c.Errorf("InvalidInput", "%v", err)
	}
	return nil
}

// simulate is one action on all resources. The result is that of the resource that
// it is most refused on.
func (s *simulation) simulate(action string, resources []string) types.EvaluationResult {
	if len(resources) == 0 {
		r := s.ask(action, "*")
		return r.result(action)
	}
	var worst *verdict
	specific := make([]types.ResourceSpecificResult, 0, len(resources))
	for _, resource := range resources {
		r := s.ask(action, resource)
		specific = append(specific, r.specific())
		if worst == nil || severity[r.decision] > severity[worst.decision] {
			worst = r
		}
	}
	result := worst.result(action)
	result.ResourceSpecificResults = specific
	return result
}

var severity = map[types.PolicyEvaluationDecisionType]int{
	types.PolicyEvaluationDecisionTypeAllowed: 0, types.PolicyEvaluationDecisionTypeImplicitDeny: 1, types.PolicyEvaluationDecisionTypeExplicitDeny: 2,
}

// A verdict is what a simulation says of one action on one resource.
type verdict struct {
	resource   string
	decision   types.PolicyEvaluationDecisionType
	matched    []types.Statement
	missing    []string
	bounded    *bool // what the permissions boundary allows; nil for none
	orgAllowed *bool
	details    map[string]types.PolicyEvaluationDecisionType
}

func (v *verdict) boundary() *types.PermissionsBoundaryDecisionDetail {
	if v.bounded == nil {
		return nil
	}
	return &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: *v.bounded}
}

func (v *verdict) result(action string) types.EvaluationResult {
	r := types.EvaluationResult{
		EvalActionName: aws.String(action), EvalDecision: v.decision, EvalResourceName: aws.String(v.resource), MatchedStatements: v.matched,
		MissingContextValues: v.missing, PermissionsBoundaryDecisionDetail: v.boundary(), EvalDecisionDetails: v.details,
	}
	if v.orgAllowed != nil {
		r.OrganizationsDecisionDetail = &types.OrganizationsDecisionDetail{AllowedByOrganizations: *v.orgAllowed}
	}
	return r
}

func (v *verdict) specific() types.ResourceSpecificResult {
	return types.ResourceSpecificResult{
		EvalResourceName: aws.String(v.resource), EvalResourceDecision: v.decision, MatchedStatements: v.matched, MissingContextValues: v.missing,
		PermissionsBoundaryDecisionDetail: v.boundary(), EvalDecisionDetails: v.details,
	}
}
