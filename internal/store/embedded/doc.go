// Package embedded is the store in one folder: files for the bytes of objects, one SQLite database for all else.
//
//	lock            held while the store is open
//	state.db        buckets, versions, uploads, documents, and the bytes of small objects
//	tmp/            bodies still being received; emptied at start
//	blobs/G/S/NAME  bytes: G counts the times the store was opened, S numbers folders of a thousand files, NAME is random
//
// A write goes: temporary file, fsync, rename into blobs, fsync of the folder, commit. Deleting goes the other way round: the
// commit also lists the files as garbage, and only then are they unlinked. So whatever moment the process dies at, every
// committed row has its file, and Open finds what to remove: tmp, the garbage list, and files without a row in the blobs
// folder of the run that died.
//
// One goroutine writes. It takes all the writes that wait, runs each in a savepoint of one transaction, and commits once, so
// that concurrent writers share the fsync. Readers use connections of their own on the write-ahead log and wait for nobody.
//
// Table current holds, per key, the newest version unless it is a delete marker; history holds everything else. A listing of
// current versions therefore never reads old ones or markers.
package embedded
