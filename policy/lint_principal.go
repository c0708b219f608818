package policy

import (
	"strings"

	"github.com/why403/why403/iam"
)

// principals finds Principal values that can reach nobody, and NotPrincipal
// lists that spare less than they name.
func (l *linter) principals() {
	st := l.statement
	for _, p := range st.Principals {
		switch p.Type {
		case "AWS":
			l.awsPrincipal(p.Value)
		case "Service":
			if !strings.Contains(p.Text, ".") || strings.ContainsAny(p.Text, "*?") {
				l.add("principal-never-matches", p.Pos, "%q is no service principal; write its host name, as in \"logging.s3.amazonaws.com\"", p.Text)
			}
		case "CanonicalUser":
			if !hex64(p.Text) {
				l.add("principal-never-matches", p.Pos, "%q is no canonical user id, which has 64 hexadecimal digits", p.Text)
			}
		case "Federated":
			if l.kind != TrustPolicy {
				l.add("principal-never-matches", p.Pos, "a Federated principal belongs into a role's trust policy; here it reaches nobody: name the role that is assumed")
			}
		}
	}
	if st.NotPrincipal && st.Effect == Deny {
		l.notPrincipal()
	}
}

func hex64(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

func (l *linter) awsPrincipal(v Value) {
	if v.Text == "*" || iam.AccountID(v.Text).Valid() {
		return
	}
	if strings.HasPrefix(v.Text, "AROA") || strings.HasPrefix(v.Text, "AIDA") {
		l.add("principal-recreated", v.Pos, "%s is the id of a deleted user or role, which nobody can be again; write the ARN of the one that is there now", v.Text)
		return
	}
	arn, ok := iam.ParseARN(v.Text)
	switch {
	case !ok:
		l.add("principal-never-matches", v.Pos, "%q is neither an account id, an ARN nor \"*\"; write the ARN of the user or role", v.Text)
	case strings.HasPrefix(v.Text, "arn:aws:iam::cloudfront:user/"):
	case !arn.Account.Valid():
		l.add("principal-never-matches", v.Pos, "%q has no account id of twelve digits", v.Text)
	default:
		l.arnPrincipal(v, arn)
		l.otherPartition(v, arn)
	}
}

func (l *linter) arnPrincipal(v Value, arn iam.ARN) {
	kind, rest, _ := strings.Cut(arn.Resource, "/")
	account := "arn:" + arn.Partition + ":%s::" + string(arn.Account) + ":"
	right := func(service, resource string) string {
		return strings.Replace(account, "%s", service, 1) + resource
	}
	switch arn.Service + ":" + kind {
	case "iam:root", "iam:user", "iam:role", "sts:federated-user":
		if kind != "root" && rest == "" {
			l.add("principal-never-matches", v.Pos, "%q names no %s", v.Text, kind)
		}
	case "sts:assumed-role":
		l.sessionPrincipal(v, rest, right)
	case "iam:group":
		l.add("principal-group", v.Pos, "a group is no principal, so %q reaches nobody; name its users, or the account and let the group's policies allow", v.Text).Suggest = right("iam", "root")
	case "iam:assumed-role", "iam:federated-user":
		l.add("principal-never-matches", v.Pos, "the ARN of a session has the service sts, so %q reaches nobody", v.Text).Suggest = right("sts", arn.Resource)
	case "sts:role", "sts:user", "sts:root":
		l.add("principal-never-matches", v.Pos, "the ARN of a %s has the service iam, so %q reaches nobody", kind, v.Text).Suggest = right("iam", arn.Resource)
	default:
		l.add("principal-never-matches", v.Pos, "%q is no principal; principals are accounts, users, roles and their sessions", v.Text)
	}
}

func (l *linter) sessionPrincipal(v Value, rest string, right func(service, resource string) string) {
	role, session, ok := strings.Cut(rest, "/")
	if !ok || session == "" {
		l.add("principal-never-matches", v.Pos, "%q names no session; to mean all sessions of the role write the role's ARN", v.Text).Suggest = right("iam", "role/"+role)
		return
	}
	if parts := strings.Split(rest, "/"); len(parts) > 2 {
		l.add("principal-never-matches", v.Pos, "the ARN of a session has the role's name without its path, so %q reaches nobody", v.Text).Suggest = right("sts", "assumed-role/"+strings.Join(parts[len(parts)-2:], "/"))
	}
}

// otherPartition finds principals of another partition than the statement's
// resources.
func (l *linter) otherPartition(v Value, arn iam.ARN) {
	for _, r := range l.statement.Resources {
		of, ok := iam.ParseARN(r.Text)
		if !ok || strings.ContainsAny(of.Partition, "*?") || of.Partition == "" {
			continue
		}
		if of.Partition != arn.Partition {
			l.add("principal-of-another-partition", v.Pos, "%q is of partition %s and the resource of %s; principals never reach resources of another partition", v.Text, arn.Partition, of.Partition)
		}
		return
	}
}

// notPrincipal finds lists that do not spare whom they name.
func (l *linter) notPrincipal() {
	listed := map[string]bool{}
	for _, p := range l.statement.Principals {
		listed[p.Text] = true
	}
	for _, p := range l.statement.Principals {
		arn, ok := iam.ParseARN(p.Text)
		if p.Type != "AWS" || !ok || !arn.Account.Valid() {
			continue
		}
		account := "arn:" + arn.Partition + ":iam::" + string(arn.Account) + ":root"
		kind, rest, _ := strings.Cut(arn.Resource, "/")
		hasAccount := listed[account] || listed[string(arn.Account)]
		switch {
		case kind == "assumed-role" && !(hasAccount && l.listsRole(arn.Account, rest)):
			l.add("not-principal-incomplete", p.Pos, "to spare the session, NotPrincipal must list its account and its role as well; Principal \"*\" with ArnNotLike on aws:PrincipalArn is simpler")
		case kind == "role" && !l.listsSession(arn.Account, rest):
			l.add("not-principal-incomplete", p.Pos, "to spare the role's sessions, NotPrincipal must list the account and each session as well; Principal \"*\" with ArnNotLike on aws:PrincipalArn spares them all")
		case kind == "user" && !hasAccount:
			l.add("not-principal-incomplete", p.Pos, "to spare the user, NotPrincipal must list the account as well").Suggest = account
		}
	}
	l.hint("not-principal-with-boundary", l.statement.Pos, "a Deny with NotPrincipal refuses every user and role that has a permissions boundary, whomever it lists; use Principal \"*\" with ArnNotLike on aws:PrincipalArn")
}

// listsRole reports whether the statement lists the role of a session
// ("role/session").
func (l *linter) listsRole(account iam.AccountID, session string) bool {
	role, _, _ := strings.Cut(session, "/")
	return l.lists(account, "iam", func(resource string) bool {
		return strings.HasPrefix(resource, "role/") && resource[strings.LastIndexByte(resource, '/')+1:] == role
	})
}

// listsSession reports whether the statement lists a session of the role.
func (l *linter) listsSession(account iam.AccountID, role string) bool {
	name := role[strings.LastIndexByte(role, '/')+1:]
	return l.lists(account, "sts", func(resource string) bool { return strings.HasPrefix(resource, "assumed-role/"+name+"/") })
}

func (l *linter) lists(account iam.AccountID, service string, is func(resource string) bool) bool {
	for _, p := range l.statement.Principals {
		if arn, ok := iam.ParseARN(p.Text); ok && arn.Account == account && arn.Service == service && is(arn.Resource) {
			return true
		}
	}
	return false
}
