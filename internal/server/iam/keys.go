package iam

import (
	"crypto/rand"
	"encoding/base64"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

const maxKeys = 2 // access keys of a user

// A holder is the user or root user who holds access keys, under change.
type holder struct {
	name string // "" for the root user
	arn  string
	keys *map[string]*estate.AccessKey
	made *map[string]time.Time
	put  func(*world.Change)
}

// holderOf returns the user that a call names, or the calling user or root user.
func holderOf(c *awsapi.Call, v world.View, given *string) (*holder, error) {
	account := c.AccountID()
	if forRoot(c, given) {
		r, _ := world.Roots.Get(v, account, "")
		h := &holder{arn: c.Caller.ARN, keys: &r.AccessKeys, made: &r.KeyCreated}
		h.put = func(ch *world.Change) { world.Roots.Put(ch, account, "", r) }
		return h, nil
	}
	name, err := userName(c, given)
	if err != nil {
		return nil, err
	}
	u, found, ok := world.Users.Find(v, account, name)
	if !ok {
		return nil, noSuchEntity(c, "user", name)
	}
	h := &holder{name: found, arn: u.ARN(c.Partition(), account, found), keys: &u.AccessKeys, made: &u.KeyCreated}
	h.put = func(ch *world.Change) { world.Users.Put(ch, account, found, u) }
	return h, nil
}

// changeKeys changes the access keys of a holder.
func changeKeys(c *awsapi.Call, given *string, do func(h *holder) error) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		h, err := holderOf(c, ch, given)
		if err != nil {
			return err
		}
		if err := do(h); err != nil {
			return err
		}
		h.put(ch)
		return nil
	})
}

func createAccessKey(c *awsapi.Call, in *sdk.CreateAccessKeyInput) (*sdk.CreateAccessKeyOutput, error) {
	random := make([]byte, 30)
	rand.Read(random) // never fails
	id, secret, now := world.NewID("AKIA"), base64.StdEncoding.EncodeToString(random), c.Now()
	out := &sdk.CreateAccessKeyOutput{AccessKey: &types.AccessKey{AccessKeyId: &id, SecretAccessKey: &secret, Status: types.StatusTypeActive, CreateDate: date(now)}}
	return out, changeKeys(c, in.UserName, func(h *holder) error {
		if len(*h.keys) >= maxKeys {
			return quota(c, "AccessKeysPerUser", maxKeys)
		}
		if *h.keys == nil {
			*h.keys = map[string]*estate.AccessKey{}
		}
		if *h.made == nil {
			*h.made = map[string]time.Time{}
		}
		(*h.keys)[id], (*h.made)[id] = &estate.AccessKey{Secret: secret, Status: "Active"}, now
		out.AccessKey.UserName = aws.String(h.shown(c))
		return nil
	})
}

// shown is the name that answers give a holder: root users have the account's id.
func (h *holder) shown(c *awsapi.Call) string {
	if h.name == "" {
		return string(c.AccountID())
	}
	return h.name
}

func listAccessKeys(c *awsapi.Call, in *sdk.ListAccessKeysInput) (*sdk.ListAccessKeysOutput, error) {
	h, err := holderOf(c, c.World(), in.UserName)
	if err != nil {
		return nil, err
	}
	var list []types.AccessKeyMetadata
	for _, id := range slices.Sorted(maps.Keys(*h.keys)) {
		status := types.StatusTypeActive
		if !(*h.keys)[id].IsActive() {
			status = types.StatusTypeInactive
		}
		list = append(list, types.AccessKeyMetadata{AccessKeyId: aws.String(id), CreateDate: date((*h.made)[id]), Status: status, UserName: aws.String(h.shown(c))})
	}
	out := &sdk.ListAccessKeysOutput{}
	return out, page(c, in, out, "AccessKeyMetadata", list, func(k types.AccessKeyMetadata) string { return *k.AccessKeyId })
}

func noSuchKey(c *awsapi.Call, id string) error {
	return c.Errorf("NoSuchEntity", "The Access Key with id %s cannot be found.", id)
}

func updateAccessKey(c *awsapi.Call, in *sdk.UpdateAccessKeyInput) (*sdk.UpdateAccessKeyOutput, error) {
	if in.Status != types.StatusTypeActive && in.Status != types.StatusTypeInactive {
		return nil, c.Errorf("ValidationError", "Status must be Active or Inactive")
	}
	return &sdk.UpdateAccessKeyOutput{}, changeKeys(c, in.UserName, func(h *holder) error {
		key := (*h.keys)[*in.AccessKeyId]
		if key == nil {
			return noSuchKey(c, *in.AccessKeyId)
		}
		(*h.keys)[*in.AccessKeyId] = &estate.AccessKey{Secret: key.Secret, Status: string(in.Status)}
		return nil
	})
}

func deleteAccessKey(c *awsapi.Call, in *sdk.DeleteAccessKeyInput) (*sdk.DeleteAccessKeyOutput, error) {
	return &sdk.DeleteAccessKeyOutput{}, changeKeys(c, in.UserName, func(h *holder) error {
		if (*h.keys)[*in.AccessKeyId] == nil {
			return noSuchKey(c, *in.AccessKeyId)
		}
		delete(*h.keys, *in.AccessKeyId)
		delete(*h.made, *in.AccessKeyId)
		return nil
	})
}

// getAccessKeyLastUsed tells of uses since the endpoint was started: they are not
// worth a durable write for each request.
func getAccessKeyLastUsed(c *awsapi.Call, in *sdk.GetAccessKeyLastUsedInput) (*sdk.GetAccessKeyLastUsedOutput, error) {
	key, ok := c.Estate.AccessKey(*in.AccessKeyId)
	if !ok || key.Account.ID != c.AccountID() {
		return nil, c.AccessDenied("User: " + c.Caller.ARN + " is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key " + *in.AccessKeyId).
			Because("the account has no such access key; IAM answers as if it were not allowed")
	}
	name := string(c.AccountID())
	if _, user, isUser := key.Account.UserByARN(key.Principal); isUser {
		name = user
	}
	last := &types.AccessKeyLastUsed{Region: aws.String("N/A"), ServiceName: aws.String("N/A")}
	if use, used := c.World().LastUse(*in.AccessKeyId); used {
		last = &types.AccessKeyLastUsed{Region: aws.String(use.Region), ServiceName: aws.String(use.Service), LastUsedDate: date(use.At)}
	}
	return &sdk.GetAccessKeyLastUsedOutput{AccessKeyLastUsed: last, UserName: aws.String(name)}, nil
}
