package kms

import (
	"crypto"
	"crypto/x509"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// materialKey is the vault's key under which records hold what is secret of HMAC
// keys and asymmetric ones. Symmetric keys have nothing in their records: the vault
// derives them from their ARNs.
const materialKey = "kms/material"

// macSizes are the lengths of HMAC keys in bytes.
var macSizes = map[string]int{"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}

// makeMaterial makes what is secret of a key.
func makeMaterial(c *awsapi.Call, k *world.Key) error {
	if symmetric(k) {
		return nil
	}
	secret := random(macSizes[k.Spec])
	if len(secret) == 0 {
		private, err := newPrivate(types.DataKeyPairSpec(k.Spec))
		if err != nil {
			return err
		}
		if secret, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
			return err
		}
	}
	k.Material = c.World().Vault().Key(materialKey).Seal(nil, secret, []byte(k.ARN()))
	return nil
}

func secretOf(c *awsapi.Call, k *key) ([]byte, error) {
	secret, err := c.World().Vault().Key(materialKey).Open(nil, k.rec.Material, []byte(k.ref.ARN))
	if err != nil {
		return nil, fmt.Errorf("open the material of %s: %w", k.ref.ARN, err)
	}
	return secret, nil
}

// privateOf is the private key of an asymmetric key: *rsa.PrivateKey,
// *ecdsa.PrivateKey or ed25519.PrivateKey.
func privateOf(c *awsapi.Call, k *key) (crypto.Signer, error) {
	der, err := secretOf(c, k)
	if err != nil {
		return nil, err
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the material of %s: %w", k.ref.ARN, err)
	}
	return private.(crypto.Signer), nil
}
