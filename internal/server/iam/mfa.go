package iam

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"image/png"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A device is a virtual MFA device, whoever it is assigned to.
type device struct {
	Seed    string            `json:"seed"` // base32
	Tags    map[string]string `json:"tags,omitempty"`
	Created time.Time         `json:"created,omitzero"`
}

// devices are the virtual MFA devices that were made here, by serial number.
var devices = world.NewKind[device]("mfa-device")

const (
	maxDevices = 8  // of a user
	seedSize   = 40 // bytes; 64 characters of base32
	qrSize     = 256
	drift      = 10 // steps of 30 seconds that the clock of a new device may be off
)

func createVirtualMFADevice(c *awsapi.Call, in *sdk.CreateVirtualMFADeviceInput) (*sdk.CreateVirtualMFADeviceOutput, error) {
	secret := make([]byte, seedSize)
	rand.Read(secret) // never fails
	d := device{Seed: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret), Created: c.Now()}
	serial := arnOf(c, "mfa", text(in, "Path"), *in.VirtualMFADeviceName)
	qr, err := qrCode(c, *in.VirtualMFADeviceName, secret)
	if err != nil {
		return nil, err
	}
	if d.Tags, err = exact.add(c, nil, in.Tags); err != nil {
		return nil, err
	}
	err = c.World().Change(c.Context(), func(ch *world.Change) error {
		_, taken := devices.Get(ch, c.AccountID(), serial)
		if taken || assignee(c, ch, serial) != "" {
			return c.Errorf("EntityAlreadyExists", "MFA device already exists.")
		}
		devices.Put(ch, c.AccountID(), serial, d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateVirtualMFADeviceOutput{VirtualMFADevice: &types.VirtualMFADevice{SerialNumber: &serial, Base32StringSeed: []byte(d.Seed), QRCodePNG: qr}}, nil
}

// qrCode is the picture that authenticator apps read.
func qrCode(c *awsapi.Call, name string, secret []byte) ([]byte, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Amazon Web Services", AccountName: name + "@" + string(c.AccountID()), Secret: secret})
	if err != nil {
		return nil, err
	}
	img, err := key.Image(qrSize, qrSize)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

// assignee is the user who has a device, "" for none.
func assignee(c *awsapi.Call, v world.View, serial string) string {
	for name, u := range world.Users.All(v, c.AccountID()) {
		if u.MFADevices[serial] != nil {
			return name
		}
	}
	return ""
}

// consecutive reports whether two codes follow each other, at about that time.
func consecutive(seed, first, second string, now time.Time) bool {
	opts := totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	for step := -drift; step <= drift; step++ {
		at := now.Add(time.Duration(step) * 30 * time.Second)
		a, err := totp.GenerateCodeCustom(seed, at, opts)
		if err != nil {
			return false
		}
		b, err := totp.GenerateCodeCustom(seed, at.Add(30*time.Second), opts)
		if err == nil && a == first && b == second {
			return true
		}
	}
	return false
}

func noDevice(c *awsapi.Call, serial string) error {
	return c.Errorf("NoSuchEntity", "MFA Device with serial number %s does not exist.", serial)
}

// changeDevices changes the devices of a user.
func changeDevices(c *awsapi.Call, given *string, do func(ch *world.Change, u *world.User) error) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		name, err := userName(c, given)
		if err != nil {
			return err
		}
		u, found, ok := world.Users.Find(ch, c.AccountID(), name)
		if !ok {
			return noSuchEntity(c, "user", name)
		}
		if err := do(ch, &u); err != nil {
			return err
		}
		world.Users.Put(ch, c.AccountID(), found, u)
		return nil
	})
}

func enableMFADevice(c *awsapi.Call, in *sdk.EnableMFADeviceInput) (*sdk.EnableMFADeviceOutput, error) {
	return &sdk.EnableMFADeviceOutput{}, changeDevices(c, in.UserName, func(ch *world.Change, u *world.User) error {
		d, ok := devices.Get(ch, c.AccountID(), *in.SerialNumber)
		switch {
		case assignee(c, ch, *in.SerialNumber) != "":
			return c.Errorf("EntityAlreadyExists", "MFA Device is already in use.")
		case !ok:
			return noDevice(c, *in.SerialNumber)
		case len(u.MFADevices) >= maxDevices:
			return quota(c, "MFADevicesPerUser", maxDevices)
		case !consecutive(d.Seed, *in.AuthenticationCode1, *in.AuthenticationCode2, c.Now()):
			return c.Errorf("InvalidAuthenticationCode", "Authentication code for device is not valid.")
		}
		if u.MFADevices == nil {
			u.MFADevices = map[string]*estate.MFADevice{}
		}
		if u.DeviceEnabled == nil {
			u.DeviceEnabled = map[string]time.Time{}
		}
		u.MFADevices[*in.SerialNumber], u.DeviceEnabled[*in.SerialNumber] = &estate.MFADevice{Seed: d.Seed}, c.Now()
		return nil
	})
}

