package kms

import "github.com/why403/why403/internal/server/awsapi"

// New returns the service.
func New(o awsapi.Options) (*awsapi.Service, error) {
	return awsapi.New("kms", o,
		awsapi.Op("CreateKey", accessCreateKey, createKey),
		awsapi.Op("DescribeKey", accessDescribeKey, describeKey),
		awsapi.Op("ListKeys", accessListKeys, listKeys),
		awsapi.Op("EnableKey", accessEnableKey, enableKey),
		awsapi.Op("DisableKey", accessDisableKey, disableKey),
		awsapi.Op("ScheduleKeyDeletion", accessScheduleKeyDeletion, scheduleKeyDeletion),
		awsapi.Op("CancelKeyDeletion", accessCancelKeyDeletion, cancelKeyDeletion),
		awsapi.Op("UpdateKeyDescription", accessUpdateKeyDescription, updateKeyDescription),
		awsapi.Op("EnableKeyRotation", accessEnableKeyRotation, enableKeyRotation),
		awsapi.Op("DisableKeyRotation", accessDisableKeyRotation, disableKeyRotation),
		awsapi.Op("GetKeyRotationStatus", accessGetKeyRotationStatus, getKeyRotationStatus),
		awsapi.Op("RotateKeyOnDemand", accessRotateKeyOnDemand, rotateKeyOnDemand),
		awsapi.Op("ListKeyRotations", accessListKeyRotations, listKeyRotations),

		awsapi.Op("CreateAlias", accessCreateAlias, createAlias),
		awsapi.Op("UpdateAlias", accessUpdateAlias, updateAlias),
		awsapi.Op("DeleteAlias", accessDeleteAlias, deleteAlias),
		awsapi.Op("ListAliases", accessListAliases, listAliases),

		awsapi.Op("GetKeyPolicy", accessGetKeyPolicy, getKeyPolicy),
		awsapi.Op("PutKeyPolicy", accessPutKeyPolicy, putKeyPolicy),
		awsapi.Op("ListKeyPolicies", accessListKeyPolicies, listKeyPolicies),

		awsapi.Op("CreateGrant", accessCreateGrant, createGrant),
		awsapi.Op("ListGrants", accessListGrants, listGrants),
		awsapi.Op("ListRetirableGrants", accessListRetirableGrants, listRetirableGrants),
		awsapi.Op("RevokeGrant", accessRevokeGrant, revokeGrant),
		awsapi.Op("RetireGrant", awsapi.Free, retireGrant),

		awsapi.Op("TagResource", accessTagResource, tagResource),
		awsapi.Op("UntagResource", accessUntagResource, untagResource),
		awsapi.Op("ListResourceTags", accessListResourceTags, listResourceTags),

		awsapi.Op("Encrypt", accessEncrypt, encrypt),
		awsapi.Op("Decrypt", accessDecrypt, decrypt),
		awsapi.Op("ReEncrypt", accessReEncrypt, reEncrypt),
		awsapi.Op("GenerateDataKey", accessGenerateDataKey, generateDataKey),
		awsapi.Op("GenerateDataKeyWithoutPlaintext", accessGenerateDataKeyWithoutPlaintext, generateDataKeyWithoutPlaintext),
		awsapi.Op("GenerateDataKeyPair", accessGenerateDataKeyPair, generateDataKeyPair),
		awsapi.Op("GenerateDataKeyPairWithoutPlaintext", accessGenerateDataKeyPairWithoutPlaintext, generateDataKeyPairWithoutPlaintext),
		awsapi.Op("GenerateRandom", accessGenerateRandom, generateRandom),

		awsapi.Op("Sign", accessSign, sign),
		awsapi.Op("Verify", accessVerify, verify),
		awsapi.Op("GenerateMac", accessGenerateMac, generateMac),
		awsapi.Op("VerifyMac", accessVerifyMac, verifyMac),
		awsapi.Op("DeriveSharedSecret", accessDeriveSharedSecret, deriveSharedSecret),
		awsapi.Op("GetPublicKey", accessGetPublicKey, getPublicKey),
	)
}
