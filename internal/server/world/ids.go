package world

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
)

var base32Letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewID returns an id that nothing ever had: the prefix, such as AIDA or AKIA, and
// seventeen characters, or sixteen for access keys (IAM User Guide, "IAM
// identifiers").
func NewID(prefix string) string {
	var random [11]byte
	rand.Read(random[:]) // never fails
	n := 17
	if prefix == "AKIA" || prefix == "ASIA" {
		n = 16
	}
	return prefix + base32Letters.EncodeToString(random[:])[:n]
}

// NewName returns random hexadecimal digits behind a prefix, as of "vpce-" and
// seventeen digits.
func NewName(prefix string, digits int) string {
	random := make([]byte, (digits+1)/2)
	rand.Read(random) // never fails
	return prefix + hex.EncodeToString(random)[:digits]
}

// policyID is the id of an organization's policy of which the seed states the name
// alone: "p-" and eight letters or digits.
func policyID(organization, name string) string {
	sum := sha256.Sum256([]byte(organization + "\x00" + name))
	return "p-" + strings.ToLower(base32Letters.EncodeToString(sum[:]))[:8]
}
