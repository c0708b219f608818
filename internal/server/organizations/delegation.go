package organizations

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// Which services work across the organization, and for which of them a member account
// is the administrator: both are kept, by service principal, with when they began.
// Here no such service does anything.

type since map[string]time.Time

var (
	trusted     = world.NewKind[since]("service-access")          // of an organization, under the name ""
	delegations = world.NewKind[since]("delegated-administrator") // of a member account, by its id
)

func (s since) services() []string {
	var list []string
	for name := range s {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func checkService(c *awsapi.Call, principal string) error {
	if !strings.HasSuffix(principal, ".amazonaws.com") {
		return invalid(c, "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
	}
	return nil
}

// delegated reports whether an account administers the organization for a service:
// then it may read what the management account may.
func (o *org) delegated(account string) bool {
	s, _ := delegations.Get(o.v, o.management, account)
	return len(s) > 0
}

func serviceKeys(principal *string) awsapi.Keys {
	if principal == nil {
		return nil
	}
	return awsapi.Keys{}.Set("organizations:ServicePrincipal", *principal)
}

func onService(c *awsapi.Call, principal *string) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "organizations:" + c.Operation, Resource: "*", Keys: serviceKeys(principal)}}, nil
}

func accessEnableService(c *awsapi.Call, in *organizations.EnableAWSServiceAccessInput) ([]awsapi.Check, error) {
	return onService(c, in.ServicePrincipal)
}

func enableService(c *awsapi.Call, in *organizations.EnableAWSServiceAccessInput) (*organizations.EnableAWSServiceAccessOutput, error) {
	return &organizations.EnableAWSServiceAccessOutput{}, changeTrusted(c, *in.ServicePrincipal, func(s since) {
		if _, ok := s[*in.ServicePrincipal]; !ok {
			s[*in.ServicePrincipal] = c.Now()
		}
	})
}

func accessDisableService(c *awsapi.Call, in *organizations.DisableAWSServiceAccessInput) ([]awsapi.Check, error) {
	return onService(c, in.ServicePrincipal)
}

func disableService(c *awsapi.Call, in *organizations.DisableAWSServiceAccessInput) (*organizations.DisableAWSServiceAccessOutput, error) {
	return &organizations.DisableAWSServiceAccessOutput{}, changeTrusted(c, *in.ServicePrincipal, func(s since) { delete(s, *in.ServicePrincipal) })
}

func changeTrusted(c *awsapi.Call, principal string, do func(since)) error {
	if err := checkService(c, principal); err != nil {
		return err
	}
	return change(c, func(w *world.Change, o *org) error {
		s, _ := trusted.Get(w, o.management, "")
		if s == nil {
			s = since{}
		}
		do(s)
		trusted.Put(w, o.management, "", s)
		return nil
	})
}

