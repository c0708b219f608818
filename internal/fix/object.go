package fix

import (
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
)

// objectStep changes one field of an object: where the request states facts about
// it, there, else in the estate. It returns nil for an object of a bucket that
// the estate does not hold.
func (s *state) objectStep(b *decide.Bucket, o *decide.Object, field string, value func(*estate.Object) *node.Node) *step {
	if b == nil || o == nil {
		return nil
	}
	held, ok := s.estate.Bucket(b.Name)
	if !ok {
		return nil
	}
	st := &step{place: place{kind: setting, account: held.Account, owner: b.Name, name: "object", where: "object " + o.Key + " of bucket " + b.Name, path: bucketPath(held).To("objects", o.Key)}}
	if r := s.request.Object; r != nil && s.facts.Target != nil && b.Name == s.facts.Target.Name && s.request.Key == o.Key && states(r, field) {
		st.request = []node.Change{added(node.Pointer{"object", field}, value(r))}
		return st
	}
	st.estate = []node.Change{objectChange(held, o, field, value)}
	return st
}

// states reports whether a request says something of an object's field.
func states(o *estate.Object, field string) bool {
	switch field {
	case "acl":
		return o.ACL != nil
	case "tags":
		return o.Tags != nil
	case "lock":
		return o.Lock != nil
	case "encryption":
		return o.Encryption != nil
	case "restoredUntil":
		return o.StorageClass != "" || o.RestoredUntil != nil
	}
	return false
}

func objectChange(b *estate.Bucket, o *decide.Object, field string, value func(*estate.Object) *node.Node) node.Change {
	at, old := bucketPath(b).To("objects"), b.Objects[o.Key]
	switch {
	case len(b.Objects) == 0:
		return added(at, node.Mapping().Put(o.Key, node.Mapping().Put(field, value(&estate.Object{}))))
	case old == nil || len(old.Places) == 0:
		return added(at.To(o.Key), node.Mapping().Put(field, value(&estate.Object{})))
	}
	at = at.To(o.Key)
	if v := old.Versions[o.VersionID]; o.VersionID != "" && v != nil {
		if at = at.To("versions", o.VersionID); len(v.Places) == 0 {
			return added(at, node.Mapping().Put(field, value(v)))
		}
		old = v
	}
	return added(at.To(field), value(old))
}

// objectOf returns the object that a refusal of the request as a whole is about,
// and its bucket.
func (s *state) objectOf() (*decide.Bucket, *decide.Object) {
	if f := &s.facts.Form; f.CopiesFrom != nil {
		return f.CopiesFromBucket, f.CopiesFrom
	}
	if c := s.mainCheck(); c != nil && c.Object != nil {
		return c.Bucket, c.Object
	}
	return nil, nil
}

// restore brings an archived object back.
func (f *Fixer) restore(s *state, r *decide.Refusal) []*step {
	b, o := s.objectOf()
	until := s.time().Add(7 * 24 * time.Hour).UTC().Truncate(time.Second)
	st := s.objectStep(b, o, "restoredUntil", func(*estate.Object) *node.Node { return node.Text(until.Format(time.RFC3339)) })
	if st == nil {
		return nil
	}
	st.gate, st.cost = r.Gate, costSetting
	st.title = "restore the object from its archive for seven days"
	st.note = "a restore takes minutes to two days, by storage class and tier; the temporary copy is paid for"
	args := []string{"s3api", "restore-object", "--bucket", b.Name, "--key", o.Key}
	if o.VersionID != "" {
		args = append(args, "--version-id", o.VersionID)
	}
	days := `{"Days":7,"GlacierJobParameters":{"Tier":"Standard"}}`
	if r.Where == "INTELLIGENT_TIERING" {
		days = `{}` // no Days there: the object moves back itself
	}
	st.command = awsCommand(append(args, "--restore-request", days)...)
	return []*step{st}
}

