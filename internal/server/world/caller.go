package world

import (
	"strings"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// A Caller is the holder of an access key.
type Caller struct {
	ARN     string // see iam.ParsePrincipal
	Account iam.AccountID
	Session *Session // nil for long-term keys
}

// A Session is what STS handed out: a session of a role, of a user or root user
// (GetSessionToken, AssumeRoot), or of a federated user.
type Session struct {
	AccessKeyID string        `json:"accessKeyId"`
	Secret      string        `json:"secret"`
	Token       string        `json:"token"`
	Expires     time.Time     `json:"expires"`
	Issued      time.Time     `json:"issued"`
	Account     iam.AccountID `json:"account"`   // of the role
	Principal   string        `json:"principal"` // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
	UserID      string        `json:"userId"`    // AROA…:SESSION

	// Policies are the session policies: documents as they were passed, and ARNs
	// of managed policies.
	Policies   []string          `json:"policies,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Transitive []string          `json:"transitive,omitempty"` // tag keys that role chaining passes on
	MFA        bool              `json:"mfa,omitempty"`
	MFATime    time.Time         `json:"mfaTime,omitzero"`

	SourceIdentity string `json:"sourceIdentity,omitempty"`
	Chained        bool   `json:"chained,omitempty"` // made by another role session

	FederatedBy string            `json:"federatedBy,omitempty"` // ARN of the user behind a federated user
	ParentID    string            `json:"parentId,omitempty"`    // that user's unique id
	Context     map[string]string `json:"context,omitempty"`     // further condition keys, such as those of an identity provider

	documents []request.SessionPolicy // Policies, read once the session is kept

	former bool // the user or role is no more, or another of that name
}

// Credential implements [sigv4.Keys]: access keys of the estate, and those of
// sessions. The Principal is a *Caller.
func (w *World) Credential(id string) (sigv4.Credential, bool) {
	if s, ok := w.sessions.get(id); ok {
		if w.former(s) {
			c := *s
			c.former = true
			s = &c
		}
		return sigv4.Credential{
			AccessKeyID: id, Secret: s.Secret, SessionToken: s.Token, Expires: s.Expires,
			Principal: &Caller{ARN: s.Principal, Account: s.Account, Session: s},
		}, true
	}
	holder, ok := w.Estate().AccessKey(id)
	if !ok || holder.Key.Secret == "" { // anybody could sign with no secret
		return sigv4.Credential{}, false
	}
	return sigv4.Credential{
		AccessKeyID: id, Secret: holder.Key.Secret, Inactive: holder.Key.Status == "Inactive",
		Principal: &Caller{ARN: holder.Principal, Account: holder.Account.ID},
	}, true
}

// former reports whether the role or user behind a session was deleted since: its
// unique id is held by nobody any more, though another may have its name.
func (w *World) former(s *Session) bool {
	id, _, _ := strings.Cut(s.UserID, ":")
	who := s.Principal
	if s.FederatedBy != "" {
		id, who = s.ParentID, s.FederatedBy
	}
	p, err := iam.ParsePrincipal(who)
	a, held := w.Estate().Account(s.Account)
	if err != nil || !held {
		return false
	}
	switch p.Kind {
	case iam.RoleSession:
		r := a.Roles[p.Name]
		return r == nil || id != "" && r.UniqueID(a.ID, p.Name) != id
	case iam.User:
		u := a.Users[p.Name]
		return u == nil || id != "" && u.UniqueID(a.ID, p.Name) != id
	}
	return false
}

// formerPolicy refuses everything to sessions of users and roles that were
// deleted. Their credentials are valid until they expire, but their permissions
// are looked up at each request, and there are none (IAM User Guide, "Disabling
// permissions for temporary security credentials").
var formerPolicy = func() *policy.Document {
	d, err := policy.Parse("(deleted)", []byte(`{"Version": "2012-10-17", "Statement": [
  {"Sid": "DeletedSinceTheSessionBegan", "Effect": "Deny", "Action": "*", "Resource": "*"}]}`))
	if err != nil {
		panic(err)
	}
	return d
}()

func accountID(s string) iam.AccountID { return iam.AccountID(s) }
