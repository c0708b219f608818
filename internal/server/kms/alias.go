package kms

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// aliasARN is an alias of the caller's account and Region.
func aliasARN(c *awsapi.Call, name string) string {
	return "arn:" + estate.PartitionOf(c.Region) + ":kms:" + c.Region + ":" + string(c.AccountID()) + ":" + name
}

// accessAlias: calls that change an alias need permission for the alias, in an IAM
// policy, and for each key that it has or gets (KMS Developer Guide, Controlling
// access to aliases).
func accessAlias(c *awsapi.Call, alias *string, keys ...*string) ([]awsapi.Check, error) {
	checks := []awsapi.Check{{Action: "kms:" + c.Operation, Resource: aliasARN(c, aws.ToString(alias))}}
	for _, id := range keys {
		more, err := own(c, id, nil)
		if err != nil {
			return nil, err
		}
		more[0].Keys = nil // kms:RequestAlias is for uses of the key
		checks = append(checks, more...)
	}
	return checks, nil
}

func checkAliasName(c *awsapi.Call, alias, target string) error {
	switch {
	case !strings.HasPrefix(alias, "alias/"):
		return c.Errorf("ValidationException", `Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`)
	case alias == "alias/":
		return c.Errorf("ValidationException", "Invalid identifier")
	case strings.HasPrefix(alias, "alias/aws/"):
		return c.Errorf("NotAuthorizedException", "")
	case strings.Contains(target, "alias/"):
		return c.Errorf("ValidationException", "Aliases must refer to keys. Not aliases")
	}
	return nil
}

func accessCreateAlias(c *awsapi.Call, in *kms.CreateAliasInput) ([]awsapi.Check, error) {
	if err := checkAliasName(c, *in.AliasName, *in.TargetKeyId); err != nil {
		return nil, err
	}
	return accessAlias(c, in.AliasName, in.TargetKeyId)
}

func createAlias(c *awsapi.Call, in *kms.CreateAliasInput) (*kms.CreateAliasOutput, error) {
	err := change(c, in.TargetKeyId, func(w *world.Change, k *key) error {
		if _, taken := holder(c, w, *in.AliasName); taken {
			return c.Errorf("AlreadyExistsException", "An alias with the name %s already exists", aliasARN(c, *in.AliasName))
		}
		k.addAlias(*in.AliasName, c.Now(), c.Now())
		return notPending(c, k)
	})
	return &kms.CreateAliasOutput{}, err
}

// holder returns the key of the caller's that has an alias.
func holder(c *awsapi.Call, v world.View, alias string) (*key, bool) {
	k, err := find(c, v, aws.String(aliasARN(c, alias)))
	return k, err == nil
}

func (k *key) addAlias(alias string, created, updated time.Time) {
	k.rec.Aliases = append(k.rec.Aliases, alias)
	if k.rec.AliasTimes == nil {
		k.rec.AliasTimes = map[string]world.AliasTimes{}
	}
	k.rec.AliasTimes[alias] = world.AliasTimes{Created: created, Updated: updated}
}

func (k *key) removeAlias(alias string) world.AliasTimes {
	times := k.rec.AliasTimes[alias]
	k.rec.Aliases = slices.DeleteFunc(k.rec.Aliases, func(name string) bool { return name == alias })
	delete(k.rec.AliasTimes, alias)
	return times
}

func accessUpdateAlias(c *awsapi.Call, in *kms.UpdateAliasInput) ([]awsapi.Check, error) {
	if err := checkAliasName(c, *in.AliasName, *in.TargetKeyId); err != nil {
		return nil, err
	}
	return accessAlias(c, in.AliasName, aws.String(aliasARN(c, *in.AliasName)), in.TargetKeyId)
}

func updateAlias(c *awsapi.Call, in *kms.UpdateAliasInput) (*kms.UpdateAliasOutput, error) {
	err := c.World().Change(c.Context(), func(w *world.Change) error {
		old, err := find(c, w, aws.String(aliasARN(c, *in.AliasName)))
		if err != nil {
			return err
		}
		times := old.removeAlias(*in.AliasName)
		world.Keys.Put(w, old.ref.Account, old.name, old.rec)
		k, err := find(c, w, in.TargetKeyId)
		if err != nil {
			return err
		}
		k.addAlias(*in.AliasName, times.Created, c.Now())
		world.Keys.Put(w, k.ref.Account, k.name, k.rec)
		return notPending(c, k)
	})
	return &kms.UpdateAliasOutput{}, err
}

func accessDeleteAlias(c *awsapi.Call, in *kms.DeleteAliasInput) ([]awsapi.Check, error) {
	if err := checkAliasName(c, *in.AliasName, ""); err != nil {
		return nil, err
	}
	return accessAlias(c, in.AliasName, aws.String(aliasARN(c, *in.AliasName)))
}

func deleteAlias(c *awsapi.Call, in *kms.DeleteAliasInput) (*kms.DeleteAliasOutput, error) {
	err := change(c, aws.String(aliasARN(c, *in.AliasName)), func(_ *world.Change, k *key) error {
		k.removeAlias(*in.AliasName)
		return nil
	})
	return &kms.DeleteAliasOutput{}, err
}

func accessListAliases(c *awsapi.Call, _ *kms.ListAliasesInput) ([]awsapi.Check, error) {
	return anyKey(c)
}

// listAliases also lists alias/aws/s3 where no key has it yet, as KMS does.
func listAliases(c *awsapi.Call, in *kms.ListAliasesInput) (*kms.ListAliasesOutput, error) {
	only := ""
	if in.KeyId != nil {
		k, err := find(c, c.World(), in.KeyId)
		if err != nil {
			return nil, err
		}
		only = k.ref.ARN
	}
	list, managed := []types.AliasListEntry{}, false
	for _, k := range ownKeys(c, c.World()) {
		for _, alias := range k.rec.Aliases {
			managed = managed || alias == estate.AliasS3
			if only == "" || only == k.ref.ARN {
				times := k.rec.AliasTimes[alias]
				list = append(list, types.AliasListEntry{AliasName: aws.String(alias), AliasArn: aws.String(aliasARN(c, alias)),
					TargetKeyId: &k.ref.ID, CreationDate: when(times.Created), LastUpdatedDate: when(times.Updated)})
			}
		}
	}
	if !managed && only == "" {
		list = append(list, types.AliasListEntry{AliasName: aws.String(estate.AliasS3), AliasArn: aws.String(aliasARN(c, estate.AliasS3))})
	}
	slices.SortFunc(list, func(a, b types.AliasListEntry) int { return strings.Compare(*a.AliasName, *b.AliasName) })
	page, next, err := pageOf(c, list, in.Marker, in.Limit, 50)
	return &kms.ListAliasesOutput{Aliases: page, NextMarker: next, Truncated: next != nil}, err
}
