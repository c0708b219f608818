package s3

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/request"
)

// checkEncryption is what PutBucketEncryption refuses. S3 does not look for the
// key: "Amazon S3 doesn't validate the KMS key ID provided in PutBucketEncryption
// requests" (API Reference).
func checkEncryption(_ *exchange, d *document.Element) error {
	def := d.Find("Rule", "ApplyServerSideEncryptionByDefault")
	switch key := def.Child("KMSMasterKeyID"); {
	case key != nil && !isKMS(def.Get("SSEAlgorithm")):
		return invalidParameter("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
			"ApplyServerSideEncryptionByDefault")
	case key != nil && strings.TrimSpace(key.Text) == "":
		return malformedXML()
	}
	blocked := d.Find("Rule", "BlockedEncryptionTypes").Texts("EncryptionType")
	if len(blocked) > 1 && slices.Contains(blocked, "NONE") {
		return malformedXML()
	}
	return nil
}

func encryptionOf(d *document.Element) *estate.Encryption {
	def := d.Find("Rule", "ApplyServerSideEncryptionByDefault")
	e := &estate.Encryption{Algorithm: def.Get("SSEAlgorithm"), Key: strings.TrimSpace(def.Get("KMSMasterKeyID")),
		BucketKey: d.Get("Rule", "BucketKeyEnabled") == "true"}
	if e.Algorithm == "" {
		e.Algorithm = "AES256"
	}
	if blocked := d.Find("Rule", "BlockedEncryptionTypes"); blocked != nil {
		list := slices.DeleteFunc(blocked.Texts("EncryptionType"), func(t string) bool { return t == "NONE" })
		list = append([]string{}, list...)
		e.Blocked = &list
	}
	return e
}

func encryptionBody(d *document.Element) *request.Body {
	return &request.Body{Encryption: encryptionOf(d)}
}

// keepEncryption sets the default; deleting it leaves SSE-S3. Which types are
// blocked stays as it was where the document does not say: the page of
// BlockedEncryptionTypes has it as a setting of its own.
func keepEncryption(b *estate.Bucket, d *document.Element) {
	e := encryptionOf(d)
	if e.Blocked == nil && b.Encryption != nil {
		e.Blocked = b.Encryption.Blocked
	}
	b.Encryption = e
}

func showEncryption(x *exchange) *document.Element {
	e := x.bucket.DefaultEncryption()
	d := document.New(encryptionSchema.Name())
	rule := d.Add("Rule", "")
	def := rule.Add("ApplyServerSideEncryptionByDefault", "")
	def.Add("SSEAlgorithm", e.Algorithm)
	if e.Key != "" {
		def.Add("KMSMasterKeyID", e.Key)
	}
	rule.Add("BucketKeyEnabled", map[bool]string{true: "true", false: "false"}[e.BucketKey])
	blocked := rule.Add("BlockedEncryptionTypes", "")
	for _, t := range *e.Blocked {
		blocked.Add("EncryptionType", t)
	}
	if len(*e.Blocked) == 0 {
		blocked.Add("EncryptionType", "NONE")
	}
	return d
}

func keepRequestPayment(b *estate.Bucket, d *document.Element) { b.RequestPayer = d.Get("Payer") }

func showRequestPayment(x *exchange) *document.Element {
	d := document.New(requestPaymentSchema.Name())
	payer := x.bucket.RequestPayer
	if payer == "" {
		payer = "BucketOwner"
	}
	d.Add("Payer", payer)
	return d
}

func keepABAC(b *estate.Bucket, d *document.Element) { b.ABAC = d.Get("Status") }

func showABAC(x *exchange) *document.Element {
	d := document.New(abacSchema.Name())
	status := x.bucket.ABAC
	if status == "" {
		status = "Disabled"
	}
	d.Add("Status", status)
	return d
}

func checkAccelerate(_ *exchange, d *document.Element) error {
	if !d.Has("Status") {
		return malformedXML()
	}
	return nil
}

// noAcceleration follows "Requirements for using Amazon S3 Transfer Acceleration".
func noAcceleration(x *exchange) error {
	if strings.Contains(x.bucketName, ".") {
		return invalidRequest("S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
	}
	return nil
}
