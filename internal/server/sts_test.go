package server

import (
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/internal/sigv4"
)

// call calls STS. fields are name, value, ….
func (g *rig) call(who sigv4.Credential, action string, fields ...string) answer {
	g.t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2011-06-15"}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r := g.request("POST", "/", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if who.AccessKeyID == "" {
		r.Host = "sts.amazonaws.com"
		return g.send(r)
	}
	sigv4.Signer{Credential: who, Region: "us-east-1", Service: "sts"}.Sign(r, g.now(), hashOf(form.Encode()))
	return g.send(r)
}

// assume assumes a role, and returns the session's credentials.
func (g *rig) assume(who sigv4.Credential, role string, fields ...string) sigv4.Credential {
	g.t.Helper()
	a := g.call(who, "AssumeRole", append([]string{"RoleArn", role, "RoleSessionName", "s1"}, fields...)...)
	var res struct {
		Credentials struct{ AccessKeyId, SecretAccessKey, SessionToken string } `xml:"AssumeRoleResult>Credentials"`
	}
	if err := xml.Unmarshal([]byte(a.body), &res); err != nil || a.StatusCode != 200 {
		g.t.Fatalf("AssumeRole %s: %d %s\n%s", role, a.StatusCode, a.body, g.entry(a))
	}
	return sigv4.Credential{AccessKeyID: res.Credentials.AccessKeyId, Secret: res.Credentials.SecretAccessKey, SessionToken: res.Credentials.SessionToken}
}

// stsCode is the error code of the query protocol.
func (a answer) stsCode() (code, message string) {
	var e struct {
		Error struct{ Code, Message string }
	}
	xml.Unmarshal([]byte(a.body), &e)
	return e.Error.Code, e.Error.Message
}

// GetCallerIdentity needs no permission: facts on STS, 6.1.
func TestGetCallerIdentity(t *testing.T) {
	g := newRig(t, nil)
	for who, want := range map[sigv4.Credential]string{
		nobody: "<Arn>arn:aws:iam::111122223333:user/nobody</Arn><UserId>AIDA",
		root:   "<Account>111122223333</Account><Arn>arn:aws:iam::111122223333:root</Arn><UserId>111122223333</UserId>",
		g.assume(admin, "arn:aws:iam::111122223333:role/service/app"): "<Arn>arn:aws:sts::111122223333:assumed-role/app/s1</Arn><UserId>AROA",
	} {
		if a := g.call(who, "GetCallerIdentity"); a.StatusCode != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%d %s\nlacks %s", a.StatusCode, a.body, want)
		}
	}
	if code, _ := g.call(nouser, "GetCallerIdentity").stsCode(); code != "MissingAuthenticationToken" {
		t.Errorf("unsigned: %s", code)
	}
	if code, _ := g.call(sigv4.Credential{AccessKeyID: "AKIANONE", Secret: "x"}, "GetCallerIdentity").stsCode(); code != "InvalidClientTokenId" {
		t.Errorf("unknown key: %s", code)
	}
	if code, _ := g.call(sigv4.Credential{AccessKeyID: admin.AccessKeyID, Secret: "x"}, "GetCallerIdentity").stsCode(); code != "SignatureDoesNotMatch" {
		t.Errorf("wrong secret: %s", code)
	}
	if code, _ := g.call(admin, "MakeCoffee").stsCode(); code != "InvalidAction" {
		t.Errorf("unknown action: %s", code)
	}
}

