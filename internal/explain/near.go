package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
)

// maxNearMisses is how many near misses a cause carries.
const maxNearMisses = 8

// nearMiss is a near miss on its way: how far it missed, and of what.
type nearMiss struct {
	report.NearMiss
	distance int
}

// nearMisses finds the statements that would have allowed but for one part,
// nearest first; where there are none, those that missed by two.
func (w *writer) nearMisses(r *decide.Refusal) []report.NearMiss {
	c := &w.facts.Checks[r.Check]
	query := c.Query()
	gates := gatesBehind(r)
	var found []nearMiss
	for i := range w.d.Trace.Steps {
		s := &w.d.Trace.Steps[i]
		if int(s.Check) != r.Check || !slices.Contains(gates, s.Gate) {
			continue
		}
		st, named := s.Set.At(int(s.Statement))
		if st.Effect != policy.Allow {
			continue
		}
		parts := s.Set.Match(int(s.Statement), &query)
		m, ok := w.missed(s, st, named, &parts, c)
		if !ok {
			continue
		}
		m.Gate, m.Policy, m.Statement, m.Source = s.Gate, named.Name, *statementOf(st), sourceOf(st.Pos)
		m.distance += 10*parts.Failed() + slices.Index(gates, s.Gate)
		found = append(found, m)
	}
	slices.SortStableFunc(found, func(a, b nearMiss) int { return cmp.Compare(a.distance, b.distance) })
	var out []report.NearMiss
	for _, m := range found {
		if len(out) == maxNearMisses || len(out) > 0 && m.distance >= 20 && found[0].distance < 20 {
			break
		}
		out = append(out, m.NearMiss)
	}
	return out
}

// gatesBehind returns the gates whose Allow would have helped, the refusing one
// first.
func gatesBehind(r *decide.Refusal) []iam.Gate {
	switch r.Gate {
	case iam.GateIdentity:
		return []iam.Gate{iam.GateIdentity, iam.GateBucketPolicy, iam.GateAccessPoint}
	case iam.GateACL, iam.GateOwnership, iam.GatePublicAccessBlock:
		return []iam.Gate{iam.GateBucketPolicy}
	case iam.GateKMS:
		return []iam.Gate{iam.GateKMS, iam.GateIdentity}
	}
	return []iam.Gate{r.Gate}
}

// missed tells in which part a statement missed, and why.
func (w *writer) missed(s *decide.TraceStep, st *policy.Statement, named *policy.Named, parts *policy.Parts, c *decide.Check) (nearMiss, bool) {
	switch n := parts.Failed(); {
	case n > 2 || n == 2 && !parts.Action:
		return nearMiss{}, false
	case n == 0:
		return w.onlyDelegates(s, parts, c)
	}
	switch {
	case !parts.Action:
		return w.missedAction(st, c)
	case parts.Principal == condition.False:
		return w.missedPrincipal(st)
	case parts.Resource == condition.False:
		return w.missedResource(st, named, c)
	}
	return w.missedCondition(st, parts, c), true
}

// onlyDelegates is a statement that matches, and names the caller's account,
// which delegates to the account's own policies and grants nothing itself.
func (w *writer) onlyDelegates(s *decide.TraceStep, parts *policy.Parts, c *decide.Check) (nearMiss, bool) {
	if parts.Via&^policy.ViaDelegation != policy.ViaAccount || s.Truth != condition.True {
		return nearMiss{}, false
	}
	return miss("principal", reason.PrincipalIsAccount, 0,
		"it allows account %s, which only lets the account's identity-based policies decide: one of %s must allow %s too", w.facts.Caller.Account, w.facts.Caller.ARN(), c.Action), true
}

func miss(part string, code reason.Code, distance int, format string, args ...any) nearMiss {
	return nearMiss{report.NearMiss{Part: part, Reason: string(code), Summary: fmt.Sprintf(format, args...)}, distance}
}

// missedAction is near only where the action that was written means this one.
func (w *writer) missedAction(st *policy.Statement, c *decide.Check) (nearMiss, bool) {
	if st.NotAction {
		return nearMiss{}, false
	}
	wanted := c.Action.String()
	for _, a := range st.Actions {
		if instead, _, ok := iamdata.WrongAction(a.Text); ok && slices.Contains(instead, wanted) {
			return miss("action", reason.NoSuchAction, 0, "it allows %s, which is not an IAM action; the operation needs %s", a.Text, wanted), true
		}
		if strings.EqualFold(strings.Replace(a.Text, "Object", "ObjectVersion", 1), wanted) || strings.EqualFold(strings.Replace(wanted, "Object", "ObjectVersion", 1), a.Text) {
			return miss("action", reason.OtherAction, 1, "it allows %s; a request that %s a version needs %s", a.Text, map[bool]string{true: "names", false: "does not name"}[strings.Contains(wanted, "Version")], wanted), true
		}
		if !strings.ContainsAny(a.Text, "*?") && !iamdata.KnownAction(a.Text) {
			if similar, ok := iamdata.SimilarAction(a.Text); ok && similar == wanted {
				return miss("action", reason.NoSuchAction, 0, "it allows %s, which does not exist; %s was meant", a.Text, similar), true
			}
		}
	}
	return nearMiss{}, false
}

