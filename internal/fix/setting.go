package fix

import (
	"fmt"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
)

// bucketSetting sets one field of a bucket.
func (s *state) bucketSetting(b *estate.Bucket, field string, value *node.Node) *step {
	st := &step{place: place{kind: setting, account: b.Account, owner: b.Name, name: field, where: "bucket " + b.Name, path: bucketPath(b).To(field)}}
	if len(b.Places) == 0 && b.Pos.IsValid() {
		st.estate = []node.Change{added(bucketPath(b), node.Mapping().Put(field, value))}
	} else {
		st.estate = []node.Change{added(bucketPath(b).To(field), value)}
	}
	return st
}

// payer accepts the charge of a bucket whose requesters pay, and makes the bucket
// pay where the caller has no account that could.
func (f *Fixer) payer(s *state, r *decide.Refusal) []*step {
	var steps []*step
	if r.Reason == reason.RequesterPays {
		st := requestStep(r.Gate, costRequest, "accept the charge: send the header x-amz-request-payer: requester", s.header("x-amz-request-payer", "requester"))
		st.note = "the caller's account pays for the request and the transfer"
		st.command = "# aws s3api … --request-payer requester"
		steps = append(steps, st)
	}
	name := strings.TrimPrefix(r.Where, "bucket ")
	if b, ok := s.estate.Bucket(name); ok {
		st := s.bucketSetting(b, "requestPayer", node.Text("BucketOwner"))
		st.gate, st.cost, st.title = r.Gate, costSetting, "let the owner of bucket "+name+" pay for requests"
		st.note = "the bucket's account then pays for everyone's requests and transfers"
		st.command = awsCommand("s3api", "put-bucket-request-payment", "--bucket", name, "--request-payment-configuration", "Payer=BucketOwner")
		steps = append(steps, st)
	}
	return steps
}

// aclSettings are for a request that wants to set an ACL where none may be set.
func (f *Fixer) aclSettings(s *state, r *decide.Refusal) []*step {
	var steps []*step
	drop := s.noHeader("x-amz-acl", "x-amz-grant-*")
	if len(drop) > 0 {
		steps = append(steps, requestStep(r.Gate, costRequest, "leave out the ACL headers: with ACLs disabled the bucket's owner owns the object anyway", drop...))
		if strings.HasPrefix(s.request.Operation, "Put") || strings.HasPrefix(s.request.Operation, "Copy") || strings.HasPrefix(s.request.Operation, "CreateMulti") {
			steps = append(steps, requestStep(r.Gate, costRequest+1, "send the header x-amz-acl: bucket-owner-full-control, the one ACL that is accepted", append(drop, added(node.Pointer{"headers", "x-amz-acl"}, node.Text("bucket-owner-full-control")))...))
		}
	}
	if s.facts.Form.Creates {
		return append(steps, requestStep(r.Gate, costSetting, "make the bucket with ACLs enabled: send the header x-amz-object-ownership: BucketOwnerPreferred", s.header("x-amz-object-ownership", "BucketOwnerPreferred")))
	}
	if b := s.bucket(); b != nil && r.Code != "MethodNotAllowed" {
		steps = append(steps, s.enableACLs(r, b))
	}
	return steps
}

func (s *state) enableACLs(r *decide.Refusal, b *estate.Bucket) *step {
	st := s.bucketSetting(b, "ownership", node.Text("BucketOwnerPreferred"))
	st.gate, st.cost, st.title = r.Gate, costLoosen, "enable ACLs on bucket "+b.Name+" (Object Ownership BucketOwnerPreferred)"
	st.note = "every ACL that the bucket and its objects have counts again"
	st.command = awsCommand("s3api", "put-bucket-ownership-controls", "--bucket", b.Name, "--ownership-controls", "Rules=[{ObjectOwnership=BucketOwnerPreferred}]")
	return st
}

// privateACL takes grants to others off a bucket whose ACLs are to be disabled.
func (f *Fixer) privateACL(s *state, r *decide.Refusal) []*step {
	b := s.bucket()
	if b == nil {
		return nil
	}
	st := s.bucketSetting(b, "acl", node.Mapping().Put("canned", node.Text("private")))
	st.gate, st.cost, st.title = r.Gate, costSetting, "first set the ACL of bucket "+b.Name+" to private"
	st.note = "who has access by the ACL loses it: write it into the bucket policy instead"
	st.command = awsCommand("s3api", "put-bucket-acl", "--bucket", b.Name, "--acl", "private")
	return []*step{st}
}

// expectedOwner names the right owner, or none.
func (f *Fixer) expectedOwner(s *state, r *decide.Refusal) []*step {
	var steps []*step
	for _, h := range []struct {
		name, stated string
		bucket       *decide.Bucket
	}{{"x-amz-expected-bucket-owner", s.facts.Form.ExpectedOwner, s.facts.Target}, {"x-amz-source-expected-bucket-owner", s.facts.Form.ExpectedSourceOwner, s.facts.Form.CopiesFromBucket}} {
		if h.stated == "" || h.bucket == nil || h.bucket.Account == "" || h.stated == string(h.bucket.Account) {
			continue
		}
		st := requestStep(r.Gate, costRequest, fmt.Sprintf("expect the account that owns bucket %s: send %s: %s", h.bucket.Name, h.name, h.bucket.Account), s.header(h.name, string(h.bucket.Account)))
		st.note = "make sure that this is the bucket that was meant"
		steps = append(steps, st)
	}
	return steps
}

