package condition

import (
	"strings"
	"sync"
	"sync/atomic"
)

// A Key is an interned condition key. Names compare case-insensitively, also
// the part behind the slash of aws:PrincipalTag/team (IAM User Guide, Condition).
type Key uint32

type keyInfo struct {
	name   string // as first seen
	family Key    // key of "aws:principaltag/" for "aws:PrincipalTag/team", of Session for "aws:SourceIdentity", else 0
}

var keys = struct {
	sync.RWMutex
	byName map[string]Key
	info   atomic.Pointer[[]keyInfo]
}{byName: map[string]Key{}}

func init() {
	keys.info.Store(&[]keyInfo{{}}) // Key 0 is no key
}

// Intern returns the Key of a name such as "aws:SourceIp". The first spelling
// seen is the one that String returns.
func Intern(name string) Key {
	lower := strings.ToLower(name)
	keys.RLock()
	k, ok := keys.byName[lower]
	keys.RUnlock()
	if ok {
		return k
	}
	family := Key(0)
	prefix, suffix, tagged := strings.Cut(name, "/")
	switch {
	case tagged && suffix != "":
		family = Intern(prefix + "/")
	case ofSession(lower):
		family = Intern(Session)
	}
	keys.Lock()
	defer keys.Unlock()
	if k, ok := keys.byName[lower]; ok {
		return k
	}
	// Readers hold shorter slices of the same array, and never look behind them.
	info := append(*keys.info.Load(), keyInfo{strings.Clone(name), family})
	keys.info.Store(&info)
	k = Key(len(info) - 1)
	keys.byName[strings.Clone(lower)] = k
	return k
}

// String returns the key's name.
func (k Key) String() string { return (*keys.info.Load())[k].name }

// Family returns the key that stands for all keys of the same prefix
// ("aws:PrincipalTag/" for "aws:PrincipalTag/team") or of sessions, or 0.
func (k Key) Family() Key { return (*keys.info.Load())[k].family }
