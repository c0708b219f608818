package fix

import (
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
)

// authChange sets one field of how the request is signed.
func (s *state) authChange(field string, value *node.Node) node.Change {
	if s.request.Auth == nil {
		return added(node.Pointer{"auth"}, node.Mapping().Put(field, value))
	}
	return added(node.Pointer{"auth", field}, value)
}

func (s *state) noAuth(field string) node.Change { return removed(node.Pointer{"auth", field}) }

// wire are the steps of the caller's own side: region, credentials, signature,
// clock.
func (f *Fixer) wire(s *state, r *decide.Refusal) []*step {
	one := func(title string, changes ...node.Change) []*step {
		return []*step{requestStep(r.Gate, costRequest, title, changes...)}
	}
	switch r.Reason {
	case reason.WrongRegion:
		return s.rightRegion(r)
	case reason.UnknownAccessKey, reason.InactiveAccessKey:
		return f.rightKey(s, r)
	case reason.ExpiredToken:
		return one("get new temporary credentials: these have expired", s.noAuth("tokenExpires"))
	case reason.InvalidToken:
		return one("send the session token that belongs to the access key (AWS_SESSION_TOKEN)", s.noAuth("tokenMatches"))
	case reason.MissingToken:
		return one("send the session token with the temporary credentials (AWS_SESSION_TOKEN, x-amz-security-token)", s.noAuth("tokenPresent"))
	case reason.SignatureMismatch:
		return one("sign with the secret that belongs to the access key, and send exactly what was signed", s.noAuth("signatureMatches"))
	case reason.ClockSkew:
		return one("set the clock of the computer that signs: it may be fifteen minutes off", s.noAuth("signedAt"))
	case reason.PresignedNotYetValid:
		return one("set the clock of the computer that makes the URL", s.noAuth("signedAt"))
	case reason.PresignedExpired:
		return one("make a new presigned URL", s.noAuth("signedAt"), added(node.Pointer{"auth", "expires"}, &node.Node{Kind: node.Number, Text: "3600"}))
	case reason.PresignedTooLong:
		return one("make a presigned URL for seven days at most (604800 seconds)", added(node.Pointer{"auth", "expires"}, &node.Node{Kind: node.Number, Text: "604800"}))
	case reason.UnsignedHeaders:
		return s.signHeaders(r)
	case reason.MalformedAuthorization:
		return one("sign for the service s3, with expiry in seconds that is not negative", s.sanitized()...)
	case reason.SignatureVersion:
		return one("sign with Signature Version 4", added(node.Pointer{"auth", "version"}, node.Text("AWS4-HMAC-SHA256")))
	}
	return nil
}

func (s *state) sanitized() []node.Change {
	changes := []node.Change{s.noAuth("service")}
	if a := s.request.Auth; a != nil && a.Expires != nil && *a.Expires < 0 {
		changes = append(changes, added(node.Pointer{"auth", "expires"}, &node.Node{Kind: node.Number, Text: "3600"}))
	}
	return changes
}

func (s *state) rightRegion(r *decide.Refusal) []*step {
	b := s.bucket()
	if b == nil {
		return nil
	}
	region := b.RegionOrDefault()
	changes := []node.Change{s.authChange("region", node.Text(region))}
	if s.request.Auth != nil && s.request.Auth.Host != "" {
		changes = append(changes, s.noAuth("host"))
	}
	st := requestStep(r.Gate, costRequest, "call and sign for the bucket's region, "+region, changes...)
	st.command = "# aws s3 … --region " + region
	return []*step{st}
}

// signHeaders signs the headers that are sent, or does not send them.
func (s *state) signHeaders(r *decide.Refusal) []*step {
	var all []string
	var unsigned []string
	all = append(all, s.request.Auth.SignedHeaders...)
	for _, have := range sortedKeys(s.request.Headers) {
		name := strings.ToLower(have)
		if strings.HasPrefix(name, "x-amz-") && !hasFold(all, name) {
			all, unsigned = append(all, name), append(unsigned, name)
		}
	}
	list := node.List()
	for _, h := range all {
		list.Items = append(list.Items, node.Text(h))
	}
	return []*step{
		requestStep(r.Gate, costRequest, "sign the headers "+strings.Join(unsigned, ", ")+" too", added(node.Pointer{"auth", "signedHeaders"}, list)),
		requestStep(r.Gate, costRequest+1, "do not send the headers "+strings.Join(unsigned, ", "), s.noHeader(unsigned...)...),
	}
}

func hasFold(list []string, name string) bool {
	for _, have := range list {
		if strings.EqualFold(have, name) {
			return true
		}
	}
	return false
}

// rightKey signs with a key that counts: another of the same user, or the same
// made active again.
func (f *Fixer) rightKey(s *state, r *decide.Refusal) []*step {
	id := s.request.Auth.AccessKeyID
	holder, held := s.estate.AccessKey(id)
	if !held {
		return f.otherIdentities(s, r)
	}
	arn, _ := iam.ParseARN(holder.Principal)
	name := arn.Resource[strings.LastIndexByte(arn.Resource, '/')+1:]
	keys, at := map[string]*estate.AccessKey{}, accountPath(arn.Account).To("root", "accessKeys")
	if u := holder.Account.Users[name]; u != nil {
		keys, at = u.AccessKeys, accountPath(arn.Account).To("users", name, "accessKeys")
	} else if holder.Account.Root != nil {
		keys = holder.Account.Root.AccessKeys
	}
	var steps []*step
	for _, other := range sortedKeys(keys) {
		if keys[other].IsActive() {
			steps = append(steps, requestStep(r.Gate, costRequest, "sign with the active access key "+other, added(node.Pointer{"auth", "accessKeyId"}, node.Text(other))))
		}
	}
	st := &step{gate: r.Gate, cost: costSetting, title: "make access key " + id + " active again", note: "somebody switched it off for a reason: ask first, or make a new key",
		place:  place{kind: setting, account: arn.Account, owner: name, name: "accessKey", where: "access keys of " + holder.Principal, path: at.To(id)},
		estate: []node.Change{added(at.To(id, "status"), node.Text("Active"))}}
	args := []string{"iam", "update-access-key", "--access-key-id", id, "--status", "Active"}
	if arn.Resource != "root" { // whose keys are changed by itself
		args = append(args, "--user-name", name)
	}
	st.command = awsCommand(args...)
	return append(steps, st)
}

// codeAt is the code that a device shows; one without a known seed shows any.
func codeAt(d *estate.MFADevice, at time.Time) string {
	if d == nil || d.Seed == "" {
		return "123456"
	}
	code, err := totp.GenerateCode(d.Seed, at)
	if err != nil {
		return "123456"
	}
	return code
}
