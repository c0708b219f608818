package kms

import (
	"crypto/rand"
	"errors"
	"maps"
	"slices"

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

func accessEncrypt(c *awsapi.Call, in *kms.EncryptInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, contextKeys(algorithmKeys(in.EncryptionAlgorithm), in.EncryptionContext))
}

func algorithmKeys(stated types.EncryptionAlgorithmSpec) awsapi.Keys {
	return awsapi.Keys{}.Set("kms:EncryptionAlgorithm", string(algorithmOf(stated)))
}

func encrypt(c *awsapi.Call, in *kms.EncryptInput) (*kms.EncryptOutput, error) {
	algorithm := algorithmOf(in.EncryptionAlgorithm)
	k, err := ready(c, in.KeyId, encryptDecrypt, string(algorithm), in.DryRun)
	if err != nil {
		return nil, err
	}
	ciphertext, err := seal(c, k, algorithm, in.Plaintext, in.EncryptionContext)
	return &kms.EncryptOutput{CiphertextBlob: ciphertext, KeyId: &k.ref.ARN, EncryptionAlgorithm: algorithm}, err
}

// keyOf returns the key that a ciphertext is under, which has to be the one that
// the call names, if it names one. The ciphertexts of RSA do not tell.
func keyOf(c *awsapi.Call, ciphertext []byte, algorithm types.EncryptionAlgorithmSpec, named *string) (*string, error) {
	if algorithmOf(algorithm) != types.EncryptionAlgorithmSpecSymmetricDefault {
		if named == nil {
			return nil, c.Errorf("ValidationException", "A KeyId is required with the algorithm %s.", algorithm)
		}
		return named, nil
	}
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
	id, err := keyOf(c, in.CiphertextBlob, in.EncryptionAlgorithm, in.KeyId)
	if err != nil {
		return nil, err
	}
	return on(c, id, contextKeys(algorithmKeys(in.EncryptionAlgorithm), in.EncryptionContext))
}

func decrypt(c *awsapi.Call, in *kms.DecryptInput) (*kms.DecryptOutput, error) {
	algorithm := algorithmOf(in.EncryptionAlgorithm)
	id, err := keyOf(c, in.CiphertextBlob, algorithm, in.KeyId)
	if err != nil {
		return nil, err
	}
	k, err := ready(c, id, encryptDecrypt, string(algorithm), in.DryRun)
	if err != nil {
		return nil, err
	}
	plaintext, err := unseal(c, k, algorithm, in.CiphertextBlob, in.EncryptionContext)
	return &kms.DecryptOutput{Plaintext: plaintext, KeyId: &k.ref.ARN, EncryptionAlgorithm: algorithm}, err
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
	id, err := keyOf(c, in.CiphertextBlob, in.SourceEncryptionAlgorithm, in.SourceKeyId)
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
	checks, err := using(c, "kms:ReEncryptFrom", id, contextKeys(algorithmKeys(in.SourceEncryptionAlgorithm), in.SourceEncryptionContext).Set("kms:ReEncryptOnSameKey", same))
	if err != nil {
		return nil, err
	}
	more, err := using(c, "kms:ReEncryptTo", in.DestinationKeyId, contextKeys(algorithmKeys(in.DestinationEncryptionAlgorithm), in.DestinationEncryptionContext).Set("kms:ReEncryptOnSameKey", same))
	return append(checks, more...), err
}

func reEncrypt(c *awsapi.Call, in *kms.ReEncryptInput) (*kms.ReEncryptOutput, error) {
	id, err := keyOf(c, in.CiphertextBlob, in.SourceEncryptionAlgorithm, in.SourceKeyId)
	if err != nil {
		return nil, err
	}
	old, algorithm := algorithmOf(in.SourceEncryptionAlgorithm), algorithmOf(in.DestinationEncryptionAlgorithm)
	from, err := ready(c, id, encryptDecrypt, string(old), nil)
	if err != nil {
		return nil, err
	}
	to, err := ready(c, in.DestinationKeyId, encryptDecrypt, string(algorithm), in.DryRun)
	if err != nil {
		return nil, err
	}
	plaintext, err := unseal(c, from, old, in.CiphertextBlob, in.SourceEncryptionContext)
	if err != nil {
		return nil, err
	}
	ciphertext, err := seal(c, to, algorithm, plaintext, in.DestinationEncryptionContext)
	return &kms.ReEncryptOutput{CiphertextBlob: ciphertext, SourceKeyId: &from.ref.ARN, KeyId: &to.ref.ARN,
		SourceEncryptionAlgorithm: old, DestinationEncryptionAlgorithm: algorithm}, err
}

func accessGenerateDataKey(c *awsapi.Call, in *kms.GenerateDataKeyInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, contextKeys(algorithmKeys(""), in.EncryptionContext))
}

func generateDataKey(c *awsapi.Call, in *kms.GenerateDataKeyInput) (*kms.GenerateDataKeyOutput, error) {
	size, err := dataKeySize(c, in.KeySpec, in.NumberOfBytes)
	if err != nil {
		return nil, err
	}
	k, err := ready(c, in.KeyId, encryptDecrypt, "", in.DryRun)
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
	return on(c, in.KeyId, contextKeys(algorithmKeys(""), in.EncryptionContext))
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
		return nil, c.Errorf("ValidationException", "NumberOfBytes is required.")
	}
	return &kms.GenerateRandomOutput{Plaintext: random(int(*in.NumberOfBytes))}, nil
}
