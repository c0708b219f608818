package query

import (
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
)

// A unit is one action of S3 on buckets or their objects, asked about by the
// operation that is named after it, so that all it needs counts; by the action
// alone where no operation is.
type unit struct {
	action  string          // "s3:GetObject"
	ask     Ask             // without what it is asked on
	object  bool            // on keys, not on the bucket
	through bool            // an access point takes it
	asks    []policy.Action // all that may be asked
}

// anyVersion stands for the id of a version, whichever.
const anyVersion = "any"

// units lists the actions on buckets and objects, in alphabetical order.
var units = sync.OnceValue(func() []unit {
	var list []unit
	for _, name := range iamdata.Actions("s3") {
		id, ok := iamdata.ActionID(name)
		if !ok || name == "s3:CreateBucket" {
			continue
		}
		for _, r := range iamdata.ActionByID(id).ResourceTypes {
			if r.Name == "bucket" || r.Name == "object" {
				list = append(list, unitOf(name, r.Name == "object"))
				break
			}
		}
	}
	return list
})

func unitOf(action string, object bool) unit {
	u := unit{action: action, ask: Ask{Action: action}, object: object, through: object, asks: []policy.Action{policy.NewAction(action)}}
	// What UpdateObjectEncryption needs hangs on the new encryption.
	if spec, version := operationOf(action); spec != nil && (spec.Scope == s3op.Object) == object && spec.Name != "UpdateObjectEncryption" {
		u.ask, u.through = Ask{Operation: spec.Name}, spec.ThroughAccessPoint
		u.asks = actionsOf(spec)
		if version {
			u.ask.VersionID = anyVersion
		}
	}
	return u
}

// actionsOf lists the actions that an operation may ask for, of S3 and of KMS.
func actionsOf(spec *s3op.Spec) []policy.Action {
	names := []string{spec.Action, spec.VersionAction, spec.SourceAction, spec.SourceVersionAction}
	for i := range spec.Conditional {
		names = append(names, spec.Conditional[i].Action, spec.Conditional[i].VersionAction)
	}
	for i := range spec.KMSNeeds {
		names = append(names, spec.KMSNeeds[i].Action)
	}
	if spec.Scope == s3op.Object && spec.Read {
		names = append(names, "s3:ListBucket") // which tells a missing key from a refusal
	}
	var list []policy.Action
	for _, n := range names {
		if n != "" {
			list = append(list, policy.NewAction(n))
		}
	}
	return list
}

// operationOf returns the operation that stands for an action: of its name, else
// the first that needs it and reads or writes without a source.
func operationOf(action string) (spec *s3op.Spec, version bool) {
	name := strings.TrimPrefix(action, "s3:")
	instead := map[string]string{"ListBucket": "ListObjectsV2", "ListBucketVersions": "ListObjectVersions", "ListBucketMultipartUploads": "ListMultipartUploads"}
	if s, ok := s3op.Lookup(instead[name]); ok {
		return s, false
	}
	var first, firstVersion *s3op.Spec
	for _, s := range s3op.All() {
		switch {
		case s.Scope != s3op.Bucket && s.Scope != s3op.Object || s.SourceAction != "":
		case s.Name == name && s.Action == action:
			return s, false
		case s.Action == action && first == nil:
			first = s
		case s.VersionAction == action && firstVersion == nil:
			firstVersion = s
		}
	}
	if first != nil {
		return first, false
	}
	return firstVersion, firstVersion != nil
}

// unitsNamed returns the units of operations and actions, as users name them.
func unitsNamed(names []string) []unit {
	var list []unit
	for _, u := range units() {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, u.action) || n == u.ask.Operation }) {
			list = append(list, u)
		}
	}
	for _, n := range names { // operations that no unit stands for: CopyObject, HeadObject
		if spec, ok := s3op.Lookup(n); ok && !slices.ContainsFunc(list, func(u unit) bool { return u.ask.Operation == n }) {
			list = append(list, unit{action: n, ask: Ask{Operation: n}, object: spec.Scope == s3op.Object, through: spec.ThroughAccessPoint, asks: actionsOf(spec)})
		}
	}
	return list
}

// on returns the ask of a unit on a bucket, or through an access point.
func (u *unit) on(bucket, accessPoint string) Ask {
	a := u.ask
	a.Bucket, a.AccessPoint = bucket, accessPoint
	return a
}
