package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"net/http"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/minio/crc64nvme"
	"github.com/zeebo/xxh3"

	"github.com/why403/why403/internal/server/wire"
)

// An algorithm is one of S3's checksums: "Checking object integrity in Amazon S3".
type algorithm struct {
	name   string // as in x-amz-checksum-algorithm
	header string
	size   int
	make   func() hash.Hash

	polynomial uint64 // of a CRC, reflected; 0 for what is none
}

// The checksum types.
const (
	composite  = "COMPOSITE"
	fullObject = "FULL_OBJECT"
)

// noComposite reports whether multipart uploads have this checksum of the whole
// object only.
func (a *algorithm) noComposite() bool { return a.name == "CRC64NVME" }

const unsupportedAlgorithm = "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128]"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const nvmePolynomial = 0x9a6c9329ac4bc9b5

var algorithms = []algorithm{
	{"CRC32", "X-Amz-Checksum-Crc32", 4, func() hash.Hash { return crc32.NewIEEE() }, crc32.IEEE},
	{"CRC32C", "X-Amz-Checksum-Crc32c", 4, func() hash.Hash { return crc32.New(castagnoli) }, crc32.Castagnoli},
	{"CRC64NVME", "X-Amz-Checksum-Crc64nvme", 8, func() hash.Hash { return crc64nvme.New() }, nvmePolynomial},
	{"SHA1", "X-Amz-Checksum-Sha1", sha1.Size, sha1.New, 0},
	{"SHA256", "X-Amz-Checksum-Sha256", sha256.Size, sha256.New, 0},
	{"SHA512", "X-Amz-Checksum-Sha512", sha512.Size, sha512.New, 0},
	{"MD5", "X-Amz-Checksum-Md5", md5.Size, md5.New, 0},
	{"XXHASH64", "X-Amz-Checksum-Xxhash64", 8, func() hash.Hash { return xxhash.New() }, 0},
	{"XXHASH3", "X-Amz-Checksum-Xxhash3", 8, func() hash.Hash { return xxh3.New() }, 0},
	{"XXHASH128", "X-Amz-Checksum-Xxhash128", 16, func() hash.Hash { return xxh3.New128() }, 0},
}

// checksumHeaders are ends of header names that begin as those of checksums do.
var checksumHeaders = []string{"Algorithm", "Mode", "Type"}

func algorithmOf(name string) *algorithm {
	for i := range algorithms {
		if strings.EqualFold(algorithms[i].name, name) {
			return &algorithms[i]
		}
	}
	return nil
}

// checksums verify the checksum that comes with a body.
type checksums struct {
	algorithm *algorithm // nil: none is computed
	hash      hash.Hash
	sent      string // in the header; "" for none
	trailing  bool   // it comes behind the body
}

// newChecksums reads which checksum the request brings. Where it brings none and
// always is set, it is S3's own CRC64NVME.
func (x *exchange) newChecksums(always bool) (*checksums, error) {
	c := &checksums{}
	for i := range algorithms {
		a := &algorithms[i]
		values, ok := x.r.Header[a.header]
		if !ok {
			continue
		}
		v := values[0]
		if c.algorithm != nil {
			return nil, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		c.algorithm, c.sent = a, v
		if !a.valid(v) {
			return nil, invalidRequest("Value for " + strings.ToLower(a.header) + " header is invalid.")
		}
	}
	for name := range x.r.Header {
		if kind, ok := strings.CutPrefix(name, "X-Amz-Checksum-"); ok && !slices.Contains(checksumHeaders, kind) && algorithmOf(kind) == nil {
			return nil, invalidRequest("The algorithm type you specified in x-amz-checksum- header is invalid.")
		}
	}
	if err := c.announced(x); err != nil {
		return nil, err
	}
	if c.algorithm == nil && always {
		c.algorithm = algorithmOf("CRC64NVME")
	}
	if c.algorithm != nil {
		c.hash = c.algorithm.make()
	}
	return c, nil
}

// announced looks for a checksum in the trailer.
func (c *checksums) announced(x *exchange) error {
	trailer := strings.TrimSpace(x.r.Header.Get("X-Amz-Trailer"))
	if c.algorithm == nil && trailer != "" && x.auth.Streaming() {
		for i := range algorithms {
			if strings.EqualFold(algorithms[i].header, trailer) {
				c.algorithm, c.trailing = &algorithms[i], true
				return nil
			}
		}
		return invalidRequest("The value specified in the x-amz-trailer header is not supported")
	}
	name := x.r.Header.Get("X-Amz-Sdk-Checksum-Algorithm")
	if name == "" {
		return nil
	}
	if algorithmOf(name) == nil {
		return invalidRequest(unsupportedAlgorithm)
	}
	if c.algorithm == nil {
		return invalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
	}
	return nil
}

func (a *algorithm) valid(v string) bool {
	b, err := base64.StdEncoding.DecodeString(v)
	return err == nil && len(b) == a.size
}

// value returns the checksum of what was hashed.
func (c *checksums) value() string { return base64.StdEncoding.EncodeToString(c.hash.Sum(nil)) }

// verify compares what was hashed with what was sent; trailer is that of the body.
func (c *checksums) verify(trailer http.Header) error {
	want := c.sent
	if c.trailing {
		if want = trailer.Get(c.algorithm.header); !c.algorithm.valid(want) {
			return invalidRequest("Value for " + strings.ToLower(c.algorithm.header) + " trailing header is invalid.")
		}
	}
	if want != "" && want != c.value() {
		return wire.NewError(http.StatusBadRequest, "BadDigest", "The "+c.algorithm.name+" you specified did not match the calculated checksum.")
	}
	return nil
}

// checksumsXML are checksums as answers and the list of parts have them.
type checksumsXML struct {
	ChecksumCRC32     string `xml:",omitempty"`
	ChecksumCRC32C    string `xml:",omitempty"`
	ChecksumCRC64NVME string `xml:",omitempty"`
	ChecksumSHA1      string `xml:",omitempty"`
	ChecksumSHA256    string `xml:",omitempty"`
	ChecksumSHA512    string `xml:",omitempty"`
	ChecksumMD5       string `xml:",omitempty"`
	ChecksumXXHASH64  string `xml:",omitempty"`
	ChecksumXXHASH3   string `xml:",omitempty"`
	ChecksumXXHASH128 string `xml:",omitempty"`
}

func shownChecksums(m map[string]string) checksumsXML {
	return checksumsXML{m["CRC32"], m["CRC32C"], m["CRC64NVME"], m["SHA1"], m["SHA256"],
		m["SHA512"], m["MD5"], m["XXHASH64"], m["XXHASH3"], m["XXHASH128"]}
}

// byAlgorithm is the reverse of shownChecksums.
func (c checksumsXML) byAlgorithm() map[string]string {
	m := map[string]string{}
	for name, v := range map[string]string{"CRC32": c.ChecksumCRC32, "CRC32C": c.ChecksumCRC32C, "CRC64NVME": c.ChecksumCRC64NVME,
		"SHA1": c.ChecksumSHA1, "SHA256": c.ChecksumSHA256, "SHA512": c.ChecksumSHA512, "MD5": c.ChecksumMD5,
		"XXHASH64": c.ChecksumXXHASH64, "XXHASH3": c.ChecksumXXHASH3, "XXHASH128": c.ChecksumXXHASH128} {
		if v != "" {
			m[name] = v
		}
	}
	return m
}
