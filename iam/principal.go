package iam

import (
	"fmt"
	"strings"
)

// PrincipalKind tells the kinds of caller apart that AWS evaluates
// differently.
type PrincipalKind uint8

// The kinds of principal.
const (
	Anonymous            PrincipalKind = iota // an unsigned request
	RootUser                                  // the root user of an account
	User                                      // an IAM user, also with GetSessionToken credentials
	RoleSession                               // a session of a role
	FederatedUser                             // a GetFederationToken session
	ServicePrincipal                          // an AWS service that calls by itself
	OriginAccessIdentity                      // a CloudFront origin access identity
	WebIdentity                               // whoever shows a token of an OpenID Connect provider, before it has a role
)

var principalKindNames = [...]string{
	"anonymous", "root user", "IAM user", "role session", "federated user", "AWS service", "CloudFront origin access identity",
	"web identity",
}

// String returns the kind in words.
func (k PrincipalKind) String() string { return name(principalKindNames[:], uint8(k)) }

// A Principal is who makes a request.
type Principal struct {
	Kind      PrincipalKind
	Partition string    // "aws", "aws-cn", "aws-us-gov"; "" for anonymous and services
	Account   AccountID // "" for anonymous, services and origin access identities

	// Name is the user's, role's or federated user's name without path, the
	// service's host name, the origin access identity's id, or the ARN of the
	// identity provider.
	Name string

	// Path is the path of a user or role where the ARN states it ("/app/"),
	// else "". The ARN of a role session never states it.
	Path string

	// Session is the role session's name. It is "" where the request names the
	// role alone, which means some session of that role.
	Session string
}

// ParsePrincipal reads a principal as requests and CloudTrail name it: the ARN
// of an account's root, a user, a role, a role session or a federated user, the
// host name of a service, an origin access identity, or "anonymous".
func ParsePrincipal(s string) (Principal, error) {
	switch {
	case s == "anonymous" || s == "*":
		return Principal{Kind: Anonymous}, nil
	case strings.HasPrefix(s, oaiPrefix):
		return Principal{Kind: OriginAccessIdentity, Partition: "aws", Name: s[len(oaiPrefix):]}, nil
	case !strings.HasPrefix(s, "arn:"):
		if strings.HasSuffix(s, ".amazonaws.com") || strings.HasSuffix(s, ".amazonaws.com.cn") {
			return Principal{Kind: ServicePrincipal, Name: s}, nil
		}
		if AccountID(s).Valid() {
			return Principal{}, fmt.Errorf("principal %q is an account id; for its root user write arn:aws:iam::%s:root", s, s)
		}
		return Principal{}, fmt.Errorf("principal %q is neither an ARN, a service such as logging.s3.amazonaws.com, nor \"anonymous\"", s)
	}
	return principalOfARN(s)
}

const oaiPrefix = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "

func principalOfARN(s string) (Principal, error) {
	arn, ok := ParseARN(s)
	if !ok {
		return Principal{}, fmt.Errorf("principal %q is not an ARN of six parts", s)
	}
	p := Principal{Partition: arn.Partition, Account: arn.Account}
	if !arn.Account.Valid() {
		return Principal{}, fmt.Errorf("principal %q has the account id %q; an account id has twelve digits", s, arn.Account)
	}
	kind, rest, _ := strings.Cut(arn.Resource, "/")
	switch arn.Service + ":" + kind {
	case "iam:oidc-provider":
		return Principal{Kind: WebIdentity, Partition: arn.Partition, Name: s}, nil // of no account yet
	case "iam:root":
		p.Kind = RootUser
		return p, nil
	case "iam:user":
		p.Kind = User
		p.Path, p.Name = splitPath(rest)
	case "iam:role":
		p.Kind = RoleSession
		p.Path, p.Name = splitPath(rest)
	case "sts:assumed-role":
		p.Kind = RoleSession
		p.Name, p.Session, _ = strings.Cut(rest, "/")
		if p.Session == "" {
			return Principal{}, fmt.Errorf("principal %q lacks the session name: arn:%s:sts::%s:assumed-role/ROLE/SESSION", s, p.Partition, p.Account)
		}
	case "sts:federated-user":
		p.Kind = FederatedUser
		p.Name = rest
	case "iam:group":
		return Principal{}, fmt.Errorf("principal %q is a group; groups never make requests, name one of its users", s)
	default:
		return Principal{}, fmt.Errorf("principal %q is not a root user, user, role, role session or federated user", s)
	}
	if p.Name == "" {
		return Principal{}, fmt.Errorf("principal %q lacks a name", s)
	}
	return p, nil
}

func splitPath(s string) (path, name string) {
	i := strings.LastIndexByte(s, '/')
	return "/" + s[:i+1], s[i+1:]
}

// ARN returns the principal as AWS names it in "User: …" of a denial: the
// session's ARN for a role session, and "" for an anonymous caller. A role
// session without a name is shown as the role.
func (p Principal) ARN() string {
	prefix := "arn:" + p.Partition + ":"
	switch p.Kind {
	case RootUser:
		return prefix + "iam::" + string(p.Account) + ":root"
	case User:
		return prefix + "iam::" + string(p.Account) + ":user" + p.pathOrSlash() + p.Name
	case RoleSession:
		if p.Session == "" {
			return prefix + "iam::" + string(p.Account) + ":role" + p.pathOrSlash() + p.Name
		}
		return prefix + "sts::" + string(p.Account) + ":assumed-role/" + p.Name + "/" + p.Session
	case FederatedUser:
		return prefix + "sts::" + string(p.Account) + ":federated-user/" + p.Name
	case ServicePrincipal, WebIdentity:
		return p.Name
	case OriginAccessIdentity:
		return oaiPrefix + p.Name
	}
	return ""
}

func (p Principal) pathOrSlash() string {
	if p.Path == "" {
		return "/"
	}
	return p.Path
}

// RoleARN returns the ARN of the role behind a role session with the given path
// ("/" or "/app/"), and "" for other kinds.
func (p Principal) RoleARN(path string) string {
	if p.Kind != RoleSession {
		return ""
	}
	return "arn:" + p.Partition + ":iam::" + string(p.Account) + ":role" + path + p.Name
}
