package iam

import (
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// An entity is a user, group or role. What it points to may be changed within a
// Change, and is kept by put.
type entity struct {
	kind, name string
	path       string
	inline     *estate.Documents
	attached   *[]string
	boundary   *string            // nil for groups
	tags       *map[string]string // nil for groups
	put        func(*world.Change)
}

func (e *entity) arn(c *awsapi.Call) string { return arnOf(c, e.kind, e.path, e.name) }

// arnOf makes an ARN of the caller's account.
func arnOf(c *awsapi.Call, kind, path, name string) string {
	if path == "" {
		path = "/"
	}
	return "arn:" + c.Partition() + ":iam::" + string(c.AccountID()) + ":" + kind + path + name
}

// find returns an entity of the caller's account. "Names are not distinguished by
// case" (CreateUser and its like in the IAM API Reference).
func find(c *awsapi.Call, v world.View, kind, name string) (*entity, error) {
	account, e, ok := c.AccountID(), &entity{kind: kind}, false
	switch kind {
	case "user":
		var u world.User
		u, e.name, ok = world.Users.Find(v, account, name)
		e.path, e.inline, e.attached, e.boundary, e.tags = u.Path, &u.Inline, &u.Attached, &u.Boundary, &u.Tags
		e.put = func(ch *world.Change) { world.Users.Put(ch, account, e.name, u) }
	case "group":
		var g world.Group
		g, e.name, ok = world.Groups.Find(v, account, name)
		e.path, e.inline, e.attached = g.Path, &g.Inline, &g.Attached
		e.put = func(ch *world.Change) { world.Groups.Put(ch, account, e.name, g) }
	default:
		var r world.Role
		r, e.name, ok = world.Roles.Find(v, account, name)
		e.path, e.inline, e.attached, e.boundary, e.tags = r.Path, &r.Inline, &r.Attached, &r.Boundary, &r.Tags
		e.put = func(ch *world.Change) { world.Roles.Put(ch, account, e.name, r) }
	}
	if !ok {
		return nil, noSuchEntity(c, kind, name)
	}
	return e, nil
}

// change changes one entity.
func change(c *awsapi.Call, kind, name string, do func(ch *world.Change, e *entity) error) error {
	return c.World().Change(c.Context(), func(ch *world.Change) error {
		e, err := find(c, ch, kind, name)
		if err != nil {
			return err
		}
		if kind == "role" && strings.HasPrefix(e.path, linkedPath) && !strings.HasSuffix(c.Operation, "agRole") {
			return unmodifiable(c, e.name)
		}
		if err := do(ch, e); err != nil {
			return err
		}
		e.put(ch)
		return nil
	})
}

// userName is the name that an input gives, or that of the calling user.
func userName(c *awsapi.Call, given *string) (string, error) {
	if given != nil {
		return *given, nil
	}
	if p := c.Principal(); p.Kind == iam.User {
		return p.Name, nil
	}
	return "", c.Errorf("ValidationError", "Must specify userName when calling with non-User credentials")
}

// forRoot reports whether a call that names no user is about the root user who
// makes it.
func forRoot(c *awsapi.Call, given *string) bool {
	return given == nil && c.Principal().Kind == iam.RootUser
}
