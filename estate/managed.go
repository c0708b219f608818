package estate

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/policy"
)

// Managed returns a managed policy by its name in the account, its ARN, or the
// ARN of an AWS managed policy. AWS managed policies come from the account's
// managedPolicies, where a collector has put them under their ARN, else from
// the program's own copy. The error is a *NotCollectedError.
func (a *Account) Managed(ref string) (policy.Named, error) {
	if p, ok := a.ManagedPolicies[ref]; ok {
		arn := ref
		if !strings.HasPrefix(ref, "arn:") {
			arn = p.ARN(a.Partition(), a.ID, ref)
		}
		return a.named(ref, arn, p)
	}
	arn, ok := iam.ParseARN(ref)
	rest, isPolicy := strings.CutPrefix(arn.Resource, "policy/")
	switch {
	case ok && isPolicy && arn.Account == "aws":
		return awsManaged(ref)
	case ok && isPolicy && arn.Account == a.ID:
		name := rest[strings.LastIndexByte(rest, '/')+1:]
		if p, ok := a.ManagedPolicies[name]; ok && p.ARN(arn.Partition, a.ID, name) == ref {
			return a.named(name, ref, p)
		}
	}
	why := "the estate does not hold it"
	if reason, ok := a.Unknown.Why("managedPolicies"); ok {
		why = reason
	}
	return policy.Named{}, notCollected("managed policy "+ref+" of account "+string(a.ID), why)
}

func (a *Account) named(name, arn string, p *ManagedPolicy) (policy.Named, error) {
	if why, ok := p.Unknown.Why("document"); ok {
		return policy.Named{}, notCollected("managed policy "+name+" of account "+string(a.ID), why)
	}
	if p.Document.Document == nil {
		return policy.Named{}, notCollected("managed policy "+name+" of account "+string(a.ID), "it has no document")
	}
	return policy.Named{Name: name, ARN: arn, Document: p.Document.Document}, nil
}

func notCollected(what, why string) error {
	return &NotCollectedError{What: what, Need: "iam:GetPolicyVersion", Err: errors.New(why)}
}

var awsManagedPolicies sync.Map // ARN -> *policy.Document

func awsManaged(arn string) (policy.Named, error) {
	if d, ok := awsManagedPolicies.Load(arn); ok {
		return policy.Named{Name: arn, ARN: arn, Document: d.(*policy.Document)}, nil
	}
	data, ok := iamdata.ManagedPolicy(arn)
	if !ok {
		return policy.Named{}, notCollected("AWS managed policy "+arn, "this program holds no copy of it")
	}
	doc, err := policy.Parse(edition(arn), data)
	if err != nil {
		return policy.Named{}, notCollected("AWS managed policy "+arn, err.Error())
	}
	d, _ := awsManagedPolicies.LoadOrStore(arn, doc)
	return policy.Named{Name: arn, ARN: arn, Document: d.(*policy.Document)}, nil
}

// edition names the program's own copy of an AWS managed policy, in parentheses as
// whatever is no file.
func edition(arn string) string {
	e, _ := iamdata.ManagedPolicyEdition(arn)
	return "(AWS managed policy " + arn[strings.LastIndexByte(arn, '/')+1:] + ", " + e.Version + " of " + e.Updated[:len(time.DateOnly)] + ")"
}
