package iamdata

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed zz_generated_keys.txt
var keysText string

// A Key is a condition key.
type Key struct {
	// Name is the canonical form. Where a part of the key is free it is a template,
	// "aws:PrincipalTag/${TagKey}" or "s3:ExistingObjectTag/<key>".
	Name string
	// Type is String, ARN, Bool, Numeric, Date or IPAddress, or ArrayOf and one of them. Date takes numeric
	// operators as well where the key is aws:EpochTime.
	Type string
	// Multi is true for a key with many values, which wants ForAllValues or ForAnyValue.
	Multi bool
	// Global is true for a key that AWS itself sets, which the request of any action may carry:
	// what it says is of the caller, the network or the request, not of the action.
	Global bool
}

type keyIndex struct {
	exact     map[string]Key // by lower-case name
	templates []templateKey
}

// A templateKey is a key with a free part, and what stands before and after that.
type templateKey struct {
	Key
	prefix, suffix string
}

func (k *templateKey) match(name string) bool {
	return len(name) > len(k.prefix)+len(k.suffix) && hasPrefixFold(name, k.prefix) && hasSuffixFold(name, k.suffix)
}

// lookup finds a key without a free part; names of the usual length do not allocate.
func (x *keyIndex) lookup(name string) (Key, bool) {
	var buf [96]byte
	if len(name) > len(buf) {
		k, ok := x.exact[lowerString(name)]
		return k, ok
	}
	for i := 0; i < len(name); i++ {
		buf[i] = lower(name[i])
	}
	k, ok := x.exact[string(buf[:len(name)])]
	return k, ok
}

var keys = sync.OnceValue(func() keyIndex {
	x := keyIndex{exact: make(map[string]Key, 2048)}
	for line := range dataLines(keysText) {
		name, rest, _ := strings.Cut(line, " ")
		typ, carried, _ := strings.Cut(rest, " ")
		k := Key{Name: name, Type: typ, Multi: strings.HasPrefix(typ, "ArrayOf"), Global: carried == "any"}
		if prefix, suffix, ok := cutTemplate(name); ok {
			x.templates = append(x.templates, templateKey{k, prefix, suffix})
		} else {
			x.exact[lowerString(name)] = k
		}
	}
	return x
})

// ConditionKey returns what is known of a condition key of any service, in any case. A key with a free part is found by
// what it fills in: "aws:PrincipalTag/team" is the key "aws:PrincipalTag/${TagKey}", and so is the template itself.
//
// The reference lists only some keys of web identity providers ("token.actions.githubusercontent.com:ref", not ":sub"), and
// names the provider in them, so a key whose service prefix is a host name may be right and unknown.
func ConditionKey(name string) (Key, bool) {
	x := keys()
	if k, ok := x.lookup(name); ok {
		return k, true
	}
	for i := range x.templates {
		if t := &x.templates[i]; t.match(name) {
			return t.Key, true
		}
	}
	return Key{}, false
}

// ActionCarries reports whether the request of an action can carry a condition key: a global key of any known action;
// else one that the Service Authorization Reference lists on the action or, tags in the request apart, on one of the
// resource types it may be asked on. For the action of a service without full detail only global keys are known, so
// false then means "not known"; [ActionID] tells such actions apart.
//
// S3's universal keys (s3:authType, s3:TlsVersion and so on) are listed on each action that has them.
// An object reached through an access point is one of its resource types, so the access point's keys count.
func ActionCarries(action, key string) bool {
	id, ok := ActionID(action)
	if !ok {
		return KnownAction(action) && isGlobal(key)
	}
	a := &actions[id]
	if matchAny(a.ConditionKeys, key) || isGlobal(key) {
		return true
	}
	// A resource type lists the tags it is made with; a request that makes nothing carries none.
	if matchKey("aws:RequestTag/${TagKey}", key) || matchKey("aws:TagKeys", key) {
		return false
	}
	for _, ref := range a.ResourceTypes {
		if r, ok := ResourceTypeOf(a.Service(), ref.Name); ok && matchAny(r.ConditionKeys, key) {
			return true
		}
	}
	return false
}

func isGlobal(key string) bool {
	k, ok := ConditionKey(key)
	return ok && k.Global
}

func matchAny(templates []string, key string) bool {
	for _, t := range templates {
		if matchKey(t, key) {
			return true
		}
	}
	return false
}

// matchKey reports whether a key is the canonical key, or fills in its template with at least one character.
func matchKey(canonical, key string) bool {
	prefix, suffix, ok := cutTemplate(canonical)
	if !ok {
		return equalFold(canonical, key)
	}
	return (&templateKey{prefix: prefix, suffix: suffix}).match(key)
}

// cutTemplate returns what stands before and after the free part of a key, written ${Name} or <name>.
func cutTemplate(key string) (prefix, suffix string, ok bool) {
	start, end := strings.Index(key, "${"), strings.LastIndexByte(key, '}')
	if start < 0 {
		start, end = strings.IndexByte(key, '<'), strings.LastIndexByte(key, '>')
	}
	if start < 0 || end < start {
		return "", "", false
	}
	return key[:start], key[end+1:], true
}
