//go:build !amd64

package cloudtrail

func indexPair(b []byte) int { return indexPairGo(b) }

func indexQuote(b []byte) int { return indexQuoteGo(b) }
