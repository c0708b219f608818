package query

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/request"
)

var (
	keySourceIP    = condition.Intern("aws:SourceIp")
	keyVpcSourceIP = condition.Intern("aws:VpcSourceIp")
	keySourceVpc   = condition.Intern("aws:SourceVpc")
	keySourceVpce  = condition.Intern("aws:SourceVpce")
)

// networkKey stands for the keys of the network in answers, and the texts for ways
// that anyone has, or that begin an address.
const (
	networkKey   = "network"
	overPublic   = "it comes over the public network"
	throughOther = "it comes through a VPC endpoint that no policy names"
	fromAddress  = "it comes from "
)

// networkKeys are the keys that follow from how a request comes. It comes over
// the public network, from one address, or through one VPC endpoint.
var networkKeys = []condition.Key{keySourceIP, keyVpcSourceIP, keySourceVpc, keySourceVpce, condition.Intern("aws:SourceVpcArn"),
	condition.Intern("aws:VpceAccount"), condition.Intern("aws:VpceOrgID"), condition.Intern("aws:VpceOrgPaths")}

// network lists the ways for a request to come: through each endpoint that a
// policy names or that has a policy of its own, from each VPC and address range
// that a policy names, and from and through others.
func (h *hanging) network(e *Engine) (group, bool) {
	hangs := len(h.gates)+len(h.points) > 0
	for _, k := range networkKeys {
		_, tested := h.tests[k]
		hangs = hangs || tested
	}
	if !hangs {
		return group{}, false
	}
	g := group{key: networkKey}
	add := func(text string, apply func(*request.Request)) {
		g.options = append(g.options, option{Condition: Condition{Key: networkKey, Text: text}, apply: apply})
	}
	inside := h.prefixes(keyVpcSourceIP)
	for _, id := range h.endpoints() {
		through := throughEndpoint(e, id)
		text := "it comes through " + id
		if _, held := e.estate.VPCEndpoint(id); !held {
			text += " (whose own policy the estate does not hold)"
		}
		if len(inside) == 0 {
			add(text, through)
		}
		for _, p := range inside {
			add(text+" from "+p.text, func(r *request.Request) { through(r); state(r, keyVpcSourceIP, condition.Address(p.example)) })
		}
	}
	h.otherPlaces(inside, add)
	h.addresses(add)
	return g, true
}

// state sets a condition key.
func state(r *request.Request, k condition.Key, v condition.Value) {
	r.Context[k.String()] = request.ContextValue{Value: v}
}

// throughEndpoint is a request through a VPC endpoint. Of one that the estate does
// not hold the policy is left out of account.
func throughEndpoint(e *Engine, id string) func(*request.Request) {
	if _, held := e.estate.VPCEndpoint(id); held {
		return func(r *request.Request) { r.VPCEndpoint = &id }
	}
	return func(r *request.Request) { unnamed(r, id) }
}

// unnamed is a request through an endpoint of which nothing is known but its id.
func unnamed(r *request.Request, id string) {
	state(r, keySourceVpce, condition.String1(id))
	state(r, keySourceIP, condition.Value{})
}

