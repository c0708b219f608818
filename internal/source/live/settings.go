package live

import (
	"cmp"
	"strings"

	"gopkg.in/ini.v1"
)

// Settings are what a program's environment and its profile say of where requests
// go ("Settings reference" of the AWS SDKs and Tools Reference Guide).
type Settings struct {
	getenv      func(string) string
	profile     string
	credentials *ini.File // nil where it cannot be read
	config      *ini.File
}

// ReadSettings reads the settings of a profile; "" is the one that the environment
// chooses.
func ReadSettings(getenv func(string) string, profile string) *Settings {
	credentials, config := Files(getenv)
	s := &Settings{getenv: getenv, profile: cmp.Or(profile, getenv("AWS_PROFILE"), getenv("AWS_DEFAULT_PROFILE"), "default")}
	s.credentials, _ = loadINI(credentials) // an SDK complains of it better
	s.config, _ = loadINI(config)
	return s
}

// section is a section of a file, nil where there is none.
func section(f *ini.File, names ...string) *ini.Section {
	for _, name := range names {
		if f != nil && f.HasSection(name) {
			return f.Section(name)
		}
	}
	return nil
}

func (s *Settings) profileSection() *ini.Section {
	if s.profile == "default" {
		return section(s.config, "profile default", "default")
	}
	return section(s.config, "profile "+s.profile)
}

// of returns a setting of the profile, "" for none.
func (s *Settings) of(name string) string {
	for _, at := range []*ini.Section{section(s.credentials, s.profile), s.profileSection()} {
		if at != nil && at.HasKey(name) {
			return strings.TrimSpace(at.Key(name).String())
		}
	}
	return ""
}

// either is a variable of the environment, or else a setting of the profile.
func (s *Settings) either(variable, setting string) string {
	return cmp.Or(s.getenv(variable), s.of(setting))
}

// Region is the Region that most programs would take.
func (s *Settings) Region() string {
	return cmp.Or(s.getenv("AWS_REGION"), s.either("AWS_DEFAULT_REGION", "region"))
}

// Bundle is the file of certificate authorities that takes the place of the
// system's.
func (s *Settings) Bundle() string { return s.either("AWS_CA_BUNDLE", "ca_bundle") }

// Special is the setting that asks for other endpoints than the usual ones, with
// which SDKs take none that is configured; "" for none.
func (s *Settings) Special() string {
	for _, v := range [][2]string{{"AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"}, {"AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"}} {
		if strings.EqualFold(s.getenv(v[0]), "true") {
			return v[0]
		}
		if s.getenv(v[0]) == "" && strings.EqualFold(s.of(v[1]), "true") {
			return v[1] + " of profile " + s.profile
		}
	}
	for _, name := range []string{"use_accelerate_endpoint", "use_dualstack_endpoint"} {
		if strings.EqualFold(s.nested("s3", name), "true") {
			return name + " of profile " + s.profile
		}
	}
	return ""
}

// nested is a setting under another one of the profile.
func (s *Settings) nested(name, setting string) string {
	return nestedIn(s.profileSection(), name, setting)
}

func nestedIn(at *ini.Section, name, setting string) string {
	if at == nil || !at.HasKey(name) {
		return ""
	}
	for _, line := range at.Key(name).NestedValues() {
		if k, v, ok := strings.Cut(line, "="); ok && strings.TrimSpace(k) == setting {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// IgnoresEndpoints reports whether endpoints that are configured are not looked at.
func (s *Settings) IgnoresEndpoints() bool {
	return strings.EqualFold(s.either("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"), "true")
}

// Endpoint is the endpoint that is configured for a service, "" for AWS's own
// ("Service-specific endpoints", in its order).
func (s *Settings) Endpoint(service string) string {
	if s.IgnoresEndpoints() {
		return ""
	}
	id := strings.ReplaceAll(service, "-", "_")
	return cmp.Or(s.getenv("AWS_ENDPOINT_URL_"+strings.ToUpper(id)), s.getenv("AWS_ENDPOINT_URL"), s.EndpointOfProfile(service))
}

// EndpointOfProfile is the endpoint that the profile configures, "" for none.
func (s *Settings) EndpointOfProfile(service string) string {
	services := section(s.config, "services "+s.of("services"))
	return cmp.Or(nestedIn(services, strings.ReplaceAll(service, "-", "_"), "endpoint_url"), s.of("endpoint_url"))
}

// LoginRegion is the Region of IAM Identity Center, where all profiles agree on it;
// else "".
func (s *Settings) LoginRegion() string {
	if s.config == nil {
		return ""
	}
	found := ""
	for _, at := range s.config.Sections() {
		r := at.Key("sso_region").String()
		switch {
		case r == "" || r == found:
		case found != "":
			return ""
		default:
			found = r
		}
	}
	return found
}
