package gather

import (
	"fmt"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
)

// objectFacts is an object version, as the estate and the request tell it.
type objectFacts struct {
	stored  *estate.Object // with defaults; nil where there is none
	assumed bool           // the estate does not hold it, and it counts as existing
	missing bool           // known not to exist
	version string
	facts   *decide.Object
}

// objectOf finds an object: what the request says of it, else what the estate
// holds, else the assumption that the contract names for keys of buckets that
// are not completely listed.
func (t *task) objectOf(b *estate.Bucket, bucketFacts *decide.Bucket, key, version string, stated *estate.Object) *objectFacts {
	o, f, grants := t.room.newObject()
	o.version, o.facts = version, f
	held := heldObject(b, key, version)
	switch {
	case stated != nil:
		o.stored = overlay(held, stated)
		o.missing = stated.Exists != nil && !*stated.Exists
	case held != nil:
		o.stored = held
		o.missing = held.Exists != nil && !*held.Exists
	case b != nil && complete(b, key, version):
		o.missing = true
	default:
		o.assumed = true
		o.stored = &estate.Object{}
	}
	t.objectDetails(o, b, bucketFacts, key, grants)
	return o
}

// complete tells whether an object or version that the estate does not hold is
// known not to exist.
func complete(b *estate.Bucket, key, version string) bool {
	if _, unread := b.Unknown.Why("objects", "listed"); unread {
		return false
	}
	if b.Objects[key] == nil || version == "" {
		return b.Listed
	}
	_, unread := b.Objects[key].Unknown.Why("versions")
	return !unread && (b.Listed || len(b.Objects[key].Versions) > 0)
}

// heldObject returns the estate's object in a version; without a version, or
// where no versions are listed, its current one.
func heldObject(b *estate.Bucket, key, version string) *estate.Object {
	if b == nil || b.Objects[key] == nil {
		return nil
	}
	o := b.Objects[key]
	if version == "" {
		return o
	}
	if v, ok := o.Versions[version]; ok {
		return v
	}
	if _, unread := o.Unknown.Why("versions"); len(o.Versions) == 0 && !unread {
		return o
	}
	return nil
}

// overlay puts what a request says of an object over what the estate holds.
func overlay(held, stated *estate.Object) *estate.Object {
	if held == nil {
		return stated
	}
	o := *held
	if stated.Owner != "" {
		o.Owner = stated.Owner
	}
	if stated.ACL != nil {
		o.ACL = stated.ACL
	}
	if stated.Encryption != nil {
		o.Encryption = stated.Encryption
	}
	if stated.Tags != nil {
		o.Tags = stated.Tags
	}
	if stated.StorageClass != "" {
		o.StorageClass, o.ArchiveStatus, o.RestoredUntil = stated.StorageClass, stated.ArchiveStatus, stated.RestoredUntil
	}
	if stated.RestoredUntil != nil {
		o.RestoredUntil = stated.RestoredUntil
	}
	if stated.Lock != nil {
		o.Lock = stated.Lock
	}
	o.DeleteMarker = o.DeleteMarker || stated.DeleteMarker
	o.Unknown = append(o.Unknown[:len(o.Unknown):len(o.Unknown)], stated.Unknown...)
	return &o
}

func (t *task) objectDetails(o *objectFacts, b *estate.Bucket, bf *decide.Bucket, key string, grants []decide.Grant) {
	f := o.facts
	f.Key, f.VersionID, f.Exists = key, o.version, condition.Of(!o.missing)
	if o.missing {
		o.stored = nil
		f.Owner = bf.Account
		return
	}
	s := o.stored
	f.Pos, f.DeleteMarker = s.Pos, s.DeleteMarker
	what := ""
	if len(s.Unknown) > 0 || o.assumed {
		what = "object " + key
	}
	t.objectOwner(o, bf, what)
	aclMissing := unreadPart(s.Unknown, "ACL of ", what, "acl")
	if o.assumed && !t.r.Absent() && bf.ACLs != condition.False {
		aclMissing = []decide.Missing{{What: "ACL of " + what, Why: "the estate does not hold the object", Need: "s3:GetObjectAcl"}}
	}
	f.ACL = t.acl(s.ACL, f.Owner, bf.Account, aclMissing, grants)
	if len(f.OwnerMissing) > 0 && aclMissing == nil {
		f.ACL = t.acl(s.ACL, noOwner, bf.Account, nil, nil)
		f.ACL.Missing = f.OwnerMissing // its grants to the owner reach who is not known
	}
	f.Archived = t.archived(s)
	f.ArchiveMissing = t.archiveUnread(s, what)
	f.EncryptionMissing = unreadPart(s.Unknown, "encryption of ", what, "encryption")
	if lock := s.Lock; lock != nil {
		f.LockMode, f.LegalHold, f.LockPos = lock.Mode, lock.LegalHold, lock.Pos
		if lock.Until != nil {
			f.LockUntil = *lock.Until
		} else if lock.Mode != "" {
			f.LockUntil = time.Unix(1<<40, 0)
		}
	}
	f.Missing = unreadPart(s.Unknown, "Object Lock state of ", what, "lock")
	if o.assumed && b != nil && b.Objects[key] != nil {
		f.Missing = unread(b.Objects[key].Unknown, "version "+o.version+" of "+what, "versions")
	}
	if e := s.Encryption; e != nil && e.Algorithm == "SSE-C" {
		f.SSEC, f.SSECKeyMD5 = true, e.KeyMD5
	}
}

