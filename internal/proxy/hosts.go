package proxy

import (
	"net"
	"net/url"
	"regexp"
	"strings"
)

// services are the labels of hosts that are looked into: all of S3's kin, and the
// services that S3's callers and encryption need besides.
var services = regexp.MustCompile(`^(s3|s3-[a-z0-9-]+|s3express-[a-z0-9-]+|sts|sts-fips|kms|kms-fips)$`)

// Hosts are the hosts whose requests are looked into: those of AWS by their form,
// and endpoints that are configured, with what stands before them.
type Hosts struct {
	endpoints []string
}

// NewHosts returns AWS's hosts, and those of the endpoints.
func NewHosts(endpoints ...string) Hosts {
	var h Hosts
	for _, e := range endpoints {
		if u, err := url.Parse(e); err == nil && u.Hostname() != "" {
			h.endpoints = append(h.endpoints, strings.ToLower(u.Hostname()))
		}
	}
	return h
}

// Contain reports whether requests to a host, with or without a port, are looked
// into.
func (h Hosts) Contain(host string) bool {
	host = bare(host)
	_, ok := h.endpointOf(host)
	return ok || ofAWS(host)
}

func bare(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// endpointOf is the configured endpoint whose host it is, or stands behind a bucket.
func (h Hosts) endpointOf(host string) (string, bool) {
	for _, e := range h.endpoints {
		if host == e || strings.HasSuffix(host, "."+e) {
			return e, true
		}
	}
	return "", false
}

// ofAWS reads the labels of a host before the domain of a partition, from the right:
// Region, dualstack, service ("Amazon Simple Storage Service endpoints and quotas" in
// the AWS General Reference).
func ofAWS(host string) bool {
	name := ""
	for _, p := range partitions {
		for _, domain := range []string{p.domain, p.dualStack} {
			if rest, ok := strings.CutSuffix(host, "."+domain); ok {
				name = rest
			}
		}
	}
	labels := strings.Split(name, ".")
	drop := func(is func(string) bool) {
		if n := len(labels); n > 1 && is(labels[n-1]) {
			labels = labels[:n-1]
		}
	}
	drop(func(l string) bool { return l == "vpce" })
	drop(region.MatchString)
	drop(func(l string) bool { return l == "dualstack" })
	return services.MatchString(labels[len(labels)-1])
}

// Domains are the domains under which all the hosts are, for the constraints of an
// [Authority].
func (h Hosts) Domains() (names []string, addresses []net.IP) {
	for _, p := range partitions {
		names = append(names, p.domain, p.dualStack)
	}
	for _, e := range h.endpoints {
		if ip := net.ParseIP(e); ip != nil {
			addresses = append(addresses, ip)
		} else {
			names = append(names, e)
		}
	}
	return names, addresses
}

// Direct is a list for NO_PROXY without the entries that would lead requests for the
// hosts past the proxy. Services of the machine itself, credentials among them, stay
// direct.
func (h Hosts) Direct(noProxy string) string {
	direct := []string{"169.254.169.254", "169.254.170.2", "169.254.170.23", "[fd00:ec2::254]", "[fd00:ec2::23]"}
	for _, local := range []string{"localhost", "127.0.0.1", "::1"} {
		if _, ok := h.endpointOf(local); !ok {
			direct = append(direct, local)
		}
	}
	for entry := range strings.SplitSeq(noProxy, ",") {
		if entry = strings.TrimSpace(entry); entry != "" && !h.reachedBy(entry) {
			direct = append(direct, entry)
		}
	}
	return strings.Join(direct, ",")
}

// reachedBy reports whether an entry of NO_PROXY covers some of the hosts.
func (h Hosts) reachedBy(entry string) bool {
	name := bare(strings.TrimPrefix(strings.TrimPrefix(entry, "*"), "."))
	if name == "" || h.Contain(name) {
		return true
	}
	names, _ := h.Domains()
	for _, domain := range names {
		if name == domain || strings.HasSuffix(domain, "."+name) || strings.HasSuffix(name, "."+domain) {
			return true
		}
	}
	return false
}
