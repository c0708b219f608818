//go:build !unix || solaris || aix

package embedded

import "os"

// takeLock does nothing where the system has no advisory lock that dies with its process in the standard library. The user
// must see to it that only one process opens the folder.
func takeLock(*os.File) error { return nil }
