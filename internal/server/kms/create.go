package kms

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// accessCreateKey: see "CreateKey", Required permissions, in the KMS API
// Reference. Tags need kms:TagResource as well, in an IAM policy "that isn't restricted
// to particular KMS keys" (KMS Developer Guide, Controlling access to tags).
func accessCreateKey(c *awsapi.Call, in *kms.CreateKeyInput) ([]awsapi.Check, error) {
	keys := awsapi.Keys{}.RequestTags(tagsOf(in.Tags)).
		Set("kms:BypassPolicyLockoutSafetyCheck", strconv.FormatBool(in.BypassPolicyLockoutSafetyCheck))
	asked := &key{rec: world.Key{MultiRegion: aws.ToBool(in.MultiRegion)}}
	asked.rec.Spec, asked.rec.Usage = specIn(in)
	checks := []awsapi.Check{{Action: "kms:CreateKey", Resource: "*", Keys: asked.keyKeys(keys)}}
	if len(in.Tags) > 0 {
		made := "arn:" + estate.PartitionOf(c.Region) + ":kms:" + c.Region + ":" + string(c.AccountID()) + ":key/*"
		checks = append(checks, awsapi.Check{Action: "kms:TagResource", Resource: made, Keys: awsapi.Keys{}.RequestTags(tagsOf(in.Tags))})
	}
	return checks, nil
}

func createKey(c *awsapi.Call, in *kms.CreateKeyInput) (*kms.CreateKeyOutput, error) {
	rec := world.Key{Description: aws.ToString(in.Description), MultiRegion: aws.ToBool(in.MultiRegion), Created: c.Now()}
	if err := setSpec(c, &rec, in); err != nil {
		return nil, err
	}
	if err := checkTags(c, in.Tags); err != nil {
		return nil, err
	}
	rec.ID, rec.Account, rec.Region, rec.State, rec.Tags = newKeyID(rec.MultiRegion), c.AccountID(), c.Region, "Enabled", tagsOf(in.Tags)
	if err := makeMaterial(c, &rec); err != nil {
		return nil, err
	}
	k := &key{name: rec.ID, rec: rec, ref: estate.KeyRef{ID: rec.ID, ARN: rec.ARN(), Account: rec.Account, Region: rec.Region}}
	err := c.World().Change(c.Context(), func(w *world.Change) (err error) {
		if in.Policy != nil {
			if k.rec.Document, err = parsePolicy(c, k, *in.Policy); err != nil {
				return err
			}
		}
		world.Keys.Put(w, k.rec.Account, k.name, k.rec)
		return lockout(c, w, k, in.BypassPolicyLockoutSafetyCheck)
	})
	if err != nil {
		return nil, err
	}
	return &kms.CreateKeyOutput{KeyMetadata: metadata(k)}, nil
}

// newKeyID returns a random UUID, or the id of a multi-Region key.
func newKeyID(multiRegion bool) string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	if multiRegion {
		return "mrk-" + hex.EncodeToString(b[:])
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// metadata is a key as the API shows it.
func metadata(k *key) *types.KeyMetadata {
	state, spec := k.rec.StateOrEnabled(), specOf(&k.rec)
	m := &types.KeyMetadata{
		AWSAccountId: aws.String(string(k.ref.Account)), KeyId: aws.String(k.ref.ID), Arn: aws.String(k.ref.ARN),
		CreationDate: aws.Time(k.rec.Created), Description: aws.String(k.rec.Description),
		Enabled: state == "Enabled", KeyState: types.KeyState(state), DeletionDate: when(k.rec.Deletion),
		KeyUsage: types.KeyUsageType(usageOf(&k.rec)), KeySpec: types.KeySpec(spec), CustomerMasterKeySpec: types.CustomerMasterKeySpec(spec),
		Origin: types.OriginTypeAwsKms, KeyManager: types.KeyManagerTypeCustomer, MultiRegion: aws.Bool(k.multiRegion()),
		EncryptionAlgorithms:   algorithmsOf[types.EncryptionAlgorithmSpec](&k.rec, encryptDecrypt),
		SigningAlgorithms:      algorithmsOf[types.SigningAlgorithmSpec](&k.rec, signVerify),
		MacAlgorithms:          algorithmsOf[types.MacAlgorithmSpec](&k.rec, generateVerifyMac),
		KeyAgreementAlgorithms: algorithmsOf[types.KeyAgreementAlgorithmSpec](&k.rec, keyAgreement),
	}
	material := sha256.Sum256([]byte(k.ref.ARN)) // there is one, ever
	m.CurrentKeyMaterialId = aws.String(hex.EncodeToString(material[:]))
	if k.rec.Manager == "AWS" {
		m.KeyManager = types.KeyManagerTypeAws
	}
	if *m.MultiRegion {
		m.MultiRegionConfiguration = &types.MultiRegionConfiguration{
			MultiRegionKeyType: types.MultiRegionKeyTypePrimary, ReplicaKeys: []types.MultiRegionKey{},
			PrimaryKey: &types.MultiRegionKey{Arn: m.Arn, Region: aws.String(k.ref.Region)},
		}
	}
	return m
}

func accessDescribeKey(c *awsapi.Call, in *kms.DescribeKeyInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, nil)
}

// describeKey makes aws/s3 where it is named for the first time, as KMS does
// (KMS API Reference, DescribeKey, KeyId).
func describeKey(c *awsapi.Call, in *kms.DescribeKeyInput) (*kms.DescribeKeyOutput, error) {
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.ref.Key == nil {
		k.rec.Created = c.Now()
		err = c.World().Change(c.Context(), func(w *world.Change) error {
			world.Keys.Put(w, k.ref.Account, k.name, k.rec)
			return nil
		})
	}
	return &kms.DescribeKeyOutput{KeyMetadata: metadata(k)}, err
}

func accessListKeys(c *awsapi.Call, _ *kms.ListKeysInput) ([]awsapi.Check, error) { return anyKey(c) }

func listKeys(c *awsapi.Call, in *kms.ListKeysInput) (*kms.ListKeysOutput, error) {
	var list []types.KeyListEntry
	for _, k := range ownKeys(c, c.World()) {
		list = append(list, types.KeyListEntry{KeyId: aws.String(k.ref.ID), KeyArn: aws.String(k.ref.ARN)})
	}
	page, next, err := pageOf(c, list, in.Marker, in.Limit, 100)
	return &kms.ListKeysOutput{Keys: page, NextMarker: next, Truncated: next != nil}, err
}
