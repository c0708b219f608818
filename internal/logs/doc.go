// Package logs turns the denials of logs into causes: what refuses whom, where, how
// often and since when. Without an estate a cause is what AWS's own message tells;
// with one it is the engine's, and where the two disagree that is told apart.
package logs
