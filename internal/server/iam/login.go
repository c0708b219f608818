package iam

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"
	"unicode"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A login is the password of a user, of which a hash is kept. Nothing of this
// endpoint is signed in to with it.
type login struct {
	Salt    []byte    `json:"salt"`
	Hash    []byte    `json:"hash"`
	Reset   bool      `json:"reset,omitempty"`
	Created time.Time `json:"created,omitzero"`
}

// logins are the login profiles of an account by user.
var logins = world.NewKind[login]("login-profile")

func hashed(password string, salt []byte) []byte {
	hash, err := pbkdf2.Key(sha256.New, password, salt, 100_000, sha256.Size)
	if err != nil {
		panic(err) // the sizes are right
	}
	return hash
}

func (l *login) setPassword(c *awsapi.Call, v world.View, password string) error {
	if weak(c, v, password) {
		return c.Errorf("PasswordPolicyViolation", "Password does not conform to the account password policy.")
	}
	l.Salt = make([]byte, 16)
	rand.Read(l.Salt) // never fails
	l.Hash = hashed(password, l.Salt)
	return nil
}

// weak reports whether a password breaks the account's policy, or that which holds
// where there is none ("Setting an account password policy for IAM users").
func weak(c *awsapi.Call, v world.View, password string) bool {
	p, own := passwordPolicies.Get(v, c.AccountID(), "")
	kinds := 0
	for _, k := range []struct {
		has      func(rune) bool
		required bool
	}{
		{unicode.IsUpper, p.Uppercase}, {unicode.IsLower, p.Lowercase}, {unicode.IsDigit, p.Numbers},
		{func(r rune) bool { return strings.ContainsRune("!@#$%^&*()_+-=[]{}|'", r) }, p.Symbols},
	} {
		if strings.ContainsFunc(password, k.has) {
			kinds++
		} else if k.required {
			return true
		}
	}
	if own {
		return len(password) < int(p.MinLength)
	}
	return len(password) < 8 || kinds < 3
}

func showLogin(name string, l login) *types.LoginProfile {
	return &types.LoginProfile{UserName: &name, CreateDate: date(l.Created), PasswordResetRequired: l.Reset}
}

// changeLogin changes the login profile of a user.
func changeLogin(c *awsapi.Call, given *string, do func(ch *world.Change, name string, l login, ok bool) error) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		name, err := userName(c, given)
		if err != nil {
			return err
		}
		_, found, ok := world.Users.Find(ch, c.AccountID(), name)
		if !ok {
			return noSuchEntity(c, "user", name)
		}
		l, ok := logins.Get(ch, c.AccountID(), found)
		return do(ch, found, l, ok)
	})
}

func noLogin(c *awsapi.Call, name string) error {
	return c.Errorf("NoSuchEntity", "Login Profile for User %s cannot be found.", name)
}

func createLoginProfile(c *awsapi.Call, in *sdk.CreateLoginProfileInput) (*sdk.CreateLoginProfileOutput, error) {
	out := &sdk.CreateLoginProfileOutput{}
	return out, changeLogin(c, in.UserName, func(ch *world.Change, name string, l login, ok bool) error {
		if ok {
			return c.Errorf("EntityAlreadyExists", "Login Profile for user %s already exists.", name)
		}
		if err := l.setPassword(c, ch, text(in, "Password")); err != nil {
			return err
		}
		l.Reset, l.Created = in.PasswordResetRequired, c.Now()
		logins.Put(ch, c.AccountID(), name, l)
		out.LoginProfile = showLogin(name, l)
		return nil
	})
}

func getLoginProfile(c *awsapi.Call, in *sdk.GetLoginProfileInput) (*sdk.GetLoginProfileOutput, error) {
	name, err := userName(c, in.UserName)
	if err != nil {
		return nil, err
	}
	_, found, ok := world.Users.Find(c.World(), c.AccountID(), name)
	if !ok {
		return nil, noSuchEntity(c, "user", name)
	}
	l, ok := logins.Get(c.World(), c.AccountID(), found)
	if !ok {
		return nil, noLogin(c, found)
	}
	return &sdk.GetLoginProfileOutput{LoginProfile: showLogin(found, l)}, nil
}

func updateLoginProfile(c *awsapi.Call, in *sdk.UpdateLoginProfileInput) (*sdk.UpdateLoginProfileOutput, error) {
	return &sdk.UpdateLoginProfileOutput{}, changeLogin(c, in.UserName, func(ch *world.Change, name string, l login, ok bool) error {
		if !ok {
			return noLogin(c, name)
		}
		if in.Password != nil {
			if err := l.setPassword(c, ch, *in.Password); err != nil {
				return err
			}
		}
		if in.PasswordResetRequired != nil {
			l.Reset = *in.PasswordResetRequired
		}
		logins.Put(ch, c.AccountID(), name, l)
		return nil
	})
}

func deleteLoginProfile(c *awsapi.Call, in *sdk.DeleteLoginProfileInput) (*sdk.DeleteLoginProfileOutput, error) {
	return &sdk.DeleteLoginProfileOutput{}, changeLogin(c, in.UserName, func(ch *world.Change, name string, _ login, ok bool) error {
		if !ok {
			return noLogin(c, name)
		}
		logins.Delete(ch, c.AccountID(), name)
		return nil
	})
}

// changePassword is for the calling user itself.
func changePassword(c *awsapi.Call, in *sdk.ChangePasswordInput) (*sdk.ChangePasswordOutput, error) {
	return &sdk.ChangePasswordOutput{}, changeLogin(c, nil, func(ch *world.Change, name string, l login, ok bool) error {
		switch {
		case !ok:
			return noLogin(c, name)
		case subtle.ConstantTimeCompare(hashed(*in.OldPassword, l.Salt), l.Hash) != 1:
			return c.AccessDenied("The old password was incorrect.")
		}
		if err := l.setPassword(c, ch, *in.NewPassword); err != nil {
			return err
		}
		l.Reset = false
		logins.Put(ch, c.AccountID(), name, l)
		return nil
	})
}
