// Package fix finds what would let a denied request through, and proves it.
//
// A step is one change: of the request (another header, endpoint, principal) or
// of the estate (a statement, a condition, a setting). Every refusal of a
// decision has candidates for its step; each is made in a copy of the estate or
// of the request, and the engine decides again. A plan is the steps after which
// it decides allowed, without those that turn out not to be needed. Nothing is
// a fix because it looks right; only what was decided allowed is verified.
//
// Steps are ranked by what they open: a request that meets a condition opens
// nothing, a statement for one principal, action and key little, a setting much.
//
// The files of this package are named after what they mend: allow.go what no
// policy allows, deny.go what a statement denies, request.go and condition.go
// what the request itself can do about it, and so on.
package fix

//go:generate go test -run TestTable -update .
