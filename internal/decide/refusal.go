package decide

import (
	"cmp"
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
)

// A Refusal is one gate's refusal of a request.
type Refusal struct {
	Gate   iam.Gate
	Kind   iam.Kind
	Reason reason.Code
	Step   Step // when S3 finds it

	Check     int         // the check that is refused, or -1 for the request as a whole
	Action    string      // "" for the request as a whole
	Resource  string      //
	Set       *policy.Set // of the statement that refuses; nil for none
	Statement int         // index in Set, or -1
	Where     string      // the setting, level or thing that refuses
	Pos       node.Pos    // where that stands

	Status  int
	Code    string
	Message string // what S3 answers this caller

	// Extra are the elements that S3 adds to the error, by name.
	Extra [][2]string
}

// Step is when S3 finds a refusal, which decides what it answers if several
// gates refuse. AWS documents no order; this one is consistent with recorded
// answers.
type Step uint8

// The steps of a request through S3.
const (
	StepURI Step = iota + 1
	StepMechanism
	StepClock
	StepScope
	StepCredentials
	StepUnsignedHeaders
	StepSignature
	StepBucket
	StepExpectedOwner
	StepRequesterPays
	StepPolicy
	StepRequest     // ACLs disabled and blocked encryption types
	StepPublicBlock // what Block Public Access refuses to set
	StepExistence
	StepState // storage class, Object Lock, MFA delete
	StepKMS
)

// phase ranks refusals as causes: authentication, then a bucket that is not
// there, then what refuses explicitly, then what failed to allow, then a missing
// key.
func (r *Refusal) phase() int {
	switch {
	case r.Kind == iam.KindAuthentication:
		return 0
	case r.Reason == reason.NoSuchBucket:
		return 1
	case r.Gate == iam.GateExistence:
		return 4
	case r.Kind == iam.KindImplicitDeny:
		return 3
	}
	return 2
}

// implicitRank is the order of implicit denies among themselves.
var implicitRank = map[iam.Gate]int{
	iam.GateSCP: 0, iam.GateVPCEndpoint: 1, iam.GateBucketPolicy: 2, iam.GateAccessPoint: 3, iam.GateOwnership: 4,
	iam.GateACL: 5, iam.GateIdentity: 6, iam.GateBoundary: 7, iam.GateSession: 8, iam.GateKMS: 9,
}

func (r *Refusal) rank() int {
	if r.Kind == iam.KindImplicitDeny {
		return implicitRank[r.Gate]
	}
	return int(r.Gate)
}

// ofKey reports refusals of the KMS leg, which are the cause only where nothing
// else refuses.
func (r *Refusal) ofKey() bool { return r.Step == StepKMS }

// sortRefusals puts the first thing to mend first.
func sortRefusals(rs []Refusal) {
	slices.SortStableFunc(rs, func(a, b Refusal) int {
		return cmp.Or(
			compareBool(a.ofKey(), b.ofKey()),
			cmp.Compare(a.phase(), b.phase()),
			cmp.Compare(a.rank(), b.rank()),
			cmp.Compare(a.Check, b.Check),
			cmp.Compare(a.Statement, b.Statement),
		)
	})
}

// once leaves out refusals that say what an earlier one says: two halves of an
// operation may need the same permission on the same resource.
func once(rs []Refusal) []Refusal {
	kept := rs[:0:0]
	for _, r := range rs {
		same := func(k Refusal) bool {
			return k.Gate == r.Gate && k.Kind == r.Kind && k.Reason == r.Reason && k.Action == r.Action && k.Resource == r.Resource &&
				k.Set == r.Set && k.Statement == r.Statement && k.Where == r.Where && k.Status == r.Status && k.Code == r.Code
		}
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, r)
		}
	}
	return kept
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// answered returns the refusal that S3 answers with: the first that it finds.
func answered(rs []Refusal) *Refusal {
	best := &rs[0]
	for i := range rs {
		if rs[i].Step < best.Step {
			best = &rs[i]
		}
	}
	return best
}

// refusals lists what refuses a check that is not allowed.
func (e *evaluation) refusals() []Refusal {
	var rs []Refusal
	add := func(r Refusal) {
		r.Check, r.Action, r.Resource = e.index, e.check.Name, e.check.Resource
		r.Status, r.Code, r.Message = 403, "AccessDenied", "Access Denied"
		r.Step = StepPolicy
		if e.check.Kind == KeyCheck {
			r.Step = StepKMS
		}
		e.word(&r)
		rs = append(rs, r)
	}
	for gate := iam.GateSCP; gate < iam.NumGates; gate++ {
		if e.gates[gate].Outcome != iam.OutcomeDeny || e.refused.resource == gate && e.refused.setting != nil {
			continue
		}
		denied := false
		for _, d := range e.trace.denies(e.index, gate) {
			denied = true
			add(Refusal{Gate: gate, Kind: iam.KindExplicitDeny, Reason: e.gates[gate].Reason, Set: d.Set, Statement: int(d.Statement)})
		}
		if !denied {
			add(Refusal{Gate: gate, Kind: iam.KindSetting, Reason: e.gates[gate].Reason, Statement: -1, Where: e.gates[gate].Name, Pos: e.settingPos(gate)})
		}
	}
	if e.allow != condition.False {
		return rs
	}
	implicit := func(gate iam.Gate, code reason.Code, where string) {
		add(Refusal{Gate: gate, Kind: iam.KindImplicitDeny, Reason: code, Statement: -1, Where: where})
	}
	if l := e.refused.scpLevel; l >= 0 {
		implicit(iam.GateSCP, reason.NoAllowSCP, e.facts.Caller.SCP.Levels[l].Name)
	}
	if g := e.gates[iam.GateVPCEndpoint]; g.Outcome == iam.OutcomeNoAllow || e.endpoint.limits() == condition.False && g.Outcome == iam.OutcomeDeny {
		implicit(iam.GateVPCEndpoint, reason.NoAllowVPCEndpoint, e.facts.Caller.Endpoint.ID)
	}
	if r := &e.refused; r.resource != 0 {
		if r.setting != nil {
			add(Refusal{Gate: r.resource, Kind: iam.KindSetting, Reason: r.resourceReason, Statement: -1, Where: r.setting.Where, Pos: r.setting.Pos})
		} else {
			implicit(r.resource, r.resourceReason, "")
		}
	}
	if e.refused.identity {
		implicit(iam.GateIdentity, reason.NoAllowIdentity, "")
	}
	if e.refused.boundary {
		implicit(iam.GateBoundary, reason.NoAllowBoundary, "")
	}
	if e.refused.session {
		code := reason.NoAllowSession
		if e.isFederatedWithoutSession() {
			code = reason.FederatedWithoutSession
		}
		implicit(iam.GateSession, code, "")
	}
	return rs
}

func (e *evaluation) settingPos(gate iam.Gate) node.Pos {
	if gate == iam.GateAccessPoint && e.check.AccessPoint != nil {
		return e.check.AccessPoint.Pos
	}
	return node.Pos{}
}
