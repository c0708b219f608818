//go:build !unix

package cli

import "os"

// signalOf is the signal that ended a program, where there are signals.
func signalOf(*os.ProcessState) int { return 0 }
