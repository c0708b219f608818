package kms

import (
	"crypto"
	"crypto/hmac"
	_ "crypto/sha256" // the hashes of macHashes
	_ "crypto/sha512"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
)

var macHashes = map[types.MacAlgorithmSpec]crypto.Hash{
	types.MacAlgorithmSpecHmacSha224: crypto.SHA224, types.MacAlgorithmSpecHmacSha256: crypto.SHA256,
	types.MacAlgorithmSpecHmacSha384: crypto.SHA384, types.MacAlgorithmSpecHmacSha512: crypto.SHA512,
}

func accessGenerateMac(c *awsapi.Call, in *kms.GenerateMacInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:MacAlgorithm", string(in.MacAlgorithm)))
}

func generateMac(c *awsapi.Call, in *kms.GenerateMacInput) (*kms.GenerateMacOutput, error) {
	k, mac, err := macOf(c, in.KeyId, in.MacAlgorithm, in.Message, in.DryRun)
	if err != nil {
		return nil, err
	}
	return &kms.GenerateMacOutput{KeyId: &k.ref.ARN, Mac: mac, MacAlgorithm: in.MacAlgorithm}, nil
}

func accessVerifyMac(c *awsapi.Call, in *kms.VerifyMacInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:MacAlgorithm", string(in.MacAlgorithm)))
}

func verifyMac(c *awsapi.Call, in *kms.VerifyMacInput) (*kms.VerifyMacOutput, error) {
	k, mac, err := macOf(c, in.KeyId, in.MacAlgorithm, in.Message, in.DryRun)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(mac, in.Mac) {
		return nil, c.Errorf("KMSInvalidMacException", "")
	}
	return &kms.VerifyMacOutput{KeyId: &k.ref.ARN, MacValid: true, MacAlgorithm: in.MacAlgorithm}, nil
}

func macOf(c *awsapi.Call, id *string, algorithm types.MacAlgorithmSpec, message []byte, dry *bool) (*key, []byte, error) {
	k, err := ready(c, id, generateVerifyMac, string(algorithm), dry)
	if err != nil {
		return nil, nil, err
	}
	secret, err := secretOf(c, k)
	if err != nil {
		return nil, nil, err
	}
	h := hmac.New(macHashes[algorithm].New, secret)
	h.Write(message)
	return k, h.Sum(nil), nil
}
