package redact

import (
	"bytes"
	"crypto/rand"
	"fmt"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
)

// A Redactor replaces names by pseudonyms. The same secret gives the same pseudonyms,
// as long as the patterns are the same. It is for one goroutine.
type Redactor struct {
	secret      []byte
	plainReason func(string) bool

	learning   bool
	unsettled  bool // patterns were learned since words were last cut
	salt       int  // of the spelling
	letterwise bool // each letter is spelled by itself

	words     map[string]bool    // small, that were met while learning
	fragments map[fragment][]int // of patterns, with where they are cut
	alphabets map[string][]rune
	names     map[string]string // pseudonym -> name
}

// New returns a Redactor. plain tells reasons for something unknown that name nothing;
// nil for none.
func New(secret []byte, plain func(string) bool) *Redactor {
	return &Redactor{secret: secret, plainReason: plain, words: map[string]bool{}, fragments: map[fragment][]int{}, alphabets: map[string][]rune{}, names: map[string]string{}}
}

// Secret is one that nobody knows.
func Secret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return secret
}

// Names are the names that were replaced, by their pseudonyms.
func (r *Redactor) Names() map[string]string { return r.names }

func (r *Redactor) note(pseudonym, name string) {
	if !r.learning {
		r.names[pseudonym] = name
	}
}

// learned notes the words and patterns of an estate or a request.
func (r *Redactor) learned(n *node.Node) {
	r.learning = true
	r.object(n)
	r.learning, r.unsettled = false, true
}

// Estate returns the estate with pseudonyms for names, and without secrets.
func (r *Redactor) Estate(e *estate.Estate) (*estate.Estate, error) {
	n, err := tree(e)
	if err != nil {
		return nil, err
	}
	r.learned(n)
	r.settle()
	out, err := estate.Parse("estate.yaml", node.AppendYAML(nil, r.object(n), 0))
	if err != nil {
		return nil, fmt.Errorf("what is left without names is no estate: %w", err)
	}
	return out, nil
}

// tree is an estate as nodes, with the ids that are else derived from names.
func tree(e *estate.Estate) (*node.Node, error) {
	var text bytes.Buffer
	if err := e.Encode(&text); err != nil {
		return nil, err
	}
	n, err := node.ParseYAML("estate.yaml", text.Bytes())
	if err != nil {
		return nil, err
	}
	accounts := n.Get("accounts")
	if accounts == nil {
		return n, nil
	}
	for _, m := range accounts.Members {
		state(m.Value, e.Accounts[iam.AccountID(m.Name)])
	}
	return n, nil
}

// state writes the ids of an account out.
func state(n *node.Node, a *estate.Account) {
	set := func(n *node.Node, name, value string) {
		if n.Kind == node.Object && n.Get(name) == nil {
			n.Put(name, node.Text(value))
		}
	}
	set(n, "canonicalId", a.Canonical())
	each := func(n *node.Node, f func(string, *node.Node)) {
		if n != nil {
			for _, m := range n.Members {
				f(m.Name, m.Value)
			}
		}
	}
	each(n.Get("users"), func(name string, n *node.Node) {
		if u := a.Users[name]; !unread(u.Unknown, "id") {
			set(n, "id", u.UniqueID(a.ID, name))
		}
	})
	each(n.Get("roles"), func(name string, n *node.Node) {
		if r := a.Roles[name]; !unread(r.Unknown, "id") {
			set(n, "id", r.UniqueID(a.ID, name))
		}
	})
	each(n.Get("accessPoints"), func(name string, n *node.Node) { set(n, "alias", a.AccessPoints[name].Alias) })
	each(n.Get("buckets"), func(bucket string, n *node.Node) {
		each(n.Get("accessPoints"), func(name string, n *node.Node) { set(n, "alias", a.Buckets[bucket].AccessPoints[name].Alias) })
	})
}

func unread(u estate.Unknowns, what string) bool {
	_, listed := u.Why(what)
	return listed
}
