package fix

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
)

// keySteps allow the use of a KMS key: in the caller's policies where the key
// policy leaves it to them, in the key policy, by a grant.
func (f *Fixer) keySteps(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	g := f.grantFor(s, c, "")
	var steps []*step
	if r.Reason == reason.NoAllowKMSIdentity {
		steps = f.identitySteps(s, iam.GateIdentity, g)
	}
	if s.facts.Caller.Kind == iam.OriginAccessIdentity {
		return append(steps, s.reencrypted(r, c)...)
	}
	p, ok := s.keyPlaceOf(c)
	if !ok || principalOf(&s.facts.Caller) == nil {
		return steps
	}
	g.principal = principalOf(&s.facts.Caller)
	st, _ := s.allowInKey(p, g)
	for _, own := range []*step{st, s.keyGrant(r, c)} {
		if own != nil && s.facts.Caller.Account != "" && s.facts.Caller.Account != c.Key.Account {
			own.opens = opensOther // the identity's side is a refusal of its own once the key's allows
		}
		steps = appendStep(steps, own)
	}
	return steps
}

// allowInKey is allowIn for a key policy. One that the estate does not state is
// the default policy, which must stay.
func (s *state) allowInKey(p place, g grant) (*step, string) {
	if p.document(s) != nil {
		return s.allowIn(iam.GateKMS, p, g, costStatement+2)
	}
	k := s.estate.Accounts[p.account].Keys[p.path[3]]
	n, _ := k.Policy().Node()
	list := n.Get("Statement").List()
	doc, err := n.With(added(node.Pointer{"Statement"}, node.List(append(append([]*node.Node{}, list...), g.statement(s, k.Policy(), false))...)))
	if err != nil {
		return nil, ""
	}
	return &step{gate: iam.GateKMS, place: p, cost: costStatement + 2, title: g.title(s, &p), estate: []node.Change{added(p.path, doc)}}, ""
}

// keyGrant lets a grant stand for the key policy: for this operation and this
// encryption context.
func (s *state) keyGrant(r *decide.Refusal, c *decide.Check) *step {
	k, name := s.keyOf(c)
	arn := principalARN(&s.facts.Caller)
	if k == nil || k.AWSManaged() || arn == "" || s.facts.Caller.Kind == iam.OriginAccessIdentity {
		return nil
	}
	operation := strings.TrimPrefix(c.Action.String(), "kms:")
	g := node.Mapping().Put("grantee", node.Text(arn)).Put("operations", node.List(node.Text(operation)))
	args := []string{"kms", "create-grant", "--region", k.Region, "--key-id", k.ARN(), "--grantee-principal", arn, "--operations", operation}
	if e := carried(c, "", "kms:EncryptionContext:aws:s3:arn"); e != nil {
		g.Put("constraints", node.Mapping().Put("EncryptionContextSubset", node.Mapping().Put("aws:s3:arn", node.Text(e[0].value))))
		args = append(args, "--constraints", `{"EncryptionContextSubset":{"aws:s3:arn":"`+e[0].value+`"}}`)
	}
	at := accountPath(k.Account).To("keys", name, "grants")
	change := added(at.To("-"), g)
	if len(k.Grants) == 0 {
		change = added(at, node.List(g))
	}
	return &step{gate: r.Gate, place: place{kind: setting, account: k.Account, owner: k.ARN(), name: "grants", where: "grants of key " + k.ARN(), path: at},
		cost: costOther + 2, title: "grant " + operation + " on the key to " + arn, note: "a grant holds until it is revoked or retired, and no policy shows it (aws kms list-grants)",
		estate: []node.Change{change}, command: awsCommand(args...)}
}

// keyState enables a key, or keeps it from being deleted. A key that is gone, or
// that waits for its material, no policy brings back.
func (f *Fixer) keyState(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	k, name := s.keyOf(c)
	steps := s.otherKey(r, c)
	if k == nil {
		return steps
	}
	region := []string{"--region", k.Region, "--key-id", k.ARN()}
	at := accountPath(k.Account).To("keys", name, "state")
	st := &step{gate: r.Gate, place: place{kind: setting, account: k.Account, owner: k.ARN(), name: "state", where: "key " + k.ARN(), path: at}, cost: costSetting,
		estate: []node.Change{added(at, node.Text("Enabled"))}}
	switch k.State {
	case "Disabled":
		st.title, st.command = "enable key "+k.ARN(), awsCommand(append([]string{"kms", "enable-key"}, region...)...)
	case "PendingDeletion":
		st.title = "keep key " + k.ARN() + " from being deleted, and enable it"
		st.command = awsCommand(append([]string{"kms", "cancel-key-deletion"}, region...)...) + "\n" + awsCommand(append([]string{"kms", "enable-key"}, region...)...)
	default:
		return steps
	}
	st.note = "everyone whom policies allow can use the key again"
	return append(steps, st)
}

