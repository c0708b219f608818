package sts

import (
	"net/http"

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
	if !user.MFADevices[serial].Accepts(code, c.s.World.Now()) {
		return wrong("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	a.mfa = true
	return nil
}
