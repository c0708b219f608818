package fix

import (
	"net/netip"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// header is a change that sends a header, in place of one of the same name.
func (s *state) header(name, value string) node.Change {
	for have := range s.request.Headers {
		if strings.EqualFold(have, name) {
			return added(node.Pointer{"headers", have}, node.Text(value))
		}
	}
	if s.request.Headers == nil {
		return added(node.Pointer{"headers"}, node.Mapping().Put(name, node.Text(value)))
	}
	return added(node.Pointer{"headers", name}, node.Text(value))
}

// noHeader are the changes that leave headers out; names may end in "*".
func (s *state) noHeader(names ...string) []node.Change {
	var changes []node.Change
	leave := func(where string, sent map[string]string) {
		for _, have := range sortedKeys(sent) {
			for _, name := range names {
				prefix, all := strings.CutSuffix(name, "*")
				if strings.EqualFold(have, name) || all && strings.HasPrefix(strings.ToLower(have), prefix) {
					changes = append(changes, removed(node.Pointer{where, have}))
					break
				}
			}
		}
	}
	leave("headers", s.request.Headers)
	leave("query", s.request.Query)
	return changes
}

// requestStep is a step of the request alone.
func requestStep(gate iam.Gate, cost int, title string, changes ...node.Change) *step {
	return &step{gate: gate, cost: cost, title: title, request: changes}
}

// turnHeader sends the header that a key s3:x-amz-… stands for, or leaves it out.
func (s *state) turnHeader(c *decide.Check, cond *policy.Condition, want condition.Truth) []*step {
	name := strings.ToLower(cond.Key[len("s3:"):])
	if !sends(s, name) {
		return nil
	}
	var steps []*step
	list := values(c, cond, want)
	if strings.HasSuffix(name, "aws-kms-key-id") {
		list = append(list, s.fittingKeys(c, cond, want)...)
	}
	for _, v := range list {
		changes := []node.Change{s.header(name, v)}
		title := "send the header " + name + ": " + v
		if strings.HasSuffix(name, "aws-kms-key-id") {
			if v, ok := s.request.Header("x-amz-server-side-encryption"); !ok || !strings.HasPrefix(v, "aws:kms") {
				changes = append([]node.Change{s.header("x-amz-server-side-encryption", "aws:kms")}, changes...)
				if s.request.Headers == nil {
					changes = []node.Change{added(node.Pointer{"headers"}, node.Mapping().Put("x-amz-server-side-encryption", node.Text("aws:kms")).Put(name, node.Text(list[0])))}
				}
				title += ", with x-amz-server-side-encryption: aws:kms"
			}
		}
		steps = append(steps, &step{cost: costRequest, title: title, request: changes})
	}
	if changes := s.noHeader(name); len(changes) > 0 {
		steps = append(steps, &step{cost: costRequest + 1, title: "leave out the header " + name, request: changes})
	}
	return steps
}

// sends reports whether the operation has use for a header: what a read sends
// about encryption or ACLs would be an error.
func sends(s *state, name string) bool {
	switch s.request.Operation {
	case "PutObject", "CopyObject", "CreateMultipartUpload", "PostObject", "CreateBucket", "PutBucketAcl", "PutObjectAcl":
		return true
	}
	return name == "x-amz-content-sha256"
}

// fittingKeys are the ARNs of the estate's keys that a pattern of the policy
// means.
func (s *state) fittingKeys(c *decide.Check, cond *policy.Condition, want condition.Truth) []string {
	compiled, err := condition.Compile(cond.Operator, cond.Key, texts(cond.Values), true)
	if err != nil {
		return nil
	}
	var fit []string
	for _, id := range sortedKeys(s.estate.Accounts) {
		a := s.estate.Accounts[id]
		for _, name := range sortedKeys(a.Keys) {
			var own condition.Layer
			own.Set(compiled.Key, condition.String1(a.Keys[name].ARN()))
			ctx := condition.NewContext(own)
			if compiled.Eval(&ctx) == want {
				fit = append(fit, a.Keys[name].ARN())
			}
		}
	}
	return fit
}

// turnNetwork sends the request another way: through a VPC endpoint, from an
// address.
func (s *state) turnNetwork(c *decide.Check, cond *policy.Condition, key string, want condition.Truth) []*step {
	var steps []*step
	through := func(id, title string) {
		changes := []node.Change{added(node.Pointer{"vpcEndpoint"}, node.Text(id))}
		if s.request.SourceIP != nil {
			changes = append(changes, removed(node.Pointer{"sourceIp"}))
		}
		steps = append(steps, &step{cost: costNetwork, title: title, request: changes})
	}
	switch key {
	case "aws:sourcevpce":
		for _, v := range values(c, cond, want) {
			if strings.HasPrefix(v, "vpce-") {
				through(v, "send the request through the VPC endpoint "+v)
			}
		}
	case "aws:sourcevpc":
		for _, v := range values(c, cond, want) {
			for _, e := range s.estate.VPCEndpoints() {
				if e.VPC == v {
					through(e.ID, "send the request from the VPC "+v+", through its endpoint "+e.ID)
				}
			}
		}
	case "aws:sourceip":
		for _, v := range cond.Values {
			for _, a := range concrete(v.Text) {
				if _, err := netip.ParseAddr(a); err != nil || !fits(cond, a, want) {
					continue
				}
				changes := []node.Change{added(node.Pointer{"sourceIp"}, node.Text(a))}
				if s.request.VPCEndpoint != nil {
					changes = append(changes, removed(node.Pointer{"vpcEndpoint"}))
				}
				steps = append(steps, &step{cost: costNetwork, title: "send the request from an address of " + v.Text, request: changes})
				break
			}
		}
	}
	if endpoint := s.request.VPCEndpoint; len(steps) == 0 && endpoint != nil && *endpoint != "" {
		steps = append(steps, &step{cost: costNetwork + 1, title: "send the request by another way than the VPC endpoint " + *endpoint, request: []node.Change{added(node.Pointer{"vpcEndpoint"}, node.Text(""))}})
	}
	return steps
}

func fits(cond *policy.Condition, address string, want condition.Truth) bool {
	compiled, err := condition.Compile(cond.Operator, cond.Key, texts(cond.Values), true)
	if err != nil {
		return false
	}
	var own condition.Layer
	own.Set(compiled.Key, condition.Address(address))
	ctx := condition.NewContext(own)
	return compiled.Eval(&ctx) == want
}

// turnCircumstance uses TLS, or MFA.
func (s *state) turnCircumstance(cond *policy.Condition, key string) []*step {
	switch key {
	case "aws:securetransport":
		secure := !s.request.Secure()
		title := map[bool]string{true: "use HTTPS", false: "use plain HTTP"}[secure]
		return []*step{{cost: costRequest, title: title, request: []node.Change{added(node.Pointer{"secureTransport"}, node.Flag(secure))}}}
	case "s3:tlsversion":
		return []*step{{cost: costRequest, title: "use TLS 1.3", request: []node.Change{s.context("s3:TlsVersion", "1.3")}}}
	}
	return []*step{{cost: costRequest, title: "get credentials with MFA, and use those (aws sts get-session-token, or assume-role, with --serial-number and --token-code)",
		request: []node.Change{added(node.Pointer{"mfa"}, node.Flag(true))}}}
}

// context is a change that states a condition key.
func (s *state) context(key, value string) node.Change {
	if s.request.Context == nil {
		return added(node.Pointer{"context"}, node.Mapping().Put(key, node.Text(value)))
	}
	return added(node.Pointer{"context", key}, node.Text(value))
}

// turnPlain sends a header that is no x-amz- header.
func (s *state) turnPlain(c *decide.Check, cond *policy.Condition, want condition.Truth, name string) []*step {
	var steps []*step
	list := values(c, cond, want)
	for _, v := range cond.Values {
		list = append(list, strings.TrimRight(v.Text, "*")) // a prefix is its own shortest match
	}
	for _, v := range list {
		if v != "" && !strings.ContainsAny(v, "*?") {
			steps = append(steps, &step{cost: costRequest, title: "send the header " + name + ": " + v, request: []node.Change{s.header(name, v)}})
		}
	}
	return steps
}

// turnSignature signs as the policy asks.
func (s *state) turnSignature(cond *policy.Condition, key string) []*step {
	auth := func(title string, put func(n *node.Node)) []*step {
		n := node.Mapping()
		if s.request.Auth != nil && s.request.Auth.AccessKeyID != "" {
			n.Put("accessKeyId", node.Text(s.request.Auth.AccessKeyID))
		}
		put(n)
		return []*step{{cost: costRequest, title: title, request: []node.Change{added(node.Pointer{"auth"}, n)}}}
	}
	switch key {
	case "s3:authtype":
		return auth("sign the request in its Authorization header", func(n *node.Node) { n.Put("type", node.Text("header")) })
	case "s3:signatureversion":
		return auth("sign with Signature Version 4", func(n *node.Node) { n.Put("version", node.Text("AWS4-HMAC-SHA256")) })
	}
	return auth("sign anew: the presigned URL is older than the policy takes", func(n *node.Node) {
		if s.request.Auth != nil && s.request.Auth.Type != "" {
			n.Put("type", node.Text(s.request.Auth.Type))
		}
	})
}

// turnMaxKeys asks for fewer keys at a time.
func (s *state) turnMaxKeys(c *decide.Check, cond *policy.Condition, want condition.Truth) []*step {
	var steps []*step
	for _, v := range values(c, cond, want) {
		change := added(node.Pointer{"query", "max-keys"}, node.Text(v))
		if s.request.Query == nil {
			change = added(node.Pointer{"query"}, node.Mapping().Put("max-keys", node.Text(v)))
		}
		steps = append(steps, &step{cost: costRequest, title: "list " + v + " keys at a time (--page-size " + v + ")", request: []node.Change{change}})
	}
	return steps
}