// otherKey encrypts what is written under something else: S3's own keys.
func (s *state) otherKey(r *decide.Refusal, c *decide.Check) []*step {
	if !s.facts.Form.WritesObject || c == nil || c.Action.String() == "kms:Decrypt" && s.request.Operation == "CopyObject" {
		return nil
	}
	if drop := s.noHeader("x-amz-server-side-encryption-aws-kms-key-id"); len(drop) > 0 {
		drop = append(s.noHeader("x-amz-server-side-encryption", "x-amz-server-side-encryption-bucket-key-enabled"), drop...)
		return []*step{requestStep(r.Gate, costRequest, "leave out the KMS key, so that S3 encrypts with the bucket's default", drop...)}
	}
	st := requestStep(r.Gate, costRequest+2, "encrypt with keys of S3 itself: send the header x-amz-server-side-encryption: AES256", s.header("x-amz-server-side-encryption", "AES256"))
	st.note = "the object is then not under the KMS key"
	return []*step{st}
}

// managedKey leaves aws/s3, which is of no use to other accounts: what is
// written goes under another key; what is there must be copied by its owner.
func (f *Fixer) managedKey(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	steps := s.otherKey(r, c)
	if c == nil || s.facts.Form.WritesObject && s.facts.Form.CopiesFrom == nil || c.Bucket == nil {
		return append(steps, s.bucketKey(r, c)...)
	}
	return append(steps, s.reencrypted(r, c)...)
}

// reencrypted lets the bucket's account copy an object that is under a key which
// the caller can never use.
func (s *state) reencrypted(r *decide.Refusal, c *decide.Check) []*step {
	_, o := s.objectOf()
	st := s.objectStep(c.Bucket, o, "encryption", encryptedBy("AES256"))
	if st == nil {
		return nil
	}
	st.gate, st.cost = r.Gate, costSetting
	st.title = "let the bucket's account copy the object onto itself under keys of S3 (SSE-S3), or under a customer managed key that the caller may use"
	st.note = "the AWS managed key aws/s3 serves its own account alone, and its policy cannot be changed"
	if s.facts.Caller.Kind == iam.OriginAccessIdentity {
		st.title = "let the bucket's account copy the object onto itself under keys of S3 (SSE-S3)"
		st.note = "an origin access identity cannot use KMS keys at all; origin access control can"
	}
	st.command = awsCommand("s3api", "copy-object", "--bucket", c.Bucket.Name, "--key", o.Key, "--copy-source", c.Bucket.Name+"/"+o.Key, "--server-side-encryption", "AES256")
	return []*step{st}
}

// bucketKey makes the bucket encrypt by default with keys of S3.
func (s *state) bucketKey(r *decide.Refusal, c *decide.Check) []*step {
	b := s.bucket()
	if b == nil || b.Encryption == nil {
		return nil
	}
	st := s.bucketSetting(b, "encryption", node.Mapping().Put("algorithm", node.Text("AES256")))
	st.gate, st.cost, st.title = r.Gate, costSetting, "let bucket "+b.Name+" encrypt with keys of S3 (SSE-S3) by default"
	st.note = "new objects are then under no KMS key; those that are there stay as they are"
	st.command = awsCommand("s3api", "put-bucket-encryption", "--bucket", b.Name, "--server-side-encryption-configuration", `{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`)
	return []*step{st}
}

// signedV4 signs what S3 takes signed by Version 4 alone.
func (f *Fixer) signedV4(s *state, r *decide.Refusal) []*step {
	if s.facts.Caller.Kind == iam.Anonymous {
		return nil
	}
	return []*step{requestStep(r.Gate, costRequest, "sign with Signature Version 4", s.authChange("version", node.Text("AWS4-HMAC-SHA256")))}
}
