package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// processorTime is how long the threads of a process ran so far: the first field of
// /proc/PID/task/TID/schedstat ("Scheduler Statistics" of the kernel's manual), in
// nanoseconds, where utime and stime count hundredths of a second. Threads that ended
// are not in it; Go's do not, as a rule. 0 for no process.
func processorTime(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, fmt.Errorf("-pid: no process %d", pid)
	}
	var sum int64
	for _, name := range threads {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		ran, _, _ := strings.Cut(string(b), " ")
		n, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		sum += n
	}
	return time.Duration(sum), nil
}
