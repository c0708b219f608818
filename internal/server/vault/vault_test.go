package vault_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/why403/why403/internal/server/vault"
	"github.com/why403/why403/internal/store/embedded"
)

const (
	keyA = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	keyB = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
)

// open opens a vault over a data folder, and closes its store again.
func open(t *testing.T, dir string) *vault.Vault {
	t.Helper()
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, err := vault.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Ciphertexts outlive the process, and are worth nothing in another data folder.
func TestSecretIsKept(t *testing.T) {
	dir, plain, about := t.TempDir(), []byte("secret"), map[string]string{"purpose": "test"}
	blob := open(t, dir).Encrypt(keyA, plain, about)
	if got, err := open(t, dir).Decrypt(blob, about); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("after a restart: %q, %v", got, err)
	}
	if got, err := open(t, t.TempDir()).Decrypt(blob, about); !errors.Is(err, vault.ErrCiphertext) || got != nil {
		t.Errorf("another vault: %q, %v", got, err)
	}
}

// KMS Developer Guide, "Encryption context": the same pairs, in any order, and no others.
func TestEncryptionContext(t *testing.T) {
	v := open(t, t.TempDir())
	blob := v.Encrypt(keyA, []byte("secret"), map[string]string{"a": "1", "b": "2"})
	if arn, err := vault.KeyOf(blob); err != nil || arn != keyA {
		t.Errorf("KeyOf: %q, %v", arn, err)
	}
	for _, c := range []struct {
		name    string
		context map[string]string
		ok      bool
	}{
		{"the same", map[string]string{"b": "2", "a": "1"}, true},
		{"none", nil, false},
		{"another value", map[string]string{"a": "1", "b": "3"}, false},
		{"a pair less", map[string]string{"a": "1"}, false},
		{"a pair more", map[string]string{"a": "1", "b": "2", "c": ""}, false},
		{"moved bytes", map[string]string{"a": "1b", "2": ""}, false},
	} {
		if got, err := v.Decrypt(blob, c.context); (err == nil) != c.ok || c.ok && string(got) != "secret" {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// Each key has its own material, and the ARN within a ciphertext cannot be exchanged.
func TestKeysDiffer(t *testing.T) {
	v := open(t, t.TempDir())
	sealed := v.Key(keyA).Seal(nil, []byte("x"), nil)
	if _, err := v.Key(keyB).Open(nil, sealed, nil); !errors.Is(err, vault.ErrCiphertext) {
		t.Errorf("another key opens: %v", err)
	}
	if got, err := v.Key(keyA).Open([]byte("pre"), sealed, nil); err != nil || string(got) != "prex" {
		t.Errorf("%q, %v", got, err)
	}
	blob := bytes.Replace(v.Encrypt(keyA, []byte("x"), nil), []byte(keyA), []byte(keyB), 1)
	if _, err := v.Decrypt(blob, nil); !errors.Is(err, vault.ErrCiphertext) {
		t.Errorf("with an exchanged ARN: %v", err)
	}
	if _, err := vault.Derived([]byte("secret"), "a").Open(nil, vault.Derived([]byte("secret"), "b").Seal(nil, nil, nil), nil); err == nil {
		t.Error("purposes share a key")
	}
}

// More keys than are remembered are the same keys still.
func TestManyKeys(t *testing.T) {
	v := open(t, t.TempDir())
	sealed := v.Key(keyA).Seal(nil, []byte("x"), nil)
	for i := range 5000 {
		v.Key(string(rune('a' + i)))
	}
	if _, err := v.Key(keyA).Open(nil, sealed, nil); err != nil {
		t.Error(err)
	}
}

// No change of a ciphertext goes unseen.
func FuzzDecrypt(f *testing.F) {
	s, err := embedded.Open(f.TempDir(), embedded.Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	v, err := vault.Open(context.Background(), s)
	if err != nil {
		f.Fatal(err)
	}
	blob := v.Encrypt(keyA, []byte("secret"), nil)
	f.Add([]byte{})
	f.Add([]byte{1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Add(blob[:len(blob)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := v.Decrypt(b, nil); err == nil && !bytes.Equal(b, blob) {
			t.Errorf("%x decrypts to %q", b, plain)
		}
	})
}
