//go:build unix

package fix

import (
	"syscall"
	"testing"
	"time"
)

// processorTime is what the process has used: on a machine that others use too, the
// time on the wall says little.
func processorTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
