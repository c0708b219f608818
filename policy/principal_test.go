package policy_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

const canonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

// caller returns a principal of account 111122223333 by ARN.
func caller(t testing.TB, arn string, set ...func(c *policy.Caller)) *policy.Caller {
	t.Helper()
	p, err := iam.ParsePrincipal(arn)
	if err != nil {
		t.Fatal(err)
	}
	c := &policy.Caller{Principal: p, UniqueID: "AIDAEXAMPLE0SOMEBODY", CanonicalID: "1111"}
	if p.Kind == iam.RoleSession {
		c.UniqueID = "AROAEXAMPLE0SOMEROLE"
	}
	for _, f := range set {
		f(c)
	}
	return c
}

// Ids that are not known leave open whether a statement names the caller.
func TestPrincipalOfUnknownID(t *testing.T) {
	unknown := func(c *policy.Caller) { c.UniqueID, c.CanonicalID = "", "" }
	user := caller(t, "arn:aws:iam::111122223333:user/alice", unknown)
	for principal, want := range map[string]string{
		`"Principal": {"AWS": "AIDAEXAMPLE0000ALICE"},`:              "[direct]",
		`"Principal": {"AWS": "AROAEXAMPLE000000APP"},`:              "",
		`"Principal": {"CanonicalUser": "` + canonical + `"},`:       "[account]",
		`"Principal": {"AWS": "arn:aws:iam::111122223333:user/bo"},`: "",
	} {
		if got := via(t, user, "Allow", principal); got != want {
			t.Errorf("%s: reached by %q, want %q", principal, got, want)
		}
	}
}

