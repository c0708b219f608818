package kms

import (
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/why403/why403/internal/server/awsapi"
)

// The operations of asymmetric and HMAC keys: a symmetric encryption key answers
// them so, and there are no others here.

func wrongUsage(c *awsapi.Call, id *string) error {
	k, err := find(c, c.World(), id)
	if err != nil {
		return err
	}
	if err := usable(c, k); err != nil {
		return err
	}
	return c.Errorf("InvalidKeyUsageException", "%s key usage is ENCRYPT_DECRYPT which is not valid for %s.", k.ref.ARN, c.Operation)
}

func accessSign(c *awsapi.Call, in *kms.SignInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:SigningAlgorithm", string(in.SigningAlgorithm)).Set("kms:MessageType", string(in.MessageType)))
}

func sign(c *awsapi.Call, in *kms.SignInput) (*kms.SignOutput, error) {
	return nil, wrongUsage(c, in.KeyId)
}

func accessVerify(c *awsapi.Call, in *kms.VerifyInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:SigningAlgorithm", string(in.SigningAlgorithm)).Set("kms:MessageType", string(in.MessageType)))
}

func verify(c *awsapi.Call, in *kms.VerifyInput) (*kms.VerifyOutput, error) {
	return nil, wrongUsage(c, in.KeyId)
}

func accessGenerateMac(c *awsapi.Call, in *kms.GenerateMacInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:MacAlgorithm", string(in.MacAlgorithm)))
}

func generateMac(c *awsapi.Call, in *kms.GenerateMacInput) (*kms.GenerateMacOutput, error) {
	return nil, wrongUsage(c, in.KeyId)
}

func accessVerifyMac(c *awsapi.Call, in *kms.VerifyMacInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:MacAlgorithm", string(in.MacAlgorithm)))
}

func verifyMac(c *awsapi.Call, in *kms.VerifyMacInput) (*kms.VerifyMacOutput, error) {
	return nil, wrongUsage(c, in.KeyId)
}

func accessDeriveSharedSecret(c *awsapi.Call, in *kms.DeriveSharedSecretInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:KeyAgreementAlgorithm", string(in.KeyAgreementAlgorithm)))
}

func deriveSharedSecret(c *awsapi.Call, in *kms.DeriveSharedSecretInput) (*kms.DeriveSharedSecretOutput, error) {
	return nil, wrongUsage(c, in.KeyId)
}

func accessGetPublicKey(c *awsapi.Call, in *kms.GetPublicKeyInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, nil)
}

// getPublicKey: a symmetric key has no public half.
func getPublicKey(c *awsapi.Call, in *kms.GetPublicKeyInput) (*kms.GetPublicKeyOutput, error) {
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	return nil, c.Errorf("UnsupportedOperationException", "%s is a symmetric encryption key, which has no public key.", k.ref.ARN)
}
