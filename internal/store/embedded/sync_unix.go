//go:build !windows

package embedded

import "os"

func syncDir(d *os.File) error { return d.Sync() }
