package policy

import (
	"strings"

	"github.com/why403/why403/iam"
)

// Via tells by which form of principal a statement of a resource-based policy
// reaches a caller. The form decides which other policies must allow as well
// (IAM User Guide, Policy evaluation logic, "resource-based policies and
// implicit denies in other policy types").
type Via uint8

// The forms of principal.
const (
	ViaEveryone Via = 1 << iota // "*"
	ViaDirect                   // the user, the session, the federated user, or the service itself
	ViaRole                     // the role of a session, or the user behind a federated user
	ViaAccount                  // the caller's account: delegates to the account's own policies
	ViaNone                     // a policy that has no Principal element, such as an identity-based one

	// ViaDelegation is set besides another form where the statement of a bucket
	// policy hands the decision to access points, by testing
	// s3:DataAccessPointAccount or s3:DataAccessPointArn (S3 User Guide,
	// Delegating access control to access points).
	ViaDelegation
)

// A Caller is a principal with what is needed to match Principal elements.
type Caller struct {
	iam.Principal

	// RoleARN is the ARN of a session's role with its path; UserARN that of a
	// user, or of the user behind a federated user. They are "" where the path
	// is not known, in which case names are compared instead.
	RoleARN string
	UserARN string

	// ParentKnown tells that it is known who stands behind a federated user;
	// UserARN is then "" for the root user.
	ParentKnown bool

	UniqueID    string // AIDA… or AROA… of the user or role; "" where not known
	CanonicalID string // of the caller's account; "" where not known

	HasBoundary bool // a permissions boundary is attached
}

// reach tells by which forms the principals of a statement reach the caller,
// and by which they may, for lack of knowledge.
func (c *Caller) reach(st *Statement) (sure, maybe Via) {
	if !st.HasPrincipal {
		return ViaNone, 0
	}
	if st.NotPrincipal {
		return c.reachNot(st)
	}
	for i := range st.Principals {
		s, m := c.reachValue(&st.Principals[i])
		sure |= s
		maybe |= m
	}
	return sure, maybe &^ sure
}

func (c *Caller) reachValue(v *PrincipalValue) (sure, maybe Via) {
	if v.Text == "*" && (v.Type == "*" || v.Type == "AWS") {
		if c.Kind == iam.WebIdentity {
			return 0, ViaEveryone // AWS documents neither that it does nor that it does not
		}
		return ViaEveryone, 0
	}
	switch v.Type {
	case "Service":
		if c.Kind == iam.ServicePrincipal && strings.EqualFold(c.Name, v.Text) {
			return ViaDirect, 0
		}
	case "Federated":
		if c.Kind == iam.WebIdentity && c.Name == v.Text {
			return ViaDirect, 0
		}
	case "CanonicalUser":
		switch {
		case c.Account == "":
		case c.CanonicalID == v.Text:
			return ViaAccount, 0
		case c.CanonicalID == "":
			return 0, ViaAccount
		}
	case "AWS":
		return c.reachAWS(v.Text)
	}
	return 0, 0
}

func (c *Caller) reachAWS(text string) (sure, maybe Via) {
	if c.Kind == iam.Anonymous || c.Kind == iam.ServicePrincipal || c.Kind == iam.WebIdentity {
		return 0, 0
	}
	if c.Kind == iam.OriginAccessIdentity {
		if text == c.ARN() {
			return ViaDirect, 0
		}
		return 0, 0
	}
	if iam.AccountID(text).Valid() {
		if iam.AccountID(text) == c.Account {
			return ViaAccount, 0
		}
		return 0, 0
	}
	if prefix := c.idPrefix(); prefix != "" && strings.HasPrefix(text, prefix) {
		switch c.UniqueID {
		case text:
			return c.viaOwn(), 0
		case "":
			return 0, c.viaOwn()
		}
		return 0, 0
	}
	arn, ok := iam.ParseARN(text)
	if !ok || arn.Account != c.Account || arn.Partition != c.Partition {
		return 0, 0
	}
	if arn.Service == "iam" && arn.Resource == "root" {
		return ViaAccount, 0
	}
	return c.reachARN(text, arn)
}

