package fix

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/request"
)

// maxIdentities is how many other identities are named.
const maxIdentities = 2

// otherIdentities makes the request as somebody else who may: a role that the
// caller may assume, or, for a caller that is nobody, any user or role.
func (f *Fixer) otherIdentities(s *state, r *decide.Refusal) []*step {
	var steps []*step
	c := &s.facts.Caller
	nobody := c.Kind == iam.Anonymous || c.Kind == iam.ServicePrincipal || c.Kind == iam.OriginAccessIdentity || s.facts.CallerUnknown || c.Kind == iam.RootUser
	for _, arn := range f.identities(s, nobody) {
		if arn == principalARN(c) {
			continue
		}
		own := s.request
		if own.Auth != nil || len(own.SessionPolicies) > 0 || own.FederatedBy != nil {
			copied := *own
			copied.Auth, copied.SessionPolicies, copied.FederatedBy = nil, nil, nil
			own = &copied
		}
		as := *own
		as.Principal = arn
		facts, err := s.gatherer.Facts(&as)
		if err != nil || decide.Allowed(facts) != iam.Allowed || !nobody && !s.mayAssume(arn) {
			continue
		}
		steps = append(steps, s.as(r, arn, nobody, costIdentity))
		if len(steps) == maxIdentities {
			break
		}
	}
	return steps
}

// as is the step that makes the request as another principal.
func (s *state) as(r *decide.Refusal, arn string, nobody bool, cost int) *step {
	st := requestStep(r.Gate, cost, "assume the role "+arn+", which may", added(node.Pointer{"principal"}, node.Text(arn)))
	st.command = awsCommand("sts", "assume-role", "--role-arn", arn, "--role-session-name", "SESSION")
	if nobody {
		st.title, st.command = "sign the request with credentials of "+arn, ""
		st.cost += map[bool]int{true: 4}[strings.HasSuffix(arn, ":root")]
	}
	if s.request.Auth != nil {
		st.request = append(st.request, removed(node.Pointer{"auth"}))
	}
	if len(s.request.SessionPolicies) > 0 {
		st.request = append(st.request, removed(node.Pointer{"sessionPolicies"}))
	}
	if s.request.FederatedBy != nil {
		st.request = append(st.request, removed(node.Pointer{"federatedBy"}))
	}
	return st
}

// mayAssume tells whether the caller may assume a role, as the engine decides it.
func (s *state) mayAssume(role string) bool {
	ask := request.Request{Principal: s.request.Principal, Action: "sts:AssumeRole", Resource: role, SourceIP: s.request.SourceIP, VPCEndpoint: s.request.VPCEndpoint,
		Time: s.request.Time, MFA: s.request.MFA, SessionTags: s.request.SessionTags, SessionPolicies: s.request.SessionPolicies, FederatedBy: s.request.FederatedBy, Unstated: s.request.Unstated}
	if s.facts.Caller.Kind == iam.RootUser || ask.Principal == "" {
		return false
	}
	facts, err := s.gatherer.Facts(&ask)
	return err == nil && decide.Allowed(facts) == iam.Allowed
}

// signed makes a request that nobody signed, or that a call does not take from
// this account, as a user or role of the right account, which is then allowed
// what it lacks; the account's root user where it has no other.
func (f *Fixer) signed(s *state, r *decide.Refusal, account iam.AccountID) []*step {
	steps := f.otherIdentities(s, r)
	a := s.estate.Accounts[account]
	if len(steps) > 0 || a == nil {
		return steps
	}
	if names := sortedKeys(a.Roles); len(names) > 0 {
		return append(steps, s.as(r, a.Roles[names[0]].ARN(a.Partition(), a.ID, names[0]), true, costIdentity+2))
	}
	if names := sortedKeys(a.Users); len(names) > 0 {
		return append(steps, s.as(r, a.Users[names[0]].ARN(a.Partition(), a.ID, names[0]), true, costIdentity+2))
	}
	return append(steps, s.as(r, a.RootARN(), true, costIdentity+2))
}

// identities are the principals of the estate that may do what the request asks:
// roles alone for callers that could assume them.
func (f *Fixer) identities(s *state, users bool) []string {
	var list []string
	for _, id := range sortedKeys(s.estate.Accounts) {
		a := s.estate.Accounts[id]
		for _, name := range sortedKeys(a.Roles) {
			list = append(list, a.Roles[name].ARN(a.Partition(), a.ID, name))
		}
		if !users {
			continue
		}
		for _, name := range sortedKeys(a.Users) {
			list = append(list, a.Users[name].ARN(a.Partition(), a.ID, name))
		}
	}
	return list
}
