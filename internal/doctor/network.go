package doctor

import (
	"crypto/x509"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
)

// regionVariables are the variables of the Region, by program, the one that wins
// first; behind them comes the profile.
var regionVariables = []struct {
	program   string
	profile   int // of profileVariables
	variables []string
}{
	{"AWS CLI v2", 0, []string{"AWS_REGION", "AWS_DEFAULT_REGION"}},
	{"AWS CLI v1, boto3", 0, []string{"AWS_DEFAULT_REGION"}},
	{"SDK for Go v2", 1, []string{"AWS_REGION", "AWS_DEFAULT_REGION"}},
}

// regions tells which Region each program takes, and from where.
func (e *examination) regions() {
	seen := map[string]bool{}
	for _, p := range regionVariables {
		s := Setting{Name: p.program, From: "nothing states one"}
		profile, _ := e.profileOf(p.profile)
		if v, ok := e.setting(profile, "region"); ok {
			s.Value, s.From = v.text, v.place
		}
		for _, variable := range slices.Backward(p.variables) {
			if v := e.getenv(variable); v != "" {
				s.Value, s.From = v, variable
			}
		}
		if how := pasted(s.Value); how != "" && !seen[s.Value] {
			e.problem("", "the Region of %s holds %s: %q", s.From, how, s.Value)
		}
		seen[s.Value] = true
		e.report.Regions = append(e.report.Regions, s)
	}
	switch {
	case len(seen) > 1:
		e.problem("set AWS_REGION and AWS_DEFAULT_REGION to the same", "programs disagree about the Region: the AWS CLI v1 and boto3 do not read AWS_REGION")
	case seen[""]:
		e.problem("set AWS_REGION and AWS_DEFAULT_REGION, or region in the profile", "no Region is configured")
	}
}

// endpoints looks for endpoints that replace AWS's own (AWS SDKs and Tools
// Reference Guide, Service-specific endpoints).
func (e *examination) endpoints() {
	var list []Setting
	for _, entry := range e.Env {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "AWS_ENDPOINT_URL") && value != "" && e.getenv(name) == value {
			list = append(list, Setting{name, value, "environment"})
		}
	}
	if v, ok := e.setting(e.chosen, "endpoint_url"); ok {
		list = append(list, Setting{"endpoint_url", v.text, v.place})
	}
	list = append(list, e.services()...)
	off := strings.EqualFold(e.getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true")
	for _, s := range list {
		u, err := url.Parse(s.Value)
		switch {
		case off:
			s.From += ", ignored by AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
		case err != nil || u.Host == "" || pasted(s.Value) != "":
			s.Value = "(not shown)" // it may hold anything
			e.problem("such as https://s3.eu-west-1.amazonaws.com", "%s is no URL", s.Name)
		case local(u.Hostname()):
			e.problem("unset "+s.Name+", unless a local server is meant", "%s sends requests to %s, not to AWS", s.Name, u.Host)
		default:
			e.note("", "%s sends requests to %s", s.Name, u.Host)
		}
		if err == nil && u.User != nil {
			s.Value = u.Redacted()
		}
		e.report.Endpoints = append(e.report.Endpoints, s)
	}
}

// services are the endpoints of the section that the profile names (AWS SDKs and Tools
// Reference Guide, Service-specific endpoints).
func (e *examination) services() []Setting {
	v, ok := e.setting(e.chosen, "services")
	if !ok {
		return nil
	}
	at := e.config.sections["services "+v.text]
	if at == nil {
		e.problem("write [services "+v.text+"], with a line s3 = and below it, set in, endpoint_url = https://…", "%s: there is no [services %s] in the config file", v.place, v.text)
		return nil
	}
	var list []Setting
	for _, name := range slices.Sorted(maps.Keys(at.values)) {
		if service, ok := strings.CutSuffix(name, ".endpoint_url"); ok {
			list = append(list, Setting{"endpoint_url of " + service, at.values[name].text, at.values[name].place})
		}
	}
	return list
}

// local reports a host that is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// proxies looks at the variables of proxies, which the SDKs follow.
func (e *examination) proxies() {
	set := false
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		text := e.getenv(name)
		if text == "" {
			continue
		}
		set = true
		shown := "(not shown)"
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			shown = u.Scheme + "://" + u.Host
		} else if host, port, err := net.SplitHostPort(text); err == nil && !strings.Contains(host, "@") {
			shown = net.JoinHostPort(host, port)
		} else {
			e.problem("such as http://proxy.example.com:3128", "%s is no URL", name)
		}
		e.report.Proxies = append(e.report.Proxies, Setting{Name: name, Value: shown})
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if text := e.getenv(name); text != "" {
			e.report.Proxies = append(e.report.Proxies, Setting{Name: name, Value: text})
		}
	}
	if none := e.getenv("NO_PROXY") + e.getenv("no_proxy"); set && !strings.Contains(none, "169.254.169.254") {
		e.note("add 169.254.169.254 to NO_PROXY where credentials come from an instance", "a proxy is set, and NO_PROXY does not leave out the metadata service: some programs ask the proxy for it")
	}
}

// bundles looks at the files of certificate authorities.
func (e *examination) bundles() {
	list := []Setting{}
	for _, name := range []string{"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"} {
		if path := e.getenv(name); path != "" {
			list = append(list, Setting{Name: name, Value: path})
		}
	}
	if v, ok := e.setting(e.chosen, "ca_bundle"); ok {
		list = append(list, Setting{"ca_bundle", v.text, v.place})
	}
	for _, s := range list {
		if why := readable(s.Value); why != "" {
			e.problem("", "%s names %s: %s", s.Name, s.Value, why)
		} else if data, err := os.ReadFile(s.Value); err == nil && !x509.NewCertPool().AppendCertsFromPEM(data) {
			e.problem("", "%s names %s: it holds no certificate in PEM form", s.Name, s.Value)
		}
		e.report.Bundles = append(e.report.Bundles, s)
	}
}
