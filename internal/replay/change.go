package replay

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// A ChangeError is a change that makes no sense, with what would.
type ChangeError struct{ Change, Msg, Way string }

// Error returns the change with what is wrong about it.
func (e *ChangeError) Error() string { return fmt.Sprintf("--with %s: %s", e.Change, e.Msg) }

// Hint returns what would be right.
func (e *ChangeError) Hint() string { return e.Way }

// Forms are the changes that Apply knows, for help texts.
const Forms = `  PATH                                    an edited estate
  bucket-policy:BUCKET=FILE               a bucket's policy; - in the place of FILE takes it away
  scp:NAME=FILE  rcp:NAME=FILE            an organization policy, where it hangs already
  identity:role/NAME=FILE                 all identity-based policies of a role, user/NAME or group/NAME
  identity:role/NAME/POLICY=FILE          one inline policy of it
  managed:NAME=FILE                       a managed policy
  boundary:role/NAME=FILE                 the permissions boundary of a role, or user/NAME
  vpc-endpoint:ID=FILE  key:ID=FILE       the policy of an endpoint, of a KMS key
  access-point:NAME=FILE                  the policy of an access point
  public-access-block:ACCOUNT|BUCKET=on   all of Block Public Access, or off
  ownership:BUCKET=BucketOwnerEnforced    or BucketOwnerPreferred, ObjectWriter
  encryption:BUCKET=aws:kms:KEY           default encryption: AES256, aws:kms, aws:kms:dsse, with a key`

// Apply makes a change to an estate, which must not have been used yet. A change
// that is the path of an estate has to be the first, and gives a new one.
func Apply(e *estate.Estate, change string) (*estate.Estate, error) {
	c := &changer{e: e, change: change}
	kind, rest, ok := strings.Cut(change, ":")
	edit := changes[kind]
	if !ok || edit == nil {
		return c.edited(change)
	}
	at := strings.LastIndexByte(rest, '=')
	if at < 0 {
		return nil, c.errorf(kind+":NAME=VALUE", "it lacks what stands behind the name")
	}
	if err := edit(c, rest[:at], rest[at+1:]); err != nil {
		return nil, err
	}
	return e, e.Link()
}

type changer struct {
	e      *estate.Estate
	change string
}

func (c *changer) errorf(way, format string, args ...any) error {
	return &ChangeError{c.change, fmt.Sprintf(format, args...), way}
}

var changes = map[string]func(c *changer, name, value string) error{
	"bucket-policy": (*changer).bucketPolicy, "scp": (*changer).scp, "rcp": (*changer).rcp, "identity": (*changer).identity, "managed": (*changer).managed,
	"boundary": (*changer).boundary, "vpc-endpoint": (*changer).endpoint, "key": (*changer).key, "access-point": (*changer).accessPoint, "public-access-block": (*changer).publicAccessBlock, "ownership": (*changer).ownership, "encryption": (*changer).encryption,
}

// edited reads an estate that was edited as a whole.
func (c *changer) edited(path string) (*estate.Estate, error) {
	if _, err := os.Stat(path); err != nil {
		way := "a change is the path of an edited estate, or one of " + strings.Join(slices.Sorted(maps.Keys(changes)), ", ") + ", as in bucket-policy:my-bucket=new.json"
		if kind, _, ok := strings.Cut(path, ":"); ok {
			if near, ok := node.Nearest(kind, slices.Sorted(maps.Keys(changes))); ok {
				way = "did you mean " + near + ":…?"
			}
		}
		return nil, c.errorf(way, "it is neither a change of a known form nor a file that can be read")
	}
	return estate.Load(path)
}

// document reads a policy; nil for "-".
func (c *changer) document(path string) (*policy.Document, error) {
	if path == "-" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, c.errorf("", "read the policy: %v", err)
	}
	return policy.Parse(path, data)
}

// nearest adds the nearest known name to a complaint.
func (c *changer) unknown(what, name string, known []string) error {
	way := "the estate holds none"
	if near, ok := node.Nearest(name, known); ok {
		way = fmt.Sprintf("did you mean %q?", near)
	} else if len(known) > 0 {
		way = "known: " + strings.Join(known[:min(len(known), 8)], ", ")
	}
	return c.errorf(way, "the estate holds no %s %q", what, name)
}

func (c *changer) bucket(name string) (*estate.Bucket, error) {
	if b, ok := c.e.Bucket(name); ok {
		return b, nil
	}
	var known []string
	for _, a := range c.e.Accounts {
		known = slices.AppendSeq(known, maps.Keys(a.Buckets))
	}
	slices.Sort(known)
	return nil, c.unknown("bucket", name, known)
}

// read takes what is now known off the list of what could not be read. What stands
// for more than that stays, and leaves all of it unknown.
func read(u estate.Unknowns, fields ...string) estate.Unknowns {
	return slices.DeleteFunc(slices.Clone(u), func(item estate.UnknownItem) bool {
		one := estate.Unknowns{item}
		_, is := one.Why(fields...)
		_, more := one.Why(slices.DeleteFunc(slices.Clone(readable), func(f string) bool { return slices.Contains(fields, f) })...)
		return is && !more
	})
}

// readable are the fields of all resources that may be unknown.
var readable = []string{"document", "inline", "attached", "groups", "boundary", "tags", "path", "id", "publicAccessBlock", "ownership", "acl", "encryption", "versioning",
	"objectLock", "requestPayer", "abac", "region", "objects", "state", "grants", "scps", "rcps", "s3", "organization", "users", "roles", "networkOrigin", "vpc"}
