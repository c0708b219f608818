package iam

import (
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/policy"
)

// contextKeys lists the condition keys that documents test, or have as variables,
// in the order in which they stand there.
func contextKeys(docs []source) []string {
	list := []string{}
	add := func(key string) {
		if key != "" && !slices.ContainsFunc(list, func(k string) bool { return strings.EqualFold(k, key) }) {
			list = append(list, key)
		}
	}
	for _, d := range docs {
		for i := range d.document.Statements {
			st := &d.document.Statements[i]
			for _, r := range st.Resources {
				variables(r.Text, add)
			}
			for _, c := range st.Conditions {
				add(c.Key)
				for _, v := range c.Values {
					variables(v.Text, add)
				}
			}
		}
	}
	return list
}

// variables calls back for each policy variable in a text: ${aws:username}, or
// with a default ${aws:username, 'x'}; ${*}, ${?} and ${$} stand for themselves.
func variables(text string, add func(string)) {
	for {
		_, rest, ok := strings.Cut(text, "${")
		if !ok {
			return
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return
		}
		name, _, _ = strings.Cut(name, ",")
		if name = strings.TrimSpace(name); strings.Contains(name, ":") {
			add(name)
		}
		text = after
	}
}

func getContextKeysForCustomPolicy(c *awsapi.Call, in *sdk.GetContextKeysForCustomPolicyInput) (*sdk.GetContextKeysForCustomPolicyOutput, error) {
	docs, err := inputList(c, "PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &sdk.GetContextKeysForCustomPolicyOutput{ContextKeyNames: contextKeys(docs)}, nil
}

func getContextKeysForPrincipalPolicy(c *awsapi.Call, in *sdk.GetContextKeysForPrincipalPolicyInput) (*sdk.GetContextKeysForPrincipalPolicyOutput, error) {
	s, err := sourceOf(c, *in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	docs, err := inputList(c, "PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &sdk.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: contextKeys(append(s.identity, docs...))}, nil
}

// inputList reads policies that are given as text.
func inputList(c *awsapi.Call, name string, texts []string) ([]source, error) {
	var list []source
	for i, t := range texts {
		id := name + "." + itoa(i+1)
		d, err := estate.ParseDocument(id, []byte(t))
		if err != nil {
			return nil, c.Errorf("InvalidInput", "Invalid Input Policy %s: %s", id, badSyntax)
		}
		list = append(list, source{id: id, kind: "IAM Policy", document: d})
	}
	return list, nil
}

// A source is a policy that a simulation asks.
type source struct {
	id, kind string // as MatchedStatements name it
	document estate.Document
}

func named(list []source) []policy.Named {
	docs := make([]policy.Named, len(list))
	for i, s := range list {
		docs[i] = policy.Named{Name: s.id, Document: s.document.Document}
	}
	return docs
}
