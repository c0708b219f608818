package redact

import (
	"strings"

	"github.com/why403/why403/internal/iamdata"
)

// families are the condition keys that go on with a name: of a tag, or of a pair of an
// encryption context.
var families = []string{"aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/", "s3:ExistingObjectTag/", "s3:RequestObjectTag/", "s3:BucketTag/", "s3:AccessPointTag/",
	"iam:ResourceTag/", "kms:EncryptionContext:"}

// key replaces what names something in a condition key: a tag, or the host of an
// identity provider.
func (r *Redactor) key(name string) string {
	for _, family := range families {
		if len(name) > len(family) && strings.EqualFold(name[:len(family)], family) {
			return name[:len(family)] + r.tag(name[len(family):])
		}
	}
	if host, rest, ok := strings.Cut(name, ":"); ok && strings.Contains(host, ".") {
		return r.Text(host) + ":" + rest
	}
	return name
}

// tag replaces the key of a tag. Those of AWS begin with aws:.
func (r *Redactor) tag(name string) string {
	if strings.HasPrefix(strings.ToLower(name), "aws:") {
		return name
	}
	return r.Text(name)
}

// plainKeys are the condition keys whose values are AWS's own words.
var plainKeys = set(`aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType aws:RequestedRegion
	s3:authType s3:signatureversion s3:x-amz-acl s3:x-amz-content-sha256 s3:x-amz-storage-class s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-customer-algorithm
	s3:x-amz-metadata-directive s3:x-amz-object-ownership s3:object-lock-mode s3:object-lock-legal-hold s3:object-lock-retain-until-date s3:LocationConstraint s3:delimiter
	s3:AccessPointNetworkOrigin s3:InventoryAccessibleOptionalFields kms:ViaService kms:GrantOperations kms:EncryptionAlgorithm kms:KeySpec kms:KeyUsage kms:KeyOrigin
	kms:CustomerMasterKeySpec kms:CustomerMasterKeyUsage kms:MessageType`)

// value replaces a value of a condition key, or a pattern for one.
func (r *Redactor) value(key, text string) string {
	small := strings.ToLower(key)
	if info, ok := iamdata.ConditionKey(key); ok && plainTypes[strings.ToLower(info.Type)] {
		return text
	}
	switch {
	case plainKeys[small]:
		return text
	case small == "aws:sourceip" || small == "aws:vpcsourceip":
		return r.address(text)
	case small == "aws:tagkeys" || small == "s3:requestobjecttagkeys" || small == "kms:encryptioncontextkeys":
		return r.tag(text)
	case strings.HasPrefix(small, "s3:x-amz-grant-"):
		return r.grants(text)
	case strings.HasSuffix(small, "kms-key-id") || small == "kms:requestalias" || small == "kms:resourcealiases":
		return r.keyReference(text)
	}
	return r.Text(text)
}

var plainTypes = set("bool numeric date arrayofbool arrayofnumeric arrayofdate")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		out[word] = true
	}
	return out
}

// keyReference replaces what names a KMS key: its ARN, id or alias.
func (r *Redactor) keyReference(text string) string {
	switch alias, ok := strings.CutPrefix(text, "alias/"); {
	case ok && strings.HasPrefix(alias, "aws/"):
		return text
	case ok:
		return "alias/" + r.Text(alias)
	}
	return r.Text(text)
}

// grants replaces the grantees in the value of a header x-amz-grant-…: id="…".
func (r *Redactor) grants(text string) string {
	parts := strings.Split(text, ",")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		if value != "" {
			parts[i] = name + "=" + r.Text(value)
		}
	}
	return strings.Join(parts, ",")
}
