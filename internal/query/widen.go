package query

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// Widens is what a fix says of a change: how many principals gain beside those
// that it is meant for, and whether it makes anything public: open to anyone who
// brings no more than what anyone can.
func (d *Diff) Widens(meant ...string) report.Widens {
	var w report.Widens
	counted := map[string]bool{}
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.Gains() || slices.Contains(meant, c.Principal.Name) {
			continue
		}
		counted[c.Principal.Name] = true
		w.Public = w.Public || c.opens()
	}
	w.Principals = len(counted)
	return w
}

// opens reports a gain of anonymous callers or any AWS account that no fixed
// network, endpoint or organization limits.
func (c *Change) opens() bool {
	if c.Principal.Name != Anonymous && c.Principal.Name != OtherAccounts {
		return false
	}
	if c.After.Verdict == iam.Allowed || len(c.After.If) == 0 || c.After.Partial {
		return true
	}
	return slices.ContainsFunc(c.After.If, func(alternative []Condition) bool {
		return !covered(alternative, c.Before.If) && !slices.ContainsFunc(alternative, limits)
	})
}

// limits reports conditions that not everyone can meet. An address range counts
// where S3 counts it: from /8 on, for IPv6 from /32 (see policy.Public).
func limits(c Condition) bool {
	switch c.Key {
	case "aws:PrincipalOrgID", "aws:PrincipalOrgPaths":
		return true
	case networkKey:
		text, from := strings.CutPrefix(c.Text, fromAddress)
		if !from || strings.HasPrefix(text, "vpc-") {
			return c.Text != overPublic && c.Text != throughOther
		}
		text, _, _ = strings.Cut(text, " ")
		p, err := netip.ParsePrefix(text)
		if err != nil {
			_, err := netip.ParseAddr(text)
			return err == nil // "a public address that no policy names" is none
		}
		return p.Addr().Is4() && p.Bits() >= 8 || !p.Addr().Is4() && p.Bits() >= 32
	}
	return false
}
