package doctor

import (
	"slices"
	"strings"
)

// role is a role that the profile assumes, by another that may assume it, and so on
// (AWS SDKs and Tools Reference Guide, Assume role credential provider).
func (e *examination) role(v value) Link {
	l := Link{State: found, Place: v.place, Detail: "assumes " + v.text}
	by, ok := e.source(e.chosen, v, &l, []string{e.chosen})
	if !ok {
		l.State = Broken
		return l
	}
	l.Detail += by
	e.note("", "who is denied is a session of the role, not whoever assumes it: policies are to name the role %s", v.text)
	return l
}

// source tells by what a profile's role is assumed; ok is false where nothing can.
func (e *examination) source(profile string, role value, l *Link, before []string) (by string, ok bool) {
	if v, ok := e.setting(profile, "credential_source"); ok {
		return " by credential_source " + v.text, e.credentialSource(v)
	}
	if v, ok := e.setting(profile, "web_identity_token_file"); ok {
		why := e.token(v.text)
		if why != "" {
			e.problem("", "%s: web_identity_token_file %s: %s", v.place, v.text, why)
		}
		return " by web_identity_token_file " + v.text, why == ""
	}
	v, ok := e.setting(profile, "source_profile")
	if !ok {
		e.problem("add source_profile or credential_source", "%s: role_arn without anything to assume the role with", role.place)
		return "", false
	}
	by = " by source_profile " + v.text
	credentials, config := e.of(v.text)
	next, assumes := e.setting(v.text, "role_arn")
	switch {
	case credentials == nil && config == nil:
		e.problem("", "%s: source_profile %s is in neither shared file", v.place, v.text)
		return by, false
	case v.text == profile: // its own access key, before its role
		return by, e.hasKey(v, profile)
	case slices.Contains(before, v.text):
		e.problem("let the last of them have credentials of its own", "%s: source_profile goes round: %s", v.place, strings.Join(append(before, v.text), " → "))
		return by, false
	case assumes:
		more, ok := e.source(v.text, next, l, append(before, v.text))
		return by + ", which assumes " + next.text + more, ok
	}
	return by, e.hasKey(v, v.text)
}

// hasKey reports credentials of a profile that need no role, and looks at its keys.
func (e *examination) hasKey(from value, profile string) bool {
	for _, kind := range []string{"sso_session", "sso_start_url", "credential_process", "login_session"} {
		if _, ok := e.setting(profile, kind); ok {
			return true
		}
	}
	credentials, config := e.of(profile)
	for _, s := range []*section{credentials, config} {
		if s != nil && s.values["aws_access_key_id"].text != "" {
			return e.fileKey(s, s.values["aws_access_key_id"]).State != Broken
		}
	}
	e.problem("", "%s: source_profile %s has no credentials", from.place, profile)
	return false
}

// credentialSource looks for what a profile takes its credentials from.
func (e *examination) credentialSource(v value) bool {
	missing := ""
	switch v.text {
	case "Environment":
		if e.getenv("AWS_ACCESS_KEY_ID") == "" {
			missing = "AWS_ACCESS_KEY_ID is not set"
		}
	case "EcsContainer":
		if e.getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")+e.getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") == "" {
			missing = "this is no container of ECS or EKS"
		}
	case "Ec2InstanceMetadata":
		if strings.EqualFold(e.getenv("AWS_EC2_METADATA_DISABLED"), "true") {
			missing = "AWS_EC2_METADATA_DISABLED switches it off"
		}
	default:
		missing = "it may be Environment, EcsContainer or Ec2InstanceMetadata"
	}
	if missing != "" {
		e.problem("", "%s: credential_source %s: %s", v.place, v.text, missing)
	}
	return missing == ""
}
