package iam

import (
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/wire"
)

// nouns are how IAM's errors call things.
var nouns = map[string]struct{ cannot, exists string }{
	"user": {"The user with name ", "User with name "}, "group": {"The group with name ", "Group with name "},
	"role": {"The role with name ", "Role with name "},
}

func noSuchEntity(c *awsapi.Call, kind, name string) *wire.Error {
	return c.Errorf("NoSuchEntity", "%s%s cannot be found.", nouns[kind].cannot, name)
}

func alreadyExists(c *awsapi.Call, kind, name string) *wire.Error {
	return c.Errorf("EntityAlreadyExists", "%s%s already exists.", nouns[kind].exists, name)
}

func conflict(c *awsapi.Call, must string) *wire.Error {
	return c.Errorf("DeleteConflict", "Cannot delete entity, must %s first.", must)
}

func quota(c *awsapi.Call, name string, n int) *wire.Error {
	return c.Errorf("LimitExceeded", "Cannot exceed quota for %s: %d", name, n)
}
