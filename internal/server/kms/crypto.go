package kms

import (
	"crypto/rand"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/vault"
)

// contextKeys are the condition keys of an encryption context.
func contextKeys(keys awsapi.Keys, context map[string]string) awsapi.Keys {
	if keys == nil {
		keys = awsapi.Keys{}
	}
	for name, value := range context {
		keys["kms:EncryptionContext:"+name] = condition.String1(value) // which may be empty
	}
	return keys.List("kms:EncryptionContextKeys", slices.Sorted(maps.Keys(context)))
}

// ready finds a key for use: it is enabled, and the algorithm is its own.
func ready(c *awsapi.Call, id *string, algorithm types.EncryptionAlgorithmSpec, dry *bool) (*key, error) {
	k, err := find(c, c.World(), id)
	if err != nil {
		return nil, err
	}
	if err := usable(c, k); err != nil {
		return nil, err
	}
	if algorithm != "" && algorithm != types.EncryptionAlgorithmSpecSymmetricDefault {
		return nil, c.Errorf("InvalidKeyUsageException", "Algorithm %s and key spec SYMMETRIC_DEFAULT are incompatible.", algorithm)
	}
	if aws.ToBool(dry) {
		return nil, c.Errorf("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
	}
	return k, nil
}

func accessEncrypt(c *awsapi.Call, in *kms.EncryptInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, contextKeys(nil, in.EncryptionContext))
}

func encrypt(c *awsapi.Call, in *kms.EncryptInput) (*kms.EncryptOutput, error) {
	k, err := ready(c, in.KeyId, in.EncryptionAlgorithm, in.DryRun)
	if err != nil {
		return nil, err
	}
	return &kms.EncryptOutput{
		CiphertextBlob: c.World().Vault().Encrypt(k.ref.ARN, in.Plaintext, in.EncryptionContext),
		KeyId:          &k.ref.ARN, EncryptionAlgorithm: types.EncryptionAlgorithmSpecSymmetricDefault,
	}, nil
}

