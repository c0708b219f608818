package render

import "os"

// Options say how a report is written as text. The zero Options give plain text
// with lines that are not wrapped.
type Options struct {
	Width int  // columns of the terminal; 0: lines are not wrapped
	Color bool // use ANSI colours

	Gates bool // add the table of what every gate did
	Trace bool // add every statement that was considered
	All   bool // show every near miss, and statements quoted in full

	// Dir is the folder that the files of sources are relative to, as the
	// reader can open it; "" is the current folder.
	Dir string

	// Open reads a file to quote from it; nil is os.ReadFile. A file that
	// cannot be read is not quoted.
	Open func(path string) ([]byte, error)

	// More is the last line: what to run next. It is left out where empty.
	More string
}

func (o Options) open(path string) ([]byte, error) {
	if o.Open != nil {
		return o.Open(path)
	}
	return os.ReadFile(path)
}