// lock steps let a protected version go: retention that may be bypassed by those
// who are allowed to, a legal hold that is lifted. Compliance mode has no step.
func (f *Fixer) lock(s *state, r *decide.Refusal) []*step {
	switch {
	case r.Reason == reason.NoObjectLock:
		return s.enableLock(r)
	case r.Reason == reason.Retention && r.Where == "GOVERNANCE":
		return []*step{requestStep(r.Gate, costRequest, "send the header x-amz-bypass-governance-retention: true, which takes s3:BypassGovernanceRetention",
			s.header("x-amz-bypass-governance-retention", "true"))}
	case r.Reason != reason.LegalHold:
		return nil
	}
	var steps []*step
	for i := range s.facts.Checks {
		c := &s.facts.Checks[i]
		if c.Object == nil || !c.Object.LegalHold || c.Resource != r.Resource {
			continue
		}
		st := s.objectStep(c.Bucket, c.Object, "lock", func(o *estate.Object) *node.Node { return liftedHold(o.Lock) })
		if st == nil {
			continue
		}
		st.gate, st.cost, st.title = r.Gate, costLoosen, "lift the legal hold of the object version"
		st.note = "somebody set the hold for a reason: ask first"
		st.command = awsCommand("s3api", "put-object-legal-hold", "--bucket", c.Bucket.Name, "--key", c.Object.Key, "--version-id", c.Object.VersionID, "--legal-hold", "Status=OFF")
		steps = append(steps, st)
		break
	}
	return steps
}

func liftedHold(l *estate.Lock) *node.Node {
	n := node.Mapping()
	if l != nil && l.Mode != "" {
		n.Put("mode", node.Text(l.Mode))
		if l.Until != nil {
			n.Put("until", node.Text(l.Until.UTC().Format(time.RFC3339)))
		}
	}
	return n.Put("legalHold", node.Flag(false))
}

// enableLock turns on Object Lock for a bucket that has none.
func (s *state) enableLock(r *decide.Refusal) []*step {
	b := s.bucket()
	if b == nil {
		return nil
	}
	var steps []*step
	if s.facts.Form.BypassSent && s.facts.Form.Retention == nil {
		steps = append(steps, requestStep(r.Gate, costRequest, "leave out the header x-amz-bypass-governance-retention", s.noHeader("x-amz-bypass-governance-retention")...))
	}
	st := s.bucketSetting(b, "objectLock", node.Mapping().Put("enabled", node.Flag(true)))
	st.gate, st.cost, st.title = iam.GateObjectLock, costSetting, "turn on Object Lock for bucket "+b.Name
	st.note = "it cannot be turned off again, and versioning stays on"
	st.command = awsCommand("s3api", "put-object-lock-configuration", "--bucket", b.Name, "--object-lock-configuration", "ObjectLockEnabled=Enabled")
	if !b.Versioning.Enabled() {
		st.estate = append(st.estate, added(bucketPath(b).To("versioning"), node.Mapping().Put("status", node.Text("Enabled"))))
		st.command = awsCommand("s3api", "put-bucket-versioning", "--bucket", b.Name, "--versioning-configuration", "Status=Enabled") + "\n" + st.command
	}
	return append(steps, st)
}

// sseC steps are about keys that the customer provides.
func (f *Fixer) sseC(s *state, r *decide.Refusal) []*step {
	_, o := s.objectOf()
	if o == nil {
		return nil
	}
	prefix := "x-amz-server-side-encryption-customer-"
	if s.facts.Form.CopiesFrom != nil {
		prefix = "x-amz-copy-source-server-side-encryption-customer-"
	}
	md5 := or(o.SSECKeyMD5, "MD5_OF_THE_KEY")
	title := "send the key that the object was stored under, in the three headers " + prefix + "algorithm, -key and -key-MD5"
	if r.Reason == reason.SSECKeyWrong {
		return []*step{requestStep(r.Gate, costRequest, "send the right key: the one whose MD5 is "+md5, s.header(prefix+"key-MD5", md5))}
	}
	if s.request.Headers == nil {
		return []*step{requestStep(r.Gate, costRequest, title, added(node.Pointer{"headers"}, node.Mapping().Put(prefix+"algorithm", node.Text("AES256")).Put(prefix+"key-MD5", node.Text(md5))))}
	}
	return []*step{requestStep(r.Gate, costRequest, title, s.header(prefix+"algorithm", "AES256"), s.header(prefix+"key-MD5", md5))}
}

func encryptedBy(algorithm string) func(*estate.Object) *node.Node {
	return func(*estate.Object) *node.Node { return node.Mapping().Put("algorithm", node.Text(algorithm)) }
}
