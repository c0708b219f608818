package kms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
)

// A pair is a data key pair in the forms of the API: the public key as
// SubjectPublicKeyInfo, the private key as PKCS #8, both in DER.
type pair struct{ public, private []byte }

var (
	curves = map[types.DataKeyPairSpec]elliptic.Curve{
		types.DataKeyPairSpecEccNistP256: elliptic.P256(), types.DataKeyPairSpecEccNistP384: elliptic.P384(), types.DataKeyPairSpecEccNistP521: elliptic.P521(),
	}
	moduli = map[types.DataKeyPairSpec]int{
		types.DataKeyPairSpecRsa2048: 2048, types.DataKeyPairSpecRsa3072: 3072, types.DataKeyPairSpecRsa4096: 4096,
	}
)

func newPair(c *awsapi.Call, spec types.DataKeyPairSpec) (pair, error) {
	private, err := newPrivate(spec)
	if err != nil {
		return pair{}, err
	}
	if private == nil {
		return pair{}, c.Errorf("UnsupportedOperationException", "why403 makes data key pairs of RSA, the NIST curves and Ed25519, not %s.", spec)
	}
	var p pair
	if p.private, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return pair{}, err
	}
	p.public, err = x509.MarshalPKIXPublicKey(private.Public())
	return p, err
}

// newPrivate returns nil for a spec that it does not know.
func newPrivate(spec types.DataKeyPairSpec) (crypto.Signer, error) {
	switch {
	case moduli[spec] != 0:
		return rsa.GenerateKey(rand.Reader, moduli[spec])
	case curves[spec] != nil:
		return ecdsa.GenerateKey(curves[spec], rand.Reader)
	case spec == types.DataKeyPairSpecEccNistEdwards25519:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return nil, nil
}

func accessGenerateDataKeyPair(c *awsapi.Call, in *kms.GenerateDataKeyPairInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, contextKeys(algorithmKeys(""), in.EncryptionContext).Set("kms:DataKeyPairSpec", string(in.KeyPairSpec)))
}

func generateDataKeyPair(c *awsapi.Call, in *kms.GenerateDataKeyPairInput) (*kms.GenerateDataKeyPairOutput, error) {
	k, err := ready(c, in.KeyId, encryptDecrypt, "", in.DryRun)
	if err != nil {
		return nil, err
	}
	p, err := newPair(c, in.KeyPairSpec)
	if err != nil {
		return nil, err
	}
	return &kms.GenerateDataKeyPairOutput{
		KeyId: &k.ref.ARN, KeyPairSpec: in.KeyPairSpec, PublicKey: p.public, PrivateKeyPlaintext: p.private,
		PrivateKeyCiphertextBlob: c.World().Vault().Encrypt(k.ref.ARN, p.private, in.EncryptionContext),
	}, nil
}

func accessGenerateDataKeyPairWithoutPlaintext(c *awsapi.Call, in *kms.GenerateDataKeyPairWithoutPlaintextInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, contextKeys(algorithmKeys(""), in.EncryptionContext).Set("kms:DataKeyPairSpec", string(in.KeyPairSpec)))
}

func generateDataKeyPairWithoutPlaintext(c *awsapi.Call, in *kms.GenerateDataKeyPairWithoutPlaintextInput) (*kms.GenerateDataKeyPairWithoutPlaintextOutput, error) {
	out, err := generateDataKeyPair(c, &kms.GenerateDataKeyPairInput{KeyId: in.KeyId, KeyPairSpec: in.KeyPairSpec, EncryptionContext: in.EncryptionContext, DryRun: in.DryRun})
	if err != nil {
		return nil, err
	}
	return &kms.GenerateDataKeyPairWithoutPlaintextOutput{KeyId: out.KeyId, KeyPairSpec: out.KeyPairSpec, PublicKey: out.PublicKey,
		PrivateKeyCiphertextBlob: out.PrivateKeyCiphertextBlob}, nil
}