func listServices(c *awsapi.Call, in *organizations.ListAWSServiceAccessForOrganizationInput) (*organizations.ListAWSServiceAccessForOrganizationOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	s, _ := trusted.Get(o.v, o.management, "")
	var list []types.EnabledServicePrincipal
	for _, name := range s.services() {
		at := s[name]
		list = append(list, types.EnabledServicePrincipal{ServicePrincipal: &name, DateEnabled: &at})
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListAWSServiceAccessForOrganizationOutput{EnabledServicePrincipals: page, NextToken: next}, err
}

func accessRegister(c *awsapi.Call, in *organizations.RegisterDelegatedAdministratorInput) ([]awsapi.Check, error) {
	return on(c, serviceKeys(in.ServicePrincipal), in.AccountId)
}

func register(c *awsapi.Call, in *organizations.RegisterDelegatedAdministratorInput) (*organizations.RegisterDelegatedAdministratorOutput, error) {
	return &organizations.RegisterDelegatedAdministratorOutput{}, changeDelegation(c, *in.AccountId, *in.ServicePrincipal, func(o *org, s since) error {
		if *in.AccountId == string(o.management) {
			return constraint(c, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
				"You cannot register master account/yourself as delegated administrator for your organization.")
		}
		if _, ok := s[*in.ServicePrincipal]; ok {
			return c.Errorf("AccountAlreadyRegisteredException", "The provided account is already a delegated administrator for your organization.")
		}
		s[*in.ServicePrincipal] = c.Now()
		return nil
	})
}

func accessDeregister(c *awsapi.Call, in *organizations.DeregisterDelegatedAdministratorInput) ([]awsapi.Check, error) {
	return on(c, serviceKeys(in.ServicePrincipal), in.AccountId)
}

func deregister(c *awsapi.Call, in *organizations.DeregisterDelegatedAdministratorInput) (*organizations.DeregisterDelegatedAdministratorOutput, error) {
	return &organizations.DeregisterDelegatedAdministratorOutput{}, changeDelegation(c, *in.AccountId, *in.ServicePrincipal, func(o *org, s since) error {
		if *in.AccountId == string(o.management) {
			return constraint(c, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
				"You cannot register master account/yourself as delegated administrator for your organization.")
		}
		if _, ok := s[*in.ServicePrincipal]; !ok {
			return c.Errorf("AccountNotRegisteredException", "The provided account is not a registered delegated administrator for your organization.")
		}
		delete(s, *in.ServicePrincipal)
		return nil
	})
}

func changeDelegation(c *awsapi.Call, account, principal string, do func(*org, since) error) error {
	return change(c, func(w *world.Change, o *org) error {
		if _, err := o.member(account); err != nil {
			return err
		}
		if err := checkService(c, principal); err != nil {
			return err
		}
		s, _ := delegations.Get(w, o.management, account)
		if s == nil {
			s = since{}
		}
		if err := do(o, s); err != nil {
			return err
		}
		delegations.Put(w, o.management, account, s)
		return nil
	})
}

func accessListAdministrators(c *awsapi.Call, in *organizations.ListDelegatedAdministratorsInput) ([]awsapi.Check, error) {
	return onService(c, in.ServicePrincipal)
}

func listAdministrators(c *awsapi.Call, in *organizations.ListDelegatedAdministratorsInput) (*organizations.ListDelegatedAdministratorsOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	var list []types.DelegatedAdministrator
	for _, id := range o.accounts("") {
		s, _ := delegations.Get(o.v, o.management, id)
		var first *time.Time
		for name, at := range s {
			if (in.ServicePrincipal == nil || *in.ServicePrincipal == name) && (first == nil || at.Before(*first)) {
				first = &at
			}
		}
		if first != nil {
			a := o.account(id)
			list = append(list, types.DelegatedAdministrator{Id: a.Id, Arn: a.Arn, Name: a.Name, Email: a.Email, Status: a.Status, State: a.State,
				JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.JoinedTimestamp, DelegationEnabledDate: first})
		}
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListDelegatedAdministratorsOutput{DelegatedAdministrators: page, NextToken: next}, err
}

func accessListDelegatedServices(c *awsapi.Call, in *organizations.ListDelegatedServicesForAccountInput) ([]awsapi.Check, error) {
	return on(c, nil, in.AccountId)
}

func listDelegatedServices(c *awsapi.Call, in *organizations.ListDelegatedServicesForAccountInput) (*organizations.ListDelegatedServicesForAccountOutput, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	if _, err := o.member(*in.AccountId); err != nil {
		return nil, err
	}
	s, _ := delegations.Get(o.v, o.management, *in.AccountId)
	if len(s) == 0 {
		return nil, c.Errorf("AccountNotRegisteredException", "The provided account is not a registered delegated administrator for your organization.")
	}
	var list []types.DelegatedService
	for _, name := range s.services() {
		at := s[name]
		list = append(list, types.DelegatedService{ServicePrincipal: &name, DelegationEnabledDate: &at})
	}
	page, next, err := pageOf(c, list, in.NextToken, in.MaxResults)
	return &organizations.ListDelegatedServicesForAccountOutput{DelegatedServices: page, NextToken: next}, err
}
