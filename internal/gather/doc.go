// Package gather turns a request and an estate into the facts that decide
// needs. It is the last step that asks anything of the outside; what is not
// there becomes a Missing, never a default.
package gather
