package iam

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
)

// New returns the service.
func New(o awsapi.Options) (*awsapi.Service, error) {
	o.Admit = admit
	return awsapi.New("iam", o, slices.Concat(userRows(), groupRows(), roleRows(), policyRows(), credentialRows(), deviceRows(), accountRows(), profileRows(), providerRows(), analysisRows(), belongingRows(), certificateRows(), samlRows())...)
}

func userRows() []awsapi.Operation {
	const u = "UserName"
	return []awsapi.Operation{
		awsapi.Op("CreateUser", onUser, createUser),
		awsapi.Op("GetUser", onUser, getUser),
		awsapi.Op("ListUsers", onAll[sdk.ListUsersInput]("user"), listUsers),
		awsapi.Op("UpdateUser", onRenamed[sdk.UpdateUserInput]("user", u), updateUser),
		awsapi.Op("DeleteUser", onUser, deleteUser),
		awsapi.Op("TagUser", onUser, tagEntity[sdk.TagUserInput, sdk.TagUserOutput]("user", u)),
		awsapi.Op("UntagUser", onUser, tagEntity[sdk.UntagUserInput, sdk.UntagUserOutput]("user", u)),
		awsapi.Op("ListUserTags", onUser, listEntityTags[sdk.ListUserTagsInput, sdk.ListUserTagsOutput]("user", u)),
		awsapi.Op("PutUserPolicy", onUser, putInline[sdk.PutUserPolicyInput, sdk.PutUserPolicyOutput]("user", u)),
		awsapi.Op("GetUserPolicy", onUser, getInline[sdk.GetUserPolicyInput, sdk.GetUserPolicyOutput]("user", u)),
		awsapi.Op("DeleteUserPolicy", onUser, deleteInline[sdk.DeleteUserPolicyInput, sdk.DeleteUserPolicyOutput]("user", u)),
		awsapi.Op("ListUserPolicies", onUser, listInline[sdk.ListUserPoliciesInput, sdk.ListUserPoliciesOutput]("user", u)),
		awsapi.Op("AttachUserPolicy", onUser, attach[sdk.AttachUserPolicyInput, sdk.AttachUserPolicyOutput]("user", u)),
		awsapi.Op("DetachUserPolicy", onUser, detach[sdk.DetachUserPolicyInput, sdk.DetachUserPolicyOutput]("user", u)),
		awsapi.Op("ListAttachedUserPolicies", onUser, listAttached[sdk.ListAttachedUserPoliciesInput, sdk.ListAttachedUserPoliciesOutput]("user", u)),
		awsapi.Op("PutUserPermissionsBoundary", onUser, putBoundary[sdk.PutUserPermissionsBoundaryInput, sdk.PutUserPermissionsBoundaryOutput]("user", u)),
		awsapi.Op("DeleteUserPermissionsBoundary", onUser, putBoundary[sdk.DeleteUserPermissionsBoundaryInput, sdk.DeleteUserPermissionsBoundaryOutput]("user", u)),
		awsapi.Op("ListGroupsForUser", onUser, listGroupsForUser),
	}
}

