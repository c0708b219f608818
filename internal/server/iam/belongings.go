package iam

import (
	"slices"
	"time"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// belongings are the credentials of a user that nothing here is signed with: they are
// kept for those who ask.
type belongings struct {
	SSHKeys      []*belonging `json:"sshKeys,omitempty"`
	Certificates []*belonging `json:"certificates,omitempty"`
	Services     []*belonging `json:"services,omitempty"`
}

// A belonging is an SSH public key, a signing certificate or a service-specific
// credential.
type belonging struct {
	ID       string    `json:"id"`
	Body     string    `json:"body,omitempty"`
	Print    string    `json:"print,omitempty"`   // fingerprint of an SSH public key
	Service  string    `json:"service,omitempty"` // of a service-specific credential
	User     string    `json:"user,omitempty"`
	Inactive bool      `json:"inactive,omitempty"`
	Created  time.Time `json:"created,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
}

// owned are the belongings by user; "" is the root user.
var owned = world.NewKind[belongings]("user-credentials")

// ownerOf is the name of the user whose belongings a call is about.
func ownerOf(c *awsapi.Call, v world.View, given *string) (string, error) {
	if forRoot(c, given) {
		return "", nil
	}
	name, err := userName(c, given)
	if err != nil {
		return "", err
	}
	_, found, ok := world.Users.Find(v, c.AccountID(), name)
	if !ok {
		return "", noSuchEntity(c, "user", name)
	}
	return found, nil
}

func belongingsOf(c *awsapi.Call, given *string) (name string, b belongings, err error) {
	if name, err = ownerOf(c, c.World(), given); err == nil {
		b, _ = owned.Get(c.World(), c.AccountID(), name)
	}
	return name, b, err
}

func changeBelongings(c *awsapi.Call, given *string, do func(name string, b *belongings) error) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		name, err := ownerOf(c, ch, given)
		if err != nil {
			return err
		}
		b, _ := owned.Get(ch, c.AccountID(), name)
		if err := do(name, &b); err != nil {
			return err
		}
		owned.Put(ch, c.AccountID(), name, b)
		return nil
	})
}

// A drawer is one sort of belongings.
type drawer struct {
	noun   string // of "… cannot be found."
	member string // of inputs, that names one
	list   func(*belongings) *[]*belonging
}

var (
	sshKeys      = drawer{"The Public Key with id ", "SSHPublicKeyId", func(b *belongings) *[]*belonging { return &b.SSHKeys }}
	certificates = drawer{"The Certificate with id ", "CertificateId", func(b *belongings) *[]*belonging { return &b.Certificates }}
	services     = drawer{"Service specific credential with id ", "ServiceSpecificCredentialId", func(b *belongings) *[]*belonging { return &b.Services }}
)

// find returns the one that an input names.
func (d drawer) find(c *awsapi.Call, in any, b *belongings) (*belonging, error) {
	id, list := text(in, d.member), *d.list(b)
	i := slices.IndexFunc(list, func(o *belonging) bool { return o.ID == id })
	if i < 0 {
		return nil, c.Errorf("NoSuchEntity", "%s%s cannot be found.", d.noun, id)
	}
	return list[i], nil
}

// update is UpdateSSHPublicKey and its like, which set the status.
func update[In, Out any](d drawer, inactive func(*In) bool) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		return new(Out), changeBelongings(c, pointer(in, "UserName"), func(_ string, b *belongings) error {
			one, err := d.find(c, in, b)
			if err == nil {
				one.Inactive = inactive(in)
			}
			return err
		})
	}
}

// remove is DeleteSSHPublicKey and its like.
func remove[In, Out any](d drawer) func(*awsapi.Call, *In) (*Out, error) {
	return func(c *awsapi.Call, in *In) (*Out, error) {
		return new(Out), changeBelongings(c, pointer(in, "UserName"), func(_ string, b *belongings) error {
			one, err := d.find(c, in, b)
			if err == nil {
				list := d.list(b)
				*list = slices.DeleteFunc(*list, func(o *belonging) bool { return o == one })
			}
			return err
		})
	}
}

// has reports what a user has to be rid of before it can go, "" for nothing.
func (b *belongings) has() string {
	switch {
	case len(b.Certificates) > 0:
		return "delete signing certificates"
	case len(b.SSHKeys) > 0:
		return "delete ssh public keys"
	case len(b.Services) > 0:
		return "delete service specific credentials"
	}
	return ""
}
