package vault

import (
	"encoding/binary"
	"maps"
	"slices"
)

// blobVersion begins the ciphertexts of Encrypt. Behind it come the length of the key's ARN in two bytes, the ARN, and what
// Key.Seal made.
const blobVersion = 1

// Encrypt is KMS' Encrypt: the ciphertext names its key, and is bound to the encryption context, which may be nil.
func (v *Vault) Encrypt(keyARN string, plaintext []byte, context map[string]string) []byte {
	blob := binary.BigEndian.AppendUint16([]byte{blobVersion}, uint16(len(keyARN))) // IAM's longest ARN has 2048 bytes
	blob = append(blob, keyARN...)
	return v.Key(keyARN).Seal(blob, plaintext, Context(context))
}

// KeyOf returns the ARN of the key that a ciphertext says it was made with. ErrCiphertext: it is none of Encrypt's.
func KeyOf(blob []byte) (keyARN string, err error) {
	keyARN, _, err = split(blob)
	return keyARN, err
}

// Decrypt is KMS' Decrypt. The caller has seen to it (KeyOf) that the key may be used. Errors: ErrCiphertext.
func (v *Vault) Decrypt(blob []byte, context map[string]string) (plaintext []byte, err error) {
	keyARN, sealed, err := split(blob)
	if err != nil {
		return nil, err
	}
	return v.Key(keyARN).Open(nil, sealed, Context(context))
}

func split(blob []byte) (keyARN string, sealed []byte, err error) {
	const head = 3
	if len(blob) < head || blob[0] != blobVersion {
		return "", nil, ErrCiphertext
	}
	n, rest := int(binary.BigEndian.Uint16(blob[1:])), blob[head:]
	if n > len(rest) {
		return "", nil, ErrCiphertext
	}
	return string(rest[:n]), rest[n:], nil
}

// Context returns an encryption context as additional data: the same bytes for the same pairs, and for no others.
func Context(pairs map[string]string) []byte {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		for _, s := range []string{name, pairs[name]} {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	return b
}
