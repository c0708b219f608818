package s3

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

// Beginnings of the headers that say how an object is encrypted, or the source of a copy.
const (
	sse     = "X-Amz-Server-Side-Encryption"
	copySSE = "X-Amz-Copy-Source-Server-Side-Encryption"
)

const needsKMS = "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms"

// newEncryption returns how a new object is encrypted: as the request asks, else
// as the bucket's default.
func (x *exchange) newEncryption() (*estate.Encryption, error) {
	if e, err := x.customerKey(sse); e != nil || err != nil {
		if err == nil && x.get(sse) != "" {
			err = invalidArgument("Server Side Encryption with Customer provided key is incompatible with the encryption method specified", "x-amz-server-side-encryption", x.get(sse))
		}
		return e, err
	}
	def := x.bucket.DefaultEncryption()
	region := x.bucket.RegionOrDefault()
	algorithm, key := x.get(sse), x.get(sse+"-Aws-Kms-Key-Id")
	switch algorithm {
	case "":
		if key != "" {
			return nil, invalidArgument(needsKMS, "x-amz-server-side-encryption", "null")
		}
		return defaultEncryption(x.estate, x.bucket), nil
	case "AES256":
		if key != "" {
			return nil, invalidArgument(needsKMS, "x-amz-server-side-encryption", algorithm)
		}
		return &estate.Encryption{Algorithm: algorithm}, nil
	case "aws:kms", "aws:kms:dsse":
		e := &estate.Encryption{Algorithm: algorithm, BucketKey: def.BucketKey}
		if v := x.get(sse + "-Bucket-Key-Enabled"); v != "" {
			e.BucketKey = strings.EqualFold(v, "true")
		}
		e.BucketKey = e.BucketKey && algorithm == "aws:kms" // DSSE-KMS has none
		switch {
		case key != "":
			e.Key = x.keyARN(key, x.account(), region)
		case isKMS(def.Algorithm) && def.Key != "":
			e.Key = x.keyARN(def.Key, x.bucket.Account, region)
		default:
			e.Key = x.keyARN("", x.account(), region)
		}
		return e, nil
	}
	return nil, invalidArgument("The encryption method specified is not supported", "x-amz-server-side-encryption", algorithm)
}

func isKMS(algorithm string) bool { return strings.HasPrefix(algorithm, "aws:kms") }

// keyARN resolves a key as a request or a bucket's default names it; "" is the
// AWS managed key.
func (x *exchange) keyARN(ref string, account iam.AccountID, region string) string {
	return x.estate.ResolveKey(ref, account, region).ARN
}

func invalidSecret() error {
	return invalidArgument("The secret key was invalid for the specified algorithm.", strings.ToLower(sse), "null")
}

// encrypts refuses the KMS keys that encrypt nothing of S3's: asymmetric and HMAC
// keys.
func (x *exchange) encrypts(e *estate.Encryption) error {
	if e == nil || e.Key == "" {
		return nil
	}
	ref := x.estate.ResolveKey(e.Key, x.account(), x.bucket.RegionOrDefault())
	if ref.Key == nil {
		return nil
	}
	k, _ := world.Keys.Get(x.s.World, ref.Account, world.KeyName(x.estate, ref.Key))
	if k.Spec == "" {
		return nil
	}
	return wire.NewError(http.StatusBadRequest, "KMS.InvalidKeyUsageException", e.Key+" has key spec "+k.Spec+", and S3 takes symmetric encryption keys alone.")
}

// customerKey reads the headers of SSE-C, nil where there are none. The key's MD5
// is kept, never the key. Its errors name another header than the one at fault, as
// S3's do.
func (x *exchange) customerKey(prefix string) (*estate.Encryption, error) {
	algorithm, key, sum := x.get(prefix+"-Customer-Algorithm"), x.get(prefix+"-Customer-Key"), x.get(prefix+"-Customer-Key-Md5")
	switch {
	case algorithm == "" && key == "" && sum == "":
		return nil, nil
	case algorithm == "":
		return nil, invalidArgument("Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
			strings.ToLower(sse), "null")
	case algorithm != "AES256":
		return nil, wire.NewError(http.StatusBadRequest, "InvalidEncryptionAlgorithmError",
			"The Encryption request you specified is not valid. Supported value: AES256.").With("ArgumentName", strings.ToLower(sse)).With("ArgumentValue", algorithm)
	case key == "":
		return nil, invalidArgument("Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
			strings.ToLower(sse), "null")
	}
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 32 || sum == "" {
		return nil, invalidSecret()
	}
	digest := md5.Sum(raw)
	if sent, err := base64.StdEncoding.DecodeString(sum); err != nil || string(sent) != string(digest[:]) {
		return nil, invalidArgument("The calculated MD5 hash of the key did not match the hash that was provided.", strings.ToLower(sse), "null")
	}
	return &estate.Encryption{Algorithm: "SSE-C", KeyMD5: sum}, nil
}
