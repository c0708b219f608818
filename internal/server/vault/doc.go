// Package vault holds the secrets of an endpoint: the material of every KMS key, and of the keys that services encrypt
// with by themselves (SSE-S3 is one).
//
// All of them are derived, by HKDF-SHA256 and their names, from one random secret that the store keeps as a document. So a
// KMS key exists by being named: what may be done with it, and whether it is enabled, is for the estate and the engine to
// say. Who can read the data folder can read all; that is what a real KMS protects from, and this one does not.
//
//   - [Vault.Encrypt] and [Vault.Decrypt] are KMS' operations of these names: the ciphertext carries the ARN of its key,
//     and is bound to an encryption context. GenerateDataKey is [NewDataKey] and Encrypt.
//   - [Vault.Key] is for callers who keep the name of the key elsewhere, and seal data keys by the thousand.
package vault
