package query

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/request"
)

// A Special is a question that is asked over and over, specialised to a principal,
// an operation and a bucket: partially evaluated, with the key and the
// circumstances left open, to what still depends on them. What the open request
// is decided to be, allowed or denied, every closed one is, so for most questions
// little is left: nothing, or which of a few patterns the key matches. It is safe
// for concurrent use.
//
// It speaks of plain requests alone, see Verdict.
type Special struct {
	engine    *Engine
	region    string // of the bucket
	operation string
	versioned bool
	tags      bool // of a role session are left open
	space     *keySpace
	verdicts  map[string]iam.Verdict // by the patterns that the key matches; Unknown hangs on more
	always    iam.Verdict            // of any key, where it is not Unknown
}

// Specialise makes a Special of an ask; its key does not matter. The principal is
// named as requests name it; of a role session, any session of the role is meant
// if the role is named.
func (e *Engine) Specialise(principal string, a *Ask) (*Special, error) {
	p, err := e.find(principal)
	if err != nil {
		return nil, err
	}
	p.request = principal
	one := *a
	one.Key, one.typical, one.bare = "", true, true
	s := &Special{engine: e, operation: a.Operation, versioned: a.VersionID != "", tags: p.kind == iam.RoleSession}
	if b := e.bucket(a); b != nil {
		s.region = b.RegionOrDefault()
	}
	if !one.onKeys() {
		one.typical = false
		s.always, err = e.openVerdict(&p, &one)
		return s, err
	}
	if s.space, err = divide([]*Engine{e}, &p, &one); err != nil {
		return nil, err
	}
	return s, s.fill(e, &p, one)
}

// fill decides a key of every class.
func (s *Special) fill(e *Engine, p *Principal, a Ask) error {
	s.verdicts = map[string]iam.Verdict{}
	for i := range s.space.classes {
		c := &s.space.classes[i]
		a.Key = c.Text
		v, err := e.openVerdict(p, &a)
		if err != nil {
			return err
		}
		if e.varies(&a) || !s.space.complete {
			v = iam.Unknown
		}
		s.verdicts[vector(c.In)] = v
		if i == 0 {
			s.always = v
		}
	}
	for _, v := range s.verdicts {
		if v != s.always {
			s.always = iam.Unknown
		}
	}
	return nil
}

// openVerdict decides with all circumstances left open.
func (e *Engine) openVerdict(p *Principal, a *Ask) (iam.Verdict, error) {
	f, err := e.gatherer.Facts(e.request(p, a))
	if err != nil {
		return iam.Unknown, err
	}
	return decide.Allowed(f), nil
}

// varies tells the keys whose object a class does not settle: it may be missing
// from a bucket that is listed, have versions, or a state that follows the clock.
func (e *Engine) varies(a *Ask) bool {
	b := e.bucket(a)
	if b == nil || b.Objects[a.Key] == nil {
		return b == nil || b.Listed
	}
	o := b.Objects[a.Key]
	return o.RestoredUntil != nil || o.Lock != nil || len(o.Versions) > 0
}

func vector(in []bool) string {
	b := make([]byte, len(in))
	for i := range in {
		if in[i] {
			b[i] = 1
		}
	}
	return string(b)
}

// Verdict answers a request of the principal for the operation on the bucket. It
// is not ok where the answer hangs on the circumstances of the request, or the
// request is not a plain one: then it is to be decided in full. The request must
// be one that Specialise was asked about; only its key and circumstances are
// looked at.
//
// A plain request has no headers that ask for more (an ACL, encryption, tags, a
// lock), no body, session policies or facts of its own about the object, came
// over TLS and, if through a VPC endpoint, one that the estate holds, and is
// correctly signed.
func (s *Special) Verdict(r *request.Request) (v iam.Verdict, ok bool) {
	if !s.plain(r) {
		return iam.Unknown, false
	}
	if s.always != iam.Unknown || s.space == nil {
		return s.always, s.always != iam.Unknown
	}
	var few [32]byte
	in := few[:0]
	for i := range s.space.patterns {
		held := byte(0)
		if s.space.patterns[i].Match(r.Key, nil) == condition.True {
			held = 1
		}
		in = append(in, held)
	}
	v = s.verdicts[string(in)]
	return v, v != iam.Unknown
}

// plain reports requests that differ from the specialised one in nothing but the
// key and what was left open.
func (s *Special) plain(r *request.Request) bool {
	if r.Operation != s.operation || (r.VersionID != "") != s.versioned || r.CopySource != "" || r.Body != nil || r.Object != nil || r.BucketExists != nil ||
		r.FederatedBy != nil || len(r.SessionPolicies) > 0 || !r.Secure() || r.Auth != nil || r.Unstated != "" {
		return false
	}
	for name := range r.Headers {
		if !harmless[strings.ToLower(name)] {
			return false
		}
	}
	for name := range r.Query {
		if name != "prefix" && name != "delimiter" && name != "max-keys" && name != "list-type" {
			return false
		}
	}
	for name := range r.Context {
		if !s.leftOpen(name) {
			return false
		}
	}
	return (s.tags || r.SessionTags == nil) && (r.VPCEndpoint == nil || s.knows(*r.VPCEndpoint))
}

// knows tells the VPC endpoints whose policy the open request has taken into
// account: those of the bucket's region, and those without a policy.
func (s *Special) knows(id string) bool {
	ep, held := s.engine.estate.VPCEndpoint(id)
	return id == "" || held && (ep.Service == "com.amazonaws."+s.region+".s3" || ep.Document.Document == nil && len(ep.Unknown) == 0)
}

// harmless are headers that add nothing to what is asked, and bring no condition
// key but those that are left open.
var harmless = map[string]bool{"user-agent": true, "referer": true, "host": true, "x-amz-content-sha256": true, "x-amz-date": true, "range": true, "accept": true}

// leftOpen tells the condition keys that the specialised request leaves open
// wherever a policy tests them.
func (s *Special) leftOpen(name string) bool {
	lower := strings.ToLower(name)
	k := condition.Intern(name)
	return slices.Contains(networkKeys, k) || k == keyMFAPresent || k == keyMFAAge || lower == "aws:currenttime" || lower == "aws:epochtime" ||
		lower == "aws:referer" || lower == "aws:useragent" || s.tags && strings.HasPrefix(lower, "aws:principaltag/")
}
