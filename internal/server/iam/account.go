package iam

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/oidc"
	"github.com/why403/why403/internal/server/world"
)

func createAccountAlias(c *awsapi.Call, in *sdk.CreateAccountAliasInput) (*sdk.CreateAccountAliasOutput, error) {
	return &sdk.CreateAccountAliasOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		for id := range ch.Estate().Accounts {
			if a, ok := world.Accounts.Get(ch, id, ""); ok && a.Alias == *in.AccountAlias && id != c.AccountID() {
				return c.Errorf("EntityAlreadyExists", "The account alias %s already exists.", *in.AccountAlias)
			}
		}
		a, _ := world.Accounts.Get(ch, c.AccountID(), "")
		a.Alias = *in.AccountAlias
		world.Accounts.Put(ch, c.AccountID(), "", a)
		return nil
	})
}

func deleteAccountAlias(c *awsapi.Call, in *sdk.DeleteAccountAliasInput) (*sdk.DeleteAccountAliasOutput, error) {
	return &sdk.DeleteAccountAliasOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		a, _ := world.Accounts.Get(ch, c.AccountID(), "")
		if a.Alias != *in.AccountAlias {
			return c.Errorf("NoSuchEntity", "The Account Alias %s cannot be found.", *in.AccountAlias)
		}
		a.Alias = ""
		world.Accounts.Put(ch, c.AccountID(), "", a)
		return nil
	})
}

func listAccountAliases(c *awsapi.Call, in *sdk.ListAccountAliasesInput) (*sdk.ListAccountAliasesOutput, error) {
	var list []string
	if a, _ := world.Accounts.Get(c.World(), c.AccountID(), ""); a.Alias != "" {
		list = append(list, a.Alias)
	}
	out := &sdk.ListAccountAliasesOutput{}
	return out, page(c, in, out, "AccountAliases", list, func(s string) string { return s })
}

// A passwordPolicy is what passwords of an account have to be.
type passwordPolicy struct {
	MinLength       int32  `json:"minLength"`
	Symbols         bool   `json:"symbols,omitempty"`
	Numbers         bool   `json:"numbers,omitempty"`
	Uppercase       bool   `json:"uppercase,omitempty"`
	Lowercase       bool   `json:"lowercase,omitempty"`
	AllowChange     bool   `json:"allowChange,omitempty"`
	HardExpiry      *bool  `json:"hardExpiry,omitempty"`
	MaxAge          *int32 `json:"maxAge,omitempty"`
	ReusePrevention *int32 `json:"reusePrevention,omitempty"`
}

// passwordPolicies are the password policies of accounts, each under the name "".
var passwordPolicies = world.NewKind[passwordPolicy]("password-policy")

const minPassword = 6 // where a policy does not say

func updateAccountPasswordPolicy(c *awsapi.Call, in *sdk.UpdateAccountPasswordPolicyInput) (*sdk.UpdateAccountPasswordPolicyOutput, error) {
	p := passwordPolicy{
		MinLength: minPassword, Symbols: in.RequireSymbols, Numbers: in.RequireNumbers, Uppercase: in.RequireUppercaseCharacters, Lowercase: in.RequireLowercaseCharacters,
		AllowChange: in.AllowUsersToChangePassword, HardExpiry: in.HardExpiry, MaxAge: in.MaxPasswordAge, ReusePrevention: in.PasswordReusePrevention,
	}
	if in.MinimumPasswordLength != nil {
		p.MinLength = *in.MinimumPasswordLength
	}
	return &sdk.UpdateAccountPasswordPolicyOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		passwordPolicies.Put(ch, c.AccountID(), "", p)
		return nil
	})
}

func noPasswordPolicy(c *awsapi.Call) error {
	return c.Errorf("NoSuchEntity", "The Password Policy with domain name %s cannot be found.", c.AccountID())
}