func (w *writer) missedPrincipal(st *policy.Statement) (nearMiss, bool) {
	caller := &w.facts.Caller
	for _, p := range st.Principals {
		arn, isARN := iam.ParseARN(p.Text)
		name := arn.Resource[strings.LastIndexByte(arn.Resource, '/')+1:]
		switch {
		case strings.HasPrefix(p.Text, "AROA") || strings.HasPrefix(p.Text, "AIDA"):
			return miss("principal", reason.PrincipalRecreated, 2, "it allows %s, the id of a user or role that was deleted; one made again under the same name is another principal", p.Text), true
		case !isARN || arn.Account != caller.Account:
		case caller.Kind == iam.RoleSession && strings.HasPrefix(arn.Resource, "role/") && name == caller.Name:
			return miss("principal", reason.PrincipalPath, 1, "it allows %s; the role's ARN is %s", p.Text, caller.RoleARN), true
		case caller.Kind == iam.RoleSession && strings.HasPrefix(arn.Resource, "assumed-role/"+caller.Name+"/"):
			return miss("principal", reason.PrincipalSession, 1, "it allows the session %s; this is the session %s", name, caller.Principal.Session), true
		}
	}
	if len(st.Principals) == 0 {
		return nearMiss{}, false
	}
	return miss("principal", reason.OtherPrincipal, 4, "it allows %s", st.Principals[0].Text), true
}

func (w *writer) missedResource(st *policy.Statement, named *policy.Named, c *decide.Check) (nearMiss, bool) {
	object := strings.Contains(strings.TrimPrefix(c.Resource, "arn:"), "/")
	bucketARN, _, _ := strings.Cut(c.Resource, "/")
	for _, r := range st.Resources {
		switch {
		case object && r.Text == bucketARN:
			return miss("resource", reason.ObjectActionOnBucket, 0, "its resource is the bucket, %s; %s acts on objects, and needs %s/*", r.Text, c.Action, r.Text), true
		case !object && (r.Text == bucketARN+"/*" || strings.HasPrefix(r.Text, bucketARN+"/")):
			return miss("resource", reason.BucketActionOnObject, 0, "its resource is objects, %s; %s acts on the bucket, and needs %s", r.Text, c.Action, bucketARN), true
		case strings.Contains(r.Text, "${") && !named.Document.Variables():
			return miss("resource", reason.VariableUnderOldVersion, 1, "its resource %s has a policy variable, which is plain text without \"Version\": \"2012-10-17\"", r.Text), true
		case strings.Contains(strings.ToLower(r.Text), "${aws:username}") && w.facts.Caller.Kind != iam.User:
			return miss("resource", reason.UsernameOfRole, 1, "its resource %s uses aws:username, which only IAM users have; this caller is a %s", r.Text, w.facts.Caller.Kind), true
		case sameButCase(r.Text, c):
			return miss("resource", reason.PatternCase, 0, "its resource %s differs from %s in the case of letters", r.Text, c.Resource), true
		}
	}
	if len(st.Resources) == 0 {
		return nearMiss{}, false
	}
	where := 6
	for _, r := range st.Resources {
		if strings.HasPrefix(r.Text, bucketARN) {
			where = 3
		}
	}
	if st.NotResource {
		return miss("resource", reason.OtherResource, where, "its NotResource %s leaves this resource out", st.Resources[0].Text), true
	}
	return miss("resource", reason.OtherResource, where, "it allows %s on %s, not on %s", c.Action, textsOf(st.Resources), c.Resource), true
}

func textsOf(values []policy.Value) string {
	if len(values) == 1 {
		return values[0].Text
	}
	return fmt.Sprintf("%s and %d more", values[0].Text, len(values)-1)
}

func sameButCase(pattern string, c *decide.Check) bool {
	p, err := condition.CompileResource(strings.ToLower(pattern), false)
	return err == nil && p.Match(strings.ToLower(c.Resource), &c.Context) == condition.True
}

// missedCondition explains the first condition that is not met.
func (w *writer) missedCondition(st *policy.Statement, parts *policy.Parts, c *decide.Check) nearMiss {
	var compare []report.Comparison
	first := -1
	for i := range st.Conditions {
		if parts.Conditions[i] != condition.True {
			compare = append(compare, comparison(&st.Conditions[i], &c.Context))
			if first < 0 && parts.Conditions[i] == condition.False {
				first = i
			}
		}
	}
	if first < 0 {
		first = 0
	}
	cond := &st.Conditions[first]
	cmp := comparison(cond, &c.Context)
	state := c.Context.Lookup(condition.Intern(cond.Key)).State
	m := miss("condition", reason.ConditionNotMet, 0, "it wants %s %s %s; the request has %s", cond.Operator, cond.Key, list(cmp.Policy), cmp.Request)
	switch {
	case state != condition.Absent:
	case strings.EqualFold(cond.Key, "aws:SourceIp") && w.facts.Caller.Endpoint.ID != "":
		m = miss("condition", reason.SourceIPBehindEndpoint, 0, "it wants %s %s %s; requests through a VPC endpoint do not carry aws:SourceIp, use aws:SourceVpce or aws:VpcSourceIp", cond.Operator, cond.Key, list(cmp.Policy))
	case known(c) && !iamdata.ActionCarries(c.Action.String(), cond.Key):
		m = miss("condition", reason.ConditionKeyNeverCarried, 1, "it tests %s, which %s never carries", cond.Key, c.Action)
	default:
		m = miss("condition", reason.ConditionKeyAbsent, 0, "it wants %s %s %s; the request does not carry that key", cond.Operator, cond.Key, list(cmp.Policy))
	}
	m.Compare = compare
	return m
}

func known(c *decide.Check) bool {
	_, ok := iamdata.ActionID(c.Action.String())
	return ok
}
