package cli

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// A System is all that a command touches of the world around it, files apart.
type System struct {
	Env    []string // "NAME=value"; later entries win
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	args []string // the command line, set by Main
}

// getenv returns a variable of the environment, and "" where it is not set.
func (s *System) getenv(name string) string {
	value := ""
	for _, entry := range s.Env {
		if k, v, ok := strings.Cut(entry, "="); ok && k == name {
			value = v
		}
	}
	return value
}

// width returns the columns of the terminal that w is, and 0 where it is none.
func (s *System) width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		return 80
	}
	return columns
}

// color reports whether to colour what goes to w: when is auto, always or never.
// Automatic means a terminal that is not dumb, and NO_COLOR not set.
func (s *System) color(when string, w io.Writer) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	return s.getenv("NO_COLOR") == "" && s.getenv("TERM") != "dumb" && s.width(w) > 0
}
