package kms

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/policy"
)

// accessCreateGrant: see "CreateGrant" and "AWS KMS condition keys" in the KMS
// Developer Guide.
func accessCreateGrant(c *awsapi.Call, in *kms.CreateGrantInput) ([]awsapi.Check, error) {
	keys := awsapi.Keys{}.List("kms:GrantOperations", operations(in.Operations)).Set("kms:GranteePrincipal", aws.ToString(in.GranteePrincipal)).
		Set("kms:RetiringPrincipal", aws.ToString(in.RetiringPrincipal)).Set("kms:GrantIsForAWSResource", "false")
	if t := in.Constraints; t != nil {
		switch {
		case t.EncryptionContextEquals != nil:
			keys = contextKeys(keys, t.EncryptionContextEquals).Set("kms:GrantConstraintType", "EncryptionContextEquals")
		case t.EncryptionContextSubset != nil:
			keys = contextKeys(keys, t.EncryptionContextSubset).Set("kms:GrantConstraintType", "EncryptionContextSubset")
		}
	}
	return on(c, in.KeyId, keys)
}

func operations(list []types.GrantOperation) []string {
	names := make([]string, len(list))
	for i, op := range list {
		names[i] = string(op)
	}
	return names
}

// grantable are the operations that a grant can allow besides CreateGrant,
// DescribeKey and RetireGrant (KMS Developer Guide, Grant operations).
var grantable = map[string][]string{
	encryptDecrypt:    {"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"},
	signVerify:        {"Sign", "Verify"},
	generateVerifyMac: {"GenerateMac", "VerifyMac"},
	keyAgreement:      {"DeriveSharedSecret"},
}

func canGrant(k *world.Key, op types.GrantOperation) bool {
	switch {
	case op == "CreateGrant" || op == "DescribeKey" || op == "RetireGrant", slices.Contains(grantable[usageOf(k)], string(op)):
		return true
	case op == "GetPublicKey":
		return !symmetric(k) && usageOf(k) != generateVerifyMac
	}
	return symmetric(k) && strings.HasPrefix(string(op), "GenerateDataKey")
}

func createGrant(c *awsapi.Call, in *kms.CreateGrantInput) (*kms.CreateGrantOutput, error) {
	if err := checkGrant(c, in); err != nil {
		return nil, err
	}
	g := &estate.Grant{ID: randomID(), Grantee: *in.GranteePrincipal, Operations: operations(in.Operations)}
	if t := in.Constraints; t != nil {
		g.Constraints = estate.GrantConstraints{EncryptionContextSubset: t.EncryptionContextSubset, EncryptionContextEquals: t.EncryptionContextEquals}
	}
	details := world.GrantDetails{Name: aws.ToString(in.Name), Token: newToken(), Retiring: aws.ToString(in.RetiringPrincipal),
		Issuer: "arn:" + c.Partition() + ":iam::" + string(c.AccountID()) + ":root", Created: c.Now()}
	err := change(c, in.KeyId, func(w *world.Change, k *key) error {
		if err := usable(c, k); err != nil {
			return err
		}
		for _, op := range in.Operations {
			if !canGrant(&k.rec, op) {
				return c.Errorf("ValidationException", "Grant operation %s is not valid for a key with key usage %s.", op, usageOf(&k.rec))
			}
		}
		if err := withinParent(c, w, k, in, g); err != nil {
			return err
		}
		if same := k.sameGrant(g, &details); same != "" {
			g.ID = same // a new token for the old grant
			return nil
		}
		k.rec.Grants = append(k.rec.Grants, g)
		if k.rec.GrantDetails == nil {
			k.rec.GrantDetails = map[string]world.GrantDetails{}
		}
		k.rec.GrantDetails[g.ID] = details
		return nil
	})
	return &kms.CreateGrantOutput{GrantId: &g.ID, GrantToken: &details.Token}, err
}

func checkGrant(c *awsapi.Call, in *kms.CreateGrantInput) error {
	for _, principal := range []*string{in.GranteePrincipal, in.RetiringPrincipal} {
		if principal != nil && !entityExists(c.Estate, *principal) {
			return c.Errorf("InvalidArnException", "ARN does not refer to a valid principal: %s", *principal)
		}
	}
	if in.GranteePrincipal == nil {
		return c.Errorf("ValidationException", "GranteePrincipal is required; why403 makes no grants to service principals.")
	}
	if t := in.Constraints; t != nil && t.EncryptionContextEquals != nil && t.EncryptionContextSubset != nil {
		return c.Errorf("ValidationException", "A grant takes one encryption context constraint.")
	}
	return nil
}

