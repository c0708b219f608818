// Package console is the pages on which the endpoint shows its decisions: the last
// ones, and one request with all that was decided on it. The pages need no script
// and nothing from elsewhere.
package console
