package awsapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/report"
)

// messageKey is the key of the vault that encoded authorization messages are
// sealed with.
const messageKey = "sts/authorization-message"

// maxMessage is the most that a message holds decoded.
const maxMessage = 10240

// encodeMessage makes the encoded authorization message of a refusal, which
// [Call.DecodeMessage] opens: DecodeAuthorizationMessage in the STS API Reference.
func (c *Call) encodeMessage(check Check, d *report.Decision) string {
	type item struct {
		Key    string `json:"key"`
		Values any    `json:"values"`
	}
	values := func(name, v string) item {
		return item{name, map[string]any{"items": []map[string]string{{"value": v}}}}
	}
	conditions := []item{values("aws:Region", c.Region), values("aws:Resource", check.Resource), values("aws:Service", c.Service()), values("aws:Account", string(c.AccountID()))}
	message := map[string]any{
		"allowed": false, "explicitDeny": d.Cause != nil && d.Cause.Kind == iam.KindExplicitDeny,
		"matchedStatements": matchedStatements(d), "failures": map[string]any{"items": []any{}},
		"context": map[string]any{
			"principal": map[string]string{"name": c.Principal().Name, "arn": c.Caller.ARN},
			"action":    check.Action, "resource": check.Resource, "conditions": map[string]any{"items": conditions},
		},
		"requestId": c.IDs.Request,
	}
	text, _ := json.Marshal(message) // texts and lists of them
	return base64.RawURLEncoding.EncodeToString(c.s.World.Vault().Key(messageKey).Seal(nil, text, nil))
}

func matchedStatements(d *report.Decision) map[string]any {
	items := []any{}
	if d.Cause != nil && d.Cause.Statement != nil {
		items = append(items, map[string]any{"statementId": d.Cause.Statement.Sid, "effect": "DENY", "sourcePolicyId": d.Cause.Policy})
	}
	return map[string]any{"items": items}
}

// DecodeMessage opens an encoded authorization message.
func (c *Call) DecodeMessage(encoded string) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(sealed) > maxMessage {
		return "", errors.New("no encoded authorization message")
	}
	text, err := c.s.World.Vault().Key(messageKey).Open(nil, sealed, nil)
	return string(text), err
}
