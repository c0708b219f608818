package decide

import (
	"slices"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
)

// A Decision is the verdict on a request, with all that an explanation needs.
type Decision struct {
	Verdict iam.Verdict
	Status  int
	Code    string
	Message string
	Extra   [][2]string

	Checks   []CheckDecision
	Refusals []Refusal // the first is the cause
	Answered *Refusal  // the refusal that S3 answers with
	Unknown  []Unknown
	Trace    *Trace
}

// A CheckDecision is the verdict on one check, with the outcome of every gate.
type CheckDecision struct {
	Check   *Check
	Verdict iam.Verdict
	Gates   [iam.NumGates]GateResult
}

// Allowed decides a request and nothing more. It allocates nothing, and agrees
// with Decide.
func Allowed(f *Facts) iam.Verdict {
	if len(f.Wire.Refusals) > 0 || f.gone() {
		return iam.Denied
	}
	truth := condition.True
	for i := range f.Checks {
		e := evaluation{facts: f, check: &f.Checks[i], index: i}
		if truth = min(truth, e.decide()); truth == condition.False {
			return iam.Denied
		}
	}
	m := form{f: f}
	m.run()
	return verdictOf(min(truth, m.allowed, f.outsidePolicyCall()))
}

// Decide decides a request, and records why.
func Decide(f *Facts) *Decision {
	d := &Decision{Trace: newTrace(f)}
	d.Refusals = append(d.Refusals, f.Wire.Refusals...)
	if f.gone() {
		d.Refusals = append(d.Refusals, Refusal{Gate: iam.GateExistence, Kind: iam.KindNotFound, Reason: reason.NoSuchBucket, Step: StepBucket, Check: -1, Statement: -1,
			Where: f.goneBucket(), Status: 404, Code: "NoSuchBucket", Message: "The specified bucket does not exist", Extra: [][2]string{{"BucketName", f.goneBucket()}}})
	}
	truth := condition.True
	// Of a caller that nobody knows nothing is asked, provided that the wire has
	// refused it: checks that are not made must never read as passed.
	if !f.gone() && !(f.CallerUnknown && len(f.Wire.Refusals) > 0) {
		truth = d.checks(f)
	}
	if len(f.Wire.Refusals) > 0 || f.gone() {
		truth = condition.False
	}
	d.Verdict = verdictOf(truth)
	d.answer(f)
	return d
}

// checks decides all checks, and what the operation asks beside them.
func (d *Decision) checks(f *Facts) condition.Truth {
	truth := condition.True
	d.Checks = make([]CheckDecision, len(f.Checks))
	for i := range f.Checks {
		c := &d.Checks[i]
		c.Check = &f.Checks[i]
		for g := range c.Gates {
			c.Gates[g] = GateResult{Outcome: iam.OutcomeNotApplicable, Statement: -1}
		}
		d.noteWire(f, &c.Gates)
		e := evaluation{facts: f, check: c.Check, index: i, gates: c.Gates, trace: d.Trace}
		t := e.decide()
		c.Gates = e.gates
		c.Verdict = verdictOf(t)
		if t == condition.False {
			d.Refusals = append(d.Refusals, e.allRefusals()...)
		}
		d.lacks(e.unknowns())
		truth = min(truth, t)
	}
	m := form{f: f}
	if len(d.Checks) > 0 {
		m.notes = &d.Checks[f.mainCheck()].Gates
	}
	m.run()
	d.Refusals = append(d.Refusals, m.refusals...)
	d.lacks(m.missing)
	if f.outsidePolicyCall() == condition.False && truth != condition.False && m.allowed != condition.False {
		d.refusePolicyCall(f)
		return condition.False
	}
	return min(truth, m.allowed)
}

// lacks notes what is missing, once, whatever gates lack it.
func (d *Decision) lacks(us []Unknown) {
	for _, u := range us {
		if !slices.ContainsFunc(d.Unknown, func(o Unknown) bool { return o.Missing == u.Missing }) {
			d.Unknown = append(d.Unknown, u)
		}
	}
}

func verdictOf(t condition.Truth) iam.Verdict {
	return [...]iam.Verdict{condition.False: iam.Denied, condition.Unknown: iam.Unknown, condition.True: iam.Allowed}[t]
}

// gone reports that the bucket, or a copy's source bucket, does not exist.
func (f *Facts) gone() bool { return f.goneBucket() != "" }

func (f *Facts) goneBucket() string {
	for _, b := range []*Bucket{f.Form.CopiesFromBucket, f.Target} {
		if b != nil && b.Gone {
			return b.Name
		}
	}
	return ""
}

// mainCheck returns the index of the check that the operation is named after:
// the last that is not a source's, a key's or a condition of it.
func (f *Facts) mainCheck() int {
	for i := range f.Checks {
		if f.Checks[i].Kind != KeyCheck && !f.Checks[i].Optional {
			return i
		}
	}
	return 0
}

