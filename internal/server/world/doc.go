// Package world holds what the endpoint knows at this moment: the estate that
// decides requests, the sessions that were handed out, and the objects.
//
// The estate is a value that nobody changes. A change of a bucket makes a new
// estate that shares all else, commits it to the store, and then puts it in
// place; changes run one after another, so the store and the memory go through
// the same sequence of states, and a process that dies comes back in the last
// one that was committed.
//
// What the store holds of a bucket wins over the estate that the endpoint was
// started with; a bucket that was deleted stays deleted.
package world
