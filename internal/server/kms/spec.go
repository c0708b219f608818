package kms

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// The key usages.
const (
	encryptDecrypt    = string(types.KeyUsageTypeEncryptDecrypt)
	signVerify        = string(types.KeyUsageTypeSignVerify)
	generateVerifyMac = string(types.KeyUsageTypeGenerateVerifyMac)
	keyAgreement      = string(types.KeyUsageTypeKeyAgreement)
)

const symmetricDefault = string(types.KeySpecSymmetricDefault)

// specs are the algorithms of each kind of key by the usages that it can have (KMS
// Developer Guide, Key spec reference), as the API lists them.
var specs = map[string]map[string][]string{
	symmetricDefault: {encryptDecrypt: {symmetricDefault}},

	"RSA_2048": {encryptDecrypt: rsaEncryption, signVerify: rsaSigning},
	"RSA_3072": {encryptDecrypt: rsaEncryption, signVerify: rsaSigning},
	"RSA_4096": {encryptDecrypt: rsaEncryption, signVerify: rsaSigning},

	"ECC_NIST_P256":         {signVerify: {"ECDSA_SHA_256"}, keyAgreement: {"ECDH"}},
	"ECC_NIST_P384":         {signVerify: {"ECDSA_SHA_384"}, keyAgreement: {"ECDH"}},
	"ECC_NIST_P521":         {signVerify: {"ECDSA_SHA_512"}, keyAgreement: {"ECDH"}},
	"ECC_NIST_EDWARDS25519": {signVerify: {"ED25519_SHA_512", "ED25519_PH_SHA_512"}},

	"HMAC_224": {generateVerifyMac: {"HMAC_SHA_224"}},
	"HMAC_256": {generateVerifyMac: {"HMAC_SHA_256"}},
	"HMAC_384": {generateVerifyMac: {"HMAC_SHA_384"}},
	"HMAC_512": {generateVerifyMac: {"HMAC_SHA_512"}},
}

var (
	rsaEncryption = []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
	rsaSigning    = []string{"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
		"RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"}
)

func specOf(k *world.Key) string {
	if k.Spec == "" {
		return symmetricDefault
	}
	return k.Spec
}

func usageOf(k *world.Key) string {
	if k.Usage == "" {
		return encryptDecrypt
	}
	return k.Usage
}

func symmetric(k *world.Key) bool { return specOf(k) == symmetricDefault }

// algorithmsOf are those of a key, where it is for that usage.
func algorithmsOf[T ~string](k *world.Key, usage string) []T {
	if usageOf(k) != usage {
		return nil
	}
	var list []T
	for _, a := range specs[specOf(k)][usage] {
		list = append(list, T(a))
	}
	return list
}

// setSpec gives a new key its kind.
func setSpec(c *awsapi.Call, k *world.Key, in *kms.CreateKeyInput) error {
	spec, usage := specIn(in)
	usages := specs[spec]
	switch {
	case in.Origin != "" && in.Origin != types.OriginTypeAwsKms:
		return c.Errorf("UnsupportedOperationException", "why403 makes the key material of its keys itself (Origin AWS_KMS), and takes none of origin %s.", in.Origin)
	case usages == nil:
		return c.Errorf("UnsupportedOperationException", "why403 makes symmetric and HMAC keys, those of RSA, the NIST curves and Ed25519, not %s.", spec)
	case usage == "":
		return c.Errorf("ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	case usages[usage] == nil:
		return c.Errorf("ValidationException", "KeyUsage %s is not compatible with KeySpec %s", usage, spec)
	}
	if spec != symmetricDefault {
		k.Spec, k.Usage = spec, usage
	}
	return nil
}

// specIn is what a call asks for; only symmetric keys have a usage without saying so.
func specIn(in *kms.CreateKeyInput) (spec, usage string) {
	spec, usage = string(in.KeySpec), string(in.KeyUsage)
	if spec == "" {
		spec = string(in.CustomerMasterKeySpec)
	}
	if spec == "" {
		spec = symmetricDefault
	}
	if usage == "" && spec == symmetricDefault {
		usage = encryptDecrypt
	}
	return spec, usage
}

// ready finds a key for a use: it is enabled, of that usage, and the algorithm is
// one of its own; "" stands for that of symmetric keys.
func ready(c *awsapi.Call, id *string, usage, algorithm string, dry *bool) (*key, error) {
	k, err := find(c, c.World(), id)
	if err != nil {
		return nil, err
	}
	if err := usable(c, k); err != nil {
		return nil, err
	}
	if has := usageOf(&k.rec); has != usage {
		return nil, c.Errorf("InvalidKeyUsageException", "%s key usage is %s which is not valid for %s.", k.ref.ARN, has, c.Operation)
	}
	if algorithm == "" {
		algorithm = symmetricDefault
	}
	if !slices.Contains(specs[specOf(&k.rec)][usage], algorithm) {
		return nil, c.Errorf("InvalidKeyUsageException", "Algorithm %s is incompatible with key spec %s.", algorithm, specOf(&k.rec))
	}
	return k, dryRun(c, dry)
}

func dryRun(c *awsapi.Call, dry *bool) error {
	if aws.ToBool(dry) {
		return c.Errorf("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
	}
	return nil
}
