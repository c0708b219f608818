package estate

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/why403/why403/internal/node"
)

// Errors are several complaints about one estate, in the order of the file.
type Errors []*node.Error

// maxErrors bounds the complaints that are shown at once.
const maxErrors = 10

// Error returns one complaint a line, ten at most.
func (e Errors) Error() string {
	lines := make([]string, 0, maxErrors+1)
	for i, one := range e {
		if i == maxErrors {
			lines = append(lines, "more errors follow these")
			break
		}
		lines = append(lines, one.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the complaints.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i := range e {
		list[i] = e[i]
	}
	return list
}

// ExitCode returns the exit status of bad input.
func (e Errors) ExitCode() int { return 2 }

// A fileError is a file that cannot be read; errors.Is finds the reason.
type fileError struct {
	at  *node.Error
	err error
}

func (e *fileError) Error() string   { return e.at.Error() }
func (e *fileError) Unwrap() []error { return []error{e.at, e.err} }
func (e *fileError) ExitCode() int   { return 2 }

func cannotRead(name string, err error) error {
	return &fileError{&node.Error{Pos: Pos{File: name}, Msg: reason(err)}, err}
}

// reason is a file system's error without the path, which is said elsewhere.
func reason(err error) string {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.As(err, &p):
		return p.Err.Error()
	}
	return err.Error()
}

// A NotCollectedError says that the estate does not hold what was asked for,
// and what would let a collector read it.
type NotCollectedError struct {
	What string // "managed policy app-read of account 111122223333"
	Need string // "iam:GetPolicyVersion"
	Err  error
}

// Error says what is missing, and why.
func (e *NotCollectedError) Error() string { return e.What + " not collected: " + e.Err.Error() }

// Unwrap returns the reason.
func (e *NotCollectedError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *NotCollectedError) Hint() string { return "collect again with " + e.Need + " allowed" }
