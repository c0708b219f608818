//go:build unix

package query

import (
	"syscall"
	"testing"
	"time"
)

// processorTime is what the process has used of processors. Benchmarks report it
// beside the time that has passed, which on a busy machine says little.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
