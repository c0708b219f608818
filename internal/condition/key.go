package condition

import (
	"runtime"
	"strings"
	"sync"
	"weak"
)

// EncryptionContext is the family of the condition keys of an encryption context
// (KMS Developer Guide, kms:EncryptionContext:context-key).
const EncryptionContext = "kms:EncryptionContext:"

// A Key is an interned condition key. Names compare case-insensitively, also
// the part behind the slash of aws:PrincipalTag/team (IAM User Guide, Condition).
// The zero Key is no key.
//
// Tags and requests bring names that clients choose, so a name is kept only as long
// as something holds its Key: a policy, the tags of something, a request under way.
type Key struct{ info *keyInfo }

type keyInfo struct {
	name   string // as first seen
	family Key    // key of "aws:principaltag/" for "aws:PrincipalTag/team", of Session for "aws:SourceIdentity", of EncryptionContext, else none
	number uint32 // in the order of making, for hash tables
}

var keys = struct {
	sync.RWMutex
	byName map[string]weak.Pointer[keyInfo] // in lower case
	made   uint32
}{byName: map[string]weak.Pointer[keyInfo]{}}

// Intern returns the Key of a name such as "aws:SourceIp". The first spelling
// seen is the one that String returns.
func Intern(name string) Key {
	lower := strings.ToLower(name)
	keys.RLock()
	known := keys.byName[lower].Value()
	keys.RUnlock()
	if known != nil {
		return Key{known}
	}
	var family Key
	prefix, suffix, tagged := strings.Cut(name, "/")
	switch {
	case len(lower) > len(EncryptionContext) && strings.EqualFold(lower[:len(EncryptionContext)], EncryptionContext):
		family = Intern(EncryptionContext)
	case tagged && suffix != "":
		family = Intern(prefix + "/")
	case ofSession(lower):
		family = Intern(Session)
	}
	keys.Lock()
	defer keys.Unlock()
	if known := keys.byName[lower].Value(); known != nil {
		return Key{known}
	}
	keys.made++
	info := &keyInfo{strings.Clone(name), family, keys.made}
	lower = strings.Clone(lower)
	keys.byName[lower] = weak.Make(info)
	runtime.AddCleanup(info, forget, lower)
	return Key{info}
}

// forget drops a name whose Key nothing holds any more, unless it was interned anew.
func forget(lower string) {
	keys.Lock()
	defer keys.Unlock()
	if keys.byName[lower].Value() == nil {
		delete(keys.byName, lower)
	}
}

// String returns the key's name, "" of no key.
func (k Key) String() string {
	if k.info == nil {
		return ""
	}
	return k.info.name
}

// Family returns the key that stands for all keys of the same prefix
// ("aws:PrincipalTag/" for "aws:PrincipalTag/team"), of sessions or of encryption
// contexts, or no key.
func (k Key) Family() Key { return k.info.family }