// withinParent refuses a grant of more than the caller has where it is a grant that
// lets it make grants: no other operations, and constraints that are as strict (KMS
// Developer Guide, Granting CreateGrant permission).
func withinParent(c *awsapi.Call, w *world.Change, k *key, in *kms.CreateGrantInput, g *estate.Grant) error {
	parents := slices.Clone(k.rec.Grants)
	parents = slices.DeleteFunc(parents, func(p *estate.Grant) bool {
		return !slices.Contains(p.Operations, "CreateGrant") || reached(c, p.Grantee) == 0
	})
	within := func(p *estate.Grant) bool {
		return contains(p.Operations, g.Operations) && stricter(&g.Constraints, &p.Constraints)
	}
	if len(parents) == 0 || slices.ContainsFunc(parents, within) {
		return nil
	}
	alone := k.rec
	alone.Grants = nil
	world.Keys.Put(w, k.ref.Account, k.name, alone)
	later := *c
	later.Estate = w.Estate()
	checks, err := accessCreateGrant(&later, in)
	if err != nil || later.May(checks[0]) {
		return err
	}
	return notAuthorized(c, k.ref.ARN, "a grant lets the caller make grants, with no other operations than its own and constraints as strict")
}

// isPrincipal reports whether a grant to a user, role or session is one to the
// caller.
func isPrincipal(c *awsapi.Call, arn string) bool {
	return reached(c, arn)&(policy.ViaDirect|policy.ViaRole) != 0
}

// reached tells how a grant reaches the caller: as itself, its role or its account.
func reached(c *awsapi.Call, arn string) policy.Via {
	caller := policy.Caller{Principal: c.Principal()}
	if a := c.Account(); a != nil {
		if r := a.Roles[caller.Name]; caller.Kind == iam.RoleSession && r != nil {
			caller.RoleARN = r.ARN(a.Partition(), a.ID, caller.Name)
		}
		if u := a.Users[caller.Name]; caller.Kind == iam.User && u != nil {
			caller.UserARN = u.ARN(a.Partition(), a.ID, caller.Name)
		}
	}
	sure, _ := caller.Reached(arn)
	return sure
}

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(op string) bool { return !slices.Contains(all, op) })
}

// stricter reports whether constraints let through no more than those of a parent.
func stricter(t, parent *estate.GrantConstraints) bool {
	switch {
	case len(parent.EncryptionContextEquals) > 0:
		return maps.Equal(t.EncryptionContextEquals, parent.EncryptionContextEquals)
	case len(parent.EncryptionContextSubset) > 0:
		own := t.EncryptionContextSubset
		if len(t.EncryptionContextEquals) > 0 {
			own = t.EncryptionContextEquals
		}
		return parent.Admit(own)
	}
	return true
}

// sameGrant is the id of a grant that was made by the same call, which the name
// tells ("CreateGrant", Name, in the KMS API Reference).
func (k *key) sameGrant(g *estate.Grant, details *world.GrantDetails) string {
	if details.Name == "" {
		return ""
	}
	for _, old := range k.rec.Grants {
		d := k.rec.GrantDetails[old.ID]
		if d.Name == details.Name && d.Retiring == details.Retiring && old.Grantee == g.Grantee && slices.Equal(old.Operations, g.Operations) &&
			maps.Equal(old.Constraints.EncryptionContextEquals, g.Constraints.EncryptionContextEquals) &&
			maps.Equal(old.Constraints.EncryptionContextSubset, g.Constraints.EncryptionContextSubset) {
			return old.ID
		}
	}
	return ""
}

func randomID() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// newToken is a grant token. Grants count at once here, so nothing hangs on it.
func newToken() string {
	var b [192]byte
	rand.Read(b[:]) // never fails
	return base64.StdEncoding.EncodeToString(b[:])
}

func (k *key) grantEntry(g *estate.Grant) types.GrantListEntry {
	d := k.rec.GrantDetails[g.ID]
	e := types.GrantListEntry{KeyId: &k.ref.ARN, GrantId: &g.ID, Name: &d.Name, GranteePrincipal: &g.Grantee, CreationDate: when(d.Created)}
	if d.Retiring != "" {
		e.RetiringPrincipal = &d.Retiring
	}
	if e.IssuingAccount = &d.Issuer; d.Issuer == "" {
		e.IssuingAccount = aws.String("arn:" + estate.PartitionOf(k.ref.Region) + ":iam::" + string(k.ref.Account) + ":root")
	}
	for _, op := range g.Operations {
		e.Operations = append(e.Operations, types.GrantOperation(op))
	}
	if len(g.Constraints.EncryptionContextEquals)+len(g.Constraints.EncryptionContextSubset) > 0 {
		e.Constraints = &types.GrantConstraints{EncryptionContextEquals: g.Constraints.EncryptionContextEquals, EncryptionContextSubset: g.Constraints.EncryptionContextSubset}
	}
	return e
}

func accessListGrants(c *awsapi.Call, in *kms.ListGrantsInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:GrantIsForAWSResource", "false"))
}

