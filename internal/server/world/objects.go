package world

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/store"
)

// Names in store.Attributes.Extra.
const (
	extraSeed     = "seed"     // the object stands in the seed, and was not changed
	extraVersion  = "version"  // the version id that the seed gives it
	extraArchive  = "archive"  // archiveStatus
	extraRestored = "restored" // restoredUntil

	// ExtraContext names the encryption context that a client gave, an object of JSON.
	ExtraContext = "encryptionContext"
)

// attributes turns an object of an estate into what the store keeps.
func attributes(b *estate.Bucket, o *estate.Object) store.Attributes {
	a := store.Attributes{Owner: o.Owner, Tags: o.Tags, Extra: map[string]json.RawMessage{}}
	if a.Owner == "" {
		a.Owner = string(b.Account)
	}
	if c := o.Class(); c != "STANDARD" {
		a.StorageClass = c
	}
	if o.ACL != nil {
		a.ACL = marshal(o.ACL)
	}
	if o.Encryption != nil {
		a.Encryption = marshal(o.Encryption)
	}
	if o.Lock != nil {
		a.Lock = &store.Lock{Mode: o.Lock.Mode, LegalHold: o.Lock.LegalHold}
		if o.Lock.Until != nil {
			a.Lock.RetainUntil = *o.Lock.Until
		}
	}
	if o.ArchiveStatus != "" {
		a.Extra[extraArchive] = marshal(o.ArchiveStatus)
	}
	if o.RestoredUntil != nil {
		a.Extra[extraRestored] = marshal(o.RestoredUntil)
	}
	return a
}

func marshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data
	}
	return b
}

// Facts returns an object of the store as the estate would state it. An object
// that came with the seed, and was not changed, is the seed's own, with its
// places.
func (w *World) Facts(o *store.Object) *estate.Object { return w.FactsIn(&estate.Object{}, o) }

// FactsIn is Facts in the room of f, or elsewhere. The facts must not be changed.
func (w *World) FactsIn(f *estate.Object, o *store.Object) *estate.Object {
	if o.DeleteMarker {
		*f = estate.Object{DeleteMarker: true, Owner: o.Owner}
		return f
	}
	if o.Extra[extraSeed] != nil {
		if b, ok := w.seed.Bucket(o.Bucket); ok && b.Objects[o.Key] != nil {
			if v := b.Objects[o.Key].Versions[ShownVersion(o)]; v != nil {
				return v
			}
			return b.Objects[o.Key]
		}
	}
	*f = estate.Object{Owner: o.Owner, Tags: o.Tags, StorageClass: o.StorageClass, ACL: private, Encryption: EncryptionOf(o)}
	if len(o.ACL) > 0 {
		f.ACL = ACLOf(o)
	}
	if f.Tags == nil {
		f.Tags = untagged
	}
	if o.Lock != nil {
		f.Lock = &estate.Lock{Mode: o.Lock.Mode, LegalHold: o.Lock.LegalHold}
		if !o.Lock.RetainUntil.IsZero() {
			f.Lock.Until = &o.Lock.RetainUntil
		}
	}
	if archive := o.Extra[extraArchive]; archive != nil {
		_ = json.Unmarshal(archive, &f.ArchiveStatus) // stays empty
	}
	if restored := o.Extra[extraRestored]; restored != nil {
		var until time.Time
		if json.Unmarshal(restored, &until) == nil && !until.IsZero() {
			f.RestoredUntil = &until
		}
	}
	return f
}

// What most objects have.
var (
	private  = &estate.ACL{Canned: "private"}
	untagged = map[string]string{}
)

// Missing are the facts about an object that does not exist.
func Missing() *estate.Object { no := false; return &estate.Object{Exists: &no} }

// Touch marks an object as changed: the seed does not speak of it any more. It
// is called by the changes of store.UpdateMeta.
func Touch(o *store.Object) { delete(o.Extra, extraSeed) }

// ACLOf returns an object's ACL; private where none was set.
func ACLOf(o *store.Object) *estate.ACL {
	acl := &estate.ACL{}
	if len(o.ACL) == 0 {
		acl.Canned = "private"
		return acl
	}
	if json.Unmarshal(o.ACL, acl) != nil || acl.Canned == "" && acl.Grants == nil {
		return &estate.ACL{Canned: "private"}
	}
	return acl
}

// SetACL puts an object's ACL.
func SetACL(a *store.Attributes, acl *estate.ACL) { a.ACL = marshal(acl) }

// EncryptionOf returns how an object is encrypted, nil where it is as the
// bucket's default was when nobody asked for anything.
func EncryptionOf(o *store.Object) *estate.Encryption {
	if len(o.Encryption) == 0 {
		return nil
	}
	if bytes.Equal(o.Encryption, sseS3) {
		return encryptedS3
	}
	e := &estate.Encryption{}
	if json.Unmarshal(o.Encryption, e) != nil {
		return nil
	}
	if raw := o.Extra[ExtraContext]; raw != nil {
		_ = json.Unmarshal(raw, &e.Context) // it was read when it came
	}
	return e
}

// sseS3 is what most objects have, and need not be parsed.
var (
	encryptedS3 = &estate.Encryption{Algorithm: "AES256"} // not to be changed
	sseS3       = marshal(encryptedS3)
)

// SetEncryption puts how an object is encrypted.
func SetEncryption(a *store.Attributes, e *estate.Encryption) { a.Encryption = marshal(e) }

// WithObject returns the present estate with facts about one more object, for
// requests that name two: the engine looks for the source of a copy here.
func (w *World) WithObject(e *estate.Estate, bucket, key, versionID string, o *estate.Object) *estate.Estate {
	b, ok := e.Bucket(bucket)
	if !ok || o == nil {
		return e
	}
	c := *b
	if versionID != "" {
		o = &estate.Object{Versions: map[string]*estate.Object{versionID: o}, Owner: o.Owner}
	}
	c.Listed = true
	c.Objects = map[string]*estate.Object{}
	if o.Exists == nil || *o.Exists {
		c.Objects[key] = o
	}
	d := newDraft(e)
	put(d, &d.account(b.Account).Buckets, bucket, &c)
	_ = d.link() // the estate was linked before
	return d.estate
}

// Canonical returns the canonical user id of an owner as the store keeps it: an
// account id, a canonical id, or "anonymous".
func Canonical(e *estate.Estate, owner string) string {
	if owner == "anonymous" {
		return AnonymousID
	}
	if id := strings.TrimSpace(owner); len(id) == 12 {
		if a, ok := e.Account(accountID(id)); ok {
			return a.Canonical()
		}
		return estate.CanonicalIDOf(accountID(id))
	}
	return owner
}

// AnonymousID is the canonical user id of unsigned requests.
const AnonymousID = "65a011a29cdf8ec533ec3d1ccaae921c"
