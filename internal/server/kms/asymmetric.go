package kms

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"hash"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
)

// seal encrypts with a key that is ready. An encryption context is for symmetric
// keys alone.
func seal(c *awsapi.Call, k *key, algorithm types.EncryptionAlgorithmSpec, plaintext []byte, context map[string]string) ([]byte, error) {
	if symmetric(&k.rec) {
		return c.World().Vault().Encrypt(k.ref.ARN, plaintext, context), nil
	}
	private, err := rsaOf(c, k, context)
	if err != nil {
		return nil, err
	}
	h := oaepHash(algorithm)
	if most := private.Size() - 2*h.Size() - 2; len(plaintext) > most { // RFC 8017, 7.1.1
		return nil, c.Errorf("ValidationException", "Algorithm %s and key spec %s cannot encrypt data larger than %d bytes.", algorithm, k.rec.Spec, most)
	}
	return rsa.EncryptOAEP(h, rand.Reader, &private.PublicKey, plaintext, nil)
}

// unseal decrypts with a key that is ready.
func unseal(c *awsapi.Call, k *key, algorithm types.EncryptionAlgorithmSpec, ciphertext []byte, context map[string]string) ([]byte, error) {
	if symmetric(&k.rec) {
		return open(c, ciphertext, context)
	}
	private, err := rsaOf(c, k, context)
	if err != nil {
		return nil, err
	}
	plaintext, err := rsa.DecryptOAEP(oaepHash(algorithm), nil, private, ciphertext, nil)
	if err != nil {
		return nil, invalidCiphertext(c)
	}
	return plaintext, nil
}

func rsaOf(c *awsapi.Call, k *key, context map[string]string) (*rsa.PrivateKey, error) {
	if len(context) > 0 {
		return nil, c.Errorf("ValidationException", "An encryption context is valid with symmetric encryption keys alone, and %s has key spec %s.", k.ref.ARN, k.rec.Spec)
	}
	private, err := privateOf(c, k)
	if err != nil {
		return nil, err
	}
	return private.(*rsa.PrivateKey), nil
}

func oaepHash(algorithm types.EncryptionAlgorithmSpec) hash.Hash {
	if algorithm == types.EncryptionAlgorithmSpecRsaesOaepSha1 {
		return sha1.New()
	}
	return sha256.New()
}

// algorithmOf is the encryption algorithm of a call.
func algorithmOf(stated types.EncryptionAlgorithmSpec) types.EncryptionAlgorithmSpec {
	if stated == "" {
		return types.EncryptionAlgorithmSpecSymmetricDefault
	}
	return stated
}

func accessDeriveSharedSecret(c *awsapi.Call, in *kms.DeriveSharedSecretInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:KeyAgreementAlgorithm", string(in.KeyAgreementAlgorithm)))
}

func deriveSharedSecret(c *awsapi.Call, in *kms.DeriveSharedSecretInput) (*kms.DeriveSharedSecretOutput, error) {
	k, err := ready(c, in.KeyId, keyAgreement, string(in.KeyAgreementAlgorithm), in.DryRun)
	if err != nil {
		return nil, err
	}
	private, err := privateOf(c, k)
	if err != nil {
		return nil, err
	}
	mine, err := private.(*ecdsa.PrivateKey).ECDH()
	if err != nil {
		return nil, err
	}
	secret := agree(mine, in.PublicKey)
	if secret == nil {
		return nil, c.Errorf("ValidationException", "The public key is not one of key spec %s.", k.rec.Spec)
	}
	return &kms.DeriveSharedSecretOutput{KeyId: &k.ref.ARN, SharedSecret: secret, KeyAgreementAlgorithm: in.KeyAgreementAlgorithm, KeyOrigin: types.OriginTypeAwsKms}, nil
}

// agree returns nil where the public key is not one of the same curve.
func agree(mine *ecdh.PrivateKey, public []byte) []byte {
	parsed, err := x509.ParsePKIXPublicKey(public)
	if err != nil {
		return nil
	}
	theirs, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil
	}
	point, err := theirs.ECDH()
	if err != nil {
		return nil
	}
	secret, err := mine.ECDH(point)
	if err != nil {
		return nil
	}
	return secret
}
