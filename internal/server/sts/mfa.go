package sts

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/why403/why403/internal/server/wire"
)

// checkMFA checks SerialNumber and TokenCode: the device must be the caller's,
// and where the estate holds its seed the code must be the right one (RFC 6238,
// one step of 30 seconds either way).
func (c *call) checkMFA(a *assumption) error {
	serial, code := c.form.Get("SerialNumber"), c.form.Get("TokenCode")
	if serial == "" && code == "" {
		return nil
	}
	wrong := func(message string) error { return wire.NewError(http.StatusForbidden, "AccessDenied", message) }
	if c.caller.Session != nil {
		return wrong("MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user.")
	}
	account, ok := c.estate.Account(c.caller.Account)
	if !ok {
		return nil
	}
	user, _, ok := account.UserByARN(c.caller.ARN)
	if !ok || user.MFADevices[serial] == nil {
		return wrong("MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user.")
	}
	if !rightCode(user.MFADevices[serial].Seed, code, c.s.World.Now()) {
		return wrong("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	a.mfa = true
	return nil
}

func rightCode(seed, code string, now time.Time) bool {
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return false
	}
	if seed == "" {
		return true
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.ToUpper(strings.ReplaceAll(seed, " ", "")), "="))
	if err != nil {
		return false
	}
	right := false
	for step := int64(-1); step <= 1; step++ {
		if hmac.Equal([]byte(totp(key, now.Unix()/30+step)), []byte(code)) {
			right = true
		}
	}
	return right
}

func totp(key []byte, counter int64) string {
	var message [8]byte
	binary.BigEndian.PutUint64(message[:], uint64(counter))
	mac := hmac.New(sha1.New, key)
	mac.Write(message[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1000000)
}
