package sts

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/policy"
)

// Limits of AssumeRole: its page in the STS API Reference.
const (
	minDuration     = 900
	defaultDuration = 3600
	maxDuration     = 43200
	maxPolicyChars  = 2048
	maxPolicyARNs   = 10
	maxTags         = 50
)

var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	externalID  = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)
)

// An assumption is what AssumeRole asks for.
type assumption struct {
	caller  *world.Caller
	account *estate.Account // of the role; nil: the estate does not hold it
	role    *estate.Role    // nil: there is none
	roleARN string
	name    string // of the role

	session        string
	duration       int
	externalID     string
	sourceIdentity string
	tags           map[string]string // session tags passed
	inherited      map[string]string // transitive tags of the calling session
	transitive     []string
	policies       []string // documents and ARNs
	mfa            bool
}

type assumeRoleResponse struct {
	XMLName        xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	SourceIdentity string   `xml:"AssumeRoleResult>SourceIdentity,omitempty"`
	UserID         string   `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	Arn            string   `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	AccessKeyID    string   `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	Secret         string   `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	Token          string   `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expiration     string   `xml:"AssumeRoleResult>Credentials>Expiration"`
	PackedSize     string   `xml:"AssumeRoleResult>PackedPolicySize,omitempty"`
	RequestID      string   `xml:"ResponseMetadata>RequestId"`
}

func (c *call) assumeRole() (any, error) {
	a, err := c.readAssumption()
	if err != nil {
		return nil, err
	}
	if err := c.checkMFA(a); err != nil {
		return nil, err
	}
	if denial := c.authorize(a); denial != nil {
		c.s.Denied(c.r, c.ids, denial.why)
		return nil, wire.NewError(http.StatusForbidden, "AccessDenied", denial.message)
	}
	if err := c.checkSession(a); err != nil {
		return nil, err
	}
	s := c.newSession(a)
	if err := c.s.World.AddSession(c.r.Context(), s); err != nil {
		return nil, err
	}
	res := assumeRoleResponse{
		SourceIdentity: s.SourceIdentity, UserID: s.UserID, Arn: s.Principal, AccessKeyID: s.AccessKeyID, Secret: s.Secret, Token: s.Token,
		Expiration: s.Expires.UTC().Format(time.RFC3339), RequestID: c.ids.Request,
	}
	if size := packedSize(a); size > 0 {
		res.PackedSize = strconv.Itoa(size)
	}
	return res, nil
}

// packedSize is how much of the room for session policies and tags is used, in
// percent.
func packedSize(a *assumption) int {
	n := 0
	for _, p := range a.policies {
		n += len(p)
	}
	for k, v := range a.tags {
		n += len(k) + len(v)
	}
	return (100*n + maxPolicyChars - 1) / maxPolicyChars
}

func (c *call) newSession(a *assumption) *world.Session {
	now := c.s.World.Now().Truncate(time.Second)
	random := make([]byte, 10+30+180)
	rand.Read(random) // never fails
	s := &world.Session{
		AccessKeyID: "ASIA" + base32.StdEncoding.EncodeToString(random[:10]),
		Secret:      base64.StdEncoding.EncodeToString(random[10:40]),
		Token:       base64.StdEncoding.EncodeToString(random[40:]),
		Issued:      now, Expires: now.Add(time.Duration(a.duration) * time.Second),
		Account: a.account.ID,
		Principal: iam.Principal{Kind: iam.RoleSession, Partition: a.account.Partition(), Account: a.account.ID, Name: a.name,
			Session: a.session}.ARN(),
		UserID:   a.role.UniqueID(a.account.ID, a.name) + ":" + a.session,
		Policies: a.policies, Transitive: a.transitive, SourceIdentity: a.sourceIdentity, MFA: a.mfa,
		Tags: map[string]string{}, Chained: a.caller.Session != nil,
	}
	for k, v := range a.inherited {
		s.Tags[k] = v
	}
	for k, v := range a.tags {
		s.Tags[k] = v
	}
	return s
}

func validation(value, member, constraint string) *wire.Error {
	return invalid("ValidationError", "1 validation error detected: Value '"+value+"' at '"+member+"' failed to satisfy constraint: "+constraint)
}

// readAssumption reads and checks the parameters that need no knowledge of the
// role.
func (c *call) readAssumption() (*assumption, error) {
	f := c.form
	a := &assumption{
		caller: c.caller, roleARN: f.Get("RoleArn"), session: f.Get("RoleSessionName"), externalID: f.Get("ExternalId"),
		sourceIdentity: f.Get("SourceIdentity"), duration: defaultDuration,
	}
	arn, ok := iam.ParseARN(a.roleARN)
	if !ok || arn.Service != "iam" || !strings.HasPrefix(arn.Resource, "role/") {
		return nil, invalid("ValidationError", a.roleARN+" is invalid")
	}
	if !sessionName.MatchString(a.session) {
		return nil, validation(a.session, "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*")
	}
	if f.Has("ExternalId") && (len(a.externalID) > 1224 || !externalID.MatchString(a.externalID)) {
		return nil, validation(a.externalID, "externalId", "Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*")
	}
	if f.Has("SourceIdentity") && !sessionName.MatchString(a.sourceIdentity) {
		return nil, validation(a.sourceIdentity, "sourceIdentity", "Member must satisfy regular expression pattern: [\\w+=,.@-]*")
	}
	if err := a.readDuration(f.Get("DurationSeconds")); err != nil {
		return nil, err
	}
	a.account, _ = c.estate.Account(arn.Account)
	if a.account != nil {
		if role, name, ok := a.account.RoleByARN(a.roleARN); ok {
			a.role, a.name = role, name
		}
	}
	if err := c.readTags(a); err != nil {
		return nil, err
	}
	return a, c.readPolicies(a)
}

func (a *assumption) readDuration(text string) error {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return invalid("MalformedInput", "Invalid value for DurationSeconds: "+text)
	case n < minDuration:
		return validation(text, "durationSeconds", "Member must have value greater than or equal to 900")
	case n > maxDuration:
		return validation(text, "durationSeconds", "Member must have value less than or equal to 43200")
	}
	a.duration = n
	return nil
}

// checkSession checks what only callers who may assume the role are told.
func (c *call) checkSession(a *assumption) error {
	if a.duration > defaultDuration {
		if a.caller.Session != nil {
			return invalid("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
		}
		return invalid("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	for _, p := range a.policies {
		if !strings.HasPrefix(p, "arn:") {
			continue
		}
		if _, err := a.account.Managed(p); err != nil {
			return invalid("MalformedPolicyDocument", "Policy "+p+" does not exist or is not attachable.")
		}
	}
	return nil
}

// member lists Prefix.member.1…, with or without ".member".
func (c *call) member(prefix string, i int, suffix string) (string, bool) {
	for _, infix := range []string{".member.", "."} {
		name := prefix + infix + strconv.Itoa(i) + suffix
		if c.form.Has(name) {
			return c.form.Get(name), true
		}
	}
	return "", false
}

// readTags reads session tags, and those that the calling session passes on.
func (c *call) readTags(a *assumption) error {
	a.tags, a.inherited = map[string]string{}, map[string]string{}
	if s := c.caller.Session; s != nil {
		for _, key := range s.Transitive {
			for k, v := range s.Tags {
				if strings.EqualFold(k, key) {
					a.inherited[k] = v
				}
			}
		}
		a.transitive = slices.Clone(s.Transitive)
		if a.sourceIdentity == "" {
			a.sourceIdentity = s.SourceIdentity
		}
	}
	for i := 1; ; i++ {
		key, ok := c.member("Tags", i, ".Key")
		if !ok {
			break
		}
		value, _ := c.member("Tags", i, ".Value")
		if err := a.addTag(key, value); err != nil {
			return err
		}
	}
	for i := 1; i <= maxTags; i++ {
		key, ok := c.member("TransitiveTagKeys", i, "")
		if !ok {
			break
		}
		if !hasFold(a.tags, key) {
			return invalid("InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
		}
		a.transitive = append(a.transitive, key)
	}
	return nil
}

func (a *assumption) addTag(key, value string) error {
	switch {
	case key == "" || len(key) > 128*4 || len([]rune(key)) > 128:
		return validation(key, "tags.1.member.key", "Member must have length less than or equal to 128")
	case len([]rune(value)) > 256:
		return validation(value, "tags.1.member.value", "Member must have length less than or equal to 256")
	case len(a.tags) == maxTags:
		return validation("tags", "tags", "Member must have length less than or equal to 50")
	case hasFold(a.tags, key):
		return invalid("InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	case hasFold(a.inherited, key):
		return invalid("InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	}
	a.tags[key] = value
	return nil
}

func hasFold(m map[string]string, key string) bool {
	for k := range m {
		if strings.EqualFold(k, key) {
			return true
		}
	}
	return false
}

// readPolicies reads session policies.
func (c *call) readPolicies(a *assumption) error {
	if text := c.form.Get("Policy"); text != "" {
		if len(text) > maxPolicyChars {
			return validation(text, "policy", "Member must have length less than or equal to 2048")
		}
		doc, err := policy.Parse("session policy", []byte(text))
		if err != nil {
			return invalid("MalformedPolicyDocument", "Syntax errors in policy.")
		}
		for i := range doc.Statements {
			if doc.Statements[i].HasPrincipal {
				return invalid("MalformedPolicyDocument", "Policy document should not specify a principal.")
			}
			if len(doc.Statements[i].Resources) == 0 {
				return invalid("MalformedPolicyDocument", "Policy statement must contain resources.")
			}
		}
		a.policies = append(a.policies, text)
	}
	for i := 1; ; i++ {
		arn, ok := c.member("PolicyArns", i, ".arn")
		if !ok {
			return nil
		}
		if i > maxPolicyARNs {
			return validation("policyArns", "policyArns", "Member must have length less than or equal to 10")
		}
		if !strings.HasPrefix(arn, "arn:") {
			return invalid("ValidationError", arn+" is invalid")
		}
		a.policies = append(a.policies, arn)
	}
}
