package iam

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// virtualDevices shows all virtual MFA devices of the account: those that users
// have, and those that were made and not assigned.
func virtualDevices(c *awsapi.Call) []types.VirtualMFADevice {
	var list []types.VirtualMFADevice
	assigned := map[string]bool{}
	for name, u := range world.Users.All(c.World(), c.AccountID()) {
		for serial := range u.MFADevices {
			if !strings.HasPrefix(serial, "arn:") {
				continue // a hardware device
			}
			assigned[serial] = true
			shown := showUser(c, name, u, false)
			list = append(list, types.VirtualMFADevice{SerialNumber: aws.String(serial), EnableDate: date(u.DeviceEnabled[serial]), User: &shown})
		}
	}
	for serial := range devices.All(c.World(), c.AccountID()) {
		if !assigned[serial] {
			list = append(list, types.VirtualMFADevice{SerialNumber: aws.String(serial)})
		}
	}
	slices.SortFunc(list, func(a, b types.VirtualMFADevice) int { return strings.Compare(*a.SerialNumber, *b.SerialNumber) })
	return list
}

func listVirtualMFADevices(c *awsapi.Call, in *sdk.ListVirtualMFADevicesInput) (*sdk.ListVirtualMFADevicesOutput, error) {
	list := slices.DeleteFunc(virtualDevices(c), func(d types.VirtualMFADevice) bool {
		return in.AssignmentStatus == types.AssignmentStatusTypeAssigned && d.User == nil || in.AssignmentStatus == types.AssignmentStatusTypeUnassigned && d.User != nil
	})
	out := &sdk.ListVirtualMFADevicesOutput{}
	return out, page(c, in, out, "VirtualMFADevices", list, func(d types.VirtualMFADevice) string { return *d.SerialNumber })
}

func getMFADevice(c *awsapi.Call, in *sdk.GetMFADeviceInput) (*sdk.GetMFADeviceOutput, error) {
	for name, u := range world.Users.All(c.World(), c.AccountID()) {
		if u.MFADevices[*in.SerialNumber] != nil && (in.UserName == nil || strings.EqualFold(*in.UserName, name)) {
			return &sdk.GetMFADeviceOutput{SerialNumber: in.SerialNumber, UserName: aws.String(name), EnableDate: date(u.DeviceEnabled[*in.SerialNumber])}, nil
		}
	}
	return nil, noDevice(c, *in.SerialNumber)
}

// tagDevice is TagMFADevice and UntagMFADevice.
func tagDevice[In, Out any](c *awsapi.Call, in *In) (*Out, error) {
	return new(Out), c.World().Change(c.Context(), func(ch *world.Change) (err error) {
		d, ok := devices.Get(ch, c.AccountID(), text(in, "SerialNumber"))
		if !ok {
			return noDevice(c, text(in, "SerialNumber"))
		}
		if d.Tags, err = exact.change(c, in, d.Tags); err != nil {
			return err
		}
		devices.Put(ch, c.AccountID(), text(in, "SerialNumber"), d)
		return nil
	})
}

func listMFADeviceTags(c *awsapi.Call, in *sdk.ListMFADeviceTagsInput) (*sdk.ListMFADeviceTagsOutput, error) {
	d, ok := devices.Get(c.World(), c.AccountID(), *in.SerialNumber)
	if !ok {
		return nil, noDevice(c, *in.SerialNumber)
	}
	return pageOfTags[sdk.ListMFADeviceTagsOutput](c, in, d.Tags)
}
