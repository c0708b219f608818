package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/render"
)

// The exit statuses.
const (
	statusOK      = 0
	statusDenied  = 1
	statusUsage   = 2
	statusUnknown = 3
)

// A usageError says that the command was called in a way that makes no sense, and
// what would.
type usageError struct{ msg, hint string }

func (e *usageError) Error() string { return e.msg }
func (e *usageError) ExitCode() int { return statusUsage }
func (e *usageError) Hint() string  { return e.hint }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), hint}
}

// A statusError ends the command with a status, when all has been said already.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
func (e statusError) ExitCode() int { return int(e) }

// exitCode returns the status that an error asks for, 2 where it does not say.
func exitCode(err error) int {
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return statusUsage
}

// hintOf returns what an error knows about the way out, or "".
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

// complain writes an error for a person, or as JSON for a program.
func complain(w io.Writer, err error, asJSON bool) {
	if asJSON {
		complainJSON(w, err)
		return
	}
	fmt.Fprintf(w, "why403: error: %s\n", render.Clean(oneLine(err.Error())))
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(w, "why403: hint: %s\n", render.Clean(hint))
	}
}

// A problem is an error in JSON form. Absent fields are not known.
type problem struct {
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Line    int32  `json:"line,omitempty"`
	Column  int32  `json:"column,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

func complainJSON(w io.Writer, err error) {
	p := problem{Message: err.Error(), Hint: hintOf(err)}
	var placed *node.Error
	if errors.As(err, &placed) {
		p.Message = placed.Msg
		p.File, p.Line, p.Column = placed.Pos.File, placed.Pos.Line, placed.Pos.Column
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(map[string]problem{"error": p})
}

func oneLine(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ")
}
