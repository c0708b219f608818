package organizations

import (
	"crypto/rand"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
)

// An org is the organization of the caller's account, in the state that a call
// reads or changes.
type org struct {
	c          *awsapi.Call
	v          world.View
	id         string
	management iam.AccountID
	rec        world.Organization
	root       string // id
}

// find returns the organization of the caller.
func find(c *awsapi.Call, v world.View) (*org, error) {
	for id, o := range v.Estate().Organizations {
		if o.Root == nil || o.ManagementAccount != c.AccountID() && !strings.HasPrefix(v.Estate().OrgPath(c.AccountID()), id+"/") {
			continue
		}
		found := &org{c: c, v: v, id: id, management: o.ManagementAccount, root: o.Root.ID}
		found.rec, _ = world.Organizations.Get(v, o.ManagementAccount, id)
		return found, nil
	}
	return nil, c.Errorf("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

// managed is find for the calls that the management account may make, and of which
// delegated administrators may make those that read.
func managed(c *awsapi.Call, v world.View) (*org, error) {
	o, err := find(c, v)
	reads := strings.HasPrefix(c.Operation, "List") || strings.HasPrefix(c.Operation, "Describe")
	if err == nil && o.management != c.AccountID() && !(reads && o.delegated(string(c.AccountID()))) {
		return nil, c.AccessDenied("You don't have permissions to access this resource.").
			Because("organization " + o.id + " is managed by account " + string(o.management) + ", and only that account may call " + c.Operation)
	}
	return o, err
}

// change changes the caller's organization.
func change(c *awsapi.Call, f func(*world.Change, *org) error) error {
	return c.World().Change(c.Context(), func(w *world.Change) error {
		o, err := managed(c, w)
		if err != nil {
			return err
		}
		return f(w, o)
	})
}

// onAll is the access of a call that has no resource.
func onAll[In any](c *awsapi.Call, _ *In) ([]awsapi.Check, error) {
	return []awsapi.Check{{Action: "organizations:" + c.Operation, Resource: "*"}}, nil
}

// on is the access of a call about one or several things of the organization, by
// their ids.
func on(c *awsapi.Call, keys awsapi.Keys, ids ...*string) ([]awsapi.Check, error) {
	o, err := managed(c, c.World())
	if err != nil {
		return nil, err
	}
	var checks []awsapi.Check
	for _, id := range ids {
		if id != nil {
			checks = append(checks, awsapi.Check{Action: "organizations:" + c.Operation, Resource: o.arn(*id), Keys: o.tagKeys(keys, *id)})
		}
	}
	return checks, nil
}

// tagKeys adds the tags of a thing.
func (o *org) tagKeys(keys awsapi.Keys, id string) awsapi.Keys {
	all := awsapi.Keys{}
	for name, v := range keys {
		all[name] = v
	}
	for name, value := range o.tags(id) {
		all = all.Set("aws:ResourceTag/"+name, value)
	}
	return all
}

// arn is the ARN of the root, a unit, an account or a policy (Service
// Authorization Reference, AWS Organizations, Resource types).
func (o *org) arn(id string) string {
	prefix := "arn:aws:organizations::" + string(o.management) + ":"
	switch {
	case strings.HasPrefix(id, "r-"):
		return prefix + "root/" + o.id + "/" + id
	case strings.HasPrefix(id, "ou-"):
		return prefix + "ou/" + o.id + "/" + id
	case strings.HasPrefix(id, "p-"):
		if p, err := o.policy(id); err == nil {
			return p.arn(o)
		}
		return prefix + "policy/" + o.id + "/*/" + id
	}
	return prefix + "account/" + o.id + "/" + id
}

func (o *org) ownARN() string {
	return "arn:aws:organizations::" + string(o.management) + ":organization/" + o.id
}

const idLetters = "abcdefghijklmnopqrstuvwxyz0123456789"

// newID returns a prefix with n random letters and digits.
func newID(prefix string, n int) string {
	random := make([]byte, n)
	rand.Read(random) // never fails
	for i, b := range random {
		random[i] = idLetters[int(b)%len(idLetters)]
	}
	return prefix + string(random)
}

// constraint is a ConstraintViolationException with its reason.
func constraint(c *awsapi.Call, reason, format string, args ...any) *wire.Error {
	return c.Errorf("ConstraintViolationException", format, args...).With("Reason", reason)
}

// invalid is an InvalidInputException with its reason.
func invalid(c *awsapi.Call, reason, format string, args ...any) *wire.Error {
	return c.Errorf("InvalidInputException", format, args...).With("Reason", reason)
}

// mostResults is how many entries a page holds where the call says nothing.
const mostResults = 20

// pageOf returns the part of a list that a call asks for, and the token of the
// next.
func pageOf[T any](c *awsapi.Call, list []T, token *string, limit *int32) ([]T, *string, error) {
	page, next, ok := awsapi.Page(list, token, limit, mostResults)
	if !ok {
		return nil, nil, invalid(c, "INVALID_NEXT_TOKEN", "The specified token is not valid.")
	}
	return page, next, nil
}
