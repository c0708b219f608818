package fix

import (
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/request"
)

// hopeless says why no policy, setting or request mends some refusals.
var hopeless = map[reason.Code]string{
	reason.NoSuchBucket:          "the bucket does not exist, and no permission brings it about: name another bucket, or make this one",
	reason.DeleteMarkerByVersion: "the version that the request names is a delete marker, which has no content: name another version",
	reason.Retention:             "the version is retained in compliance mode, which nobody can shorten or pass by, the root user neither: it can be deleted when its retention ends",
	reason.KeyNotFound:           "the KMS key under which the object is encrypted does not exist, so nobody can read the object",
	reason.KeyState:              "the KMS key cannot be used in its present state, and no policy changes that",
	reason.ManagedKey:            "the key is AWS's own for another account, and its policy cannot be changed",
}

// WhyNot says why nothing was found that lets a denied request through: the first
// refusal that would stand whatever is changed.
func (f *Fixer) WhyNot(r *request.Request) string {
	start, err := decided(f.gatherer, f.estate, r, f.now)
	if err != nil || len(start.decision.Refusals) == 0 {
		return "nothing refuses this request"
	}
	s := &search{Fixer: f, start: start, seen: map[string]bool{}}
	stuck := s.complete(&course{end: start}).stuck
	if stuck == nil {
		stuck = &start.decision.Refusals[0]
	}
	return start.whyNot(stuck)
}

func (s *state) whyNot(r *decide.Refusal) string {
	if why, ok := hopeless[r.Reason]; ok {
		return why
	}
	if c := s.check(r); c != nil && r.Gate == iam.GateKMS {
		if k, _ := s.keyOf(c); k == nil || k.AWSManaged() {
			return "the key is one that AWS manages: it serves its own service and account alone, and its policy cannot be changed"
		}
	}
	return "no policy, setting or change of the request that why403 knows of mends " + string(r.Reason) + " (" + r.Gate.String() + ")"
}