// via asks one statement, and names the forms by which it reaches the caller;
// those in brackets hang on what is not known.
func via(t testing.TB, c *policy.Caller, effect, principal string) string {
	t.Helper()
	d, err := policy.Parse("", []byte(fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": %q, %s "Action": "s3:GetObject", "Resource": "*"}}`, effect, principal)))
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.NewSet([]policy.Named{{Name: "p", Document: d}}, c)
	if err != nil {
		t.Fatal(err)
	}
	var ctx condition.Context
	r := set.Eval(&policy.Query{Action: policy.NewAction("s3:GetObject"), Resource: "arn:aws:s3:::b/k", Context: &ctx}, nil)
	sure, may := r.Allow|r.Deny, r.MayAllow|r.MayDeny
	var words []string
	for i, w := range []string{"everyone", "direct", "role", "account", "none"} {
		if sure&(1<<i) != 0 {
			words = append(words, w)
		}
		if may&(1<<i) != 0 {
			words = append(words, "["+w+"]")
		}
	}
	return strings.Join(words, " ")
}

// Every form of principal against every kind of caller: IAM User Guide,
// Principal, and the forms that the policy evaluation logic tells apart.
func TestPrincipalReaches(t *testing.T) {
	const account = "111122223333"
	callers := map[string]*policy.Caller{
		"anonymous": caller(t, "anonymous"),
		"root":      caller(t, "arn:aws:iam::111122223333:root", func(c *policy.Caller) { c.CanonicalID = canonical }),
		"user": caller(t, "arn:aws:iam::111122223333:user/team/alice", func(c *policy.Caller) {
			c.UserARN, c.UniqueID, c.CanonicalID = "arn:aws:iam::111122223333:user/team/alice", "AIDAEXAMPLE0000ALICE", canonical
		}),
		"session": caller(t, "arn:aws:sts::111122223333:assumed-role/app/s1", func(c *policy.Caller) {
			c.RoleARN, c.UniqueID, c.CanonicalID = "arn:aws:iam::111122223333:role/team/app", "AROAEXAMPLE000000APP", canonical
		}),
		"session, path not known":    caller(t, "arn:aws:sts::111122223333:assumed-role/app/s1"),
		"some session":               caller(t, "arn:aws:iam::111122223333:role/app", func(c *policy.Caller) { c.RoleARN = "arn:aws:iam::111122223333:role/app" }),
		"federated":                  caller(t, "arn:aws:sts::111122223333:federated-user/bob", func(c *policy.Caller) { c.ParentKnown, c.UserARN = true, "arn:aws:iam::111122223333:user/alice" }),
		"federated, user not known":  caller(t, "arn:aws:sts::111122223333:federated-user/bob"),
		"service":                    caller(t, "logging.s3.amazonaws.com"),
		"origin access identity":     caller(t, "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"),
		"user of another account":    caller(t, "arn:aws:iam::444455556666:user/alice", func(c *policy.Caller) { c.UserARN = "arn:aws:iam::444455556666:user/alice" }),
		"session, another partition": caller(t, "arn:aws-cn:sts::111122223333:assumed-role/app/s1"),
	}
	all := func(form string) map[string]string {
		m := map[string]string{}
		for name := range callers {
			m[name] = form
		}
		return m
	}
	with := func(m map[string]string, more map[string]string) map[string]string {
		m = maps.Clone(m)
		maps.Copy(m, more)
		return m
	}
	own := map[string]string{}
	for _, name := range []string{"root", "user", "session", "session, path not known", "some session", "federated", "federated, user not known"} {
		own[name] = "account"
	}
	tests := []struct {
		principal string
		want      map[string]string // by caller; "" where it does not reach
	}{
		{`"Principal": "*",`, all("everyone")},
		{`"Principal": {"AWS": "*"},`, all("everyone")},
		{`"Principal": {"AWS": ["444455556666", "*"]},`, with(all("everyone"), map[string]string{"user of another account": "everyone account"})},
		{``, all("none")},
		{`"Principal": {"AWS": "111122223333"},`, with(own, map[string]string{"session, another partition": "account"})},
		{`"Principal": {"AWS": "arn:aws:iam::111122223333:root"},`, own},
		{`"Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"},`, map[string]string{"session, another partition": "account"}},
		{`"Principal": {"AWS": "444455556666"},`, map[string]string{"user of another account": "account"}},
		{`"Principal": {"AWS": "arn:aws:iam::111122223333:user/team/alice"},`, map[string]string{"user": "direct", "federated, user not known": "[role]"}},
		{`"Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"},`, map[string]string{"federated": "role", "federated, user not known": "[role]"}},
		{`"Principal": {"AWS": "arn:aws:iam::111122223333:user/team/ALICE"},`, map[string]string{"federated, user not known": "[role]"}},
		{`"Principal": {"AWS": "AIDAEXAMPLE0000ALICE"},`, map[string]string{"user": "direct"}},
		{`"Principal": {"AWS": "AROAEXAMPLE000000APP"},`, map[string]string{"session": "role"}},
		{`"Principal": {"AWS": "arn:aws:iam::111122223333:role/team/app"},`, map[string]string{"session": "role", "session, path not known": "role"}},
		{`"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},`, map[string]string{"some session": "role", "session, path not known": "role"}},
		{`"Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/app/s1"},`, map[string]string{"session": "direct", "session, path not known": "direct", "some session": "[direct]"}},
		{`"Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/app/s2"},`, map[string]string{"some session": "[direct]"}},
		{`"Principal": {"AWS": "arn:aws:sts::111122223333:federated-user/bob"},`, map[string]string{"federated": "direct", "federated, user not known": "direct"}},
		{`"Principal": {"AWS": "arn:aws:iam::111122223333:group/dev"},`, nil},
		{`"Principal": {"AWS": ["arn:aws:sts::111122223333:assumed-role/app/s1", "arn:aws:iam::111122223333:role/team/app", "111122223333"]},`, with(own, map[string]string{
			"session": "direct role account", "session, path not known": "direct role account", "some session": "[direct] account", "session, another partition": "account",
		})},
		{`"Principal": {"Service": "logging.s3.amazonaws.com"},`, map[string]string{"service": "direct"}},
		{`"Principal": {"Service": ["cloudtrail.amazonaws.com", "logging.s3.amazonaws.com"]},`, map[string]string{"service": "direct"}},
		{`"Principal": {"CanonicalUser": "` + canonical + `"},`, map[string]string{"root": "account", "user": "account", "session": "account"}},
		{`"Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},`, map[string]string{"origin access identity": "direct"}},
		{`"Principal": {"Federated": "accounts.google.com"},`, nil},
	}
	for _, tt := range tests {
		for name, c := range callers {
			if got := via(t, c, "Allow", tt.principal); got != tt.want[name] {
				t.Errorf("%s of account %s, %s: reached by %q, want %q", name, account, tt.principal, got, tt.want[name])
			}
		}
	}
}

// IAM User Guide, NotPrincipal: to exempt a user, list the account and the user;
// to exempt a session the account, the role and the session. Every principal
// with a permissions boundary is denied, whatever the list says.
func TestNotPrincipalSpares(t *testing.T) {
	const (
		account = `"111122223333"`
		user    = `"arn:aws:iam::111122223333:user/alice"`
		role    = `"arn:aws:iam::111122223333:role/app"`
		session = `"arn:aws:sts::111122223333:assumed-role/app/s1"`
	)
	bounded := func(c *policy.Caller) { c.HasBoundary = true }
	tests := []struct {
		caller *policy.Caller
		list   []string
		want   string
	}{
		{caller(t, "arn:aws:iam::111122223333:user/alice"), []string{account, user}, ""},
		{caller(t, "arn:aws:iam::111122223333:user/alice"), []string{user}, "everyone"},
		{caller(t, "arn:aws:iam::111122223333:user/alice"), []string{account}, "everyone"},
		{caller(t, "arn:aws:iam::111122223333:user/bob"), []string{account, user}, "everyone"},
		{caller(t, "arn:aws:iam::111122223333:user/alice", bounded), []string{account, user}, "everyone"},
		{caller(t, "arn:aws:sts::111122223333:assumed-role/app/s1"), []string{account, role, session}, ""},
		{caller(t, "arn:aws:sts::111122223333:assumed-role/app/s1"), []string{account, role}, "everyone"},
		{caller(t, "arn:aws:sts::111122223333:assumed-role/app/s1"), []string{role, session}, "everyone"},
		{caller(t, "arn:aws:sts::111122223333:assumed-role/app/s2"), []string{account, role, session}, "everyone"},
		{caller(t, "arn:aws:iam::111122223333:role/app"), []string{account, role, session}, "[everyone]"}, // some session of the role
		{caller(t, "arn:aws:iam::111122223333:root"), []string{account}, ""},
		{caller(t, "arn:aws:iam::444455556666:root"), []string{account}, "everyone"},
		{caller(t, "anonymous"), []string{account}, "everyone"},
	}
	for _, tt := range tests {
		list := `"NotPrincipal": {"AWS": [` + strings.Join(tt.list, ", ") + `]},`
		if got := via(t, tt.caller, "Deny", list); got != tt.want {
			t.Errorf("%s (boundary %v), %s: denied by %q, want %q", tt.caller.ARN(), tt.caller.HasBoundary, list, got, tt.want)
		}
	}
	if got := via(t, caller(t, "logging.s3.amazonaws.com"), "Deny", `"NotPrincipal": {"Service": "logging.s3.amazonaws.com"},`); got != "" {
		t.Errorf("a service that is listed: denied by %q", got)
	}
	if got := via(t, caller(t, "anonymous"), "Deny", `"NotPrincipal": "*",`); got != "" {
		t.Errorf("everyone is listed: denied by %q", got)
	}
}

// A statement that tests s3:DataAccessPointAccount hands the decision to access
// points (S3 User Guide, Delegating access control to access points).
func TestDelegationToAccessPoints(t *testing.T) {
	for _, tt := range []struct {
		effect, condition string
		want              bool
	}{
		{"Allow", `{"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}`, true},
		{"Allow", `{"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-east-1:111122223333:accesspoint/*"}}`, true},
		{"Allow", `{"StringNotEquals": {"s3:DataAccessPointAccount": "111122223333"}}`, false},
		{"Allow", `{"Null": {"s3:DataAccessPointAccount": "false"}}`, false},
		{"Deny", `{"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}`, false},
	} {
		d, err := policy.Parse("", []byte(`{"Statement": {"Effect": "`+tt.effect+`", "Principal": "*", "Action": "*", "Resource": "*", "Condition": `+tt.condition+`}}`))
		if err != nil {
			t.Fatal(err)
		}
		set, err := policy.NewSet([]policy.Named{{Document: d}}, caller(t, "anonymous"))
		if err != nil {
			t.Fatal(err)
		}
		parts := set.Match(0, &policy.Query{Action: policy.NewAction("s3:GetObject"), Resource: "x", Context: new(condition.Context)})
		if got := parts.Via&policy.ViaDelegation != 0; got != tt.want {
			t.Errorf("%s %s: delegates %v, want %v", tt.effect, tt.condition, got, tt.want)
		}
	}
}