// sseBlocked uploads with another encryption than SSE-C, or lets the bucket take
// it.
func (f *Fixer) sseBlocked(s *state, r *decide.Refusal) []*step {
	steps := []*step{requestStep(r.Gate, costRequest, "leave out the SSE-C headers, so that S3 encrypts with the bucket's default", s.noHeader("x-amz-server-side-encryption-customer-*")...)}
	b := s.bucket()
	if b == nil {
		return steps
	}
	e := b.DefaultEncryption()
	n := node.Mapping().Put("algorithm", node.Text(e.Algorithm))
	if e.Key != "" {
		n.Put("key", node.Text(e.Key))
	}
	if e.BucketKey {
		n.Put("bucketKey", node.Flag(true))
	}
	st := s.bucketSetting(b, "encryption", n.Put("blocked", node.List()))
	st.gate, st.cost, st.title = r.Gate, costLoosen, "let bucket "+b.Name+" take uploads with SSE-C"
	st.note = "data under a key that the customer loses is lost"
	rule := `{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"` + e.Algorithm + `"` + masterKey(e.Key) + `},"BucketKeyEnabled":` + fmt.Sprint(e.BucketKey) + `,"BlockedEncryptionTypes":{"EncryptionType":["NONE"]}}]}`
	st.command = awsCommand("s3api", "put-bucket-encryption", "--bucket", b.Name, "--server-side-encryption-configuration", rule)
	return append(steps, st)
}

func masterKey(key string) string {
	if key == "" {
		return ""
	}
	return `,"KMSMasterKeyID":"` + key + `"`
}

// tls makes the request over HTTPS.
func (f *Fixer) tls(s *state, r *decide.Refusal) []*step {
	return []*step{requestStep(r.Gate, costRequest, "use HTTPS", added(node.Pointer{"secureTransport"}, node.Flag(true)))}
}

// mfaDelete brings the second factor: the root user's, with a code of its device.
func (f *Fixer) mfaDelete(s *state, r *decide.Refusal) []*step {
	b := s.bucket()
	if b == nil {
		return nil
	}
	var steps []*step
	if a := s.estate.Accounts[b.Account]; a != nil && a.Root != nil {
		for _, serial := range sortedKeys(a.Root.MFADevices) {
			st := requestStep(r.Gate, costRequest, "make the request as the root user of account "+string(a.ID)+", with the present code of its device: x-amz-mfa: "+serial+" CODE",
				s.header("x-amz-mfa", serial+" "+codeAt(a.Root.MFADevices[serial], s.time())))
			if c := &s.facts.Caller; c.Kind != iam.RootUser || c.Account != a.ID {
				st.request = append(st.request, added(node.Pointer{"principal"}, node.Text(a.RootARN())))
				st.cost = costIdentity
			}
			st.command = "# aws s3api … --mfa '" + serial + " CODE'"
			steps = append(steps, st)
		}
	}
	if s.request.Operation == "DeleteObject" && s.request.VersionID != "" {
		st := requestStep(r.Gate, costIdentity+4, "delete without a version id: that adds a delete marker, and takes no second factor", removed(node.Pointer{"versionId"}))
		st.note = "the version itself stays, and can be brought back"
		steps = append(steps, st)
	}
	return steps
}

// endpointOrigin reaches an access point that takes requests of its VPC alone.
func (f *Fixer) endpointOrigin(s *state, r *decide.Refusal) []*step {
	c := s.check(r)
	if c == nil || c.AccessPoint == nil {
		return nil
	}
	var steps []*step
	for _, e := range s.estate.VPCEndpoints() {
		if e.VPC != c.AccessPoint.VPC {
			continue
		}
		st := requestStep(r.Gate, costNetwork, "send the request from the VPC "+e.VPC+", through its endpoint "+e.ID, added(node.Pointer{"vpcEndpoint"}, node.Text(e.ID)))
		if s.request.SourceIP != nil {
			st.request = append(st.request, removed(node.Pointer{"sourceIp"}))
		}
		steps = append(steps, st)
	}
	if len(steps) == 0 {
		st := requestStep(r.Gate, costNetwork, "send the request from the VPC "+c.AccessPoint.VPC, s.context("aws:SourceVpc", c.AccessPoint.VPC))
		steps = append(steps, st)
	}
	if s.request.Bucket == "" || s.request.AccessPoint != "" {
		steps = append(steps, requestStep(r.Gate, costNetwork+2, "address the bucket itself, not the access point", added(node.Pointer{"bucket"}, node.Text(c.Bucket.Name)), removed(node.Pointer{"accessPoint"})))
	}
	return steps
}
