package organizations

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A creation is what came of a CreateAccount.
type creation struct {
	Name      string                           `json:"name"`
	Account   string                           `json:"account,omitempty"`
	Failure   types.CreateAccountFailureReason `json:"failure,omitempty"`
	Requested time.Time                        `json:"requested"`
}

// creations are kept under the management account by their request ids.
var creations = world.NewKind[creation]("account-creation")

// defaultRole is the role of a new account that the management account can assume
// (AWS Organizations User Guide, Accessing a member account that has
// OrganizationAccountAccessRole).
const defaultRole = "OrganizationAccountAccessRole"

func accessCreateAccount(c *awsapi.Call, in *organizations.CreateAccountInput) ([]awsapi.Check, error) {
	keys := awsapi.Keys{}.RequestTags(tagMap(in.Tags))
	checks := []awsapi.Check{{Action: "organizations:CreateAccount", Resource: "*", Keys: keys}}
	if len(in.Tags) > 0 {
		checks = append(checks, awsapi.Check{Action: "organizations:TagResource", Resource: "*", Keys: keys})
	}
	return checks, nil
}

// createAccount makes the account at once, and answers that it is under way, as
// clients expect who then ask for the status.
func createAccount(c *awsapi.Call, in *organizations.CreateAccountInput) (*organizations.CreateAccountOutput, error) {
	var random [16]byte
	rand.Read(random[:]) // never fails
	id := "car-" + hex.EncodeToString(random[:])
	made := creation{Name: *in.AccountName, Requested: c.Now()}
	err := change(c, func(w *world.Change, o *org) error {
		if emailTaken(w, *in.Email) {
			made.Failure = types.CreateAccountFailureReasonEmailAlreadyExists
		} else if err := o.newAccount(w, in, &made); err != nil {
			return err
		}
		creations.Put(w, o.management, id, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	status := made.status(id)
	status.State, status.AccountId, status.CompletedTimestamp, status.FailureReason = types.CreateAccountStateInProgress, nil, nil, ""
	return &organizations.CreateAccountOutput{CreateAccountStatus: status}, nil
}

func emailTaken(v world.View, email string) bool {
	for id := range v.Estate().Accounts {
		if a, _ := world.Accounts.Get(v, id, ""); strings.EqualFold(a.Email, email) {
			return true
		}
	}
	return false
}

func (o *org) newAccount(w *world.Change, in *organizations.CreateAccountInput, made *creation) error {
	id := newAccountID(w)
	made.Account = string(id)
	trust, err := estate.ParseDocument("role/"+defaultRole+"?trust", fmt.Appendf(nil,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}`, o.management))
	if err != nil {
		return err
	}
	role := world.Role{Created: o.c.Now()}
	role.ID, role.Trust, role.Attached = world.NewID("AROA"), trust, []string{"arn:aws:iam::aws:policy/AdministratorAccess"}
	world.Accounts.Put(w, id, "", world.Account{Name: *in.AccountName, Email: *in.Email, Created: o.c.Now()})
	world.Roles.Put(w, id, cmp.Or(aws.ToString(in.RoleName), defaultRole), role)
	world.Members.Put(w, o.management, string(id), world.Member{Parent: o.root, Method: "CREATED", Joined: o.c.Now(), Tags: tagMap(in.Tags)})
	return nil
}

// newAccountID returns twelve digits that no account has.
func newAccountID(v world.View) iam.AccountID {
	for {
		var random [8]byte
		rand.Read(random[:]) // never fails
		id := iam.AccountID(fmt.Sprintf("%012d", 100_000_000_000+binary.BigEndian.Uint64(random[:])%900_000_000_000))
		if _, taken := v.Estate().Accounts[id]; !taken {
			return id
		}
	}
}

func (m creation) status(id string) *types.CreateAccountStatus {
	s := &types.CreateAccountStatus{Id: &id, AccountName: &m.Name, State: types.CreateAccountStateSucceeded, AccountId: &m.Account,
		RequestedTimestamp: &m.Requested, CompletedTimestamp: &m.Requested}
	if m.Failure != "" {
		s.State, s.FailureReason, s.AccountId = types.CreateAccountStateFailed, m.Failure, nil
	}
	return s
}

func describeCreateAccountStatus(c *awsapi.Call, in *organizations.DescribeCreateAccountStatusInput) (*organizations.DescribeCreateAccountStatusOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	made, ok := creations.Get(o.v, o.management, *in.CreateAccountRequestId)
	if !ok {
		return nil, c.Errorf("CreateAccountStatusNotFoundException", "We can't find an create account request with the CreateAccountRequestId that you specified.")
	}
	return &organizations.DescribeCreateAccountStatusOutput{CreateAccountStatus: made.status(*in.CreateAccountRequestId)}, nil
}

func listCreateAccountStatus(c *awsapi.Call, in *organizations.ListCreateAccountStatusInput) (*organizations.ListCreateAccountStatusOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	var list []types.CreateAccountStatus
	for id, made := range creations.All(o.v, o.management) {
		if s := made.status(id); len(in.States) == 0 || slices.Contains(in.States, s.State) {
			list = append(list, *s)
		}
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListCreateAccountStatusOutput{CreateAccountStatuses: page, NextToken: next}, err
}

// account describes an account of the organization.
func (o *org) account(id string) types.Account {
	a, _ := world.Accounts.Get(o.v, iam.AccountID(id), "")
	m, _ := world.Members.Get(o.v, o.management, id)
	out := types.Account{
		Id: &id, Arn: aws.String(o.arn(id)), Name: aws.String(cmp.Or(a.Name, id)), Email: aws.String(cmp.Or(a.Email, "account-"+id+"@example.com")),
		Status: types.AccountStatusActive, State: types.AccountStateActive, JoinedMethod: types.AccountJoinedMethod(cmp.Or(m.Method, "CREATED")),
		JoinedTimestamp: &m.Joined, Paths: []string{o.v.Estate().OrgPath(iam.AccountID(id)) + id + "/"},
	}
	if a.Closed {
		out.Status, out.State = types.AccountStatusSuspended, types.AccountStateSuspended
	}
	return out
}

// accounts are the ids of the accounts under a root or unit, and of all for "".
func (o *org) accounts(parent string) []string {
	var list []string
	for id, m := range world.Members.All(o.v, o.management) {
		if parent == "" || m.Parent == parent {
			list = append(list, id)
		}
	}
	return list
}

func (o *org) member(id string) (world.Member, error) {
	m, ok := world.Members.Get(o.v, o.management, id)
	if !ok {
		return m, o.c.Errorf("AccountNotFoundException", "You specified an account that doesn't exist.")
	}
	return m, nil
}

func accessDescribeAccount(c *awsapi.Call, in *organizations.DescribeAccountInput) ([]awsapi.Check, error) {
	return on(c, nil, in.AccountId)
}

func describeAccount(c *awsapi.Call, in *organizations.DescribeAccountInput) (*organizations.DescribeAccountOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	if _, err := o.member(*in.AccountId); err != nil {
		return nil, err
	}
	a := o.account(*in.AccountId)
	return &organizations.DescribeAccountOutput{Account: &a}, nil
}

func listAccounts(c *awsapi.Call, in *organizations.ListAccountsInput) (*organizations.ListAccountsOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	page, next, err := pageOf(c, o.describeAll(""), in.NextToken, in.MaxResults)
	return &organizations.ListAccountsOutput{Accounts: page, NextToken: next}, err
}

func (o *org) describeAll(parent string) []types.Account {
	var list []types.Account
	for _, id := range o.accounts(parent) {
		list = append(list, o.account(id))
	}
	return list
}

func accessListAccountsForParent(c *awsapi.Call, in *organizations.ListAccountsForParentInput) ([]awsapi.Check, error) {
	return on(c, nil, in.ParentId)
}

func listAccountsForParent(c *awsapi.Call, in *organizations.ListAccountsForParentInput) (*organizations.ListAccountsForParentOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	if _, err := o.parent(*in.ParentId); err != nil {
		return nil, err
	}
	page, next, err := pageOf(c, o.describeAll(*in.ParentId), in.NextToken, in.MaxResults)
	return &organizations.ListAccountsForParentOutput{Accounts: page, NextToken: next}, err
}

func accessMoveAccount(c *awsapi.Call, in *organizations.MoveAccountInput) ([]awsapi.Check, error) {
	return on(c, nil, in.AccountId, in.SourceParentId, in.DestinationParentId)
}

func moveAccount(c *awsapi.Call, in *organizations.MoveAccountInput) (*organizations.MoveAccountOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		m, err := o.member(*in.AccountId)
		if err != nil {
			return err
		}
		if _, ok := world.Units.Get(w, o.management, *in.SourceParentId); !ok || m.Parent != *in.SourceParentId {
			return c.Errorf("SourceParentNotFoundException", "You specified a source root or OU that doesn't exist, or that doesn't hold the account.")
		}
		if _, ok := world.Units.Get(w, o.management, *in.DestinationParentId); !ok {
			return c.Errorf("DestinationParentNotFoundException", "You specified a destination parent that doesn't exist.")
		}
		if m.Parent == *in.DestinationParentId {
			return c.Errorf("DuplicateAccountException", "That account is already present in the specified destination.")
		}
		m.Parent = *in.DestinationParentId
		world.Members.Put(w, o.management, *in.AccountId, m)
		return nil
	})
	return &organizations.MoveAccountOutput{}, err
}

func accessRemoveAccount(c *awsapi.Call, in *organizations.RemoveAccountFromOrganizationInput) ([]awsapi.Check, error) {
	return on(c, nil, in.AccountId)
}

func removeAccount(c *awsapi.Call, in *organizations.RemoveAccountFromOrganizationInput) (*organizations.RemoveAccountFromOrganizationOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		if _, err := o.member(*in.AccountId); err != nil {
			return err
		}
		return o.remove(w, *in.AccountId)
	})
	return &organizations.RemoveAccountFromOrganizationOutput{}, err
}

func (o *org) remove(w *world.Change, account string) error {
	if account == string(o.management) {
		return o.c.Errorf("MasterCannotLeaveOrganizationException", "You can't remove a management account from an organization.")
	}
	world.Members.Delete(w, o.management, account)
	delegations.Delete(w, o.management, account)
	return nil
}

func accessCloseAccount(c *awsapi.Call, in *organizations.CloseAccountInput) ([]awsapi.Check, error) {
	return on(c, nil, in.AccountId)
}

// closeAccount suspends an account, which stays a member for the 90 days in which
// AWS would open it again. What it holds is as before.
func closeAccount(c *awsapi.Call, in *organizations.CloseAccountInput) (*organizations.CloseAccountOutput, error) {
	err := change(c, func(w *world.Change, o *org) error {
		if _, err := o.member(*in.AccountId); err != nil {
			return err
		}
		if *in.AccountId == string(o.management) {
			return constraint(c, "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account of the organization.")
		}
		a, _ := world.Accounts.Get(w, iam.AccountID(*in.AccountId), "")
		if a.Closed {
			return c.Errorf("AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
		}
		a.Closed = true
		world.Accounts.Put(w, iam.AccountID(*in.AccountId), "", a)
		return nil
	})
	return &organizations.CloseAccountOutput{}, err
}