// objectOwner is the account that owns an object: the bucket's with ACLs
// disabled, else the writer's.
func (t *task) objectOwner(o *objectFacts, bf *decide.Bucket, what string) {
	f, s := o.facts, o.stored
	f.Owner = bf.Account
	if bf.ACLs == condition.False {
		return
	}
	switch {
	case o.assumed && !t.r.Absent() && s.Owner == "":
		f.OwnerMissing = []decide.Missing{{What: "owner of " + what, Why: "the estate does not hold the object", Need: "s3:ListBucket"}}
	case s.Owner == "anonymous" || s.Owner == anonymousOwner:
		f.Owner = ""
	case s.Owner != "":
		f.Owner = t.accountIn(s.Owner)
	}
	if missing := unreadPart(s.Unknown, "owner of ", what, "owner"); missing != nil {
		f.OwnerMissing = missing
	}
}

// anonymousOwner is the canonical id of anonymous uploaders (S3 User Guide,
// Access control list overview).
const anonymousOwner = "65a011a29cdf8ec533ec3d1ccaae921c"

// archived returns the storage class or tier from which an object must be
// restored before it can be read, "" for one that can be.
func (t *task) archived(s *estate.Object) string {
	if s.RestoredUntil != nil && s.RestoredUntil.After(t.time) {
		return ""
	}
	switch s.Class() {
	case "GLACIER", "DEEP_ARCHIVE":
		return s.Class()
	case "INTELLIGENT_TIERING":
		if s.ArchiveStatus == "ARCHIVE_ACCESS" || s.ArchiveStatus == "DEEP_ARCHIVE_ACCESS" {
			return s.Class()
		}
	}
	return ""
}

// noOwner stands for an owner that is not known: no caller's account.
const noOwner iam.AccountID = "owner"

// archiveUnread is what is missing to tell whether an object must be restored
// before it is read.
func (t *task) archiveUnread(s *estate.Object, what string) []decide.Missing {
	if s.RestoredUntil != nil && s.RestoredUntil.After(t.time) {
		return nil
	}
	if s.StorageClass == "" {
		return unreadPart(s.Unknown, "storage class of ", what, "storageClass")
	}
	if s.Class() == "INTELLIGENT_TIERING" && s.ArchiveStatus == "" {
		return unreadPart(s.Unknown, "archive status of ", what, "archiveStatus")
	}
	if t.archived(s) != "" && s.RestoredUntil == nil {
		return unreadPart(s.Unknown, "restore status of ", what, "restoredUntil")
	}
	return nil
}

// tagKeys writes s3:ExistingObjectTag for actions that carry it.
func (t *task) tagKeys(l *condition.Layer, o *objectFacts) {
	switch {
	case o == nil || o.missing:
		return
	case o.assumed && !t.r.Absent():
		l.Set(keyExistingObjectTag, condition.NotKnown)
		return
	}
	if _, unread := o.stored.Unknown.Why("tags"); unread {
		l.Set(keyExistingObjectTag, condition.NotKnown)
	}
	l.SetTags("s3:ExistingObjectTag/", o.stored.Tags)
}

// assume notes what was taken for granted of an object.
func (t *task) assume(bucket string, o *objectFacts) {
	if o == nil || !o.assumed || t.r.Absent() && bucket == "" {
		return
	}
	note := fmt.Sprintf("object %s of bucket %s is taken to exist, to be owned by the bucket's account, private, untagged, encrypted as the bucket's default, in STANDARD and not locked", o.facts.Key, bucket)
	for _, a := range t.facts.Assumed {
		if a == note {
			return
		}
	}
	t.facts.Assumed = append(t.facts.Assumed, note)
}
