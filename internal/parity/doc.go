// Package parity asks every request of the corpus in three ways: of the library,
// of the command line, and as a real signed HTTP request to the endpoint. All
// three must give the same decision, and the endpoint's answer on the wire must be
// the one that the decision names.
//
// It holds tests alone.
package parity
