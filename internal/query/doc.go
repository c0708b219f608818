// Package query asks one estate about many principals: who may do something,
// what somebody may do, and what a change of the estate gives or takes.
//
// It decides nothing by itself. Every answer is the engine's for one request of
// one principal, and the package adds three things to it: whom to ask about
// (every principal of the estate and the outsiders that matter), which keys stand
// for all others (the classes into which the patterns of the policies divide
// them), and, where an answer hangs on circumstances that a question does not
// state, in which of them it is allowed.
//
// # Terms
//
// An Ask is what is asked about: an operation or an action, on a bucket or key.
// An Access is the answer for one principal: a verdict, and where it is unknown
// the alternatives in which it is allowed, each a set of conditions that was
// decided again and found allowed. A class is a set of keys that every policy in
// play treats alike; a region is a union of classes, written as patterns.
package query
