// Package render turns reports into what people and programs read: text for a
// terminal, and JSON.
//
// The text says first what was decided and why, on one screen; options add the
// table of gates and the trace of statements. Piped text is the same as that of
// a terminal, without colour and with lines as long as they come. Control
// characters in names and values are written as escapes, so that a report never
// drives the terminal it is shown on.
package render
