package organizations

import "github.com/why403/why403/internal/server/awsapi"

// New returns the service.
func New(o awsapi.Options) (*awsapi.Service, error) {
	return awsapi.New("organizations", o,
		awsapi.Op("CreateOrganization", onAll, createOrganization),
		awsapi.Op("DescribeOrganization", onAll, describeOrganization),
		awsapi.Op("DeleteOrganization", onAll, deleteOrganization),
		awsapi.Op("LeaveOrganization", onAll, leaveOrganization),
		awsapi.Op("ListRoots", onAll, listRoots),

		awsapi.Op("CreateAccount", accessCreateAccount, createAccount),
		awsapi.Op("DescribeCreateAccountStatus", onAll, describeCreateAccountStatus),
		awsapi.Op("ListCreateAccountStatus", onAll, listCreateAccountStatus),
		awsapi.Op("DescribeAccount", accessDescribeAccount, describeAccount),
		awsapi.Op("ListAccounts", onAll, listAccounts),
		awsapi.Op("ListAccountsForParent", accessListAccountsForParent, listAccountsForParent),
		awsapi.Op("MoveAccount", accessMoveAccount, moveAccount),
		awsapi.Op("RemoveAccountFromOrganization", accessRemoveAccount, removeAccount),
		awsapi.Op("CloseAccount", accessCloseAccount, closeAccount),

		awsapi.Op("EnableAWSServiceAccess", accessEnableService, enableService),
		awsapi.Op("DisableAWSServiceAccess", accessDisableService, disableService),
		awsapi.Op("ListAWSServiceAccessForOrganization", onAll, listServices),
		awsapi.Op("RegisterDelegatedAdministrator", accessRegister, register),
		awsapi.Op("DeregisterDelegatedAdministrator", accessDeregister, deregister),
		awsapi.Op("ListDelegatedAdministrators", accessListAdministrators, listAdministrators),
		awsapi.Op("ListDelegatedServicesForAccount", accessListDelegatedServices, listDelegatedServices),

		awsapi.Op("InviteAccountToOrganization", accessInvite, invite),
		awsapi.Op("AcceptHandshake", accessAccept, acceptHandshake),
		awsapi.Op("DeclineHandshake", accessDecline, declineHandshake),
		awsapi.Op("CancelHandshake", accessCancel, cancelHandshake),
		awsapi.Op("DescribeHandshake", accessDescribe, describeHandshake),
		awsapi.Op("ListHandshakesForAccount", onAll, listHandshakesForAccount),
		awsapi.Op("ListHandshakesForOrganization", onAll, listHandshakesForOrganization),

		awsapi.Op("CreateOrganizationalUnit", accessCreateUnit, createUnit),
		awsapi.Op("DescribeOrganizationalUnit", accessDescribeUnit, describeUnit),
		awsapi.Op("UpdateOrganizationalUnit", accessUpdateUnit, updateUnit),
		awsapi.Op("DeleteOrganizationalUnit", accessDeleteUnit, deleteUnit),
		awsapi.Op("ListOrganizationalUnitsForParent", accessListUnits, listUnits),
		awsapi.Op("ListParents", accessListParents, listParents),
		awsapi.Op("ListChildren", accessListChildren, listChildren),

		awsapi.Op("CreatePolicy", accessCreatePolicy, createPolicy),
		awsapi.Op("DescribePolicy", accessDescribePolicy, describePolicy),
		awsapi.Op("UpdatePolicy", accessUpdatePolicy, updatePolicy),
		awsapi.Op("DeletePolicy", accessDeletePolicy, deletePolicy),
		awsapi.Op("ListPolicies", accessListPolicies, listPolicies),

		awsapi.Op("EnablePolicyType", accessEnablePolicyType, enablePolicyType),
		awsapi.Op("DisablePolicyType", accessDisablePolicyType, disablePolicyType),
		awsapi.Op("AttachPolicy", accessAttachPolicy, attachPolicy),
		awsapi.Op("DetachPolicy", accessDetachPolicy, detachPolicy),
		awsapi.Op("ListPoliciesForTarget", accessListPoliciesForTarget, listPoliciesForTarget),
		awsapi.Op("ListTargetsForPolicy", accessListTargetsForPolicy, listTargetsForPolicy),
		awsapi.Op("DescribeEffectivePolicy", accessDescribeEffectivePolicy, describeEffectivePolicy),

		awsapi.Op("TagResource", accessTagResource, tagResource),
		awsapi.Op("UntagResource", accessUntagResource, untagResource),
		awsapi.Op("ListTagsForResource", accessListTags, listTags),
	)
}
