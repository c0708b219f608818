// Package cli is the command: one file for each of its subcommands, each a
// function of what it is given and nothing else, so that a test can run it.
//
// Answers go to standard output, the conversation to standard error. The exit
// status is 0 where the request is allowed or the command did its work, 1 where
// it is denied or an expectation is not met, 2 for wrong usage or bad input, and
// 3 where the answer is not known.
package cli