func listGrants(c *awsapi.Call, in *kms.ListGrantsInput) (*kms.ListGrantsOutput, error) {
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	var list []types.GrantListEntry
	for _, g := range k.rec.Grants {
		if (in.GrantId == nil || *in.GrantId == g.ID) && (in.GranteePrincipal == nil || *in.GranteePrincipal == g.Grantee) {
			list = append(list, k.grantEntry(g))
		}
	}
	page, next, err := pageOf(c, list, in.Marker, in.Limit, 50)
	return &kms.ListGrantsOutput{Grants: page, NextMarker: next, Truncated: next != nil}, err
}

func accessListRetirableGrants(c *awsapi.Call, _ *kms.ListRetirableGrantsInput) ([]awsapi.Check, error) {
	return anyKey(c)
}

// listRetirableGrants lists grants of keys of any account, whose retiring principal
// is of the caller's.
func listRetirableGrants(c *awsapi.Call, in *kms.ListRetirableGrantsInput) (*kms.ListRetirableGrantsOutput, error) {
	if !strings.Contains(*in.RetiringPrincipal, ":"+string(c.AccountID())+":") {
		return nil, c.Errorf("InvalidArnException", "ARN does not refer to a principal of this account: %s", *in.RetiringPrincipal)
	}
	var list []types.GrantListEntry
	for _, k := range everyKey(c, c.World()) {
		for _, g := range k.rec.Grants {
			if k.rec.GrantDetails[g.ID].Retiring == *in.RetiringPrincipal {
				list = append(list, k.grantEntry(g))
			}
		}
	}
	page, next, err := pageOf(c, list, in.Marker, in.Limit, 50)
	return &kms.ListRetirableGrantsOutput{Grants: page, NextMarker: next, Truncated: next != nil}, err
}

func accessRevokeGrant(c *awsapi.Call, in *kms.RevokeGrantInput) ([]awsapi.Check, error) {
	return on(c, in.KeyId, awsapi.Keys{}.Set("kms:GrantIsForAWSResource", "false"))
}

func revokeGrant(c *awsapi.Call, in *kms.RevokeGrantInput) (*kms.RevokeGrantOutput, error) {
	err := change(c, in.KeyId, func(_ *world.Change, k *key) error { return k.removeGrant(c, *in.GrantId) })
	return &kms.RevokeGrantOutput{}, err
}

func (k *key) removeGrant(c *awsapi.Call, id string) error {
	n := len(k.rec.Grants)
	k.rec.Grants = slices.DeleteFunc(k.rec.Grants, func(g *estate.Grant) bool { return g.ID == id })
	if len(k.rec.Grants) == n {
		return c.Errorf("NotFoundException", "Grant ID %s not found", id)
	}
	delete(k.rec.GrantDetails, id)
	return nil
}

// retireGrant is allowed to whom the grant names: the retiring principal, the
// grantee where the grant covers RetireGrant, and the account that made it. Policies
// alone cannot allow it (KMS Developer Guide, Retiring and revoking grants), and can
// refuse it.
func retireGrant(c *awsapi.Call, in *kms.RetireGrantInput) (*kms.RetireGrantOutput, error) {
	k, id, err := grantToRetire(c, in)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(k.rec.Grants, func(g *estate.Grant) bool { return g.ID == id })
	if i < 0 {
		return nil, c.Errorf("NotFoundException", "Grant ID %s not found", id)
	}
	g, d := k.rec.Grants[i], k.rec.GrantDetails[id]
	covered := slices.Contains(g.Operations, "RetireGrant") && isPrincipal(c, g.Grantee)
	issuer := c.Principal().Kind == iam.RootUser && c.Caller.ARN == *k.grantEntry(g).IssuingAccount
	if !covered && !issuer && !(d.Retiring != "" && isPrincipal(c, d.Retiring)) {
		return nil, notAuthorized(c, k.ref.ARN, "the retiring principal of a grant may retire it, its grantee where RetireGrant is among its operations, and the root user of the account that made it; policies alone cannot allow it")
	}
	if err := c.Unopposed(awsapi.Check{Action: "kms:RetireGrant", Resource: k.ref.ARN}, iam.GateIdentity, iam.GateKMS); err != nil {
		return nil, err
	}
	err = change(c, &k.ref.ARN, func(_ *world.Change, k *key) error { return k.removeGrant(c, id) })
	return &kms.RetireGrantOutput{}, err
}

// grantToRetire finds the grant by its token, or by key and id.
func grantToRetire(c *awsapi.Call, in *kms.RetireGrantInput) (*key, string, error) {
	if in.GrantToken == nil {
		if in.KeyId == nil || in.GrantId == nil {
			return nil, "", c.Errorf("ValidationException", "Please provide a grant token, or a key ARN and a grant ID.")
		}
		k, err := find(c, c.World(), in.KeyId)
		return k, *in.GrantId, err
	}
	for _, k := range everyKey(c, c.World()) {
		for id, d := range k.rec.GrantDetails {
			if d.Token == *in.GrantToken {
				return k, id, nil
			}
		}
	}
	return nil, "", c.Errorf("InvalidGrantTokenException", "The grant token is not valid.")
}