// outsidePolicyCall is False where a bucket's policy is read or changed from
// another account, which S3 answers with 405 even where policies allow it.
func (f *Facts) outsidePolicyCall() condition.Truth {
	for i := range f.Checks {
		c := &f.Checks[i]
		if c.PolicyCall && c.Bucket != nil && len(c.Bucket.Missing) == 0 && f.Caller.Account != c.Bucket.Account {
			return condition.False
		}
	}
	return condition.True
}

func (d *Decision) refusePolicyCall(f *Facts) {
	c := d.Checks[f.mainCheck()].Check
	d.Checks[f.mainCheck()].Gates[iam.GateBucketPolicy] = GateResult{Outcome: iam.OutcomeDeny, Reason: reason.PolicyCallFromOutside, Statement: -1}
	d.Refusals = append(d.Refusals, Refusal{Gate: iam.GateBucketPolicy, Kind: iam.KindSetting, Reason: reason.PolicyCallFromOutside, Step: StepRequest,
		Check: -1, Action: c.Name, Resource: c.Resource, Statement: -1, Where: "account " + string(c.Bucket.Account),
		Status: 405, Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource."})
}

// noteWire writes the outcome of the gates before authorization.
func (d *Decision) noteWire(f *Facts, gates *[iam.NumGates]GateResult) {
	for _, g := range []iam.Gate{iam.GateEndpoint, iam.GateCredentials, iam.GateSignature} {
		gates[g].Outcome = iam.OutcomePass
	}
	for _, r := range f.Wire.Refusals {
		gates[r.Gate] = GateResult{Outcome: iam.OutcomeDeny, Reason: r.Reason, Statement: -1}
	}
}

// decide decides the check with what surrounds it: the key's state, and whether
// the object exists.
func (e *evaluation) decide() condition.Truth {
	if e.check.Kind == KeyCheck && (e.check.Key.Gone || !usable(e.check.Key.State)) {
		e.gates[iam.GateKMS] = GateResult{Outcome: iam.OutcomeDeny, Reason: e.keyStateReason(), Statement: -1, Name: e.check.Key.ARN}
		if e.trace != nil && !e.check.Key.Gone {
			e.run()
			e.gates[iam.GateKMS] = GateResult{Outcome: iam.OutcomeDeny, Reason: e.keyStateReason(), Statement: -1, Name: e.check.Key.ARN}
		}
		return condition.False
	}
	truth := min(e.run(), e.existence())
	if len(e.check.Maybe) > 0 {
		truth = max(truth, condition.Unknown)
	}
	return truth
}

func usable(state string) bool { return state == "" || state == "Enabled" }

// existence is the gate that keeps from callers who may not list whether a key
// exists: S3 answers 403 rather than 404 to them. ListBucket is evaluated with
// the key as its prefix. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
func (e *evaluation) existence() condition.Truth {
	o := e.check.Object
	if o == nil || e.check.List == nil {
		return condition.True
	}
	if o.Exists == condition.True && !o.DeleteMarker {
		e.gates[iam.GateExistence].Outcome = iam.OutcomePass
		return condition.True
	}
	if o.Exists == condition.True && o.DeleteMarker && o.VersionID != "" {
		e.gates[iam.GateExistence] = GateResult{Outcome: iam.OutcomeDeny, Reason: reason.DeleteMarkerByVersion, Statement: -1}
		return condition.False
	}
	if e.facts.Form.Website {
		return condition.True // a website endpoint tells everyone that a page is missing
	}
	list := evaluation{facts: e.facts, check: e.check.List, index: -1 - e.index, trace: e.trace}
	t := list.run()
	switch t {
	case condition.False:
		e.gates[iam.GateExistence] = GateResult{Outcome: iam.OutcomeDeny, Reason: reason.MissingKeyReadsAs403, Statement: -1}
	case condition.Unknown:
		e.gates[iam.GateExistence] = GateResult{Outcome: iam.OutcomeUnknown, Reason: reason.Unread, Statement: -1}
	default:
		e.gates[iam.GateExistence].Outcome = iam.OutcomePass
	}
	return t
}

// allRefusals lists what refuses the check, the key's state and a missing
// object included.
func (e *evaluation) allRefusals() []Refusal {
	if e.check.Kind == KeyCheck && (e.check.Key.Gone || !usable(e.check.Key.State)) {
		rs := []Refusal{e.keyState()}
		if !e.check.Key.Gone {
			g := e.gates[iam.GateKMS]
			e.gates[iam.GateKMS].Outcome = iam.OutcomePass
			rs = append(rs, e.refusals()...)
			e.gates[iam.GateKMS] = g
		}
		return rs
	}
	existence := e.gates[iam.GateExistence]
	e.gates[iam.GateExistence].Outcome = iam.OutcomePass
	rs := e.refusals()
	e.gates[iam.GateExistence] = existence
	if existence.Outcome != iam.OutcomeDeny {
		return rs
	}
	r := Refusal{Gate: iam.GateExistence, Kind: iam.KindNotFound, Reason: existence.Reason, Step: StepExistence, Check: e.index, Statement: -1,
		Action: e.check.Name, Resource: e.check.Resource, Pos: e.check.Object.Pos, Status: 403, Code: "AccessDenied", Message: "Access Denied"}
	if existence.Reason == reason.DeleteMarkerByVersion {
		r.Status, r.Code, r.Message = 405, "MethodNotAllowed", "The specified method is not allowed against this resource."
		r.Extra = [][2]string{{"ResourceType", "DeleteMarker"}}
		if e.check.Object == e.facts.Form.CopiesFrom {
			r.Status, r.Code, r.Extra = 400, "InvalidRequest", nil
			r.Message = "The source of a copy request may not specifically refer to a delete marker by version id."
		}
		return append(rs, r)
	}
	list := evaluation{facts: e.facts, check: e.check.List, index: -1 - e.index, trace: &Trace{}}
	list.run()
	if lr := list.refusals(); len(lr) > 0 {
		sortRefusals(lr)
		r.Message, r.Action, r.Resource = lr[0].Message, lr[0].Action, lr[0].Resource
		r.Set, r.Statement = lr[0].Set, lr[0].Statement
	}
	return append(rs, r)
}

func (e *evaluation) keyStateReason() reason.Code {
	switch {
	case e.check.Key.Gone:
		return reason.KeyNotFound
	case e.check.Key.State == "Disabled":
		return reason.KeyDisabled
	}
	return reason.KeyState
}

// keyState is S3's answer where the key cannot be used (recorded answers, S3
// access control sheet 5.4).
func (e *evaluation) keyState() Refusal {
	k := e.check.Key
	r := Refusal{Gate: iam.GateKMS, Kind: iam.KindState, Reason: e.keyStateReason(), Step: StepKMS, Check: e.index, Statement: -1,
		Action: e.check.Name, Resource: e.check.Resource, Where: k.ARN, Pos: k.Pos, Status: 400}
	switch r.Reason {
	case reason.KeyNotFound:
		r.Kind, r.Code, r.Message = iam.KindNotFound, "KMS.NotFoundException", k.GoneMsg
	case reason.KeyDisabled:
		r.Code, r.Message = "KMS.DisabledException", k.ARN+" is disabled."
	default:
		r.Code, r.Message = "KMS.KMSInvalidStateException", k.ARN+" "+stateWords(k.State)
	}
	return r
}

func stateWords(state string) string {
	switch state {
	case "PendingDeletion":
		return "is pending deletion."
	case "PendingImport":
		return "is pending import."
	case "PendingReplicaDeletion":
		return "is pending replica deletion."
	}
	return "is " + state + "."
}

// answer fills in S3's answer.
func (d *Decision) answer(f *Facts) {
	switch d.Verdict {
	case iam.Allowed:
		d.Status = f.Success
		d.notFound(f)
		return
	case iam.Unknown:
		d.Refusals = nil
		return
	}
	sortRefusals(d.Refusals)
	d.Refusals = once(d.Refusals)
	d.Answered = answered(d.Refusals)
	d.Status, d.Code, d.Message, d.Extra = d.Answered.Status, d.Answered.Code, d.Answered.Message, d.Answered.Extra
	if f.Operation == "DeleteObjects" && d.Answered.Step >= StepPolicy && (d.Answered.Check >= 0 || d.Answered.Kind == iam.KindState) {
		d.Status = 200 // refusals stand beside each key in the body
	}
	if f.Head {
		d.Message = ""
	}
}

// notFound is the answer where every gate lets the request through, and the
// object is not there.
func (d *Decision) notFound(f *Facts) {
	for i := range f.Checks {
		o := f.Checks[i].Object
		if o == nil || f.Checks[i].List == nil || o.Exists == condition.True && !o.DeleteMarker {
			continue
		}
		d.Status, d.Code = 404, "NoSuchKey"
		if o.VersionID != "" {
			d.Code = "NoSuchVersion"
		}
		return
	}
}

// unknowns lists what is missing of the policies that the check asked, and the
// condition keys that its answer hangs on.
func (e *evaluation) unknowns() []Unknown {
	var us []Unknown
	add := func(gate iam.Gate, missing []Missing) {
		for _, m := range missing {
			u := Unknown{gate, m}
			if !slices.Contains(us, u) {
				us = append(us, u)
			}
		}
	}
	addLevels := func(l *Levels) {
		add(iam.GateRCP, l.Missing)
		for i := range l.Levels {
			add(iam.GateRCP, l.Levels[i].Side.Missing)
		}
	}
	c := &e.facts.Caller
	add(iam.GateSCP, c.SCP.Missing)
	for i := range c.SCP.Levels {
		add(iam.GateSCP, c.SCP.Levels[i].Side.Missing)
	}
	if c.Endpoint.Side != nil && e.check.Kind != KeyCheck {
		add(iam.GateVPCEndpoint, c.Endpoint.Side.Missing)
	}
	if c.Boundary != nil {
		add(iam.GateBoundary, c.Boundary.Missing)
	}
	if c.SessionPolicies != nil {
		add(iam.GateSession, c.SessionPolicies.Missing)
	}
	if e.identitySide() != nil {
		add(iam.GateIdentity, c.Identity.Missing)
	}
	switch e.check.Kind {
	case KeyCheck:
		addLevels(&e.check.Key.RCP)
		add(iam.GateKMS, e.check.Key.Missing)
		add(iam.GateKMS, e.check.Key.Policy.Missing)
		add(iam.GateKMS, e.check.Key.StateMissing)
		if e.gates[iam.GateKMS].Outcome == iam.OutcomeUnknown {
			add(iam.GateKMS, e.check.Key.GrantsMissing)
			add(iam.GateKMS, e.check.Key.unsureGrants())
		}
	case AccessPointCheck:
		ap := e.check.AccessPoint
		addLevels(&ap.RCP)
		if ap.FromVPC == condition.Unknown {
			add(iam.GateAccessPoint, ap.Missing)
		}
		add(iam.GateAccessPoint, ap.Policy.Missing)
		if ap.VPC != "" && ap.FromVPC == condition.Unknown && ap.Missing == nil {
			add(iam.GateAccessPoint, []Missing{{"the VPC that the request comes from", "the request does not state it", "vpcEndpoint"}})
		}
		if ap.Restrict.On == condition.Unknown && ap.Public != condition.False && e.fromOutside(e.check.Bucket) {
			add(iam.GatePublicAccessBlock, ap.Restrict.Missing)
		}
	case AccountCheck:
		addLevels(&e.check.RCP)
	case RoleCheck:
		addLevels(&e.check.Role.RCP)
		add(iam.GateBucketPolicy, e.check.Role.Trust.Missing)
	case BucketCheck:
		if b := e.check.Bucket; b != nil {
			e.bucketUnknowns(b, add)
		}
	}
	if e.check.Kind != KeyCheck {
		add(iam.GateIdentity, e.check.Maybe)
	}
	if e.check.List != nil && e.gates[iam.GateExistence].Outcome == iam.OutcomeUnknown {
		list := evaluation{facts: e.facts, check: e.check.List, index: -1 - e.index, trace: &Trace{}}
		list.run()
		us = append(us, list.unknowns()...)
	}
	for i := range c.Endpoint.Possible {
		if e.gates[iam.GateVPCEndpoint].Reason == reason.NetworkNotStated && e.gates[iam.GateVPCEndpoint].Name == c.Endpoint.Possible[i].ID {
			add(iam.GateVPCEndpoint, []Missing{{"whether the request comes through " + c.Endpoint.Possible[i].ID, "the request does not state its network", "sourceIp or vpcEndpoint"}})
		}
	}
	return us
}

func (e *evaluation) bucketUnknowns(b *Bucket, add func(iam.Gate, []Missing)) {
	add(iam.GateBucketPolicy, b.Missing)
	add(iam.GateBucketPolicy, b.Policy.Missing)
	add(iam.GateRCP, b.RCP.Missing)
	for i := range b.RCP.Levels {
		add(iam.GateRCP, b.RCP.Levels[i].Side.Missing)
	}
	if b.Block.RestrictPublicBuckets.On == condition.Unknown && b.Public != condition.False && e.fromOutside(b) {
		add(iam.GatePublicAccessBlock, b.Block.RestrictPublicBuckets.Missing)
	}
	if e.check.BucketACL+e.check.ObjectACL == "" && !e.check.ObjectAction || e.allow != condition.Unknown {
		return
	}
	if b.Block.IgnorePublicAcls.On == condition.Unknown && b.ACLs != condition.False {
		add(iam.GatePublicAccessBlock, b.Block.IgnorePublicAcls.Missing)
	}
	if b.ACLs == condition.Unknown {
		add(iam.GateOwnership, b.Ownership.Missing)
	}
	if b.ACLs == condition.False {
		return
	}
	if e.check.BucketACL != "" {
		add(iam.GateACL, b.ACL.Missing)
	}
	if o := e.check.Object; o != nil {
		add(iam.GateOwnership, o.OwnerMissing)
		if e.check.ObjectACL != "" {
			add(iam.GateACL, o.ACL.Missing)
		}
	}
}
