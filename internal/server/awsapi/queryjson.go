package awsapi

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/why403/why403/internal/server/wire"
)

// wantsJSON reports whether the answer of a query protocol is to be JSON, as
// clients ask that hand on a presigned GetCallerIdentity (Vault, the authenticator
// of EKS). EC2 answers in XML alone.
func (c *Call) wantsJSON() bool {
	return c.s.model.protocol == query && strings.Contains(c.r.Header.Get("Accept"), "application/json")
}

// queryJSON is an answer in the form that AWS's query services give it.
func (c *Call) queryJSON(out reflect.Value) []byte {
	answer := map[string]any{"ResponseMetadata": map[string]string{"RequestId": c.IDs.Request}}
	if c.op.output != nil {
		answer[c.op.name+"Result"] = jsonOf(c.op.output, out)
	}
	body, _ := json.Marshal(map[string]any{c.op.name + "Response": answer}) // texts, numbers, lists and maps of them
	return body
}

func queryErrorJSON(e *wire.Error, requestID string) []byte {
	object := map[string]string{"Type": fault(e), "Code": e.Code, "Message": e.Message}
	for _, x := range e.Extra {
		object[x.Name] = x.Value
	}
	body, _ := json.Marshal(map[string]any{"Error": object, "RequestId": requestID}) // texts alone
	return body
}
