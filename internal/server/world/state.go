package world

import (
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// State puts what a session carries into a request, whose time is stated: its
// policies, tags, second factor, source identity and age. A nil session states
// nothing.
func (s *Session) State(r *request.Request) {
	if s == nil {
		return
	}
	if s.former {
		r.SessionPolicies = append(r.SessionPolicies, request.SessionPolicy{Document: formerPolicy})
	}
	documents := s.documents
	if documents == nil {
		documents = s.read()
	}
	r.SessionPolicies = append(r.SessionPolicies, documents...)
	tags, mfa := s.Tags, s.MFA
	if tags == nil {
		tags = map[string]string{}
	}
	r.SessionTags, r.MFA = &tags, &mfa
	if r.Context == nil {
		r.Context = map[string]request.ContextValue{}
	}
	set := func(key, value string) { r.Context[key] = request.ContextValue{Value: condition.String1(value)} }
	set("aws:TokenIssueTime", s.Issued.UTC().Format(time.RFC3339))
	if s.FederatedBy != "" {
		r.FederatedBy = &s.FederatedBy
	}
	for key, value := range s.Context {
		set(key, value)
	}
	if !s.MFA && s.UserSession() {
		set("aws:MultiFactorAuthPresent", "false") // a user's long-term keys carry no such key
	}
	if s.SourceIdentity != "" {
		set("aws:SourceIdentity", s.SourceIdentity)
	}
	if s.MFA && r.Time != nil {
		set("aws:MultiFactorAuthAge", strconv.FormatInt(int64(s.MFAAge(*r.Time)/time.Second), 10))
	}
}

// read reads the session policies.
func (s *Session) read() []request.SessionPolicy {
	var list []request.SessionPolicy
	for _, p := range s.Policies {
		if strings.HasPrefix(p, "arn:") {
			list = append(list, request.SessionPolicy{ARN: p})
			continue
		}
		doc, err := policy.Parse("session policy", []byte(p))
		if err != nil { // AssumeRole accepted it
			doc = &policy.Document{}
		}
		list = append(list, request.SessionPolicy{Document: doc})
	}
	return list
}

// MFAAge is how long ago the second factor was given: when the session was made,
// unless it carries the time.
func (s *Session) MFAAge(now time.Time) time.Duration {
	given := s.MFATime
	if given.IsZero() {
		given = s.Issued
	}
	return max(now.Sub(given), 0)
}

// UserSession reports a session of GetSessionToken, whose principal is a user, or
// an account's root user.
func (s *Session) UserSession() bool {
	p, err := iam.ParsePrincipal(s.Principal)
	return err == nil && (p.Kind == iam.User || p.Kind == iam.RootUser)
}
