package table

import (
	"encoding/json"
	"strings"
	"time"
)

// members are CloudTrail's names of what a row has, by plain names (CloudTrail User
// Guide, CloudTrail record contents and userIdentity element).
var members = func() map[string]string {
	by := map[string]string{}
	for _, name := range strings.Fields(`eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage requestParameters
		additionalEventData requestID eventID resources eventType recipientAccountId sharedEventID vpcEndpointId tlsDetails eventCategory
		type principalId arn accountId accessKeyId userName invokedBy sessionContext attributes mfaAuthenticated creationDate sessionIssuer sourceIdentity ec2RoleDelivery
		tlsVersion cipherSuite clientProvidedHostHeader`) {
		by[plain(name)] = name
	}
	return by
}()

// trail writes the row as a record of CloudTrail.
func (r Row) trail() string {
	out := map[string]any{}
	for column, value := range r {
		name := members[column]
		switch {
		case name == "eventTime":
			if at, ok := moment(value); ok {
				value = at.Format(time.RFC3339)
			}
			out[name] = value
		case name == "requestParameters" || name == "additionalEventData":
			out[name] = tree(value, func(s string) string { return s })
		case name == "userIdentity" || name == "tlsDetails":
			out[name] = tree(value, member)
		case name == "resources":
			out[name] = tree(value, resource)
		case name != "" && value != "-":
			out[name] = value
		}
	}
	r.flat(out)
	text, _ := json.Marshal(out) // of maps, lists and texts
	return string(text)
}

// flat takes in what a table has in columns of its own: the caller's name and key, in
// the download of the event history, and the parts of userIdentity and
// requestParameters that a query chose.
func (r Row) flat(out map[string]any) {
	within := func(name string) map[string]any {
		m, ok := out[name].(map[string]any)
		if !ok {
			m = map[string]any{}
			out[name] = m
		}
		return m
	}
	for column, value := range r {
		if part, ok := strings.CutPrefix(column, "useridentity"); ok && members[part] != "" && part != "" {
			within("userIdentity")[members[part]] = value
		}
	}
	if out["userIdentity"] == nil && r["username"]+r["awsaccesskey"] != "" {
		within("userIdentity")["userName"] = r["username"]
		within("userIdentity")["accessKeyId"] = r["awsaccesskey"]
	}
	if r["bucketname"] != "" {
		within("requestParameters")["bucketName"] = r["bucketname"]
	}
	if r["key"] != "" {
		within("requestParameters")["key"] = r["key"]
	}
	if out["requestParameters"] == nil && strings.Contains(r["resourcetype"], "AWS::S3::Bucket") {
		within("requestParameters")["bucketName"] = r["resourcename"]
	}
}

// member and resource give the names inside of structures their case back, which
// Athena and CloudTrail Lake take from them.
func member(name string) string {
	if known := members[plain(name)]; known != "" {
		return known
	}
	return name
}

func resource(name string) string {
	switch plain(name) {
	case "arn":
		return "ARN"
	case "arnprefix":
		return "ARNPrefix"
	}
	return member(name)
}
