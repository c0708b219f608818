package policy

import (
	"net/netip"
	"slices"
	"strings"
)

// Public tells whether S3 calls a bucket's policy public (or, with accessPoint,
// an access point's), and which statement makes it so. A policy is public
// unless every Allow is limited to fixed values of a principal, a network or a
// source; neither actions nor Deny statements matter. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
// under "The meaning of public".
func Public(d *Document, accessPoint bool) (bool, *Statement) {
	for i := range d.Statements {
		st := &d.Statements[i]
		if st.Effect == Allow && !limited(st, accessPoint) {
			return true, st
		}
	}
	return false, nil
}

// limited tells whether an Allow is limited to fixed values.
func limited(st *Statement, accessPoint bool) bool {
	if fixedPrincipal(st) {
		return true
	}
	for i := range st.Conditions {
		if limits(&st.Conditions[i], accessPoint) {
			return true
		}
	}
	return false
}

func fixedPrincipal(st *Statement) bool {
	if !st.HasPrincipal || st.NotPrincipal {
		return false
	}
	return !slices.ContainsFunc(st.Principals, func(p PrincipalValue) bool { return p.Text == "*" })
}

// limits tells whether a condition holds a request to fixed values of a key
// that counts. Negated operators and IfExists let others through.
func limits(c *Condition, accessPoint bool) bool {
	op := strings.ToLower(c.Operator)
	if set, rest, ok := strings.Cut(op, ":"); ok {
		op = rest
		if set == "forallvalues" {
			return false // true for a request without the key
		}
	}
	key := strings.ToLower(c.Key)
	switch op {
	case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike":
	case "ipaddress":
		return key == "aws:sourceip" && len(c.Values) > 0 && !slices.ContainsFunc(c.Values, func(v Value) bool { return !narrow(v.Text) })
	default:
		return false
	}
	fixed := func(v Value) bool { return !strings.ContainsAny(v.Text, "*?") && !strings.Contains(v.Text, "${") }
	switch key {
	case "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "s3:dataaccesspointaccount",
		"aws:principalorgid", "aws:principalaccount", "aws:principalarn", "aws:principalorgpaths":
	case "aws:userid":
		fixed = func(v Value) bool { return !strings.ContainsAny(v.Text, "*?$") }
	case "s3:dataaccesspointarn":
		if accessPoint {
			return false
		}
		fixed = fixedAccessPoint
	default:
		return false
	}
	return len(c.Values) > 0 && !slices.ContainsFunc(c.Values, func(v Value) bool { return !fixed(v) })
}

// narrow tells whether an address range is no broader than /8 (IPv4) or /32
// (IPv6). Private ranges (RFC 1918) are.
func narrow(text string) bool {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		_, err := netip.ParseAddr(text)
		return err == nil
	}
	if p.Addr().Is4() {
		return p.Bits() >= 8
	}
	return p.Bits() >= 32
}

// fixedAccessPoint tells whether an access point's ARN names its account; the
// access point's name may be a wildcard.
func fixedAccessPoint(v Value) bool {
	parts := strings.SplitN(v.Text, ":", 6)
	return len(parts) == 6 && !strings.ContainsAny(strings.Join(parts[:5], ":"), "*?$") && parts[4] != "" && !strings.Contains(parts[5], "${")
}
