//go:build !unix

package cli

import (
	"os"
	"os/exec"
)

// caught is the interrupt, which reaches the program by its console as well.
var caught = []os.Signal{os.Interrupt}

func passing(*exec.Cmd) func(os.Signal) { return func(os.Signal) {} }

// signalOf is the signal that ended a program, where there are signals.
func signalOf(*os.ProcessState) int { return 0 }
