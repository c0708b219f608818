package iamdata

import "strings"

// An Action is one permission, as the Service Authorization Reference describes it.
type Action struct {
	// Name is the canonical form with the service prefix, "s3:GetObject".
	Name string
	// Level is the access level: Read, List, Write, Tagging or Permissions management.
	Level string
	// ResourceTypes are the resource types that a policy may name with this action.
	// None means that only "*" matches it. Several that are not required are alternatives.
	ResourceTypes []ResourceRef
	// ConditionKeys are the keys listed on the action itself, in canonical form, "s3:prefix" or
	// "aws:ResourceTag/${TagKey}". Keys of its resource types and global keys are not among them:
	// [ActionCarries] counts those too.
	ConditionKeys []string
}

// A ResourceRef names a resource type of an action; see [ResourceTypeOf].
type ResourceRef struct {
	Name     string
	Required bool
}

// Service returns the service prefix of the action, "s3".
func (a *Action) Service() string {
	service, _, _ := strings.Cut(a.Name, ":")
	return service
}

// ActionID returns the id of an action that the package knows in full detail, a number from 0 to NumActions-1.
// It accepts any case and never allocates. Ids differ between versions of the data: never store them.
func ActionID(name string) (id int, ok bool) {
	slot := foldedHash(name) % uint32(len(actionSlots))
	for actionSlots[slot] != 0 {
		id := int(actionSlots[slot]) - 1
		if n := actions[id].Name; n == name || equalFold(n, name) {
			return id, true
		}
		slot = (slot + 1) % uint32(len(actionSlots))
	}
	return 0, false
}

// ActionByID returns the action of an id that [ActionID] gave; it panics for any other number.
func ActionByID(id int) *Action { return &actions[id] }

// A ResourceType is a kind of resource that policies name.
type ResourceType struct {
	Name string
	// ARNs are the forms of its ARN, with ${...} for what varies.
	ARNs []string
	// ConditionKeys are the keys that come with such a resource, whatever the action.
	ConditionKeys []string
}

type resourceType struct {
	service string
	ResourceType
}

// ResourceTypeOf returns a resource type of a service that the package knows in full detail. Both names are exact.
func ResourceTypeOf(service, name string) (*ResourceType, bool) {
	for i := range resourceTypes {
		if r := &resourceTypes[i]; r.Name == name && r.service == service {
			return &r.ResourceType, true
		}
	}
	return nil, false
}