// keyOf returns the key that a ciphertext is under, which has to be the one that
// the call names, if it names one.
func keyOf(c *awsapi.Call, ciphertext []byte, named *string) (*string, error) {
	arn, err := vault.KeyOf(ciphertext)
	if err != nil {
		return nil, invalidCiphertext(c)
	}
	if k, err := find(c, c.World(), &arn); err != nil || k.ref.ARN != arn {
		return nil, c.AccessDenied("The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.").
			Because("the ciphertext is under " + arn + ", which does not exist in " + c.Region)
	}
	if named == nil {
		return &arn, nil
	}
	k, err := find(c, c.World(), named)
	if err != nil {
		return nil, err
	}
	if k.ref.ARN != arn {
		return nil, c.Errorf("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
	}
	return named, nil
}

func invalidCiphertext(c *awsapi.Call) error { return c.Errorf("InvalidCiphertextException", "") }

func accessDecrypt(c *awsapi.Call, in *kms.DecryptInput) ([]awsapi.Check, error) {
	id, err := keyOf(c, in.CiphertextBlob, in.KeyId)
	if err != nil {
		return nil, err
	}
	return on(c, id, contextKeys(nil, in.EncryptionContext))
}

func decrypt(c *awsapi.Call, in *kms.DecryptInput) (*kms.DecryptOutput, error) {
	id, err := keyOf(c, in.CiphertextBlob, in.KeyId)
	if err != nil {
		return nil, err
	}
	k, err := ready(c, id, in.EncryptionAlgorithm, in.DryRun)
	if err != nil {
		return nil, err
	}
	plaintext, err := open(c, in.CiphertextBlob, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return &kms.DecryptOutput{Plaintext: plaintext, KeyId: &k.ref.ARN, EncryptionAlgorithm: types.EncryptionAlgorithmSpecSymmetricDefault}, nil
}

func open(c *awsapi.Call, ciphertext []byte, context map[string]string) ([]byte, error) {
	plaintext, err := c.World().Vault().Decrypt(ciphertext, context)
	if errors.Is(err, vault.ErrCiphertext) {
		return nil, invalidCiphertext(c)
	}
	return plaintext, err
}

// accessReEncrypt: kms:ReEncryptFrom on the old key, kms:ReEncryptTo on the new
// one, each with its own encryption context.
func accessReEncrypt(c *awsapi.Call, in *kms.ReEncryptInput) ([]awsapi.Check, error) {
	id, err := keyOf(c, in.CiphertextBlob, in.SourceKeyId)
	if err != nil {
		return nil, err
	}
	from, err := find(c, c.World(), id)
	if err != nil {
		return nil, err
	}
	to, err := find(c, c.World(), in.DestinationKeyId)
	if err != nil {
		return nil, err
	}
	same := "false"
	if from.ref.ARN == to.ref.ARN {
		same = "true"
	}
	checks, err := using(c, "kms:ReEncryptFrom", id, contextKeys(nil, in.SourceEncryptionContext).Set("kms:ReEncryptOnSameKey", same))
	if err != nil {
		return nil, err
	}
	more, err := using(c, "kms:ReEncryptTo", in.DestinationKeyId, contextKeys(nil, in.DestinationEncryptionContext).Set("kms:ReEncryptOnSameKey", same))
	return append(checks, more...), err
}

func reEncrypt(c *awsapi.Call, in *kms.ReEncryptInput) (*kms.ReEncryptOutput, error) {
	id, err := keyOf(c, in.CiphertextBlob, in.SourceKeyId)
	if err != nil {
		return nil, err
	}
	from, err := ready(c, id, in.SourceEncryptionAlgorithm, nil)
	if err != nil {
		return nil, err
	}
	to, err := ready(c, in.DestinationKeyId, in.DestinationEncryptionAlgorithm, in.DryRun)
	if err != nil {
		return nil, err
	}
	plaintext, err := open(c, in.CiphertextBlob, in.SourceEncryptionContext)
	if err != nil {
		return nil, err
	}
	return &kms.ReEncryptOutput{
		CiphertextBlob: c.World().Vault().Encrypt(to.ref.ARN, plaintext, in.DestinationEncryptionContext),
		SourceKeyId:    &from.ref.ARN, KeyId: &to.ref.ARN,
		SourceEncryptionAlgorithm:      types.EncryptionAlgorithmSpecSymmetricDefault,
		DestinationEncryptionAlgorithm: types.EncryptionAlgorithmSpecSymmetricDefault,
	}, nil
}

func accessGenerateDataKey(c *awsapi.Call, in *kms.GenerateDataKeyInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, contextKeys(nil, in.EncryptionContext))
}

func generateDataKey(c *awsapi.Call, in *kms.GenerateDataKeyInput) (*kms.GenerateDataKeyOutput, error) {
	size, err := dataKeySize(c, in.KeySpec, in.NumberOfBytes)
	if err != nil {
		return nil, err
	}
	k, err := ready(c, in.KeyId, "", in.DryRun)
	if err != nil {
		return nil, err
	}
	plaintext := random(size)
	return &kms.GenerateDataKeyOutput{
		Plaintext: plaintext, KeyId: &k.ref.ARN,
		CiphertextBlob: c.World().Vault().Encrypt(k.ref.ARN, plaintext, in.EncryptionContext),
	}, nil
}

func accessGenerateDataKeyWithoutPlaintext(c *awsapi.Call, in *kms.GenerateDataKeyWithoutPlaintextInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, contextKeys(nil, in.EncryptionContext))
}

func generateDataKeyWithoutPlaintext(c *awsapi.Call, in *kms.GenerateDataKeyWithoutPlaintextInput) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	out, err := generateDataKey(c, &kms.GenerateDataKeyInput{KeyId: in.KeyId, EncryptionContext: in.EncryptionContext, KeySpec: in.KeySpec,
		NumberOfBytes: in.NumberOfBytes, DryRun: in.DryRun})
	if err != nil {
		return nil, err
	}
	return &kms.GenerateDataKeyWithoutPlaintextOutput{CiphertextBlob: out.CiphertextBlob, KeyId: out.KeyId}, nil
}

func dataKeySize(c *awsapi.Call, spec types.DataKeySpec, size *int32) (int, error) {
	switch {
	case (spec == "") == (size == nil):
		return 0, c.Errorf("ValidationException", "Please specify either number of bytes or key spec.")
	case spec == types.DataKeySpecAes128:
		return 16, nil
	case spec == types.DataKeySpecAes256:
		return 32, nil
	}
	return int(*size), nil
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b) // never fails
	return b
}

func accessGenerateRandom(c *awsapi.Call, _ *kms.GenerateRandomInput) ([]awsapi.Check, error) {
	return anyKey(c)
}

func generateRandom(c *awsapi.Call, in *kms.GenerateRandomInput) (*kms.GenerateRandomOutput, error) {
	if in.NumberOfBytes == nil {
		return nil, c.Errorf("ValidationException", "Please specify the number of bytes.")
	}
	return &kms.GenerateRandomOutput{Plaintext: random(int(*in.NumberOfBytes))}, nil
}
