package kms

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// The states of a key that calls bring about (KMS Developer Guide, Key states of
// AWS KMS keys).
const (
	enabled         = "Enabled"
	disabled        = "Disabled"
	pendingDeletion = "PendingDeletion"
)

// notPending refuses what a key does not take that is about to be deleted.
func notPending(c *awsapi.Call, k *key) error {
	if k.rec.State == pendingDeletion {
		return c.Errorf("KMSInvalidStateException", "%s is pending deletion.", k.ref.ARN)
	}
	return nil
}

// usable refuses what a key takes only while it is enabled.
func usable(c *awsapi.Call, k *key) error {
	switch state := k.rec.StateOrEnabled(); state {
	case enabled:
		return nil
	case disabled:
		return c.Errorf("DisabledException", "%s is disabled.", k.ref.ARN)
	case pendingDeletion:
		return notPending(c, k)
	default:
		return c.Errorf("KMSInvalidStateException", "%s is %s.", k.ref.ARN, state)
	}
}

// set changes a key that is not about to be deleted.
func set(c *awsapi.Call, id *string, f func(*world.Key)) error {
	return change(c, id, func(_ *world.Change, k *key) error {
		if err := notPending(c, k); err != nil {
			return err
		}
		f(&k.rec)
		return nil
	})
}

