//go:build unix

package cli

import (
	"os"
	"os/exec"
	"syscall"
)

// caught are the signals that end a program, or that it may have asked for.
var caught = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2}

// passing returns how signals are passed on. A terminal interrupts all of its
// foreground programs itself. Where there is none, the program gets a process group
// of its own, so that a signal for this one's group reaches it once.
func passing(cmd *exec.Cmd) func(os.Signal) {
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		tty.Close()
		return func(sig os.Signal) {
			if sig != syscall.SIGINT && sig != syscall.SIGQUIT {
				_ = cmd.Process.Signal(sig) // it may have ended
			}
		}
	}
	cmd.SysProcAttr = ownGroup()
	return func(sig os.Signal) { _ = syscall.Kill(-cmd.Process.Pid, sig.(syscall.Signal)) }
}

// signalOf is the signal that ended a program.
func signalOf(p *os.ProcessState) int {
	if status, ok := p.Sys().(syscall.WaitStatus); ok {
		return int(status.Signal())
	}
	return 0
}
