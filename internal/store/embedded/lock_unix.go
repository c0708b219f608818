//go:build unix && !solaris && !aix

package embedded

import (
	"os"
	"syscall"

	"github.com/why403/why403/internal/store"
)

// takeLock makes f the sign that the folder is in use, until f is closed or the process dies.
func takeLock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		return store.ErrInUse
	}
	return err
}
