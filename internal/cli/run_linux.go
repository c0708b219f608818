package cli

import "syscall"

// ownGroup is a process group of its own, that does not outlive this process.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