func accessEnableKey(c *awsapi.Call, in *kms.EnableKeyInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func enableKey(c *awsapi.Call, in *kms.EnableKeyInput) (*kms.EnableKeyOutput, error) {
	err := switchTo(c, in.KeyId, enabled)
	return &kms.EnableKeyOutput{}, err
}

func accessDisableKey(c *awsapi.Call, in *kms.DisableKeyInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func disableKey(c *awsapi.Call, in *kms.DisableKeyInput) (*kms.DisableKeyOutput, error) {
	err := switchTo(c, in.KeyId, disabled)
	return &kms.DisableKeyOutput{}, err
}

func switchTo(c *awsapi.Call, id *string, state string) error {
	return set(c, id, func(k *world.Key) { k.State = state })
}

func accessScheduleKeyDeletion(c *awsapi.Call, in *kms.ScheduleKeyDeletionInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, awsapi.Keys{}.Set("kms:ScheduleKeyDeletionPendingWindowInDays", fmt.Sprint(window(in))))
}

func window(in *kms.ScheduleKeyDeletionInput) int32 {
	if in.PendingWindowInDays == nil {
		return 30
	}
	return *in.PendingWindowInDays
}

func scheduleKeyDeletion(c *awsapi.Call, in *kms.ScheduleKeyDeletionInput) (*kms.ScheduleKeyDeletionOutput, error) {
	days := window(in)
	if days < 7 || days > 30 {
		return nil, c.Errorf("ValidationException", "Invalid pending window in days: %d. It must be between 7 and 30.", days)
	}
	var out kms.ScheduleKeyDeletionOutput
	err := change(c, in.KeyId, func(_ *world.Change, k *key) error {
		if err := notPending(c, k); err != nil {
			return err
		}
		k.rec.State, k.rec.Deletion = pendingDeletion, c.Now().AddDate(0, 0, int(days)).Truncate(time.Second)
		out = kms.ScheduleKeyDeletionOutput{KeyId: &k.ref.ARN, KeyState: types.KeyStatePendingDeletion, DeletionDate: &k.rec.Deletion, PendingWindowInDays: &days}
		return nil
	})
	return &out, err
}

func accessCancelKeyDeletion(c *awsapi.Call, in *kms.CancelKeyDeletionInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

// cancelKeyDeletion leaves the key disabled.
func cancelKeyDeletion(c *awsapi.Call, in *kms.CancelKeyDeletionInput) (*kms.CancelKeyDeletionOutput, error) {
	var out kms.CancelKeyDeletionOutput
	err := change(c, in.KeyId, func(_ *world.Change, k *key) error {
		if k.rec.State != pendingDeletion {
			return c.Errorf("KMSInvalidStateException", "%s is not pending deletion.", k.ref.ARN)
		}
		k.rec.State, k.rec.Deletion = disabled, time.Time{}
		out.KeyId = &k.ref.ARN
		return nil
	})
	return &out, err
}

func accessUpdateKeyDescription(c *awsapi.Call, in *kms.UpdateKeyDescriptionInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func updateKeyDescription(c *awsapi.Call, in *kms.UpdateKeyDescriptionInput) (*kms.UpdateKeyDescriptionOutput, error) {
	err := set(c, in.KeyId, func(k *world.Key) { k.Description = aws.ToString(in.Description) })
	return &kms.UpdateKeyDescriptionOutput{}, err
}

func accessEnableKeyRotation(c *awsapi.Call, in *kms.EnableKeyRotationInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, awsapi.Keys{}.Set("kms:RotationPeriodInDays", fmt.Sprint(period(in))))
}

// period is one year where the call states none.
func period(in *kms.EnableKeyRotationInput) int32 {
	if in.RotationPeriodInDays == nil {
		return 365
	}
	return *in.RotationPeriodInDays
}

func enableKeyRotation(c *awsapi.Call, in *kms.EnableKeyRotationInput) (*kms.EnableKeyRotationOutput, error) {
	err := rotate(c, in.KeyId, int(period(in)))
	return &kms.EnableKeyRotationOutput{}, err
}

func accessDisableKeyRotation(c *awsapi.Call, in *kms.DisableKeyRotationInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func disableKeyRotation(c *awsapi.Call, in *kms.DisableKeyRotationInput) (*kms.DisableKeyRotationOutput, error) {
	err := rotate(c, in.KeyId, 0)
	return &kms.DisableKeyRotationOutput{}, err
}

func rotate(c *awsapi.Call, id *string, days int) error {
	return change(c, id, func(_ *world.Change, k *key) error {
		k.rec.Rotation, k.rec.RotatedSince = days, c.Now()
		return rotatable(c, k)
	})
}

func rotatable(c *awsapi.Call, k *key) error {
	if !symmetric(&k.rec) {
		return c.Errorf("UnsupportedOperationException", "%s has key spec %s, and only symmetric encryption keys are rotated.", k.ref.ARN, k.rec.Spec)
	}
	return usable(c, k)
}

func accessRotateKeyOnDemand(c *awsapi.Call, in *kms.RotateKeyOnDemandInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

// mostRotations is the quota of rotations on demand (KMS Developer Guide, Quotas).
const mostRotations = 25

func rotateKeyOnDemand(c *awsapi.Call, in *kms.RotateKeyOnDemandInput) (*kms.RotateKeyOnDemandOutput, error) {
	var out kms.RotateKeyOnDemandOutput
	err := change(c, in.KeyId, func(_ *world.Change, k *key) error {
		if len(k.rec.Rotations) >= mostRotations {
			return c.Errorf("LimitExceededException", "%s has been rotated on demand %d times.", k.ref.ARN, mostRotations)
		}
		k.rec.Rotations = append(k.rec.Rotations, c.Now())
		out.KeyId = &k.ref.ID
		return rotatable(c, k)
	})
	return &out, err
}

func accessListKeyRotations(c *awsapi.Call, in *kms.ListKeyRotationsInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func listKeyRotations(c *awsapi.Call, in *kms.ListKeyRotationsInput) (*kms.ListKeyRotationsOutput, error) {
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	var list []types.RotationsListEntry
	for _, at := range k.rec.Rotations {
		list = append(list, types.RotationsListEntry{KeyId: &k.ref.ID, RotationDate: &at, RotationType: types.RotationTypeOnDemand})
	}
	page, next, err := pageOf(c, list, in.Marker, in.Limit, 100)
	return &kms.ListKeyRotationsOutput{Rotations: page, NextMarker: next, Truncated: next != nil}, err
}

func accessGetKeyRotationStatus(c *awsapi.Call, in *kms.GetKeyRotationStatusInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, nil)
}

func getKeyRotationStatus(c *awsapi.Call, in *kms.GetKeyRotationStatusInput) (*kms.GetKeyRotationStatusOutput, error) {
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	out := &kms.GetKeyRotationStatusOutput{KeyId: &k.ref.ARN, KeyRotationEnabled: k.rec.Manager == "AWS"}
	if k.rec.Rotation > 0 && k.rec.State != pendingDeletion {
		out.KeyRotationEnabled, out.RotationPeriodInDays = true, aws.Int32(int32(k.rec.Rotation))
		out.NextRotationDate = aws.Time(k.rec.RotatedSince.AddDate(0, 0, k.rec.Rotation))
	}
	return out, nil
}
