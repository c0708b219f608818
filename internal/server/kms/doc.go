// Package kms is AWS Key Management Service: keys, aliases, key policies, grants
// and tags, and the cryptographic operations.
//
// What a key is stands in the world. Symmetric encryption keys have the one key
// material that the vault derives from their ARN, HMAC keys and asymmetric ones
// (RSA, the NIST curves, Ed25519) theirs in their records, sealed by the vault;
// rotation is stored, and rotates nothing. Custom key stores, imported key material
// and replicas are not made.
package kms
