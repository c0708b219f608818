//go:build !linux

package main

import (
	"errors"
	"time"
)

func processorTime(pid int) (time.Duration, error) {
	if pid != 0 {
		return 0, errors.New("-pid is for Linux")
	}
	return 0, nil
}
