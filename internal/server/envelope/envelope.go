package envelope

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/minio/sio"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/vault"
)

// Names of the endpoint's own keys.
const (
	ownKey   = "s3/SSE-S3"
	outerKey = "s3/DSSE-KMS outer layer"
)

// An Envelope seals and opens the bytes of one object.
type Envelope struct {
	keys []*vault.Key // of the layers, innermost first
	name []byte
	md5  bool
}

// For returns the envelope of an object that is encrypted as e says; nil is SSE-S3. customer is the key of SSE-C.
func For(v *vault.Vault, bucket, key string, e *estate.Encryption, customer []byte) *Envelope {
	n := &Envelope{name: nameOf(bucket, key)}
	switch {
	case e == nil || e.Algorithm == "" || e.Algorithm == "AES256":
		n.keys, n.md5 = []*vault.Key{v.Key(ownKey)}, true
	case e.Algorithm == "SSE-C":
		n.keys = []*vault.Key{vault.Derived(customer, "s3/SSE-C")}
	case e.Algorithm == "aws:kms:dsse":
		n.keys = []*vault.Key{v.Key(e.Key), v.Key(outerKey)}
	case strings.HasPrefix(e.Algorithm, "aws:kms"):
		n.keys = []*vault.Key{v.Key(e.Key)}
	default:
		panic("envelope: no such encryption: " + e.Algorithm) // requests were checked
	}
	return n
}

// nameOf is what the data keys of an object are bound to, the number of the part apart.
func nameOf(bucket, key string) []byte {
	name := make([]byte, 0, 16+len(bucket)+len(key)) // with room for bound
	for _, s := range []string{bucket, key} {
		name = append(binary.BigEndian.AppendUint32(name, uint32(len(s))), s...)
	}
	return name
}

// WithContext binds the data keys to an encryption context of the client's, too.
func (n *Envelope) WithContext(context map[string]string) *Envelope {
	n.name = append(n.name, vault.Context(context)...)
	return n
}

// bound is the name of one part; 0 is an object in one piece.
func (n *Envelope) bound(part int) []byte {
	return binary.BigEndian.AppendUint32(n.name[:len(n.name):len(n.name)], uint32(part))
}

// A head is the version of the format, the number of layers, and their data keys.
const (
	version    = 1
	dataKey    = 32
	sealedSize = dataKey + vault.Overhead
)

func headSize(layers int) int { return 2 + layers*sealedSize }

// ErrDamaged says that bytes are not what was sealed.
var ErrDamaged = errors.New("the stored bytes are damaged, or not this object's")

// newHead makes data keys.
func (n *Envelope) newHead(part int) (head []byte, keys [][]byte) {
	head = make([]byte, 2, headSize(len(n.keys)))
	head[0], head[1] = version, byte(len(n.keys))
	bound := n.bound(part)
	for _, k := range n.keys {
		data := vault.NewDataKey()
		head, keys = k.Seal(head, data, bound), append(keys, data)
	}
	return head, keys
}

// openHead is the reverse of newHead.
func (n *Envelope) openHead(head []byte, part int) (keys [][]byte, err error) {
	if len(head) != headSize(len(n.keys)) || head[0] != version || int(head[1]) != len(n.keys) {
		return nil, ErrDamaged
	}
	bound, rest := n.bound(part), head[2:]
	for _, k := range n.keys {
		data, err := k.Open(nil, rest[:sealedSize], bound)
		if err != nil {
			return nil, ErrDamaged
		}
		keys, rest = append(keys, data), rest[sealedSize:]
	}
	return keys, nil
}

const (
	packagePlain  = 64 << 10
	packageStored = packagePlain + packageOverhead

	packageOverhead = 32
)

// sealedSizeOf is the size of the ciphertext of so many bytes in one layer.
func sealedSizeOf(plain int64) int64 {
	return plain + (plain+packagePlain-1)/packagePlain*packageOverhead
}

// storedSize is the size of the envelope of so many bytes.
func (n *Envelope) storedSize(plain int64) int64 {
	if plain == 0 {
		return 0
	}
	for range n.keys {
		plain = sealedSizeOf(plain)
	}
	return plain + int64(headSize(len(n.keys)))
}

func config(key []byte, first uint32) sio.Config {
	return sio.Config{MinVersion: sio.Version20, MaxVersion: sio.Version20, CipherSuites: []byte{sio.AES_256_GCM}, Key: key, SequenceNumber: first}
}