// resyncMFADevice checks two codes; there is no clock of the device to remember, as
// codes are taken a step early or late.
func resyncMFADevice(c *awsapi.Call, in *sdk.ResyncMFADeviceInput) (*sdk.ResyncMFADeviceOutput, error) {
	u, _, ok := world.Users.Find(c.World(), c.AccountID(), *in.UserName)
	switch {
	case !ok:
		return nil, noSuchEntity(c, "user", *in.UserName)
	case u.MFADevices[*in.SerialNumber] == nil:
		return nil, noDevice(c, *in.SerialNumber)
	case !consecutive(u.MFADevices[*in.SerialNumber].Seed, *in.AuthenticationCode1, *in.AuthenticationCode2, c.Now()):
		return nil, c.Errorf("InvalidAuthenticationCode", "Authentication code for device is not valid.")
	}
	return &sdk.ResyncMFADeviceOutput{}, nil
}

func deactivateMFADevice(c *awsapi.Call, in *sdk.DeactivateMFADeviceInput) (*sdk.DeactivateMFADeviceOutput, error) {
	if forRoot(c, in.UserName) && c.Caller.Session != nil {
		return &sdk.DeactivateMFADeviceOutput{}, deactivateOfRoot(c, *in.SerialNumber)
	}
	return &sdk.DeactivateMFADeviceOutput{}, changeDevices(c, in.UserName, func(_ *world.Change, u *world.User) error {
		if u.MFADevices[*in.SerialNumber] == nil {
			return noDevice(c, *in.SerialNumber)
		}
		delete(u.MFADevices, *in.SerialNumber)
		delete(u.DeviceEnabled, *in.SerialNumber)
		return nil
	})
}

// deactivateOfRoot takes a device from the root user whose session of AssumeRoot calls.
// No API gives it one: that is done in the console alone.
func deactivateOfRoot(c *awsapi.Call, serial string) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		r, _ := world.Roots.Get(ch, c.AccountID(), "")
		if r.MFADevices[serial] == nil {
			return noDevice(c, serial)
		}
		delete(r.MFADevices, serial)
		delete(r.DeviceEnabled, serial)
		world.Roots.Put(ch, c.AccountID(), "", r)
		return nil
	})
}

func deleteVirtualMFADevice(c *awsapi.Call, in *sdk.DeleteVirtualMFADeviceInput) (*sdk.DeleteVirtualMFADeviceOutput, error) {
	return &sdk.DeleteVirtualMFADeviceOutput{}, c.World().Change(c.Context(), func(ch *world.Change) error {
		_, ok := devices.Get(ch, c.AccountID(), *in.SerialNumber)
		switch {
		case assignee(c, ch, *in.SerialNumber) != "":
			return c.Errorf("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
		case !ok:
			return noDevice(c, *in.SerialNumber)
		}
		devices.Delete(ch, c.AccountID(), *in.SerialNumber)
		return nil
	})
}

func listMFADevices(c *awsapi.Call, in *sdk.ListMFADevicesInput) (*sdk.ListMFADevicesOutput, error) {
	out := &sdk.ListMFADevicesOutput{}
	var list []types.MFADevice
	add := func(name string, held map[string]*estate.MFADevice, enabled map[string]time.Time) {
		for _, serial := range slices.Sorted(maps.Keys(held)) {
			list = append(list, types.MFADevice{SerialNumber: aws.String(serial), UserName: aws.String(name), EnableDate: date(enabled[serial])})
		}
	}
	if forRoot(c, in.UserName) {
		r, _ := world.Roots.Get(c.World(), c.AccountID(), "")
		add(string(c.AccountID()), r.MFADevices, r.DeviceEnabled)
	} else {
		name, err := userName(c, in.UserName)
		if err != nil {
			return nil, err
		}
		u, found, ok := world.Users.Find(c.World(), c.AccountID(), name)
		if !ok {
			return nil, noSuchEntity(c, "user", name)
		}
		add(found, u.MFADevices, u.DeviceEnabled)
	}
	return out, page(c, in, out, "MFADevices", list, func(d types.MFADevice) string { return *d.SerialNumber })
}
