// Package kms is AWS Key Management Service: keys, aliases, key policies, grants
// and tags, and the cryptographic operations of symmetric encryption keys.
//
// What a key is stands in the world, what it encrypts with in the vault. Keys have
// the one key material that the vault derives from their ARN; rotation is stored,
// and rotates nothing. Asymmetric and HMAC keys, custom key stores, imported key
// material and replicas are not made.
package kms
