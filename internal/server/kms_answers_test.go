package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// trent calls KMS as the administrator. A body's %s is what an answer before said.
func (g *rig) trent(operation, body string, out any) answer {
	g.t.Helper()
	a := g.wantAPI(g.api(admin, "kms", "TrentService."+operation, body), 200, "")
	if err := json.Unmarshal([]byte(a.body), out); err != nil {
		g.t.Errorf("%s: %s", operation, err)
	}
	return a
}

func (g *rig) makeKey(spec, usage string) (id string) {
	g.t.Helper()
	var made struct{ KeyMetadata struct{ KeyId string } }
	g.trent("CreateKey", fmt.Sprintf(`{"KeySpec": %q, "KeyUsage": %q}`, spec, usage), &made)
	return made.KeyMetadata.KeyId
}

const (
	aMessage = "aGVsbG8=" // base64
	another  = "aGVsbG9vbw=="
)

// Each algorithm of each kind of key undoes its own work and no other's, also in the
// next process.
func TestKMSAlgorithms(t *testing.T) {
	g := newRig(t, nil)
	type use struct {
		id, algorithm string
		made          struct{ Mac, Signature, CiphertextBlob string }
	}
	var macs, signatures, ciphertexts []*use
	for spec, algorithms := range map[string]string{
		"HMAC_224": "HMAC_SHA_224", "HMAC_256": "HMAC_SHA_256", "HMAC_384": "HMAC_SHA_384", "HMAC_512": "HMAC_SHA_512",
	} {
		macs = append(macs, &use{id: g.makeKey(spec, "GENERATE_VERIFY_MAC"), algorithm: algorithms})
	}
	for spec, algorithms := range map[string]string{
		"RSA_2048":      "RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 RSASSA_PKCS1_V1_5_SHA_512 RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 RSASSA_PSS_SHA_512",
		"ECC_NIST_P256": "ECDSA_SHA_256", "ECC_NIST_P384": "ECDSA_SHA_384", "ECC_NIST_P521": "ECDSA_SHA_512", "ECC_NIST_EDWARDS25519": "ED25519_SHA_512",
	} {
		id := g.makeKey(spec, "SIGN_VERIFY")
		for algorithm := range strings.FieldsSeq(algorithms) {
			signatures = append(signatures, &use{id: id, algorithm: algorithm})
		}
	}
	encrypting := g.makeKey("RSA_2048", "ENCRYPT_DECRYPT")
	for _, algorithm := range []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"} {
		ciphertexts = append(ciphertexts, &use{id: encrypting, algorithm: algorithm})
	}
	for _, u := range macs {
		g.trent("GenerateMac", fmt.Sprintf(`{"KeyId": %q, "MacAlgorithm": %q, "Message": %q}`, u.id, u.algorithm, aMessage), &u.made)
	}
	for _, u := range signatures {
		g.trent("Sign", fmt.Sprintf(`{"KeyId": %q, "SigningAlgorithm": %q, "Message": %q}`, u.id, u.algorithm, aMessage), &u.made)
	}
	for _, u := range ciphertexts {
		g.trent("Encrypt", fmt.Sprintf(`{"KeyId": %q, "EncryptionAlgorithm": %q, "Plaintext": %q}`, u.id, u.algorithm, aMessage), &u.made)
	}
	g.restart()
	for _, u := range macs {
		verify := func(message string) answer {
			return g.api(admin, "kms", "TrentService.VerifyMac", fmt.Sprintf(`{"KeyId": %q, "MacAlgorithm": %q, "Mac": %q, "Message": %q}`, u.id, u.algorithm, u.made.Mac, message))
		}
		g.wantAPI(verify(aMessage), 200, "")
		g.wantAPI(verify(another), 400, "KMSInvalidMacException")
	}
	for _, u := range signatures {
		verify := func(message string) answer {
			return g.api(admin, "kms", "TrentService.Verify", fmt.Sprintf(`{"KeyId": %q, "SigningAlgorithm": %q, "Signature": %q, "Message": %q}`, u.id, u.algorithm, u.made.Signature, message))
		}
		g.wantAPI(verify(aMessage), 200, "")
		g.wantAPI(verify(another), 400, "KMSInvalidSignatureException")
	}
	for _, u := range ciphertexts {
		var opened struct{ Plaintext string }
		g.trent("Decrypt", fmt.Sprintf(`{"KeyId": %q, "EncryptionAlgorithm": %q, "CiphertextBlob": %q}`, u.id, u.algorithm, u.made.CiphertextBlob), &opened)
		if opened.Plaintext != aMessage {
			t.Errorf("%s: %q", u.algorithm, opened.Plaintext)
		}
		other := map[string]string{"RSAES_OAEP_SHA_1": "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_256": "RSAES_OAEP_SHA_1"}[u.algorithm]
		g.wantAPI(g.api(admin, "kms", "TrentService.Decrypt", fmt.Sprintf(`{"KeyId": %q, "EncryptionAlgorithm": %q, "CiphertextBlob": %q}`, u.id, other, u.made.CiphertextBlob)),
			400, "InvalidCiphertextException")
		g.trent("ReEncrypt", fmt.Sprintf(`{"SourceKeyId": %q, "SourceEncryptionAlgorithm": %q, "CiphertextBlob": %q, "DestinationKeyId": %q}`, u.id, u.algorithm, u.made.CiphertextBlob, dataKey), &u.made)
		g.trent("Decrypt", fmt.Sprintf(`{"CiphertextBlob": %q}`, u.made.CiphertextBlob), &opened)
		if opened.Plaintext != aMessage {
			t.Errorf("%s re-encrypted: %q", u.algorithm, opened.Plaintext)
		}
	}
}

