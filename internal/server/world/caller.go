package world

import (
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/sigv4"
)

// A Caller is the holder of an access key.
type Caller struct {
	ARN     string // see iam.ParsePrincipal
	Account iam.AccountID
	Session *Session // nil for long-term keys
}

// A Session is what AssumeRole handed out.
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
}

// Credential implements [sigv4.Keys]: access keys of the estate, and those of
// sessions. The Principal is a *Caller.
func (w *World) Credential(id string) (sigv4.Credential, bool) {
	if s, ok := w.sessions.get(id); ok {
		return sigv4.Credential{
			AccessKeyID: id, Secret: s.Secret, SessionToken: s.Token, Expires: s.Expires,
			Principal: &Caller{ARN: s.Principal, Account: s.Account, Session: s},
		}, true
	}
	holder, ok := w.Estate().AccessKey(id)
	if !ok {
		return sigv4.Credential{}, false
	}
	return sigv4.Credential{
		AccessKeyID: id, Secret: holder.Key.Secret, Inactive: holder.Key.Status == "Inactive",
		Principal: &Caller{ARN: holder.Principal, Account: holder.Account.ID},
	}, true
}

func accountID(s string) iam.AccountID { return iam.AccountID(s) }
