package sts

import (
	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
)

// checkMFA checks SerialNumber and TokenCode, and reports whether they were given:
// the device must be the caller's, and where the estate holds its seed the code
// must be the right one (RFC 6238, one step of 30 seconds either way). A code is
// right once.
func checkMFA(c *awsapi.Call, serial, code *string) (bool, error) {
	if serial == nil && code == nil {
		return false, nil
	}
	const unable = "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number is valid and associated with this user."
	if serial == nil || code == nil || c.Caller.Session != nil {
		return false, c.AccessDenied(unable)
	}
	device, ok := devices(c)[*serial]
	if !ok {
		return false, c.AccessDenied(unable)
	}
	const invalid = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	if !device.Accepts(*code, c.Now()) {
		return false, c.AccessDenied(invalid)
	}
	if !c.World().TakeCode(c.AccountID(), *serial, *code) {
		return false, c.AccessDenied(invalid).Because("the code was used before; the device shows another every 30 seconds")
	}
	return true, nil
}

// devices are the caller's MFA devices by serial number.
func devices(c *awsapi.Call) map[string]*estate.MFADevice {
	a := c.Account()
	if a == nil {
		return nil
	}
	if c.Principal().Kind == iam.RootUser && a.Root != nil {
		return a.Root.MFADevices
	}
	if u, _, ok := a.UserByARN(c.Caller.ARN); ok {
		return u.MFADevices
	}
	return nil
}