// Who may assume a role: facts on policy evaluation, 2.11.
func TestAssumeRole(t *testing.T) {
	g := newRig(t, nil)
	const app, guarded = "arn:aws:iam::111122223333:role/service/app", "arn:aws:iam::111122223333:role/guarded"
	for _, c := range []struct {
		name   string
		who    sigv4.Credential
		role   string
		fields []string
		code   string // "" for success
		says   string
	}{
		{"trust names the account, identity policy allows", admin, app, nil, "", ""},
		{"trust names the account, no identity policy", nobody, app, nil, "AccessDenied", "because no identity-based policy allows the sts:AssumeRole action"},
		{"trust names the user, no identity policy needed", nobody, guarded, nil, "", ""},
		{"explicit deny in the trust policy", reader, guarded, nil, "AccessDenied", "with an explicit deny in the role trust policy"},
		{"condition of the trust policy", admin, guarded, nil, "AccessDenied", "because no role trust policy allows the sts:AssumeRole action"},
		{"second factor", admin, guarded, []string{"SerialNumber", "arn:aws:iam::111122223333:mfa/admin", "TokenCode", "287082"}, "", ""},
		{"wrong code", admin, guarded, []string{"SerialNumber", "arn:aws:iam::111122223333:mfa/admin", "TokenCode", "000000"}, "AccessDenied", "invalid MFA one time pass code"},
		{"other account with the external id", partner, guarded, []string{"ExternalId", "secret-42"}, "", ""},
		{"other account without", partner, guarded, nil, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: " + guarded},
		{"tags where the trust policy does not allow TagSession", nobody, guarded, []string{"Tags.member.1.Key", "a", "Tags.member.1.Value", "b"}, "AccessDenied", "sts:TagSession"},
		{"root", root, app, nil, "AccessDenied", "Roles may not be assumed by root accounts."},
		{"no such role", admin, "arn:aws:iam::111122223333:role/none", nil, "AccessDenied", "is not authorized to perform: sts:AssumeRole"},
		{"wrong path", admin, "arn:aws:iam::111122223333:role/app", nil, "AccessDenied", "is not authorized to perform: sts:AssumeRole"},
		{"no role at all", admin, "nonsense", nil, "ValidationError", ""},
		{"short", admin, app, []string{"DurationSeconds", "60"}, "ValidationError", "greater than or equal to 900"},
		{"long", admin, app, []string{"DurationSeconds", "7200"}, "ValidationError", "MaxSessionDuration"},
		{"session name", admin, app, []string{"RoleSessionName", "with space"}, "ValidationError", "roleSessionName"},
		{"malformed session policy", admin, app, []string{"Policy", "{"}, "MalformedPolicyDocument", ""},
	} {
		if c.name == "second factor" { // RFC 6238, appendix B: the code of that seed at 59 seconds
			g.now = func() time.Time { return time.Unix(59, 0) }
		}
		a := g.call(c.who, "AssumeRole", append([]string{"RoleArn", c.role, "RoleSessionName", "s1"}, c.fields...)...)
		g.now = time.Now
		code, message := a.stsCode()
		if code != c.code || (code == "") != (a.StatusCode == 200) || !strings.Contains(message, c.says) {
			t.Errorf("%s: %d %s %s, want %s %s\n%s", c.name, a.StatusCode, code, message, c.code, c.says, g.entry(a))
		}
	}
}

// Session policies narrow, session tags count, and a session ends.
func TestSessions(t *testing.T) {
	g := newRig(t, nil)
	const app = "arn:aws:iam::111122223333:role/service/app"
	plain := g.assume(admin, app)
	g.want(g.do(plain, "PUT", "/reports/app/k", "x"), 200, "")
	narrow := g.assume(admin, app, "Policy", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}`)
	g.want(g.do(narrow, "GET", "/reports/app/k", ""), 200, "")
	if a := g.want(g.do(narrow, "PUT", "/reports/app/k", "x"), 403, "AccessDenied"); !strings.HasSuffix(a.message(), "because no session policy allows the s3:PutObject action") {
		t.Errorf("message %s", a.message())
	}
	managed := g.assume(admin, app, "PolicyArns.member.1.arn", "arn:aws:iam::111122223333:policy/read-only")
	g.want(g.do(managed, "GET", "/reports/app/k", ""), 200, "")
	g.want(g.do(managed, "PUT", "/reports/app/k", "x"), 403, "AccessDenied")
	red := g.assume(admin, app, "Tags.member.1.Key", "Team", "Tags.member.1.Value", "red")
	g.want(g.do(red, "PUT", "/reports/red/k", "x"), 200, "")
	g.want(g.do(red, "PUT", "/reports/app/k", "x"), 403, "AccessDenied")
	g.want(g.do(plain, "PUT", "/reports/app/k", "x"), 200, "") // the other session keeps its own tags

	without := plain
	without.SessionToken = ""
	g.want(g.do(without, "GET", "/reports/app/k", ""), 403, "InvalidAccessKeyId")
	other := plain
	other.SessionToken = red.SessionToken
	g.want(g.do(other, "GET", "/reports/app/k", ""), 400, "InvalidToken")
	g.now = func() time.Time { return time.Now().Add(61 * time.Minute) }
	g.want(g.do(plain, "GET", "/reports/app/k", ""), 400, "ExpiredToken")
}