// endpoints lists the endpoints that policies name, and those with policies.
func (h *hanging) endpoints() []string {
	var ids []string
	for _, t := range h.tests[keySourceVpce] {
		if t.operator != "null" && !strings.ContainsAny(t.text, "*?") {
			ids = addNew(ids, t.text)
		}
	}
	for _, id := range h.gates {
		ids = addNew(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// elsewhere is an endpoint, and a VPC, that no policy names.
const (
	elsewhereEndpoint = "vpce-0000000000why403"
	elsewhereVPC      = "vpc-0000000000why403"
)

// otherPlaces are the ways through an endpoint that is not named itself: from a
// VPC or account that is, and from none that is.
func (h *hanging) otherPlaces(inside []prefix, add func(string, func(*request.Request))) {
	var vpcs []string
	for _, t := range h.tests[keySourceVpc] {
		if t.operator != "null" && !strings.ContainsAny(t.text, "*?") {
			vpcs = addNew(vpcs, t.text)
		}
	}
	for _, id := range h.points {
		vpcs = addNew(vpcs, id)
	}
	slices.Sort(vpcs)
	inVPC := func(vpc string) func(*request.Request) {
		return func(r *request.Request) {
			unnamed(r, elsewhereEndpoint)
			state(r, keySourceVpc, condition.String1(vpc))
		}
	}
	for _, vpc := range vpcs {
		text := fromAddress + vpc
		if len(h.endpoints()) > 0 {
			text += ", through an endpoint that no policy names"
		}
		add(text, inVPC(vpc))
	}
	for _, k := range networkKeys[4:] {
		for _, t := range h.tests[k] {
			if t.operator == "null" || t.operator == "bool" {
				continue
			}
			value := strings.NewReplacer("*", "x", "?", "x").Replace(t.text)
			add("it comes through an endpoint with "+k.String()+" "+t.text, func(r *request.Request) {
				unnamed(r, elsewhereEndpoint)
				v := condition.String1(value)
				if k == networkKeys[7] {
					v = condition.Strings(value)
				}
				state(r, k, v)
			})
		}
	}
	for _, p := range inside {
		add("it comes through an endpoint that no policy names, from "+p.text, func(r *request.Request) {
			inVPC(elsewhereVPC)(r)
			state(r, keyVpcSourceIP, condition.Address(p.example))
		})
	}
	add(throughOther, func(r *request.Request) {
		inVPC(elsewhereVPC)(r)
		for _, k := range networkKeys[4:] {
			state(r, k, condition.String1("why403-other"))
		}
		state(r, keyVpcSourceIP, condition.Address("100.64.0.1"))
	})
}

// addresses are the ways over the public network.
func (h *hanging) addresses(add func(string, func(*request.Request))) {
	list := h.prefixes(keySourceIP)
	from := func(address string) func(*request.Request) {
		return func(r *request.Request) { r.SourceIP = &address }
	}
	for _, p := range list {
		add(fromAddress+p.text, from(p.example))
	}
	text := overPublic
	if len(list) > 0 {
		text = fromAddress + "a public address that no policy names"
	}
	add(text, from(outside(list)))
}

// prefix is an address range that policies name, less those inside it.
type prefix struct {
	netip.Prefix
	text    string
	example string
}

// prefixes lists the ranges that a key is compared with.
func (h *hanging) prefixes(k condition.Key) []prefix {
	var list []prefix
	for _, t := range h.tests[k] {
		p, err := netip.ParsePrefix(t.text)
		if err != nil {
			a, err := netip.ParseAddr(t.text)
			if err != nil {
				continue
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		p = p.Masked()
		if !slices.ContainsFunc(list, func(o prefix) bool { return o.Prefix == p }) {
			list = append(list, prefix{p, t.text, ""})
		}
	}
	slices.SortFunc(list, func(a, b prefix) int { return a.Prefix.Addr().Compare(b.Prefix.Addr())*1000 + a.Bits() - b.Bits() })
	kept := list[:0:0]
	for i, p := range list {
		var inner []string
		if p.example = example(p.Prefix, list); p.example == "" {
			continue // wholly covered by narrower ranges
		}
		for j, o := range list {
			if i != j && p.Bits() < o.Bits() && p.Contains(o.Prefix.Addr()) {
				inner = append(inner, o.text)
			}
		}
		if len(inner) > 0 {
			p.text += " (but not " + strings.Join(inner, ", ") + ")"
		}
		kept = append(kept, p)
	}
	return kept
}

// example is an address of a range that no narrower range of the list holds; ""
// where there is none, that is, where one behind each narrower range is held too.
func example(p netip.Prefix, list []prefix) string {
	free := func(a netip.Addr) bool {
		return a.IsValid() && p.Contains(a) && !slices.ContainsFunc(list, func(o prefix) bool { return o.Bits() > p.Bits() && o.Contains(a) })
	}
	candidates := []netip.Addr{p.Addr(), p.Addr().Next(), last(p)}
	for _, o := range list {
		candidates = append(candidates, last(o.Prefix).Next(), o.Prefix.Addr().Prev())
	}
	for _, a := range candidates {
		if free(a) {
			return a.String()
		}
	}
	return ""
}

// last is the last address of a range.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// outside is an address in none of the ranges.
func outside(list []prefix) string {
	candidates := []netip.Addr{netip.MustParseAddr("198.51.100.99"), netip.MustParseAddr("192.0.2.99"), netip.MustParseAddr("203.0.113.99"), netip.MustParseAddr("2001:db8::99")}
	for _, p := range list {
		candidates = append(candidates, last(p.Prefix).Next(), p.Prefix.Addr().Prev())
	}
	for _, a := range candidates {
		if a.IsValid() && !slices.ContainsFunc(list, func(p prefix) bool { return p.Contains(a) }) {
			return a.String()
		}
	}
	return "198.51.100.99"
}