// idPrefix is how the unique id of the caller's user or role begins; "" for
// callers that have none (IAM User Guide, Unique identifiers).
func (c *Caller) idPrefix() string {
	switch c.Kind {
	case iam.User:
		return "AIDA"
	case iam.RoleSession:
		return "AROA"
	}
	return ""
}

// viaOwn is the form in which the caller's own entity (user or role) is named.
func (c *Caller) viaOwn() Via {
	if c.Kind == iam.User {
		return ViaDirect
	}
	return ViaRole
}

func (c *Caller) reachARN(text string, arn iam.ARN) (sure, maybe Via) {
	kind, rest, _ := strings.Cut(arn.Resource, "/")
	switch arn.Service + ":" + kind {
	case "iam:user":
		switch c.Kind {
		case iam.User:
			if sameEntity(c.UserARN, text, c.Name, rest) {
				return ViaDirect, 0
			}
		case iam.FederatedUser:
			if !c.ParentKnown {
				return 0, ViaRole
			}
			if c.UserARN == text {
				return ViaRole, 0
			}
		}
	case "iam:role":
		if c.Kind == iam.RoleSession && sameEntity(c.RoleARN, text, c.Name, rest) {
			return ViaRole, 0
		}
	case "sts:assumed-role":
		role, session, _ := strings.Cut(rest, "/")
		if c.Kind != iam.RoleSession || role != c.Name {
			return 0, 0
		}
		if c.Session == "" {
			return 0, ViaDirect
		}
		if session == c.Session {
			return ViaDirect, 0
		}
	case "sts:federated-user":
		if c.Kind == iam.FederatedUser && rest == c.Name {
			return ViaDirect, 0
		}
	}
	return 0, 0
}

// sameEntity compares ARNs, or, where the caller's path is not known, names:
// they are unique within an account.
func sameEntity(ownARN, text, ownName, rest string) bool {
	if ownARN != "" {
		return ownARN == text
	}
	return rest[strings.LastIndexByte(rest, '/')+1:] == ownName
}

// reachNot is NotPrincipal: everyone but those listed. To exempt a user the
// list must hold the account too, to exempt a session the account, the role and
// the session; and a Deny with NotPrincipal reaches every caller that has a
// permissions boundary, whatever the list says (IAM User Guide, NotPrincipal).
func (c *Caller) reachNot(st *Statement) (sure, maybe Via) {
	if c.HasBoundary && st.Effect == Deny {
		return ViaEveryone, 0
	}
	var listed, maybeListed Via
	for i := range st.Principals {
		s, m := c.reachValue(&st.Principals[i])
		listed |= s
		maybeListed |= m
	}
	need := c.exemption()
	switch {
	case listed&ViaEveryone != 0 || need != 0 && listed&need == need:
		return 0, 0
	case need != 0 && (listed|maybeListed)&need == need:
		return 0, ViaEveryone
	}
	return ViaEveryone, 0
}

// Listed tells by which forms the principals that a statement lists reach the
// caller, in NotPrincipal as in Principal.
func (c *Caller) Listed(st *Statement) Via {
	var listed Via
	for i := range st.Principals {
		s, m := c.reachValue(&st.Principals[i])
		listed |= s | m
	}
	return listed
}

// exemption is what a NotPrincipal list must hold to leave the caller out; 0
// where nothing does.
func (c *Caller) exemption() Via {
	switch c.Kind {
	case iam.RootUser:
		return ViaAccount
	case iam.User, iam.FederatedUser:
		return ViaAccount | ViaDirect
	case iam.RoleSession:
		return ViaAccount | ViaRole | ViaDirect
	case iam.ServicePrincipal, iam.OriginAccessIdentity, iam.WebIdentity:
		return ViaDirect
	}
	return 0
}

// Reached tells by which form an ARN names the caller for sure, and by which it
// may: the grantee of a KMS grant, for instance.
func (c *Caller) Reached(arn string) (sure, maybe Via) { return c.reachAWS(arn) }
