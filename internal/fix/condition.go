package fix

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// unmatched are requests that a Deny statement does not match: each turns one of
// its conditions.
func (s *state) unmatched(gate iam.Gate, c *decide.Check, st *policy.Statement) []*step {
	var steps []*step
	for i := range st.Conditions {
		for _, t := range s.turn(c, &st.Conditions[i], condition.False) {
			t.gate = gate
			steps = append(steps, t)
		}
	}
	return steps
}

// met are requests that meet all conditions of an Allow statement, which is
// otherwise right. A condition that no request can meet leaves none.
func (s *state) met(gate iam.Gate, c *decide.Check, st *policy.Statement, truths []condition.Truth) *step {
	out := &step{gate: gate, cost: costRequest}
	for i := range st.Conditions {
		if truths[i] != condition.False {
			continue
		}
		turns := s.turn(c, &st.Conditions[i], condition.True)
		if len(turns) == 0 {
			return nil
		}
		t := turns[0]
		out.request, out.estate = append(out.request, t.request...), append(out.estate, t.estate...)
		out.cost = max(out.cost, t.cost)
		if out.place.path == nil {
			out.place = t.place
		}
		out.title = joined(out.title, t.title)
	}
	if out.title == "" {
		return nil
	}
	return out
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", and " + b
}

// turn returns changes after which a condition has the wanted truth. Whether
// they do is decided afterwards; here they are only proposed.
func (s *state) turn(c *decide.Check, cond *policy.Condition, want condition.Truth) []*step {
	key := strings.ToLower(cond.Key)
	if name, stated := s.inContext(cond.Key); stated {
		return s.turnContext(c, cond, name, want)
	}
	switch {
	case key == "aws:sourcevpce" || key == "aws:sourcevpc" || key == "aws:sourceip" || key == "aws:vpcsourceip":
		return s.turnNetwork(c, cond, key, want)
	case key == "aws:securetransport" || key == "s3:tlsversion" || key == "aws:multifactorauthpresent" || key == "aws:multifactorauthage":
		return s.turnCircumstance(cond, key)
	case strings.HasPrefix(key, "s3:x-amz-") && key != "s3:x-amz-copy-source":
		return s.turnHeader(c, cond, want)
	case strings.HasPrefix(key, "s3:requestobjecttag/"):
		return s.turnRequestTag(c, cond, want)
	case strings.HasPrefix(key, "s3:existingobjecttag/"):
		return s.turnObjectTag(c, cond, want)
	case strings.HasPrefix(key, "aws:principaltag/"):
		return s.turnPrincipalTag(c, cond, want)
	case key == "aws:referer" || key == "aws:useragent":
		return s.turnPlain(c, cond, want, map[string]string{"aws:referer": "Referer", "aws:useragent": "User-Agent"}[key])
	case key == "s3:authtype" || key == "s3:signatureversion" || key == "s3:signatureage":
		return s.turnSignature(cond, key)
	case key == "sts:externalid":
		var steps []*step
		for _, v := range values(c, cond, want) {
			steps = append(steps, &step{cost: costRequest, title: "pass the external id " + v + " (--external-id)", request: []node.Change{s.context(cond.Key, v)}})
		}
		return steps
	case key == "s3:max-keys":
		return s.turnMaxKeys(c, cond, want)
	}
	return nil
}

// inContext finds a key that the request's own context states, in whatever case.
func (s *state) inContext(key string) (string, bool) {
	for name := range s.request.Context {
		if strings.EqualFold(name, key) {
			return name, true
		}
	}
	return "", false
}

// turnable reports the keys that say how a request is made, which its maker can
// make otherwise; all others say who makes it, or what for.
func turnable(key string) bool {
	key = strings.ToLower(key)
	for _, p := range []string{"s3:x-amz-", "s3:requestobjecttag", "aws:source", "aws:vpcsourceip", "aws:multifactor", "aws:referer", "aws:useragent", "s3:authtype", "s3:signature", "s3:tlsversion", "aws:securetransport", "aws:viaawsservice", "aws:calledvia", "sts:externalid", "kms:viaservice", "aws:requestedregion", "aws:requesttag/", "aws:tagkeys"} {
		if strings.HasPrefix(key, p) {
			return key != "s3:x-amz-copy-source" && key != "aws:sourceaccount" && key != "aws:sourcearn"
		}
	}
	return false
}

func (s *state) turnContext(c *decide.Check, cond *policy.Condition, name string, want condition.Truth) []*step {
	if !turnable(name) {
		return nil
	}
	var steps []*step
	for _, v := range values(c, cond, want) {
		steps = append(steps, &step{cost: costNetwork, title: "make the request with " + cond.Key + " " + v, request: []node.Change{added(node.Pointer{"context", name}, node.Text(v))}})
	}
	if len(steps) == 0 {
		steps = append(steps, &step{cost: costNetwork, title: "make the request without " + cond.Key, request: []node.Change{added(node.Pointer{"context", name}, &node.Node{})}})
	}
	return steps
}

// values proposes values for a key under which the condition has the wanted
// truth: those of the policy, concrete ones, and for numbers their neighbours.
func values(c *decide.Check, cond *policy.Condition, want condition.Truth) []string {
	compiled, err := condition.Compile(cond.Operator, cond.Key, texts(cond.Values), true)
	if err != nil {
		return nil
	}
	var proposed []string
	for _, v := range cond.Values {
		proposed = append(proposed, concrete(v.Text)...)
	}
	switch strings.ToLower(strings.TrimSuffix(cond.Operator, "IfExists")) {
	case "bool":
		proposed = []string{"true", "false"}
	case "null":
		proposed = append([]string{}, usual(cond.Key)...)
	}
	var fit []string
	for _, v := range proposed {
		if s := c.Context.Lookup(compiled.Key); s.State == condition.Present && s.One == v {
			continue
		}
		var own condition.Layer
		own.Set(compiled.Key, valueOf(cond.Key, v))
		ctx := condition.NewContext(own)
		if compiled.Eval(&ctx) == want && !slices.Contains(fit, v) {
			fit = append(fit, v)
		}
	}
	return fit
}

func valueOf(key, v string) condition.Value {
	if strings.EqualFold(key, "aws:SourceIp") || strings.EqualFold(key, "aws:VpcSourceIp") {
		return condition.Address(v)
	}
	return condition.String1(v)
}

// concrete returns values that a pattern, an address range or a bound means.
func concrete(text string) []string {
	if p, err := netip.ParsePrefix(text); err == nil {
		a := p.Masked().Addr()
		return []string{a.Next().String(), a.String()}
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n == float64(int64(n)) && len(text) < 15 {
		return []string{text, strconv.FormatInt(int64(n)-1, 10), strconv.FormatInt(int64(n)+1, 10)}
	}
	if strings.ContainsAny(text, "*?") || strings.Contains(text, "${") {
		return nil
	}
	return []string{text}
}

// usual are values for keys whose presence alone is asked for.
func usual(key string) []string {
	switch strings.ToLower(key) {
	case "s3:x-amz-server-side-encryption":
		return []string{"AES256", "aws:kms"}
	case "s3:x-amz-acl":
		return []string{"bucket-owner-full-control"}
	case "s3:x-amz-storage-class":
		return []string{"STANDARD"}
	case "s3:x-amz-object-ownership":
		return []string{"BucketOwnerEnforced"}
	case "s3:x-amz-content-sha256":
		return []string{"UNSIGNED-PAYLOAD"}
	}
	return nil
}