func groupRows() []awsapi.Operation {
	const g = "GroupName"
	return []awsapi.Operation{
		awsapi.Op("CreateGroup", onGroup, createGroup),
		awsapi.Op("GetGroup", onGroup, getGroup),
		awsapi.Op("ListGroups", onAll[sdk.ListGroupsInput]("group"), listGroups),
		awsapi.Op("UpdateGroup", onRenamed[sdk.UpdateGroupInput]("group", g), updateGroup),
		awsapi.Op("DeleteGroup", onGroup, deleteGroup),
		awsapi.Op("AddUserToGroup", onGroup, addUserToGroup),
		awsapi.Op("RemoveUserFromGroup", onGroup, removeUserFromGroup),
		awsapi.Op("PutGroupPolicy", onGroup, putInline[sdk.PutGroupPolicyInput, sdk.PutGroupPolicyOutput]("group", g)),
		awsapi.Op("GetGroupPolicy", onGroup, getInline[sdk.GetGroupPolicyInput, sdk.GetGroupPolicyOutput]("group", g)),
		awsapi.Op("DeleteGroupPolicy", onGroup, deleteInline[sdk.DeleteGroupPolicyInput, sdk.DeleteGroupPolicyOutput]("group", g)),
		awsapi.Op("ListGroupPolicies", onGroup, listInline[sdk.ListGroupPoliciesInput, sdk.ListGroupPoliciesOutput]("group", g)),
		awsapi.Op("AttachGroupPolicy", onGroup, attach[sdk.AttachGroupPolicyInput, sdk.AttachGroupPolicyOutput]("group", g)),
		awsapi.Op("DetachGroupPolicy", onGroup, detach[sdk.DetachGroupPolicyInput, sdk.DetachGroupPolicyOutput]("group", g)),
		awsapi.Op("ListAttachedGroupPolicies", onGroup, listAttached[sdk.ListAttachedGroupPoliciesInput, sdk.ListAttachedGroupPoliciesOutput]("group", g)),
	}
}

func roleRows() []awsapi.Operation {
	const r = "RoleName"
	return []awsapi.Operation{
		awsapi.Op("CreateRole", onRole, createRole),
		awsapi.Op("GetRole", onRole, getRole),
		awsapi.Op("ListRoles", onAll[sdk.ListRolesInput]("role"), listRoles),
		awsapi.Op("UpdateRole", onRole, updateRole),
		awsapi.Op("UpdateRoleDescription", onRole, updateRoleDescription),
		awsapi.Op("UpdateAssumeRolePolicy", onRole, updateAssumeRolePolicy),
		awsapi.Op("DeleteRole", onRole, deleteRole),
		awsapi.Op("CreateServiceLinkedRole", onServiceLinked, createServiceLinkedRole),
		awsapi.Op("DeleteServiceLinkedRole", onRole, deleteServiceLinkedRole),
		awsapi.Op("GetServiceLinkedRoleDeletionStatus", onAccount, getServiceLinkedRoleDeletionStatus),
		awsapi.Op("TagRole", onRole, tagEntity[sdk.TagRoleInput, sdk.TagRoleOutput]("role", r)),
		awsapi.Op("UntagRole", onRole, tagEntity[sdk.UntagRoleInput, sdk.UntagRoleOutput]("role", r)),
		awsapi.Op("ListRoleTags", onRole, listEntityTags[sdk.ListRoleTagsInput, sdk.ListRoleTagsOutput]("role", r)),
		awsapi.Op("PutRolePolicy", onRole, putInline[sdk.PutRolePolicyInput, sdk.PutRolePolicyOutput]("role", r)),
		awsapi.Op("GetRolePolicy", onRole, getInline[sdk.GetRolePolicyInput, sdk.GetRolePolicyOutput]("role", r)),
		awsapi.Op("DeleteRolePolicy", onRole, deleteInline[sdk.DeleteRolePolicyInput, sdk.DeleteRolePolicyOutput]("role", r)),
		awsapi.Op("ListRolePolicies", onRole, listInline[sdk.ListRolePoliciesInput, sdk.ListRolePoliciesOutput]("role", r)),
		awsapi.Op("AttachRolePolicy", onRole, attach[sdk.AttachRolePolicyInput, sdk.AttachRolePolicyOutput]("role", r)),
		awsapi.Op("DetachRolePolicy", onRole, detach[sdk.DetachRolePolicyInput, sdk.DetachRolePolicyOutput]("role", r)),
		awsapi.Op("ListAttachedRolePolicies", onRole, listAttached[sdk.ListAttachedRolePoliciesInput, sdk.ListAttachedRolePoliciesOutput]("role", r)),
		awsapi.Op("PutRolePermissionsBoundary", onRole, putBoundary[sdk.PutRolePermissionsBoundaryInput, sdk.PutRolePermissionsBoundaryOutput]("role", r)),
		awsapi.Op("DeleteRolePermissionsBoundary", onRole, putBoundary[sdk.DeleteRolePermissionsBoundaryInput, sdk.DeleteRolePermissionsBoundaryOutput]("role", r)),
	}
}

func policyRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("CreatePolicy", onNewPolicy, createPolicy),
		awsapi.Op("GetPolicy", onPolicy, getPolicy),
		awsapi.Op("ListPolicies", onPolicies, listPolicies),
		awsapi.Op("DeletePolicy", onPolicy, deletePolicy),
		awsapi.Op("CreatePolicyVersion", onPolicy, createPolicyVersion),
		awsapi.Op("GetPolicyVersion", onPolicy, getPolicyVersion),
		awsapi.Op("ListPolicyVersions", onPolicy, listPolicyVersions),
		awsapi.Op("DeletePolicyVersion", onPolicy, deletePolicyVersion),
		awsapi.Op("SetDefaultPolicyVersion", onPolicy, setDefaultPolicyVersion),
		awsapi.Op("ListEntitiesForPolicy", onPolicy, listEntitiesForPolicy),
		awsapi.Op("TagPolicy", onPolicy, tagPolicy[sdk.TagPolicyInput, sdk.TagPolicyOutput]),
		awsapi.Op("UntagPolicy", onPolicy, tagPolicy[sdk.UntagPolicyInput, sdk.UntagPolicyOutput]),
		awsapi.Op("ListPolicyTags", onPolicy, listPolicyTags),
	}
}

func credentialRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("CreateAccessKey", onUser, createAccessKey),
		awsapi.Op("ListAccessKeys", onUser, listAccessKeys),
		awsapi.Op("UpdateAccessKey", onUser, updateAccessKey),
		awsapi.Op("DeleteAccessKey", onUser, deleteAccessKey),
		awsapi.Op("GetAccessKeyLastUsed", onKeyHolder, getAccessKeyLastUsed),
		awsapi.Op("CreateLoginProfile", onUser, createLoginProfile),
		awsapi.Op("GetLoginProfile", onUser, getLoginProfile),
		awsapi.Op("UpdateLoginProfile", onUser, updateLoginProfile),
		awsapi.Op("DeleteLoginProfile", onUser, deleteLoginProfile),
		awsapi.Op("ChangePassword", onUser, changePassword),
	}
}

func deviceRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("CreateVirtualMFADevice", onDevice, createVirtualMFADevice),
		awsapi.Op("DeleteVirtualMFADevice", onDevice, deleteVirtualMFADevice),
		awsapi.Op("ListVirtualMFADevices", onAll[sdk.ListVirtualMFADevicesInput]("mfa"), listVirtualMFADevices),
		awsapi.Op("EnableMFADevice", onUser, enableMFADevice),
		awsapi.Op("DeactivateMFADevice", onUser, deactivateMFADevice),
		awsapi.Op("ResyncMFADevice", onUser, resyncMFADevice),
		awsapi.Op("ListMFADevices", onUser, listMFADevices),
		awsapi.Op("GetMFADevice", onDeviceHolder, getMFADevice),
		awsapi.Op("TagMFADevice", onDevice, tagDevice[sdk.TagMFADeviceInput, sdk.TagMFADeviceOutput]),
		awsapi.Op("UntagMFADevice", onDevice, tagDevice[sdk.UntagMFADeviceInput, sdk.UntagMFADeviceOutput]),
		awsapi.Op("ListMFADeviceTags", onDevice, listMFADeviceTags),
	}
}

func accountRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("CreateAccountAlias", onAccount, createAccountAlias),
		awsapi.Op("DeleteAccountAlias", onAccount, deleteAccountAlias),
		awsapi.Op("ListAccountAliases", onAccount, listAccountAliases),
		awsapi.Op("GetAccountSummary", onAccount, getAccountSummary),
		awsapi.Op("UpdateAccountPasswordPolicy", onAccount, updateAccountPasswordPolicy),
		awsapi.Op("GetAccountPasswordPolicy", onAccount, getAccountPasswordPolicy),
		awsapi.Op("DeleteAccountPasswordPolicy", onAccount, deleteAccountPasswordPolicy),
		awsapi.Op("GetAccountAuthorizationDetails", onAccount, getAccountAuthorizationDetails),
		awsapi.Op("GenerateCredentialReport", onAccount, generateCredentialReport),
		awsapi.Op("GetCredentialReport", onAccount, getCredentialReport),
	}
}

func profileRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("CreateInstanceProfile", onProfile, createInstanceProfile),
		awsapi.Op("GetInstanceProfile", onProfile, getInstanceProfile),
		awsapi.Op("ListInstanceProfiles", onAll[sdk.ListInstanceProfilesInput]("instance-profile"), listInstanceProfiles),
		awsapi.Op("ListInstanceProfilesForRole", onRole, listInstanceProfilesForRole),
		awsapi.Op("AddRoleToInstanceProfile", onProfileWithRole, addRoleToInstanceProfile),
		awsapi.Op("RemoveRoleFromInstanceProfile", onProfile, removeRoleFromInstanceProfile),
		awsapi.Op("DeleteInstanceProfile", onProfile, deleteInstanceProfile),
		awsapi.Op("TagInstanceProfile", onProfile, tagProfile[sdk.TagInstanceProfileInput, sdk.TagInstanceProfileOutput]),
		awsapi.Op("UntagInstanceProfile", onProfile, tagProfile[sdk.UntagInstanceProfileInput, sdk.UntagInstanceProfileOutput]),
		awsapi.Op("ListInstanceProfileTags", onProfile, listInstanceProfileTags),
	}
}

func providerRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("CreateOpenIDConnectProvider", onProvider, createOpenIDConnectProvider),
		awsapi.Op("GetOpenIDConnectProvider", onProvider, getOpenIDConnectProvider),
		awsapi.Op("ListOpenIDConnectProviders", onAll[sdk.ListOpenIDConnectProvidersInput]("oidc-provider"), listOpenIDConnectProviders),
		awsapi.Op("DeleteOpenIDConnectProvider", onProvider, deleteOpenIDConnectProvider),
		awsapi.Op("AddClientIDToOpenIDConnectProvider", onProvider, changeProvider[sdk.AddClientIDToOpenIDConnectProviderInput, sdk.AddClientIDToOpenIDConnectProviderOutput](addClientID)),
		awsapi.Op("RemoveClientIDFromOpenIDConnectProvider", onProvider, changeProvider[sdk.RemoveClientIDFromOpenIDConnectProviderInput, sdk.RemoveClientIDFromOpenIDConnectProviderOutput](removeClientID)),
		awsapi.Op("UpdateOpenIDConnectProviderThumbprint", onProvider, changeProvider[sdk.UpdateOpenIDConnectProviderThumbprintInput, sdk.UpdateOpenIDConnectProviderThumbprintOutput](updateThumbprints)),
		awsapi.Op("TagOpenIDConnectProvider", onProvider, changeProvider[sdk.TagOpenIDConnectProviderInput, sdk.TagOpenIDConnectProviderOutput](tagProvider)),
		awsapi.Op("UntagOpenIDConnectProvider", onProvider, changeProvider[sdk.UntagOpenIDConnectProviderInput, sdk.UntagOpenIDConnectProviderOutput](tagProvider)),
		awsapi.Op("ListOpenIDConnectProviderTags", onProvider, listProviderTags),
	}
}

func belongingRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("UploadSSHPublicKey", onUser, uploadSSHPublicKey),
		awsapi.Op("GetSSHPublicKey", onUser, getSSHPublicKey),
		awsapi.Op("ListSSHPublicKeys", onUser, listSSHPublicKeys),
		awsapi.Op("UpdateSSHPublicKey", onUser, update[sdk.UpdateSSHPublicKeyInput, sdk.UpdateSSHPublicKeyOutput](sshKeys, func(in *sdk.UpdateSSHPublicKeyInput) bool { return in.Status == types.StatusTypeInactive })),
		awsapi.Op("DeleteSSHPublicKey", onUser, remove[sdk.DeleteSSHPublicKeyInput, sdk.DeleteSSHPublicKeyOutput](sshKeys)),
		awsapi.Op("UploadSigningCertificate", onUser, uploadSigningCertificate),
		awsapi.Op("ListSigningCertificates", onUser, listSigningCertificates),
		awsapi.Op("UpdateSigningCertificate", onUser, update[sdk.UpdateSigningCertificateInput, sdk.UpdateSigningCertificateOutput](certificates, func(in *sdk.UpdateSigningCertificateInput) bool { return in.Status == types.StatusTypeInactive })),
		awsapi.Op("DeleteSigningCertificate", onUser, remove[sdk.DeleteSigningCertificateInput, sdk.DeleteSigningCertificateOutput](certificates)),
		awsapi.Op("CreateServiceSpecificCredential", onUser, createServiceSpecificCredential),
		awsapi.Op("ListServiceSpecificCredentials", onUser, listServiceSpecificCredentials),
		awsapi.Op("ResetServiceSpecificCredential", onUser, resetServiceSpecificCredential),
		awsapi.Op("UpdateServiceSpecificCredential", onUser, update[sdk.UpdateServiceSpecificCredentialInput, sdk.UpdateServiceSpecificCredentialOutput](services, func(in *sdk.UpdateServiceSpecificCredentialInput) bool { return in.Status == types.StatusTypeInactive })),
		awsapi.Op("DeleteServiceSpecificCredential", onUser, remove[sdk.DeleteServiceSpecificCredentialInput, sdk.DeleteServiceSpecificCredentialOutput](services)),
	}
}

func certificateRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("UploadServerCertificate", onServerCertificate, uploadServerCertificate),
		awsapi.Op("GetServerCertificate", onServerCertificate, getServerCertificate),
		awsapi.Op("ListServerCertificates", onAll[sdk.ListServerCertificatesInput]("server-certificate"), listServerCertificates),
		awsapi.Op("UpdateServerCertificate", onServerCertificate, changeServerCertificate[sdk.UpdateServerCertificateInput, sdk.UpdateServerCertificateOutput](updateServerCertificate)),
		awsapi.Op("DeleteServerCertificate", onServerCertificate, changeServerCertificate[sdk.DeleteServerCertificateInput, sdk.DeleteServerCertificateOutput](deleteServerCertificate)),
		awsapi.Op("TagServerCertificate", onServerCertificate, changeServerCertificate[sdk.TagServerCertificateInput, sdk.TagServerCertificateOutput](tagServerCertificate)),
		awsapi.Op("UntagServerCertificate", onServerCertificate, changeServerCertificate[sdk.UntagServerCertificateInput, sdk.UntagServerCertificateOutput](tagServerCertificate)),
		awsapi.Op("ListServerCertificateTags", onServerCertificate, listServerCertificateTags),
	}
}

func samlRows() []awsapi.Operation {
	return []awsapi.Operation{
		awsapi.Op("CreateSAMLProvider", onSAMLProvider, createSAMLProvider),
		awsapi.Op("GetSAMLProvider", onSAMLProvider, getSAMLProvider),
		awsapi.Op("UpdateSAMLProvider", onSAMLProvider, updateSAMLProvider),
		awsapi.Op("DeleteSAMLProvider", onSAMLProvider, deleteSAMLProvider),
		awsapi.Op("ListSAMLProviders", onAll[sdk.ListSAMLProvidersInput]("saml-provider"), listSAMLProviders),
		awsapi.Op("TagSAMLProvider", onSAMLProvider, tagSAMLProvider[sdk.TagSAMLProviderInput, sdk.TagSAMLProviderOutput]),
		awsapi.Op("UntagSAMLProvider", onSAMLProvider, tagSAMLProvider[sdk.UntagSAMLProviderInput, sdk.UntagSAMLProviderOutput]),
		awsapi.Op("ListSAMLProviderTags", onSAMLProvider, listSAMLProviderTags),
	}
}
