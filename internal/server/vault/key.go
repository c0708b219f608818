package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
)

// ErrCiphertext says that a ciphertext was not made by this key with this context, or was changed since. KMS calls it
// InvalidCiphertextException, without telling which.
var ErrCiphertext = errors.New("the ciphertext is not of this key and encryption context, or was changed")

// A Key encrypts small secrets, with AES-256-GCM and random nonces: up to 2³² of them ("Recommendation for Block Cipher
// Modes of Operation: Galois/Counter Mode", NIST SP 800-38D, 8.3). Methods may be called from any goroutine.
type Key struct{ aead cipher.AEAD }

func newKey(material []byte) *Key {
	block, err := aes.NewCipher(material)
	if err != nil {
		panic(err) // the length is ours
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // the block size is AES's
	}
	return &Key{aead}
}

const (
	nonceSize = 12
	tagSize   = 16
)

// Overhead is by how many bytes a ciphertext is longer than its plaintext.
const Overhead = nonceSize + tagSize

// Seal appends the encryption of plaintext to dst. What additional says is not kept: Open needs the same again.
func (k *Key) Seal(dst, plaintext, additional []byte) []byte {
	var nonce [nonceSize]byte
	rand.Read(nonce[:]) // never fails
	dst = append(dst, nonce[:]...)
	return k.aead.Seal(dst, dst[len(dst)-nonceSize:], plaintext, additional)
}

// Open appends what was sealed to dst, or returns ErrCiphertext.
func (k *Key) Open(dst, ciphertext, additional []byte) ([]byte, error) {
	if len(ciphertext) < Overhead {
		return nil, ErrCiphertext
	}
	plaintext, err := k.aead.Open(dst, ciphertext[:nonceSize], ciphertext[nonceSize:], additional)
	if err != nil {
		return nil, ErrCiphertext
	}
	return plaintext, nil
}
