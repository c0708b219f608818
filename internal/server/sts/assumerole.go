package sts

import (
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// defaultDuration is that of role sessions, and the most for role chaining.
const defaultDuration = 3600

// A role is what a call asks a session of.
type role struct {
	arn, name string
	account   *estate.Account // nil: the estate does not hold it
	role      *estate.Role    // nil: there is none
	max       time.Duration
}

func findRole(c *awsapi.Call, arn string) (role, error) {
	r := role{arn: arn, max: defaultDuration * time.Second}
	parsed, ok := iam.ParseARN(arn)
	if !ok || parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "role/") {
		return r, c.Errorf("ValidationError", "%s is invalid", arn)
	}
	if r.account, _ = c.Estate.Account(parsed.Account); r.account == nil {
		return r, nil
	}
	if found, name, ok := r.account.RoleByARN(arn); ok {
		r.role, r.name = found, name
		if record, _ := world.Roles.Get(c.World(), r.account.ID, name); record.MaxSession > 0 {
			r.max = time.Duration(record.MaxSession) * time.Second
		}
	}
	return r, nil
}

// missing says why there is no such role.
func (r role) missing() string {
	if r.account == nil {
		return "the endpoint does not hold the account of " + r.arn
	}
	name := r.arn[strings.LastIndexByte(r.arn, '/')+1:]
	if found := r.account.Roles[name]; found != nil {
		return "there is no role " + r.arn + "; the role of that name is " + found.ARN(r.account.Partition(), r.account.ID, name)
	}
	return "there is no role " + r.arn
}

// session makes a session of the role.
func (r role) session(c *awsapi.Call, name string, duration time.Duration, p *passed) *world.Session {
	s := newSession(c, duration)
	s.Account = r.account.ID
	s.Principal = iam.Principal{Kind: iam.RoleSession, Partition: r.account.Partition(), Account: r.account.ID, Name: r.name, Session: name}.ARN()
	s.UserID = r.role.UniqueID(r.account.ID, r.name) + ":" + name
	s.Policies, s.Transitive = p.policies, p.transitive
	maps.Copy(s.Tags, p.inherited)
	maps.Copy(s.Tags, p.tags)
	return s
}

func assumedUser(s *world.Session) *types.AssumedRoleUser {
	return &types.AssumedRoleUser{Arn: aws.String(s.Principal), AssumedRoleId: aws.String(s.UserID)}
}

func assumeRole(c *awsapi.Call, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	r, err := findRole(c, *in.RoleArn)
	if err != nil {
		return nil, err
	}
	if c.Principal().Kind == iam.RootUser {
		return nil, c.AccessDenied("Roles may not be assumed by root accounts.").Because("root users assume no roles, whatever policies say; use an IAM user or a role")
	}
	p := &passed{}
	p.inherit(c.Caller.Session)
	if err := p.readTags(c, in.Tags, in.TransitiveTagKeys); err != nil {
		return nil, err
	}
	if err := p.readPolicies(c, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	mfa, err := checkMFA(c, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	if err := mayAssume(c, in, r, p, mfa); err != nil {
		return nil, err
	}
	duration := seconds(in.DurationSeconds, defaultDuration)
	if err := checkDuration(c, r, duration); err != nil {
		return nil, err
	}
	if err := p.checkManaged(c, r.account); err != nil {
		return nil, err
	}
	size, err := p.packedSize(c)
	if err != nil {
		return nil, err
	}
	s := r.session(c, *in.RoleSessionName, duration, p)
	s.SourceIdentity, s.MFA, s.Chained = sourceIdentity(c, in), mfa, c.Caller.Session != nil
	cred, err := credentials(c, s)
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleOutput{AssumedRoleUser: assumedUser(s), Credentials: cred, PackedPolicySize: size, SourceIdentity: optional(s.SourceIdentity)}, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// sourceIdentity is that of the new session: it is set once, and role chaining
// keeps it.
func sourceIdentity(c *awsapi.Call, in *sts.AssumeRoleInput) string {
	if in.SourceIdentity == nil && c.Caller.Session != nil {
		return c.Caller.Session.SourceIdentity
	}
	return aws.ToString(in.SourceIdentity)
}

// checkDuration checks what only callers who may assume the role are told.
func checkDuration(c *awsapi.Call, r role, d time.Duration) error {
	switch {
	case c.Caller != nil && c.Caller.Session != nil && c.Principal().Kind == iam.RoleSession && d > defaultDuration*time.Second:
		return c.Errorf("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case d > r.max:
		return c.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return nil
}

// mayAssume asks for AssumeRole, and with it for TagSession and SetSourceIdentity
// where the call passes tags or an identity.
func mayAssume(c *awsapi.Call, in *sts.AssumeRoleInput, r role, p *passed, mfa bool) error {
	if r.role == nil {
		return c.AccessDenied("User: " + c.Caller.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + r.arn).Because(r.missing())
	}
	identity := sourceIdentity(c, in)
	if s := c.Caller.Session; s != nil && s.SourceIdentity != "" && s.SourceIdentity != identity {
		return c.AccessDenied("User: " + c.Caller.ARN + " is not authorized to perform: sts:SetSourceIdentity on resource: " + r.arn).
			Because("the session has the source identity " + s.SourceIdentity + " already, which cannot be changed")
	}
	keys := p.keys(*in.RoleSessionName).Set("sts:ExternalId", aws.ToString(in.ExternalId)).Set("sts:SourceIdentity", identity)
	if mfa {
		keys = keys.Set("aws:MultiFactorAuthPresent", "true").Set("aws:MultiFactorAuthAge", "0")
	}
	actions := []string{"sts:AssumeRole"}
	if len(p.tags) > 0 || len(p.inherited) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if identity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	for _, action := range actions {
		if err := c.Allow(awsapi.Check{Action: action, Resource: r.arn, Keys: keys}); err != nil {
			return err
		}
	}
	return nil
}

// keys are the condition keys that a request for a role session brings.
func (p *passed) keys(session string) awsapi.Keys {
	return awsapi.Keys{}.Set("sts:RoleSessionName", session).RequestTags(p.tags).List("sts:TransitiveTagKeys", p.transitive)
}
