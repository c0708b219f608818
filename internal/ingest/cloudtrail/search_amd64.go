package cloudtrail

// indexPair returns where "rC" or "tV" stands first, or -1.
//
//go:noescape
func indexPair(b []byte) int

// indexQuote returns where a quote or a backslash stands first, or -1.
//
//go:noescape
func indexQuote(b []byte) int
