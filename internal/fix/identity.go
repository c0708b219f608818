package fix

import (
	"iter"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// maxIdentities is how many other identities are named.
const maxIdentities = 2

// maxAsked bounds how many identities are asked about: of an estate of ten thousand
// the nearest.
const maxAsked = 100

// otherIdentities makes the request as somebody else who may: a role that the
// caller may assume, or, for a caller that is nobody, any user or role.
func (f *Fixer) otherIdentities(s *state, r *decide.Refusal) []*step {
	var steps []*step
	c := &s.facts.Caller
	nobody := c.Kind == iam.Anonymous || c.Kind == iam.ServicePrincipal || c.Kind == iam.OriginAccessIdentity || s.facts.CallerUnknown || c.Kind == iam.RootUser
	own := *s.request
	own.Auth, own.SessionPolicies, own.FederatedBy = nil, nil, nil
	asked := 0
	for arn := range s.identities(nobody) {
		if arn == principalARN(c) {
			continue
		}
		if asked++; asked > maxAsked {
			break
		}
		as := own
		as.Principal = arn
		facts, err := s.gatherer.Facts(&as)
		if err != nil || decide.Allowed(facts) != iam.Allowed || !nobody && !s.mayAssume(arn) {
			continue
		}
		if steps = append(steps, s.as(r, arn, nobody, costIdentity)); len(steps) == maxIdentities {
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

// identities are the principals of the estate that the request could be made as:
// for a caller with a name, the roles whose trust policy names it or its account;
// those of the resource's account first, then those of the caller's.
func (s *state) identities(nobody bool) iter.Seq[string] {
	accounts := []iam.AccountID{s.targetAccount(), s.facts.Caller.Account}
	for _, id := range sortedKeys(s.estate.Accounts) {
		if !slices.Contains(accounts, id) {
			accounts = append(accounts, id)
		}
	}
	return func(yield func(string) bool) {
		for i, id := range accounts {
			a := s.estate.Accounts[id]
			if a == nil || i == 1 && id == accounts[0] {
				continue
			}
			for _, name := range sortedKeys(a.Roles) {
				role := a.Roles[name]
				if (nobody || s.trusted(role)) && !yield(role.ARN(a.Partition(), a.ID, name)) {
					return
				}
			}
			if !nobody {
				continue
			}
			for _, name := range sortedKeys(a.Users) {
				if !yield(a.Users[name].ARN(a.Partition(), a.ID, name)) {
					return
				}
			}
		}
	}
}

// trusted tells whether a role's trust policy may mean the caller; whether it does
// is decided afterwards.
func (s *state) trusted(role *estate.Role) bool {
	if role.Trust.Document == nil {
		return false
	}
	c := &s.facts.Caller
	for i := range role.Trust.Document.Statements {
		st := &role.Trust.Document.Statements[i]
		if st.Effect != policy.Allow {
			continue
		}
		if st.NotPrincipal || c.Listed(st) != 0 {
			return true
		}
	}
	return false
}
