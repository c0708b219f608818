package parity

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
)

// A setup is what an endpoint is started with for some requests of a case: the
// case's estate with access keys for all who call, and the objects that requests
// take to be there; and the sessions of temporary credentials.
type setup struct {
	estate   *estate.Estate
	sessions []*world.Session
	only     int // the request that it is for alone; -1: for any that needs nothing of its own
}

// alone reports whether a request needs an estate or sessions of its own.
func (q *question) alone() bool {
	return len(q.tags) > 0 || q.asked.Object != nil || q.asked.Auth != nil && strings.HasPrefix(q.asked.Auth.AccessKeyID, "ASIA")
}

// prepare makes the setup for one question out of all that are asked in its case.
func prepare(t *testing.T, c *corpusCase, all []*question, q *question) *setup {
	t.Helper()
	s := &setup{estate: c.estate(t), only: -1}
	for _, other := range all {
		if other != q && other.alone() {
			continue
		}
		other.plant(s.estate)
		other.giveKey(s.estate)
		if other.session() {
			s.sessions = append(s.sessions, other.newSession())
		}
	}
	if q.alone() {
		s.only = q.index
		q.plantStated(s.estate)
		q.tag(s.estate)
	}
	if err := s.estate.Link(); err != nil {
		t.Fatal(err)
	}
	return s
}

// plant puts objects into buckets that are not listed, where the engine takes them
// to be there.
func (q *question) plant(e *estate.Estate) {
	if b, ok := e.Bucket(q.bucket(e)); ok {
		if q.spec.Scope == s3op.Object {
			plantObject(b, q.asked.Key, q.asked.VersionID)
		}
		if q.asked.Body != nil {
			for _, o := range q.asked.Body.Objects {
				plantObject(b, o.Key, o.VersionID)
			}
		}
	}
	bucket, key, version, arn, err := s3op.CopySource(q.source())
	if err != nil {
		return
	}
	if p, ok := e.AccessPoint(arn); ok && arn != "" {
		bucket = p.Bucket
	}
	if b, ok := e.Bucket(bucket); ok {
		plantObject(b, key, version)
	}
}

// source is what a copy reads.
func (q *question) source() string {
	if v, ok := q.asked.Header("x-amz-copy-source"); ok {
		return v
	}
	return q.asked.CopySource
}

func plantObject(b *estate.Bucket, key, version string) {
	if _, unread := b.Unknown.Why("objects", "listed"); b.Objects[key] == nil && (!b.Listed || unread) {
		if b.Objects == nil {
			b.Objects = map[string]*estate.Object{}
		}
		b.Objects[key] = &estate.Object{}
	}
	o := b.Objects[key]
	if o == nil {
		return
	}
	if version != "" && len(o.Versions) == 0 {
		same := *o
		o.Versions = map[string]*estate.Object{version: &same}
	}
	if len(o.Versions) > 0 && !b.Versioning.Ever() {
		b.Versioning.Status = "Enabled"
	}
}

// plantStated puts the object that the request itself describes.
func (q *question) plantStated(e *estate.Estate) {
	o := q.asked.Object
	b, ok := e.Bucket(q.bucket(e))
	if o == nil || !ok {
		return
	}
	if o.Exists != nil && !*o.Exists {
		delete(b.Objects, q.asked.Key)
		return
	}
	b.Objects[q.asked.Key] = o
}

// keyID is the access key of the caller: that of auth where it names one.
func (q *question) keyID() string {
	if a := q.asked.Auth; a != nil && a.AccessKeyID != "" {
		return a.AccessKeyID
	}
	if q.session() {
		return fmt.Sprintf("ASIA%016d", q.index)
	}
	sum := sha256.Sum256([]byte(q.principal.ARN()))
	return "AKIA" + strings.ToUpper(hex.EncodeToString(sum[:8]))
}

const secret = "parity/Secret+Key00000000000000000000000"

// giveKey gives an access key to a user or root user.
func (q *question) giveKey(e *estate.Estate) {
	if q.session() {
		return
	}
	id := q.keyID()
	if holder, ok := e.AccessKey(id); ok {
		if holder.Key.Secret == "" {
			holder.Key.Secret = secret
		}
		return
	}
	a, ok := e.Account(q.principal.Account)
	if !ok {
		return
	}
	key := &estate.AccessKey{Secret: secret}
	switch q.principal.Kind {
	case iam.User:
		u := a.Users[q.principal.Name]
		if u.AccessKeys == nil {
			u.AccessKeys = map[string]*estate.AccessKey{}
		}
		u.AccessKeys[id] = key
	case iam.RootUser:
		if a.Root == nil {
			a.Root = &estate.Root{}
		}
		if a.Root.AccessKeys == nil {
			a.Root.AccessKeys = map[string]*estate.AccessKey{}
		}
		a.Root.AccessKeys[id] = key
	}
}

// newSession makes the session that STS would have handed out.
func (q *question) newSession() *world.Session {
	r := q.asked
	s := &world.Session{
		AccessKeyID: q.keyID(), Secret: secret, Token: fmt.Sprintf("token-of-%d", q.index), Issued: q.issued, Expires: q.at().Add(time.Hour),
		Account: q.principal.Account, Principal: q.principal.ARN(), Tags: map[string]string{}, MFA: r.MFA != nil && *r.MFA,
	}
	if q.asked.Auth != nil && q.asked.Auth.TokenExpires != nil {
		s.Expires = *q.asked.Auth.TokenExpires
	}
	if s.MFA {
		s.MFATime = q.at().Add(-q.mfaAge)
	}
	for _, p := range r.SessionPolicies {
		if p.Document == nil {
			s.Policies = append(s.Policies, p.ARN)
			continue
		}
		s.Policies = append(s.Policies, estate.PrintPolicy(p.Document))
	}
	if r.SessionTags != nil {
		for k, v := range *r.SessionTags {
			s.Tags[k] = v
		}
	}
	return s
}

// at is the time of the request.
func (q *question) at() time.Time {
	if q.asked.Time != nil {
		return *q.asked.Time
	}
	return now
}

// tag gives the caller the tags that the context states.
func (q *question) tag(e *estate.Estate) {
	a, ok := e.Account(q.principal.Account)
	if !ok || len(q.tags) == 0 {
		return
	}
	var tags *map[string]string
	if u, ok := a.Users[q.principal.Name]; ok && q.principal.Kind == iam.User {
		tags = &u.Tags
	} else if r, ok := a.Roles[q.principal.Name]; ok {
		tags = &r.Tags
	} else {
		return
	}
	changed := map[string]string{}
	for k, v := range *tags {
		changed[k] = v
	}
	for k, v := range q.tags {
		if delete(changed, k); v != nil {
			changed[k] = *v
		}
	}
	*tags = changed
}

// credential is what the caller signs with.
func (q *question) credential(s *setup) sigv4.Credential {
	c := sigv4.Credential{AccessKeyID: q.keyID(), Secret: secret}
	if holder, ok := s.estate.AccessKey(c.AccessKeyID); ok {
		c.Secret = holder.Key.Secret
	}
	for _, session := range s.sessions {
		if session.AccessKeyID == c.AccessKeyID {
			c.SessionToken = session.Token
		}
	}
	if a := q.asked.Auth; a != nil {
		if a.TokenPresent != nil && !*a.TokenPresent {
			c.SessionToken = ""
		}
		if a.TokenMatches != nil && !*a.TokenMatches {
			c.SessionToken = "another token"
		}
		if a.SignatureMatches != nil && !*a.SignatureMatches {
			c.Secret = "another secret"
		}
	}
	return c
}
