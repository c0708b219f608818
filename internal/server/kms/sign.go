package kms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
)

func signingKeys(algorithm types.SigningAlgorithmSpec, message types.MessageType) awsapi.Keys {
	return awsapi.Keys{}.Set("kms:SigningAlgorithm", string(algorithm)).Set("kms:MessageType", string(messageType(message)))
}

func messageType(t types.MessageType) types.MessageType {
	if t == "" {
		return types.MessageTypeRaw
	}
	return t
}

// A signing is what Sign and Verify have in common: the key, and what the signature is
// over.
type signing struct {
	key     *key
	private crypto.Signer
	digest  []byte
	how     crypto.SignerOpts
}

func signingOf(c *awsapi.Call, id *string, algorithm types.SigningAlgorithmSpec, kind types.MessageType, message []byte, dry *bool) (s signing, err error) {
	if s.key, err = ready(c, id, signVerify, string(algorithm), nil); err != nil {
		return s, err
	}
	if s.digest, s.how, err = digestOf(c, algorithm, kind, message); err != nil {
		return s, err
	}
	if err = dryRun(c, dry); err != nil {
		return s, err
	}
	s.private, err = privateOf(c, s.key)
	return s, err
}

func accessSign(c *awsapi.Call, in *kms.SignInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, signingKeys(in.SigningAlgorithm, in.MessageType))
}

func sign(c *awsapi.Call, in *kms.SignInput) (*kms.SignOutput, error) {
	s, err := signingOf(c, in.KeyId, in.SigningAlgorithm, in.MessageType, in.Message, in.DryRun)
	if err != nil {
		return nil, err
	}
	signature, err := s.private.Sign(rand.Reader, s.digest, s.how)
	return &kms.SignOutput{KeyId: &s.key.ref.ARN, Signature: signature, SigningAlgorithm: in.SigningAlgorithm}, err
}

func accessVerify(c *awsapi.Call, in *kms.VerifyInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, signingKeys(in.SigningAlgorithm, in.MessageType))
}

func verify(c *awsapi.Call, in *kms.VerifyInput) (*kms.VerifyOutput, error) {
	s, err := signingOf(c, in.KeyId, in.SigningAlgorithm, in.MessageType, in.Message, in.DryRun)
	if err != nil {
		return nil, err
	}
	if !verifies(s.private.Public(), s.digest, in.Signature, s.how) {
		return nil, c.Errorf("KMSInvalidSignatureException", "")
	}
	return &kms.VerifyOutput{KeyId: &s.key.ref.ARN, SignatureValid: true, SigningAlgorithm: in.SigningAlgorithm}, nil
}

// digestOf is what a signature is over, and how. Of messages that are digests
// already, the length has to be that of the algorithm.
func digestOf(c *awsapi.Call, algorithm types.SigningAlgorithmSpec, kind types.MessageType, message []byte) ([]byte, crypto.SignerOpts, error) {
	kind = messageType(kind)
	var hash crypto.Hash
	switch name := string(algorithm); {
	case name == "ED25519_SHA_512" && kind == types.MessageTypeRaw:
		return message, &ed25519.Options{}, nil
	case name == "ED25519_SHA_512", name == "ED25519_PH_SHA_512" && kind != types.MessageTypeDigest, kind == types.MessageTypeExternalMu:
		return nil, nil, c.Errorf("ValidationException", "Message type %s is not valid for algorithm %s.", kind, algorithm)
	case strings.HasSuffix(name, "SHA_256"):
		hash = crypto.SHA256
	case strings.HasSuffix(name, "SHA_384"):
		hash = crypto.SHA384
	default:
		hash = crypto.SHA512
	}
	if kind == types.MessageTypeRaw {
		h := hash.New()
		h.Write(message)
		message = h.Sum(nil)
	}
	switch {
	case len(message) != hash.Size():
		return nil, nil, c.Errorf("ValidationException", "Digest is invalid length for algorithm %s.", algorithm)
	case algorithm == "ED25519_PH_SHA_512":
		return message, &ed25519.Options{Hash: hash}, nil
	case strings.HasPrefix(string(algorithm), "RSASSA_PSS"):
		return message, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}, nil
	}
	return message, hash, nil
}

func verifies(public crypto.PublicKey, digest, signature []byte, how crypto.SignerOpts) bool {
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(p, digest, signature)
	case ed25519.PublicKey:
		return ed25519.VerifyWithOptions(p, digest, signature, how.(*ed25519.Options)) == nil
	case *rsa.PublicKey:
		if pss, ok := how.(*rsa.PSSOptions); ok {
			return rsa.VerifyPSS(p, pss.Hash, digest, signature, pss) == nil
		}
		return rsa.VerifyPKCS1v15(p, how.HashFunc(), digest, signature) == nil
	}
	return false
}

func accessGetPublicKey(c *awsapi.Call, in *kms.GetPublicKeyInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, nil)
}

func getPublicKey(c *awsapi.Call, in *kms.GetPublicKeyInput) (*kms.GetPublicKeyOutput, error) {
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	if err := usable(c, k); err != nil {
		return nil, err
	}
	m := metadata(k)
	if symmetric(&k.rec) || m.MacAlgorithms != nil {
		return nil, c.Errorf("UnsupportedOperationException", "%s is a symmetric key, which has no public key.", k.ref.ARN)
	}
	private, err := privateOf(c, k)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	return &kms.GetPublicKeyOutput{KeyId: m.Arn, PublicKey: public, KeySpec: m.KeySpec, CustomerMasterKeySpec: m.CustomerMasterKeySpec, KeyUsage: m.KeyUsage,
		SigningAlgorithms: m.SigningAlgorithms, EncryptionAlgorithms: m.EncryptionAlgorithms, KeyAgreementAlgorithms: m.KeyAgreementAlgorithms}, err
}
