package kms

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/policy"
)

// policyName is that of the one policy that a key has.
const policyName = "default"

func checkPolicyName(c *awsapi.Call, name *string) error {
	if name != nil && *name != policyName {
		return c.Errorf("NotFoundException", "No such policy exists")
	}
	return nil
}

func accessGetKeyPolicy(c *awsapi.Call, in *kms.GetKeyPolicyInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func getKeyPolicy(c *awsapi.Call, in *kms.GetKeyPolicyInput) (*kms.GetKeyPolicyOutput, error) {
	if err := checkPolicyName(c, in.PolicyName); err != nil {
		return nil, err
	}
	k, err := find(c, c.World(), in.KeyId)
	if err != nil {
		return nil, err
	}
	text := k.policyText()
	if text == "" {
		return nil, c.Errorf("KMSInternalException", "the estate does not hold the policy of %s", k.ref.ARN)
	}
	return &kms.GetKeyPolicyOutput{Policy: &text, PolicyName: aws.String(policyName)}, nil
}

// policyText is the key policy to the letter, or that of keys that were given none;
// "" where it is not known.
func (k *key) policyText() string {
	if text := k.rec.Document.Text(); text != "" {
		return text
	}
	if doc := k.ref.Policy(); doc != nil {
		return estate.PrintPolicy(doc)
	}
	return ""
}

func accessListKeyPolicies(c *awsapi.Call, in *kms.ListKeyPoliciesInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, nil)
}

func listKeyPolicies(*awsapi.Call, *kms.ListKeyPoliciesInput) (*kms.ListKeyPoliciesOutput, error) {
	return &kms.ListKeyPoliciesOutput{PolicyNames: []string{policyName}}, nil
}

func accessPutKeyPolicy(c *awsapi.Call, in *kms.PutKeyPolicyInput) ([]awsapi.Check, error) {
	return own(c, in.KeyId, awsapi.Keys{}.Set("kms:BypassPolicyLockoutSafetyCheck", strconv.FormatBool(in.BypassPolicyLockoutSafetyCheck)))
}

func putKeyPolicy(c *awsapi.Call, in *kms.PutKeyPolicyInput) (*kms.PutKeyPolicyOutput, error) {
	if err := checkPolicyName(c, in.PolicyName); err != nil {
		return nil, err
	}
	err := change(c, in.KeyId, func(w *world.Change, k *key) (err error) {
		if k.rec.Document, err = parsePolicy(c, k, aws.ToString(in.Policy)); err != nil {
			return err
		}
		world.Keys.Put(w, k.ref.Account, k.name, k.rec)
		return lockout(c, w, k, in.BypassPolicyLockoutSafetyCheck)
	})
	return &kms.PutKeyPolicyOutput{}, err
}

// parsePolicy reads a key policy. All its statements have a Principal, and the
// users and roles that it names exist.
func parsePolicy(c *awsapi.Call, k *key, text string) (estate.Document, error) {
	doc, err := estate.ParseDocument("key/"+k.ref.ID+"?policy", []byte(text))
	if err != nil {
		return doc, c.Errorf("MalformedPolicyDocumentException", "%s", err)
	}
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if !st.HasPrincipal {
			return doc, c.Errorf("MalformedPolicyDocumentException", "Policy contains a statement with no principal.")
		}
		if len(st.Resources) == 0 {
			return doc, c.Errorf("MalformedPolicyDocumentException", "Policy contains a statement with no resource.")
		}
		for _, p := range st.Principals {
			if !principalExists(c.World().Estate(), p) {
				return doc, c.Errorf("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals.")
			}
		}
	}
	return doc, nil
}

// principalExists reports whether a principal may stand in a key policy. Of
// accounts that the estate holds, users and roles must exist; others are taken on
// trust.
func principalExists(e *estate.Estate, p policy.PrincipalValue) bool {
	if p.Type != "AWS" {
		return p.Text != ""
	}
	if p.Text == "*" || iam.AccountID(p.Text).Valid() || strings.HasPrefix(p.Text, "AIDA") || strings.HasPrefix(p.Text, "AROA") {
		return true
	}
	return entityExists(e, p.Text)
}

// entityExists does so for the ARN of a user, role, session or account.
func entityExists(e *estate.Estate, text string) bool {
	arn, ok := iam.ParseARN(text)
	kind, _, named := strings.Cut(arn.Resource, "/")
	switch {
	case !ok || !arn.Account.Valid() || arn.Service != "iam" && arn.Service != "sts":
		return false
	case arn.Resource == "root" && arn.Service == "iam":
		return true
	case !named:
		return false
	}
	a, held := e.Account(arn.Account)
	if !held || arn.Service == "sts" {
		return true
	}
	switch kind {
	case "user":
		_, _, ok = a.UserByARN(text)
		return ok
	case "role":
		_, _, ok = a.RoleByARN(text)
		return ok
	}
	return false
}

// lockout refuses a key policy with which the caller could not change the policy
// again, neither by itself nor as the account to whose IAM policies the key is left
// (KMS API Reference, PutKeyPolicy, BypassPolicyLockoutSafetyCheck).
func lockout(c *awsapi.Call, w *world.Change, k *key, bypass bool) error {
	if bypass {
		return nil
	}
	later := *c
	later.Estate = w.Estate()
	put := awsapi.Check{Action: "kms:PutKeyPolicy", Resource: k.ref.ARN}
	if later.May(put) {
		return nil
	}
	root := *c.Caller
	root.ARN, root.Session = "arn:"+c.Partition()+":iam::"+string(k.ref.Account)+":root", nil
	later.Caller = &root
	if k.ref.Account == c.AccountID() && later.May(put) {
		return nil
	}
	return c.Errorf("MalformedPolicyDocumentException", "The new key policy will not allow you to update the key policy in the future.")
}
