package sts

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/policy"
)

// Limits of session policies and tags: the page of AssumeRole in the STS API
// Reference.
const (
	maxPolicyChars = 2048
	maxPolicyARNs  = 10
	maxTags        = 50 // of a token; the model limits those of calls
)

// passed is what a call passes to the session that it asks for.
type passed struct {
	policies   []string          // documents and ARNs
	tags       map[string]string // session tags passed
	inherited  map[string]string // transitive tags of the calling session
	transitive []string          // tag keys that role chaining passes on
}

// readPolicies reads session policies.
func (p *passed) readPolicies(c *awsapi.Call, document *string, arns []types.PolicyDescriptorType) error {
	if document != nil {
		if len(*document) > maxPolicyChars {
			return c.Errorf("ValidationError", "1 validation error detected: Value '%s' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048", *document)
		}
		doc, err := policy.Parse("session policy", []byte(*document))
		switch {
		case err != nil && !json.Valid([]byte(*document)):
			return c.Errorf("MalformedPolicyDocument", "This policy contains invalid Json")
		case err != nil:
			return c.Errorf("MalformedPolicyDocument", "Syntax errors in policy.")
		}
		for i := range doc.Statements {
			if doc.Statements[i].HasPrincipal {
				return c.Errorf("MalformedPolicyDocument", "Policy document should not specify a principal.")
			}
			if len(doc.Statements[i].Resources) == 0 {
				return c.Errorf("MalformedPolicyDocument", "Policy statement must contain resources.")
			}
		}
		p.policies = append(p.policies, *document)
	}
	if len(arns) > maxPolicyARNs {
		return c.Errorf("ValidationError", "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10")
	}
	for _, d := range arns {
		arn := aws.ToString(d.Arn)
		if !strings.HasPrefix(arn, "arn:") {
			return c.Errorf("ValidationError", "%s is invalid", arn)
		}
		p.policies = append(p.policies, arn)
	}
	return nil
}

// checkManaged checks that the managed policies are those of the account whose
// session it will be, or AWS's.
func (p *passed) checkManaged(c *awsapi.Call, a *estate.Account) error {
	for _, arn := range p.policies {
		if !strings.HasPrefix(arn, "arn:") {
			continue
		}
		if _, err := a.Managed(arn); err != nil {
			return c.Errorf("MalformedPolicyDocument", "Policy %s does not exist or is not attachable.", arn)
		}
	}
	return nil
}

// inherit takes over what the calling session passes on.
func (p *passed) inherit(s *world.Session) {
	p.tags, p.inherited = map[string]string{}, map[string]string{}
	if s == nil {
		return
	}
	p.transitive = slices.Clone(s.Transitive)
	for _, key := range s.Transitive {
		for k, v := range s.Tags {
			if strings.EqualFold(k, key) {
				p.inherited[k] = v
			}
		}
	}
}

// readTags reads session tags.
func (p *passed) readTags(c *awsapi.Call, tags []types.Tag, transitive []string) error {
	for _, t := range tags {
		key := aws.ToString(t.Key)
		switch {
		case hasFold(p.tags, key):
			return c.Errorf("InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		case hasFold(p.inherited, key):
			return c.Errorf("InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		p.tags[key] = aws.ToString(t.Value)
	}
	for _, key := range transitive {
		if !hasFold(p.tags, key) {
			return c.Errorf("InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
		}
		p.transitive = append(p.transitive, key)
	}
	return nil
}

func hasFold(m map[string]string, key string) bool {
	for k := range m {
		if strings.EqualFold(k, key) {
			return true
		}
	}
	return false
}

// packedSize is how much of the room for session policies and tags is used, in
// percent; nil where nothing is passed. AWS does not say how it packs them; we
// take what deflate makes of them.
func (p *passed) packedSize(c *awsapi.Call) (*int32, error) {
	var text strings.Builder
	for _, s := range p.policies {
		text.WriteString(s)
	}
	for k, v := range p.tags {
		text.WriteString(k + "\x00" + v + "\x00")
	}
	if text.Len() == 0 {
		return nil, nil
	}
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression) // the level is one
	io.WriteString(w, text.String())                        // a Buffer does not fail
	w.Close()
	percent := int32((100*packed.Len() + maxPolicyChars - 1) / maxPolicyChars)
	if percent > 100 {
		what := "policies"
		if len(p.policies) == 0 {
			what = "tags"
		}
		return nil, c.Errorf("PackedPolicyTooLarge", "Packed size of session %s consumes %d%% of allotted space.", what, percent)
	}
	return &percent, nil
}
