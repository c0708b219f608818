// Package replay decides the requests that logs hold, in one estate or in two, and
// says what a change would have changed.
//
// Most records of a log are alike. A class is all records that differ only in what
// no policy of the estates looks at, so one of them is decided and stands for all;
// see Classes for what belongs to a class. That a class decides as each of its
// records is held by a test.
//
// A past success proves that whatever the estate does not hold let the request
// through. Replay uses that where a change leaves untouched, or only eases, what
// the decision rests on: then what worked works still, though parts of it are
// unknown. It never uses it to let a new statement pass.
package replay
