package kms

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A key is a KMS key that a call names.
type key struct {
	ref   estate.KeyRef
	name  string // of its record
	alias string // by which it was named; "" where by its id
	rec   world.Key
}

// find returns the key that a call names, in the state that it reads. aws/s3,
// where nobody has used it yet, is a key as it will be.
func find(c *awsapi.Call, v world.View, id *string) (*key, error) {
	name := aws.ToString(id)
	k := &key{ref: v.Estate().ResolveKey(name, c.AccountID(), c.Region)}
	if _, alias, ok := strings.Cut(name, "alias/"); ok {
		k.alias = "alias/" + alias
	}
	switch ref := k.ref; {
	case ref.Problem == "bad-id":
		return nil, c.Errorf("NotFoundException", "Invalid keyId '%s'", name)
	case ref.Problem == "wrong-region":
		return nil, c.Errorf("NotFoundException", "Invalid arn %s", ref.Region)
	case ref.Problem != "":
		return nil, c.Errorf("NotFoundException", "Invalid arn %s", name)
	case ref.Missing || ref.Unknown != "":
		return nil, notFound(c, ref)
	case ref.Key == nil:
		k.name, k.rec.Key = ref.ID, estate.Key{ID: ref.ID, Account: ref.Account, Region: ref.Region, Manager: "AWS", Aliases: []string{estate.AliasS3}}
		k.rec.Description = "Default key that protects my S3 objects when no other key is defined"
		return k, nil
	}
	k.name = world.KeyName(v.Estate(), k.ref.Key)
	k.rec, _ = world.Keys.Get(v, k.ref.Account, k.name)
	if gone(c, &k.rec) {
		return nil, notFound(c, k.ref)
	}
	return k, nil
}

func notFound(c *awsapi.Call, ref estate.KeyRef) error {
	switch {
	case ref.Account != c.AccountID():
		return c.AccessDenied("User: " + c.Caller.ARN + " is not authorized to perform: kms:" + c.Operation + " on resource: " + ref.ARN +
			" because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access").
			Because(ref.ARN + " is of another account, and does not exist: AWS tells that to nobody but its account")
	case strings.Contains(ref.ARN, ":alias/"):
		return c.Errorf("NotFoundException", "Alias %s is not found.", ref.ARN)
	}
	return c.Errorf("NotFoundException", "Key '%s' does not exist", ref.ARN)
}

// gone reports whether the waiting period of a key that was to be deleted is over.
func gone(c *awsapi.Call, k *world.Key) bool {
	return k.State == pendingDeletion && !k.Deletion.IsZero() && !c.Now().Before(k.Deletion)
}

// ownKeys are the keys of the caller's account and Region by id.
func ownKeys(c *awsapi.Call, v world.View) []*key { return keysOf(c, v, c.AccountID()) }

// everyKey are those of all accounts.
func everyKey(c *awsapi.Call, v world.View) []*key {
	var list []*key
	for account := range v.Estate().Accounts {
		list = append(list, keysOf(c, v, account)...)
	}
	return list
}

func keysOf(c *awsapi.Call, v world.View, account iam.AccountID) []*key {
	var list []*key
	for name, rec := range world.Keys.All(v, account) {
		if rec.Region == c.Region && !gone(c, &rec) {
			list = append(list, &key{name: name, rec: rec, ref: estate.KeyRef{ID: rec.ID, ARN: rec.ARN(), Account: rec.Account, Region: rec.Region}})
		}
	}
	slices.SortFunc(list, func(a, b *key) int { return strings.Compare(a.rec.ID, b.rec.ID) })
	return list
}

// change changes a key of the account's own.
func change(c *awsapi.Call, id *string, f func(*world.Change, *key) error) error {
	return c.World().Change(c.Context(), func(w *world.Change) error {
		k, err := find(c, w, id)
		if err != nil {
			return err
		}
		if k.rec.Manager == "AWS" || k.ref.AWSManagedS3 {
			return c.Errorf("UnsupportedOperationException", "%s is an AWS managed key; its settings are not yours to change.", k.ref.ARN)
		}
		if err := f(w, k); err != nil {
			return err
		}
		world.Keys.Put(w, k.ref.Account, k.name, k.rec)
		return nil
	})
}

// on is the access of a call about one key.
func on(c *awsapi.Call, id *string, keys awsapi.Keys) ([]awsapi.Check, error) {
	return using(c, "kms:"+c.Operation, id, keys)
}

// own is on for calls that work on keys of the caller's account alone (KMS
// Developer Guide, AWS KMS permissions, column "Cross-account use").
func own(c *awsapi.Call, id *string, keys awsapi.Keys) ([]awsapi.Check, error) {
	checks, err := on(c, id, keys)
	if err != nil {
		return nil, err
	}
	if arn, _ := iam.ParseARN(checks[0].Resource); arn.Account != c.AccountID() {
		return nil, notAuthorized(c, checks[0].Resource, "keys of other accounts cannot be used with "+c.Operation+", whatever policies say")
	}
	return checks, nil
}

// notAuthorized is a refusal that no policy is the reason for.
func notAuthorized(c *awsapi.Call, resource, why string) error {
	return c.AccessDenied("User: " + c.Caller.ARN + " is not authorized to perform: kms:" + c.Operation + " on resource: " + resource).Because(why)
}

func using(c *awsapi.Call, action string, id *string, keys awsapi.Keys) ([]awsapi.Check, error) {
	k, err := find(c, c.World(), id)
	if err != nil {
		return nil, err
	}
	return []awsapi.Check{{Action: action, Resource: k.ref.ARN, Keys: k.keyKeys(keys).Set("kms:RequestAlias", k.alias)}}, nil
}

// keyKeys are the condition keys about a key itself (KMS Developer Guide, AWS KMS
// condition keys).
func (k *key) keyKeys(keys awsapi.Keys) awsapi.Keys {
	keys = keys.Set("kms:KeySpec", specOf(&k.rec)).Set("kms:KeyUsage", usageOf(&k.rec)).Set("kms:KeyOrigin", "AWS_KMS").
		Set("kms:MultiRegion", strconv.FormatBool(k.multiRegion()))
	if k.multiRegion() {
		keys = keys.Set("kms:MultiRegionKeyType", "PRIMARY")
	}
	return keys
}

func (k *key) multiRegion() bool { return k.rec.MultiRegion || strings.HasPrefix(k.ref.ID, "mrk-") }

// anyKey is the access of a call about no key in particular.
func anyKey(c *awsapi.Call) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "kms:" + c.Operation, Resource: "*"}}, nil
}

func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