func getAccountPasswordPolicy(c *awsapi.Call, _ *sdk.GetAccountPasswordPolicyInput) (*sdk.GetAccountPasswordPolicyOutput, error) {
	p, ok := passwordPolicies.Get(c.World(), c.AccountID(), "")
	if !ok {
		return nil, noPasswordPolicy(c)
	}
	return &sdk.GetAccountPasswordPolicyOutput{PasswordPolicy: &types.PasswordPolicy{
		AllowUsersToChangePassword: p.AllowChange, ExpirePasswords: aws.ToInt32(p.MaxAge) > 0, HardExpiry: p.HardExpiry, MaxPasswordAge: p.MaxAge,
		MinimumPasswordLength: &p.MinLength, PasswordReusePrevention: p.ReusePrevention, RequireLowercaseCharacters: p.Lowercase,
		RequireNumbers: p.Numbers, RequireSymbols: p.Symbols, RequireUppercaseCharacters: p.Uppercase,
	}}, nil
}

func deleteAccountPasswordPolicy(c *awsapi.Call, _ *sdk.DeleteAccountPasswordPolicyInput) (*sdk.DeleteAccountPasswordPolicyOutput, error) {
	return &sdk.DeleteAccountPasswordPolicyOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		if _, ok := passwordPolicies.Get(ch, c.AccountID(), ""); !ok {
			return c.Errorf("NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")
		}
		passwordPolicies.Delete(ch, c.AccountID(), "")
		return nil
	})
}

// getAccountSummary counts what the account holds, against its quotas.
func getAccountSummary(c *awsapi.Call, _ *sdk.GetAccountSummaryInput) (*sdk.GetAccountSummaryOutput, error) {
	v, id := c.World(), c.AccountID()
	root, _ := world.Roots.Get(v, id, "")
	inUse, versions, policies := int32(0), int32(0), int32(0)
	for _, u := range world.Users.All(v, id) {
		inUse += int32(len(u.MFADevices))
	}
	for _, p := range world.ManagedPolicies.All(v, id) {
		policies++
		versions += int32(len(p.Versions))
	}
	return &sdk.GetAccountSummaryOutput{SummaryMap: map[string]int32{
		"Users": count(world.Users, c), "UsersQuota": 5000, "Groups": count(world.Groups, c), "GroupsQuota": 300, "Roles": count(world.Roles, c), "RolesQuota": 1000,
		"InstanceProfiles": count(profiles, c), "InstanceProfilesQuota": 1000, "Policies": policies, "PoliciesQuota": 1500, "PolicyVersionsInUse": versions, "PolicyVersionsInUseQuota": 10000,
		"MFADevices": int32(len(virtualDevices(c))), "MFADevicesInUse": inUse + int32(len(root.MFADevices)), "Providers": count(oidc.Providers, c) + count(samlProviders, c),
		"AccountMFAEnabled": flag(len(root.MFADevices) > 0), "AccountAccessKeysPresent": flag(len(root.AccessKeys) > 0), "AccountSigningCertificatesPresent": 0, "AccountPasswordPresent": 1,
		"ServerCertificates": count(serverCertificates, c), "ServerCertificatesQuota": 20, "SigningCertificatesPerUserQuota": 2, "AccessKeysPerUserQuota": maxKeys, "GroupsPerUserQuota": maxGroups, "GlobalEndpointTokenVersion": 1,
		"UserPolicySizeQuota": int32(maxInline["user"]), "GroupPolicySizeQuota": int32(maxInline["group"]), "RolePolicySizeQuota": int32(maxInline["role"]), "AssumeRolePolicySizeQuota": maxTrust, "PolicySizeQuota": maxPolicy,
		"AttachedPoliciesPerUserQuota": int32(maxAttached["user"]), "AttachedPoliciesPerGroupQuota": int32(maxAttached["group"]), "AttachedPoliciesPerRoleQuota": int32(maxAttached["role"]), "VersionsPerPolicyQuota": maxVersions,
	}}, nil
}

func count[T any](k *world.Kind[T], c *awsapi.Call) (n int32) {
	for range k.All(c.World(), c.AccountID()) {
		n++
	}
	return n
}

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
