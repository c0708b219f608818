package vault

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/why403/why403/internal/store"
)

// rootRef is the document that holds the root secret.
var rootRef = store.Ref{Kind: "vault", Name: "root"}

// secretSize is that of the root secret, and of all keys: those of AES-256.
const secretSize = 32

// keepKeys bounds how many derived keys are remembered. More cost a derivation a use.
const keepKeys = 4096

// A Vault derives keys. Its methods may be called from any goroutine.
type Vault struct {
	root []byte

	mu   sync.RWMutex
	keys map[string]*Key
}

type rootDocument struct {
	Secret []byte `json:"secret"`
}

// Open reads the root secret of a store, or makes it where there is none yet.
func Open(ctx context.Context, s store.State) (*Vault, error) {
	var root rootDocument
	err := s.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Document(rootRef)
		if err == nil {
			return json.Unmarshal(d.Body, &root)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		root.Secret = NewDataKey()
		body, err := json.Marshal(root)
		if err != nil {
			return err
		}
		return tx.PutDocument(rootRef, body)
	})
	if err == nil && len(root.Secret) != secretSize {
		err = fmt.Errorf("the secret has %d bytes, want %d", len(root.Secret), secretSize)
	}
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	return &Vault{root: root.Secret, keys: map[string]*Key{}}, nil
}

// NewDataKey returns 32 random bytes.
func NewDataKey() []byte {
	b := make([]byte, secretSize)
	rand.Read(b) // never fails
	return b
}

// Key returns the key of that name: the ARN of a KMS key, or "SERVICE/PURPOSE" for one that a service has for itself.
func (v *Vault) Key(name string) *Key {
	v.mu.RLock()
	k := v.keys[name]
	v.mu.RUnlock()
	if k != nil {
		return k
	}
	k = derive(v.root, "why403 key "+name)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.keys) >= keepKeys {
		clear(v.keys)
	}
	v.keys[name] = k
	return k
}

func derive(secret []byte, info string) *Key {
	material, err := hkdf.Key(sha256.New, secret, nil, info, secretSize)
	if err != nil {
		panic(err) // lengths are ours
	}
	return newKey(material)
}

// Derived returns the key that somebody else's secret makes, such as the customer's key of SSE-C, for one purpose.
func Derived(secret []byte, purpose string) *Key { return derive(secret, "why403 derived "+purpose) }
