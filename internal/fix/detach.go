package fix

import (
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/node"
)

// detach takes an AWS managed policy that denies off the user, role or group that it
// is attached to: nobody can change its text (IAM User Guide, Managed policies and
// inline policies). It is nil for other policies.
func (s *state) detach(r *decide.Refusal, arn string) *step {
	a := s.estate.Accounts[s.facts.Caller.Account]
	if r.Gate != iam.GateIdentity || !strings.Contains(arn, ":iam::aws:policy/") || a == nil {
		return nil
	}
	k, owner, _, _ := s.holder(a)
	if owner == "" {
		return nil
	}
	attached := s.attachedTo(a, k, owner)
	if k == userPolicy && !slices.Contains(attached, arn) {
		for _, name := range a.Users[owner].Groups {
			if g := a.Groups[name]; g != nil && slices.Contains(g.Attached, arn) {
				k, owner, attached = groupPolicy, name, g.Attached
			}
		}
	}
	i := slices.Index(attached, arn)
	if i < 0 {
		return nil
	}
	word := map[kind]string{userPolicy: "user", rolePolicy: "role", groupPolicy: "group"}[k]
	at := accountPath(a.ID).To(word+"s", owner)
	return &step{gate: r.Gate, cost: costLoosen, title: "detach " + arn + " from " + word + " " + owner,
		note:   "AWS's own policy cannot be changed; whoever attached it meant to stop what it denies: make sure that the reason is gone",
		place:  place{kind: setting, account: a.ID, owner: owner, name: "attached", where: word + " " + owner, path: at},
		estate: []node.Change{removed(at.To("attached", itoa(i)))}, command: awsCommand("iam", "detach-"+word+"-policy", "--"+word+"-name", owner, "--policy-arn", arn)}
}
