package cli

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/render"
)

// fewKeys is how many access keys are listed.
const fewKeys = 12

// newEstate returns an estate of one account, with an administrator that has a
// new access key.
func newEstate() []byte {
	var random [10 + 30]byte
	rand.Read(random[:]) // never fails
	return fmt.Appendf(nil, `version: 1
accounts:
  "111122223333":
    users:
      admin:
        attached: ["arn:aws:iam::aws:policy/AdministratorAccess"]
        accessKeys: {AKIA%s: {secret: %q}}
`, base32.StdEncoding.EncodeToString(random[:10]), base64.StdEncoding.EncodeToString(random[10:]))
}

// writeKeys lists the active access keys of an estate, with their secrets only
// where they are to be revealed. Then come the canonical user ids of their accounts,
// which ACLs name, and the settings of test suites.
func writeKeys(b *strings.Builder, e *estate.Estate, reveal bool) {
	keys := activeKeys(e)
	if len(keys) > 0 && !reveal {
		b.WriteByte('\n')
	}
	for i, k := range keys {
		switch {
		case reveal:
			if i == 0 || k.account != keys[i-1].account {
				fmt.Fprintf(b, "\n  # account %s, canonical user id %s\n", k.account.ID, k.account.Canonical())
			}
			fmt.Fprintf(b, "\n  # %s\n  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n", render.Clean(k.principal), shellWord(k.id), shellWord(k.secret))
		case i == fewKeys:
			fmt.Fprintf(b, "  # and %d more access keys\n", len(keys)-i)
		case i < fewKeys:
			fmt.Fprintf(b, "  # AWS_ACCESS_KEY_ID=%s is %s\n", shellWord(k.id), render.Clean(k.principal))
		}
	}
	switch {
	case len(keys) == 0:
		b.WriteString("\n  # the estate holds no access key: give a user accessKeys: {AKIA...: {secret: ...}} to sign requests\n")
	case !reveal:
		b.WriteString("  # their secrets are in the estate; --show-keys prints them\n")
	}
}

type activeKey struct {
	principal, id, secret string
	account               *estate.Account
}

// activeKeys are those of users, then of the root users, account by account.
func activeKeys(e *estate.Estate) []activeKey {
	var list []activeKey
	add := func(keys map[string]*estate.AccessKey) {
		for _, id := range sortedKeys(keys) {
			if holder, ok := e.AccessKey(id); ok && holder.Key.IsActive() {
				list = append(list, activeKey{holder.Principal, id, holder.Key.Secret, holder.Account})
			}
		}
	}
	for _, id := range sortedKeys(e.Accounts) {
		a := e.Accounts[id]
		for _, name := range sortedKeys(a.Users) {
			add(a.Users[name].AccessKeys)
		}
		if a.Root != nil {
			add(a.Root.AccessKeys)
		}
	}
	return list
}

// shellWord quotes a word as a shell takes it.
func shellWord(s string) string { return strings.TrimPrefix(command(s), "why403 ") }
