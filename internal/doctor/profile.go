package doctor

import (
	"crypto/sha1" //nolint:gosec // names the files of the SSO cache
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// profileVariables are the variables that choose the profile, by program, the one
// that wins first (botocore's configuration chain; the Go SDK's env_config).
var profileVariables = []struct {
	program   string
	variables []string
}{
	{"AWS CLI, boto3", []string{"AWS_DEFAULT_PROFILE", "AWS_PROFILE"}},
	{"SDK for Go v2", []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}},
}

func (e *examination) profileOf(program int) (name, from string) {
	if e.Profile != "" {
		return e.Profile, "--profile"
	}
	for _, variable := range profileVariables[program].variables {
		if name := e.getenv(variable); name != "" {
			return name, variable
		}
	}
	return "default", "no variable names one"
}

// profiles tells which profile each program takes.
func (e *examination) profiles() {
	seen := map[string]bool{}
	for i, p := range profileVariables {
		name, from := e.profileOf(i)
		e.report.Profiles = append(e.report.Profiles, Setting{p.program, name, from})
		e.chosen = name
		if !seen[name] && (from != "no variable names one") {
			e.known(name, from)
		}
		seen[name] = true
	}
	if len(seen) > 1 {
		e.problem("unset one of them, or give both the same value", "AWS_PROFILE and AWS_DEFAULT_PROFILE differ: the AWS CLI and boto3 take the second, the SDK for Go takes the first")
	}
	if s := e.config.sections[e.chosen]; s != nil && e.chosen != "default" {
		e.problem("write [profile "+e.chosen+"]", "%s: [%s] in the config file is no profile", s.place, e.chosen)
	}
	if s := e.credentials.sections["profile "+e.chosen]; s != nil {
		e.problem("write ["+e.chosen+"]", "%s: [profile %s] in the credentials file is no profile", s.place, e.chosen)
	}
}

func (e *examination) known(name, from string) {
	if how := pasted(name); how != "" {
		e.problem("", "%s holds %s: %q", from, how, name)
	}
	credentials, config := e.of(name)
	if credentials == nil && config == nil {
		hint := "there are no profiles in " + e.credentials.path + " and " + e.config.path
		if names := e.names(); len(names) > 0 {
			hint = "there are: " + strings.Join(names, ", ")
		}
		e.problem(hint, "%s names the profile %q, which neither shared file has", from, name)
	}
}

// profile looks at the credentials of the profile, in botocore's order.
func (e *examination) profile() {
	name := "profile " + e.chosen
	none := true
	add := func(kind string, l Link) { none = false; l.Name = name + ", " + kind; e.link(l) }
	if v, ok := e.setting(e.chosen, "role_arn"); ok {
		add("role", e.role(v))
	}
	if l, ok := e.sso(); ok {
		add("IAM Identity Center", l)
	}
	credentials, config := e.of(e.chosen)
	keyOf := func(s *section) {
		if s != nil && s.values["aws_access_key_id"].text != "" {
			add("access key", e.fileKey(s, s.values["aws_access_key_id"]))
		}
	}
	keyOf(credentials)
	if v, ok := e.setting(e.chosen, "login_session"); ok {
		add("aws login", Link{State: found, Place: v.place, Detail: "a session of aws login"})
	}
	if v, ok := e.setting(e.chosen, "credential_process"); ok {
		add("process", e.process(v))
	}
	keyOf(config)
	if none {
		e.link(Link{Name: name, State: Absent, Detail: "no credentials in " + e.credentials.path + " and " + e.config.path})
	}
}

// fileKey is an access key of a shared file.
func (e *examination) fileKey(s *section, id value) Link {
	l := Link{State: found, Place: id.place, AccessKeyID: id.text}
	secret, ok := s.values["aws_secret_access_key"]
	if !ok || secret.text == "" {
		l.State = Broken
		e.problem("", "%s: aws_access_key_id without aws_secret_access_key in the same file", id.place)
	}
	e.key(id.place, id.text, secret.text, s.values["aws_session_token"].text)
	return l
}

// process shows the program alone, as its arguments may be secret.
func (e *examination) process(v value) Link {
	words := strings.Fields(v.text)
	if len(words) == 0 {
		e.problem("", "%s: credential_process is empty", v.place)
		return Link{State: Broken, Place: v.place}
	}
	program := strings.Trim(words[0], `"`)
	return Link{State: found, Place: v.place, Detail: "asks the program " + filepath.Base(program)}
}

// sso looks at the login that the profile needs; its cache file is named after the
// session, or the start URL.
func (e *examination) sso() (Link, bool) {
	session, ok := e.setting(e.chosen, "sso_session")
	start, legacy := e.setting(e.chosen, "sso_start_url")
	if !ok && !legacy {
		return Link{}, false
	}
	of := session
	if !ok {
		of = start
	} else if e.config.sections["sso-session "+session.text] == nil {
		e.problem("", "%s: there is no [sso-session %s]", session.place, session.text)
		return Link{State: Broken, Place: session.place}, true
	}
	l := Link{State: found, Place: of.place, Detail: "login of " + of.text}
	if account, ok := e.setting(e.chosen, "sso_account_id"); ok {
		role, _ := e.setting(e.chosen, "sso_role_name")
		l.Detail += ", account " + account.text + ", permission set " + role.text
	}
	sum := sha1.Sum([]byte(of.text)) //nolint:gosec // a name
	data, err := os.ReadFile(filepath.Join(e.home(), ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json"))
	var login struct {
		ExpiresAt    time.Time
		RefreshToken string
	}
	const again = "aws sso login --profile "
	switch {
	case err != nil:
		l.State = Broken
		e.problem(again+e.chosen, "%s: nobody has logged in to %s", of.place, of.text)
	case json.Unmarshal(data, &login) != nil:
		l.State = Broken
		e.problem(again+e.chosen, "%s: the login of %s cannot be read", of.place, of.text)
	case login.ExpiresAt.Before(e.Now()) && login.RefreshToken == "":
		l.State = Broken
		e.problem(again+e.chosen, "%s: the login of %s has expired, at %s", of.place, of.text, login.ExpiresAt.UTC().Format(time.RFC3339))
	default:
		l.Detail += ", valid until " + login.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return l, true
}

func (e *examination) home() string {
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if dir := e.getenv(name); dir != "" {
			return dir
		}
	}
	return ""
}
