package estate

import (
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Accepts tells whether a code of six digits is the device's at the time (RFC
// 6238, with one step of 30 seconds either way). A device whose seed is not
// known accepts every such code.
func (d *MFADevice) Accepts(code string, at time.Time) bool {
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return false
	}
	if d == nil || d.Seed == "" {
		return true
	}
	valid, err := totp.ValidateCustom(code, d.Seed, at, totp.ValidateOpts{Period: 30, Skew: 1, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	return err == nil && valid
}
