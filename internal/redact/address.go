package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
)

// ranges are those in which an address means something by itself (IANA IPv4 and IPv6
// Special-Purpose Address Registries). An address stays inside or outside of each.
var ranges = func() []netip.Prefix {
	var list []netip.Prefix
	for _, text := range []string{"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
		"::/8", "2000::/3", "fc00::/7", "fe80::/10", "ff00::/8"} {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}()

// address replaces an IP address or a range so that addresses stay in the ranges
// which they are in: each bit is turned or not by what stands before it (J. Xu and
// others, Prefix-preserving IP address anonymization, 2002).
func (r *Redactor) address(text string) string {
	if r.learning {
		return text
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return r.Text(text)
		}
		out := r.bits(address, address.BitLen()).String()
		r.note(out, text)
		return out
	}
	out := netip.PrefixFrom(r.bits(prefix.Masked().Addr(), prefix.Bits()), prefix.Bits()).String()
	r.note(out, text)
	return out
}

// bits replaces the first n bits of an address.
func (r *Redactor) bits(a netip.Addr, n int) netip.Addr {
	from, to := a.AsSlice(), a.AsSlice()
	for i := range n {
		before := netip.PrefixFrom(a, i).Masked()
		if leads(before) {
			continue
		}
		mac := hmac.New(sha256.New, r.secret)
		mac.Write([]byte("address\x00" + before.String()))
		if mac.Sum(nil)[0]&1 == 1 {
			to[i/8] = to[i/8]&^(0x80>>(i%8)) | ^from[i/8]&(0x80>>(i%8))
		}
	}
	out, _ := netip.AddrFromSlice(to) // as long as it was
	return out
}

// leads reports a prefix that a range goes on from.
func leads(p netip.Prefix) bool {
	for _, special := range ranges {
		if special.Addr().BitLen() == p.Addr().BitLen() && p.Bits() < special.Bits() && p.Contains(special.Addr()) {
			return true
		}
	}
	return false
}
