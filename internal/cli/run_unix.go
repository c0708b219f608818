//go:build unix

package cli

import (
	"os"
	"syscall"
)

// signalOf is the signal that ended a program.
func signalOf(p *os.ProcessState) int {
	if status, ok := p.Sys().(syscall.WaitStatus); ok {
		return int(status.Signal())
	}
	return 0
}
