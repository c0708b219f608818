package organizations

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// An invitation is a handshake that brings an account into an organization.
type invitation struct {
	Organization string               `json:"organization"`
	Account      iam.AccountID        `json:"account"`
	State        types.HandshakeState `json:"state"`
	Notes        string               `json:"notes,omitempty"`
	Requested    time.Time            `json:"requested"`
	Tags         map[string]string    `json:"tags,omitempty"` // of the account, once it has joined
}

// invitations are kept under the management account by their handshake ids.
var invitations = world.NewKind[invitation]("invitation")

// openFor is how long an invitation can be accepted.
const openFor = 15 * 24 * time.Hour

// state is EXPIRED for one that nobody answered in time.
func (i invitation) state(now time.Time) types.HandshakeState {
	if i.State == types.HandshakeStateOpen && now.After(i.Requested.Add(openFor)) {
		return types.HandshakeStateExpired
	}
	return i.State
}

func (i invitation) arn(management iam.AccountID, id string) string {
	return "arn:aws:organizations::" + string(management) + ":handshake/" + i.Organization + "/invite/" + id
}

func (i invitation) handshake(c *awsapi.Call, management iam.AccountID, id string) *types.Handshake {
	account, expires := string(i.Account), i.Requested.Add(openFor)
	h := &types.Handshake{
		Id: &id, Arn: aws.String(i.arn(management, id)),
		Action: types.ActionTypeInviteAccountToOrganization, State: i.state(c.Now()), RequestedTimestamp: &i.Requested, ExpirationTimestamp: &expires,
		Parties: []types.HandshakeParty{
			{Id: aws.String(strings.TrimPrefix(i.Organization, "o-")), Type: types.HandshakePartyTypeOrganization}, {Id: &account, Type: types.HandshakePartyTypeAccount}},
		Resources: []types.HandshakeResource{
			{Type: types.HandshakeResourceTypeOrganization, Value: &i.Organization, Resources: []types.HandshakeResource{
				{Type: types.HandshakeResourceTypeOrganizationFeatureSet, Value: aws.String("ALL")}}},
			{Type: types.HandshakeResourceTypeAccount, Value: &account}},
	}
	if i.Notes != "" {
		h.Resources = append(h.Resources, types.HandshakeResource{Type: types.HandshakeResourceTypeNotes, Value: &i.Notes})
	}
	return h
}

func accessInvite(_ *awsapi.Call, in *organizations.InviteAccountToOrganizationInput) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "organizations:InviteAccountToOrganization", Resource: "*", Keys: awsapi.Keys{}.RequestTags(tagMap(in.Tags))}}, nil
}

