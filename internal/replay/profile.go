package replay

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/policy"
)

// A profile is all that the policies and settings of some estates look at in a
// request.
type profile struct {
	keys      map[string]bool // condition keys, in lower case; variables of texts too
	resources division        // S3 ARNs
	addresses []netip.Addr    // where address ranges begin, or have just ended
	anyIP     bool            // addresses are compared as texts
	times     []int64         // seconds at which a comparison turns
	anyTime   bool
	sessions  bool // somebody looks at the name of a role's session
	grants    bool // grants look at the encryption context
	listed    bool // some bucket's objects are all known, so a key may be missing
}

func profileOf(estates ...*estate.Estate) *profile {
	p := &profile{keys: map[string]bool{}}
	for _, e := range estates {
		for _, d := range e.AllDocuments() {
			for i := range d.Statements {
				p.statement(d, &d.Statements[i])
			}
		}
		p.settings(e)
	}
	p.resources.ready()
	slices.SortFunc(p.addresses, netip.Addr.Compare)
	p.addresses = slices.Compact(p.addresses)
	slices.Sort(p.times)
	p.times = slices.Compact(p.times)
	return p
}

func (p *profile) statement(d *policy.Document, st *policy.Statement) {
	for _, r := range st.Resources {
		p.variables(r.Text)
		if pattern, err := condition.CompileResource(r.Text, d.Variables()); err == nil {
			p.resources.add(pattern)
		}
	}
	for _, v := range st.Principals {
		p.sessions = p.sessions || strings.Contains(v.Text, "assumed-role")
	}
	for i := range st.Conditions {
		c := &st.Conditions[i]
		key := strings.ToLower(c.Key)
		p.keys[key] = true
		for _, v := range c.Values {
			p.variables(v.Text)
			p.sessions = p.sessions || strings.Contains(v.Text, "assumed-role")
		}
		p.condition(key, c)
	}
}

// variables notes the condition keys that a text has as policy variables.
func (p *profile) variables(text string) {
	for {
		_, rest, ok := strings.Cut(text, "${")
		if !ok {
			return
		}
		name, after, _ := strings.Cut(rest, "}")
		name, _, _ = strings.Cut(name, ",")
		name = strings.ToLower(strings.TrimSpace(name))
		p.keys[name] = true
		switch name {
		case "aws:sourceip", "aws:vpcsourceip":
			p.anyIP = true
		case "aws:currenttime", "aws:epochtime", "aws:tokenissuetime":
			p.anyTime = true
		case "aws:userid":
			p.sessions = true
		}
		text = after
	}
}

func (p *profile) condition(key string, c *policy.Condition) {
	switch key {
	case "aws:sourceip", "aws:vpcsourceip":
		for _, v := range c.Values {
			p.address(v.Text)
		}
	case "aws:currenttime", "aws:epochtime", "aws:tokenissuetime":
		for _, v := range c.Values {
			p.moment(c.Operator, v.Text)
		}
	case "aws:userid":
		p.sessions = true
	}
}

func (p *profile) address(text string) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			p.anyIP = p.anyIP || !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") // of Null
			return
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	first := prefix.Masked().Addr()
	p.addresses = append(p.addresses, first)
	if after := lastOf(prefix).Next(); after.IsValid() {
		p.addresses = append(p.addresses, after)
	}
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

// moment notes when a comparison of dates turns: at the second, and behind it.
func (p *profile) moment(operator, text string) {
	operator = strings.ToLower(operator)
	if strings.HasPrefix(operator, "null") {
		return
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		var t time.Time
		if t, err = time.Parse(time.RFC3339, text); err != nil {
			t, err = time.Parse("2006-01-02", text)
		}
		seconds = t.Unix()
	}
	if err != nil || !strings.Contains(operator, "date") && !strings.Contains(operator, "numeric") {
		p.anyTime = true
		return
	}
	p.times = append(p.times, seconds, seconds+1)
}

// settings notes what else hangs on the request: objects that the estate holds, and
// the ends of their locks.
func (p *profile) settings(e *estate.Estate) {
	for _, a := range e.Accounts {
		for _, k := range a.Keys {
			for _, g := range k.Grants {
				p.sessions = p.sessions || strings.Contains(g.Grantee, "assumed-role")
				p.grants = p.grants || len(g.Constraints.EncryptionContextEquals)+len(g.Constraints.EncryptionContextSubset) > 0
			}
		}
		for name, b := range a.Buckets {
			p.listed = p.listed || b.Listed
			for key, o := range b.Objects {
				p.resources.exact("arn:" + estate.PartitionOf(b.RegionOrDefault()) + ":s3:::" + name + "/" + key)
				p.object(o)
			}
		}
	}
}

func (p *profile) object(o *estate.Object) {
	if o == nil {
		return
	}
	if o.RestoredUntil != nil {
		p.times = append(p.times, o.RestoredUntil.Unix(), o.RestoredUntil.Unix()+1)
	}
	if o.Lock != nil && o.Lock.Until != nil {
		p.times = append(p.times, o.Lock.Until.Unix(), o.Lock.Until.Unix()+1)
	}
	for _, v := range o.Versions {
		p.object(v)
	}
}

func (p *profile) uses(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return p.keys[k] })
}
