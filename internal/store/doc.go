// Package store says how the endpoint keeps its objects and its state, and what every implementation promises.
//
// # Words
//
//   - bucket: a name under which objects live, with one versioning state. What else a bucket has (policy, ACL, tags, ...)
//     is a document of [State].
//   - object: one version of one key: its bytes, and the [Object] that describes them.
//   - current version: the newest version of a key, unless that is a delete marker; then the key has none.
//   - upload: a multipart upload in progress; its parts become an object when it completes.
//   - document: one JSON text of the state, addressed by a [Ref].
//   - revision: a number that grows with every change of the store; gaps are normal.
//
// # Promises
//
// A call that returned nil is on stable storage: killing the process, or the machine losing power, does not undo it. A call
// that did not return happened entirely or not at all. Readers never see half an object, never wait for writers, and keep
// reading the bytes they opened when the object is overwritten or deleted meanwhile.
//
// Names of buckets, keys and documents are data: they never become names of files.
//
// The package decides nothing about access. It knows of S3 only what is needed to keep objects right: versions and delete
// markers, preconditions, the order of listings, and the rules of multipart uploads.
//
// Implementations: package embedded (one folder). Package storetest holds the suite that each of them passes.
package store