func invite(c *awsapi.Call, in *organizations.InviteAccountToOrganizationInput) (*organizations.InviteAccountToOrganizationOutput, error) {
	id, i := newID("h-", 32), invitation{State: types.HandshakeStateOpen, Notes: aws.ToString(in.Notes), Requested: c.Now(), Tags: tagMap(in.Tags)}
	err := change(c, func(w *world.Change, o *org) (err error) {
		if i.Account, err = o.invitee(in.Target); err != nil {
			return err
		}
		for _, other := range invitations.All(w, o.management) {
			if other.Account == i.Account && other.state(c.Now()) == types.HandshakeStateOpen {
				return c.Errorf("DuplicateHandshakeException", "A handshake with the same action and target already exists.")
			}
		}
		i.Organization = o.id
		invitations.Put(w, o.management, id, i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &organizations.InviteAccountToOrganizationOutput{Handshake: i.handshake(c, c.AccountID(), id)}, nil
}

// invitee is the account that an id or an e-mail address names.
func (o *org) invitee(target *types.HandshakeParty) (iam.AccountID, error) {
	for id := range o.v.Estate().Accounts {
		a, _ := world.Accounts.Get(o.v, id, "")
		if target.Type == types.HandshakePartyTypeAccount && string(id) != *target.Id ||
			target.Type == types.HandshakePartyTypeEmail && !strings.EqualFold(a.Email, *target.Id) {
			continue
		}
		if o.v.Estate().OrgPath(id) != "" {
			return "", o.c.Errorf("HandshakeConstraintViolationException", "The specified account is already a member of an organization.").
				With("Reason", "ALREADY_IN_AN_ORGANIZATION")
		}
		return id, nil
	}
	return "", o.c.Errorf("AccountNotFoundException", "You specified an account that doesn't exist.")
}

// parties finds a handshake, which its organization and the account see.
func parties(c *awsapi.Call, v world.View, id string) (invitation, iam.AccountID, error) {
	for management := range v.Estate().Accounts {
		i, ok := invitations.Get(v, management, id)
		if ok && (c.AccountID() == management || c.AccountID() == i.Account) {
			return i, management, nil
		}
	}
	return invitation{}, "", c.Errorf("HandshakeNotFoundException", "You specified a handshake that doesn't exist.")
}

// onHandshake is the access of a call about one handshake, which is its resource
// (Service Authorization Reference, AWS Organizations).
func onHandshake(c *awsapi.Call, id *string) ([]awsapi.Check, error) {
	i, management, err := parties(c, c.World(), *id)
	if err != nil {
		return nil, err
	}
	return []awsapi.Check{{Action: "organizations:" + c.Operation, Resource: i.arn(management, *id)}}, nil
}

func accessAccept(c *awsapi.Call, in *organizations.AcceptHandshakeInput) ([]awsapi.Check, error) {
	return onHandshake(c, in.HandshakeId)
}

func accessDecline(c *awsapi.Call, in *organizations.DeclineHandshakeInput) ([]awsapi.Check, error) {
	return onHandshake(c, in.HandshakeId)
}

func accessCancel(c *awsapi.Call, in *organizations.CancelHandshakeInput) ([]awsapi.Check, error) {
	return onHandshake(c, in.HandshakeId)
}

func accessDescribe(c *awsapi.Call, in *organizations.DescribeHandshakeInput) ([]awsapi.Check, error) {
	return onHandshake(c, in.HandshakeId)
}

// answer ends a handshake that is open. byAccount tells whose answer it is.
func answer(c *awsapi.Call, id string, to types.HandshakeState, byAccount bool) (*types.Handshake, error) {
	var out *types.Handshake
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		i, management, err := parties(c, w, id)
		if err != nil {
			return err
		}
		switch state := i.state(c.Now()); {
		case byAccount != (c.AccountID() == i.Account):
			return c.AccessDenied("You don't have permissions to access this resource.").Because("a handshake is accepted and declined by the account, and canceled by the organization")
		case state == to:
			return c.Errorf("HandshakeAlreadyInStateException", "The specified handshake is already in the requested state.")
		case state != types.HandshakeStateOpen:
			return c.Errorf("InvalidHandshakeTransitionException", "You can't perform the operation on the handshake in its current state.")
		}
		if to == types.HandshakeStateAccepted {
			if err := join(c, w, management, &i); err != nil {
				return err
			}
		}
		i.State = to
		invitations.Put(w, management, id, i)
		out = i.handshake(c, management, id)
		return nil
	})
	return out, err
}

// join makes an account a member, right under the root.
func join(c *awsapi.Call, w *world.Change, management iam.AccountID, i *invitation) error {
	o := w.Estate().Organizations[i.Organization]
	if o == nil || o.Root == nil {
		return c.Errorf("HandshakeNotFoundException", "You specified a handshake that doesn't exist.")
	}
	if w.Estate().OrgPath(i.Account) != "" {
		return c.Errorf("HandshakeConstraintViolationException", "The account is already a member of an organization.").With("Reason", "ALREADY_IN_AN_ORGANIZATION")
	}
	world.Members.Put(w, management, string(i.Account), world.Member{Parent: o.Root.ID, Method: "INVITED", Joined: c.Now(), Tags: i.Tags})
	return nil
}

func acceptHandshake(c *awsapi.Call, in *organizations.AcceptHandshakeInput) (*organizations.AcceptHandshakeOutput, error) {
	h, err := answer(c, *in.HandshakeId, types.HandshakeStateAccepted, true)
	return &organizations.AcceptHandshakeOutput{Handshake: h}, err
}

func declineHandshake(c *awsapi.Call, in *organizations.DeclineHandshakeInput) (*organizations.DeclineHandshakeOutput, error) {
	h, err := answer(c, *in.HandshakeId, types.HandshakeStateDeclined, true)
	return &organizations.DeclineHandshakeOutput{Handshake: h}, err
}

func cancelHandshake(c *awsapi.Call, in *organizations.CancelHandshakeInput) (*organizations.CancelHandshakeOutput, error) {
	h, err := answer(c, *in.HandshakeId, types.HandshakeStateCanceled, false)
	return &organizations.CancelHandshakeOutput{Handshake: h}, err
}

func describeHandshake(c *awsapi.Call, in *organizations.DescribeHandshakeInput) (*organizations.DescribeHandshakeOutput, error) {
	i, management, err := parties(c, c.World(), *in.HandshakeId)
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeHandshakeOutput{Handshake: i.handshake(c, management, *in.HandshakeId)}, nil
}

func listHandshakesForAccount(c *awsapi.Call, in *organizations.ListHandshakesForAccountInput) (*organizations.ListHandshakesForAccountOutput, error) {
	list := []types.Handshake{}
	for management := range c.Estate.Accounts {
		for id, i := range invitations.All(c.World(), management) {
			if i.Account == c.AccountID() {
				list = append(list, *i.handshake(c, management, id))
			}
		}
	}
	slices.SortFunc(list, func(a, b types.Handshake) int { return strings.Compare(*a.Id, *b.Id) })
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListHandshakesForAccountOutput{Handshakes: page, NextToken: next}, err
}

func listHandshakesForOrganization(c *awsapi.Call, in *organizations.ListHandshakesForOrganizationInput) (*organizations.ListHandshakesForOrganizationOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	list := []types.Handshake{}
	for id, i := range invitations.All(o.v, o.management) {
		if i.Organization == o.id {
			list = append(list, *i.handshake(c, o.management, id))
		}
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListHandshakesForOrganizationOutput{Handshakes: page, NextToken: next}, err
}
