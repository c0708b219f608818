package world

import (
	"encoding/json"
	"time"

	"github.com/why403/why403/internal/store"
)

// An Archive is where an object is archived: in its storage class, or in an archive tier of INTELLIGENT_TIERING.
type Archive struct {
	Class    string
	Status   string    // ARCHIVE_ACCESS, DEEP_ARCHIVE_ACCESS; with INTELLIGENT_TIERING only
	Restored time.Time // until when a copy can be read; zero where there was none
}

// ArchiveOf reads it off an object.
func ArchiveOf(o *store.Object) Archive {
	a := Archive{Class: o.StorageClass}
	if status := o.Extra[extraArchive]; status != nil {
		_ = json.Unmarshal(status, &a.Status) // written here
	}
	if restored := o.Extra[extraRestored]; restored != nil {
		_ = json.Unmarshal(restored, &a.Restored)
	}
	return a
}

// Name is the tier that holds the bytes, "" where they can be read at any time.
func (a Archive) Name() string {
	switch a.Class {
	case "GLACIER", "DEEP_ARCHIVE":
		return a.Class
	case "INTELLIGENT_TIERING":
		return a.Status
	}
	return ""
}

// Is reports whether the object is archived, with or without a copy.
func (a Archive) Is() bool { return a.Name() != "" }

// Restore makes an archived object readable: for a time, or, in INTELLIGENT_TIERING, by moving it to the tier of
// frequent access ("Restoring an archived object").
func Restore(a *store.Attributes, until time.Time) {
	if a.StorageClass == "INTELLIGENT_TIERING" {
		delete(a.Extra, extraArchive)
		return
	}
	if a.Extra == nil {
		a.Extra = map[string]json.RawMessage{}
	}
	a.Extra[extraRestored] = marshal(until)
}
