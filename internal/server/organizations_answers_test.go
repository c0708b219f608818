package server

import (
	"strings"
	"testing"

	"github.com/why403/why403/internal/sigv4"
)

// Delegated administrators, services with access and closed accounts. Messages: the
// Organizations API Reference, and as clients have logged them.
func TestOrganizationsDelegation(t *testing.T) {
	g := newRig(t, nil)
	const member = `"AccountId": "111122223333"`
	type line struct {
		who       sigv4.Credential
		operation string
		body      string
		code      string // "" for an answer
		says      string
	}
	for _, l := range []line{
		{management, "DescribeAccount", `{"AccountId": "abc"}`, "InvalidInputException", "You provided a value that does not match the required pattern."},
		{management, "DescribeAccount", `{}`, "InvalidInputException", `"Reason":"INPUT_REQUIRED"`},
		{management, "ListPolicies", `{"Filter": "ANY"}`, "InvalidInputException", "You specified an invalid value."},
		{management, "ListAccounts", `{"MaxResults": 21}`, "InvalidInputException", `"Reason":"MAX_VALUE_EXCEEDED"`},

		{management, "EnableAWSServiceAccess", `{"ServicePrincipal": "moto"}`, "InvalidInputException", "You specified an unrecognized service principal."},
		{management, "EnableAWSServiceAccess", `{"ServicePrincipal": "config.amazonaws.com"}`, "", ""},
		{management, "EnableAWSServiceAccess", `{"ServicePrincipal": "config.amazonaws.com"}`, "", ""},
		{management, "ListAWSServiceAccessForOrganization", `{}`, "", `"ServicePrincipal":"config.amazonaws.com"`},
		{management, "DisableAWSServiceAccess", `{"ServicePrincipal": "config.amazonaws.com"}`, "", ""},
		{management, "ListAWSServiceAccessForOrganization", `{}`, "", `{"EnabledServicePrincipals":[]}`},

		{admin, "ListAccounts", `{}`, "AccessDeniedException", ""},
		{management, "RegisterDelegatedAdministrator", `{"AccountId": "999999999999", "ServicePrincipal": "ssm.amazonaws.com"}`, "ConstraintViolationException",
			"You cannot register master account/yourself as delegated administrator for your organization."},
		{management, "RegisterDelegatedAdministrator", `{"AccountId": "123456789012", "ServicePrincipal": "ssm.amazonaws.com"}`, "AccountNotFoundException", "You specified an account that doesn't exist."},
		{management, "RegisterDelegatedAdministrator", `{` + member + `, "ServicePrincipal": "moto"}`, "InvalidInputException", "You specified an unrecognized service principal."},
		{management, "ListDelegatedServicesForAccount", `{` + member + `}`, "AccountNotRegisteredException", ""},
		{management, "RegisterDelegatedAdministrator", `{` + member + `, "ServicePrincipal": "ssm.amazonaws.com"}`, "", ""},
		{management, "RegisterDelegatedAdministrator", `{` + member + `, "ServicePrincipal": "ssm.amazonaws.com"}`, "AccountAlreadyRegisteredException", ""},
		{management, "ListDelegatedAdministrators", `{}`, "", `"DelegationEnabledDate"`},
		{management, "ListDelegatedAdministrators", `{"ServicePrincipal": "config.amazonaws.com"}`, "", `{"DelegatedAdministrators":[]}`},
		{management, "ListDelegatedServicesForAccount", `{` + member + `}`, "", `"ServicePrincipal":"ssm.amazonaws.com"`},
		{admin, "ListAccounts", `{}`, "", `"999999999999"`},
		{admin, "CloseAccount", `{` + member + `}`, "AccessDeniedException", ""},
		{management, "DeregisterDelegatedAdministrator", `{` + member + `, "ServicePrincipal": "ssm.amazonaws.com"}`, "", ""},
		{management, "DeregisterDelegatedAdministrator", `{` + member + `, "ServicePrincipal": "ssm.amazonaws.com"}`, "AccountNotRegisteredException", ""},
		{admin, "ListAccounts", `{}`, "AccessDeniedException", ""},

		{management, "CloseAccount", `{"AccountId": "999999999999"}`, "ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"},
		{management, "CloseAccount", `{"AccountId": "123456789012"}`, "AccountNotFoundException", "You specified an account that doesn't exist."},
		{management, "CloseAccount", `{` + member + `}`, "", ""},
		{management, "DescribeAccount", `{` + member + `}`, "", `"Status":"SUSPENDED"`},
		{management, "CloseAccount", `{` + member + `}`, "AccountAlreadyClosedException", ""},
	} {
		status := 200
		if l.code != "" {
			status = 400
		}
		a := g.wantAPI(g.api(l.who, "organizations", "AWSOrganizationsV20161128."+l.operation, l.body), status, l.code)
		if !strings.Contains(a.body, l.says) {
			t.Errorf("%s %s\n got %s\nwant %s", l.operation, l.body, a.body, l.says)
		}
	}
}
