package embedded

import "os"

// syncDir does nothing: Windows has no fsync of folders, NTFS journals their entries.
func syncDir(*os.File) error { return nil }