// Both sides of a key agreement have the same secret.
func TestKMSAgreement(t *testing.T) {
	g := newRig(t, nil)
	type side struct{ PublicKey, SharedSecret string }
	ids, sides := [2]string{g.makeKey("ECC_NIST_P256", "KEY_AGREEMENT"), g.makeKey("ECC_NIST_P256", "KEY_AGREEMENT")}, [2]side{}
	for i := range ids {
		g.trent("GetPublicKey", fmt.Sprintf(`{"KeyId": %q}`, ids[i]), &sides[i])
	}
	for i := range ids {
		g.trent("DeriveSharedSecret", fmt.Sprintf(`{"KeyId": %q, "KeyAgreementAlgorithm": "ECDH", "PublicKey": %q}`, ids[i], sides[1-i].PublicKey), &sides[i])
	}
	if sides[0].SharedSecret == "" || sides[0].SharedSecret != sides[1].SharedSecret {
		t.Errorf("%+v", sides)
	}
	g.wantAPI(g.api(admin, "kms", "TrentService.DeriveSharedSecret", fmt.Sprintf(`{"KeyId": %q, "KeyAgreementAlgorithm": "ECDH", "PublicKey": %q}`, ids[0], aMessage)),
		400, "ValidationException")
}

// How errors are worded: recorded at AWS in 2026 by the project localstack
// (tests/aws/services/kms/*.snapshot.json), where they are not why403's own.
func TestKMSAnswers(t *testing.T) {
	g := newRig(t, nil)
	ids := map[string]string{"data": dataKey, "rsa": g.makeKey("RSA_2048", "ENCRYPT_DECRYPT"), "hmac": g.makeKey("HMAC_224", "GENERATE_VERIFY_MAC"),
		"ecc": g.makeKey("ECC_NIST_P256", "SIGN_VERIFY"), "agree": g.makeKey("ECC_NIST_P384", "KEY_AGREEMENT")}
	named := func(text string) string {
		for name, id := range ids {
			text = strings.ReplaceAll(text, "{"+name+"}", id)
		}
		return text
	}
	const arn = "arn:aws:kms:us-east-1:111122223333:key/"
	large := strings.Repeat("YWFh", 72) // 216 bytes
	for _, tt := range []struct {
		operation, body, code, message string
	}{
		{"GenerateRandom", `{}`, "ValidationException", "NumberOfBytes is required."},
		{"Encrypt", `{"KeyId": "{data}", "Plaintext": "` + strings.Repeat("YWFh", 1366) + `"}`, "ValidationException",
			"1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096"},
		{"Encrypt", `{"KeyId": "{rsa}", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1", "Plaintext": "` + large + `"}`, "ValidationException",
			"Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than 214 bytes."},
		{"Encrypt", `{"KeyId": "{rsa}", "Plaintext": "` + aMessage + `"}`, "InvalidKeyUsageException", "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."},
		{"Encrypt", `{"KeyId": "{rsa}", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1", "EncryptionContext": {"a": "b"}, "Plaintext": "` + aMessage + `"}`, "ValidationException", "An encryption context is valid"},
		{"Encrypt", `{"KeyId": "{ecc}", "Plaintext": "` + aMessage + `"}`, "InvalidKeyUsageException", arn + "{ecc} key usage is SIGN_VERIFY which is not valid for Encrypt."},
		{"GenerateDataKey", `{"KeyId": "{hmac}", "KeySpec": "AES_256"}`, "InvalidKeyUsageException", "key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKey."},
		{"Decrypt", `{"EncryptionAlgorithm": "RSAES_OAEP_SHA_1", "CiphertextBlob": "` + aMessage + `"}`, "ValidationException", "A KeyId is required"},
		{"GenerateMac", `{"KeyId": "{data}", "Message": "` + aMessage + `", "MacAlgorithm": "HMAC_SHA_256"}`, "InvalidKeyUsageException", arn + "{data} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."},
		{"GenerateMac", `{"KeyId": "{hmac}", "Message": "` + aMessage + `", "MacAlgorithm": "HMAC_SHA_256"}`, "InvalidKeyUsageException", "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."},
		{"GenerateMac", `{"KeyId": "{hmac}", "Message": "` + aMessage + `", "MacAlgorithm": "HMAC_SHA_224", "DryRun": true}`, "DryRunOperationException", "would have succeeded"},
		{"Sign", `{"KeyId": "{ecc}", "MessageType": "DIGEST", "Message": "` + aMessage + `", "SigningAlgorithm": "ECDSA_SHA_256"}`, "ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256."},
		{"Sign", `{"KeyId": "{agree}", "Message": "` + aMessage + `", "SigningAlgorithm": "ECDSA_SHA_384"}`, "InvalidKeyUsageException", "key usage is KEY_AGREEMENT which is not valid for Sign."},
		{"GetPublicKey", `{"KeyId": "{hmac}"}`, "UnsupportedOperationException", "no public key"},
		{"CreateKey", `{"KeySpec": "HMAC_256"}`, "ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."},
		{"CreateKey", `{"KeySpec": "HMAC_256", "KeyUsage": "SIGN_VERIFY"}`, "ValidationException", "KeyUsage SIGN_VERIFY is not compatible with KeySpec HMAC_256"},
		{"CreateKey", `{"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}`, "UnsupportedOperationException", "not SM2"},
		{"CreateAlias", `{"AliasName": "fakealias", "TargetKeyId": "{data}"}`, "ValidationException",
			`Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`},
		{"EnableKeyRotation", `{"KeyId": "{rsa}"}`, "UnsupportedOperationException", "has key spec RSA_2048"},
		{"RotateKeyOnDemand", `{"KeyId": "{hmac}"}`, "UnsupportedOperationException", "has key spec HMAC_224"},
		{"CreateGrant", `{"KeyId": "{ecc}", "GranteePrincipal": "arn:aws:iam::111122223333:user/nobody", "Operations": ["Encrypt"]}`, "ValidationException", "Grant operation Encrypt is not valid"},
	} {
		a := g.wantAPI(g.api(admin, "kms", "TrentService."+tt.operation, named(tt.body)), 400, tt.code)
		if !strings.Contains(a.body, named(tt.message)) {
			t.Errorf("%s %s\n got %s\nwant %s", tt.operation, named(tt.body), a.body, named(tt.message))
		}
	}
	for _, tt := range []struct{ operation, body, says, lacks string }{
		{"DescribeKey", `{"KeyId": "{ecc}"}`, `"SigningAlgorithms":["ECDSA_SHA_256"]`, "EncryptionAlgorithms"},
		{"DescribeKey", `{"KeyId": "{hmac}"}`, `"MacAlgorithms":["HMAC_SHA_224"]`, "SigningAlgorithms"},
		{"DescribeKey", `{"KeyId": "{rsa}"}`, `"EncryptionAlgorithms":["RSAES_OAEP_SHA_1","RSAES_OAEP_SHA_256"]`, "MacAlgorithms"},
		{"GetPublicKey", `{"KeyId": "{agree}"}`, `"KeyAgreementAlgorithms":["ECDH"]`, "SigningAlgorithms"},
		{"CreateGrant", `{"KeyId": "{ecc}", "GranteePrincipal": "arn:aws:iam::111122223333:user/nobody", "Operations": ["Sign", "GetPublicKey"]}`, "GrantToken", "-"},
		{"RotateKeyOnDemand", `{"KeyId": "{data}"}`, `"KeyId"`, "-"},
		{"ListKeyRotations", `{"KeyId": "{data}"}`, `"RotationType":"ON_DEMAND"`, "-"},
	} {
		var out struct{}
		if a := g.trent(tt.operation, named(tt.body), &out); !strings.Contains(a.body, tt.says) || strings.Contains(a.body, tt.lacks) && tt.lacks != "-" {
			t.Errorf("%s: %s", tt.operation, a.body)
		}
	}
	a := g.do(admin, "PUT", "/reports/asymmetric", "hi", "X-Amz-Server-Side-Encryption", "aws:kms", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", arn+ids["rsa"])
	if a.StatusCode != 400 || !strings.Contains(a.body, "KMS.InvalidKeyUsageException") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}
