// Package envelope encrypts the bytes of objects at rest, as the encryption that S3 says they have.
//
// What the store keeps of an object, or of each part of a multipart object, is an envelope: a head, and the ciphertext in
// DARE 2.0, a format of 64 KiB packages under AES-256-GCM that can be read from any package on. Every envelope has a
// random data key of its own. The head holds it, sealed by the key that the kind of encryption names, and bound to the
// object's name and the part's number, so that bytes moved elsewhere by other hands do not open:
//
//	SSE-S3       a key of the endpoint
//	SSE-KMS      the material of the KMS key
//	DSSE-KMS     that, and around the ciphertext a second layer, with another data key under a key of the endpoint
//	SSE-C        a key derived from the customer's, which is not kept
//
// No bytes at all have no envelope. Objects whose stored size is their size were kept by a version that did not encrypt,
// and are read as they are.
package envelope
