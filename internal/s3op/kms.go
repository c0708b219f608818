package s3op

import (
	"strings"

	"github.com/why403/why403/request"
)

// The KMS permissions of the table. S3 asks KMS in the caller's name (S3 User
// Guide, Using server-side encryption with AWS KMS keys, permissions).
var (
	generateDataKey = ConditionalKMS{KMSNeed: KMSNeed{Action: "kms:GenerateDataKey", New: true}}
	decryptUpload   = ConditionalKMS{KMSNeed: KMSNeed{Action: "kms:Decrypt", New: true}}
	decryptSource   = ConditionalKMS{KMSNeed: KMSNeed{Action: "kms:Decrypt", Half: Source}}

	decryptForChecksum = ConditionalKMS{
		KMSNeed: KMSNeed{Action: "kms:Decrypt"}, When: "`x-amz-checksum-mode: ENABLED` is sent",
		needed: func(c *call) bool {
			v, _ := c.header("x-amz-checksum-mode")
			return strings.EqualFold(v, "ENABLED")
		},
	}

	// reEncrypt is what UpdateObjectEncryption needs. Its page asks for
	// kms:ReEncrypt*: From on the key that is left, To on the new one.
	reEncrypt = []ConditionalKMS{
		decryptStored(""),
		{KMSNeed: KMSNeed{Action: "kms:Encrypt", New: true}},
		{KMSNeed: KMSNeed{Action: "kms:GenerateDataKey", New: true}},
		{KMSNeed: KMSNeed{Action: "kms:ReEncryptFrom"}},
		{KMSNeed: KMSNeed{Action: "kms:ReEncryptTo", New: true}},
	}
)

func decryptStored(when string) ConditionalKMS {
	return ConditionalKMS{KMSNeed: KMSNeed{Action: "kms:Decrypt"}, When: when}
}

// KMS returns the KMS permissions that the request needs on the keys that the data
// is encrypted under: those of the source first. Whether there is such a key is for
// the caller to find; an operation that touches no data (deletes, listings, tags,
// ACLs, a plain HEAD) has none. f may be nil.
func (s *Spec) KMS(r *request.Request, f *Facts) []KMSNeed { return newCall(s, r, f).kms() }

func (c *call) kms() []KMSNeed {
	s := c.spec
	if len(s.KMSNeeds) == 0 {
		return nil
	}
	needs := c.needs
	for i := range s.KMSNeeds {
		if k := &s.KMSNeeds[i]; k.needed == nil || k.needed(c) {
			needs = append(needs, k.KMSNeed)
		}
	}
	return needs
}
