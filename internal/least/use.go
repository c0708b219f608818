// Package least writes the smallest policy that the observed use of S3 needs: the
// permissions of the requests that worked, on the keys that they named, with
// wildcards where the data show a pattern.
package least

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/keypattern"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/replay"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// A Question is whose use is asked about: a principal's, or that of a bucket.
type Question struct {
	Principal string // ARN of a user, a role, a session, or a root user; "" where Bucket is asked about
	Bucket    string

	Filter  replay.Filter
	Sources *ingest.Sources
	Options ingest.Options
	Tally   *ingest.Tally
}

// use is what one principal did: per action and bucket the keys.
type use struct {
	actions map[place]*keys
	account iam.AccountID              // of the bucket's owner, where the log states it
	kmsKeys map[string]map[string]bool // actions by ARN of the key

	endpoints map[string]bool   // VPC endpoints that it came through
	points    map[string]string // buckets by ARN of the access points that it came through

	uploads bool             // whose headers no log tells
	unnamed map[string]int64 // DeleteObjects calls of which CloudTrail names no key, by bucket
	deleted map[string]bool  // buckets of which an access log names them
}

// place is an action on a bucket, on its objects, or on no bucket at all. Through an
// access point it is two: on what stands behind the access point's ARN, and on the
// bucket for requests that came through it.
type place struct {
	action, bucket string
	objects        bool
	point          string // ARN of the access point
	through        bool   // on the bucket, through the access point
}

// keys are those that an action was used on; of listings the prefixes.
type keys struct {
	set   keypattern.Set
	any   bool // it was also used without a prefix
	count int64
}

func newUse() *use {
	return &use{actions: map[place]*keys{}, kmsKeys: map[string]map[string]bool{}, endpoints: map[string]bool{}, points: map[string]string{}, unnamed: map[string]int64{}, deleted: map[string]bool{}}
}

func (u *use) at(p place) *keys {
	if u.actions[p] == nil {
		u.actions[p] = &keys{}
	}
	return u.actions[p]
}

func (u *use) merge(o *use) {
	for p, k := range o.actions {
		mine := u.at(p)
		mine.set.Merge(&k.set)
		mine.any = mine.any || k.any
		mine.count += k.count
	}
	for arn, actions := range o.kmsKeys {
		if u.kmsKeys[arn] == nil {
			u.kmsKeys[arn] = map[string]bool{}
		}
		maps.Copy(u.kmsKeys[arn], actions)
	}
	maps.Copy(u.endpoints, o.endpoints)
	maps.Copy(u.points, o.points)
	maps.Copy(u.deleted, o.deleted)
	for bucket, n := range o.unnamed {
		u.unnamed[bucket] += n
	}
	u.uploads = u.uploads || o.uploads
	u.account = max(u.account, o.account)
}

// ErrNothing is for logs in which nobody did what is asked about.
var ErrNothing = errors.New("the logs hold no request that worked of what is asked about")

// observe reads the logs, and returns the use of each principal that is asked about.
func (q *Question) observe(ctx context.Context) (map[string]*use, error) {
	var mu sync.Mutex
	var all []map[string]*use
	err := ingest.Run(ctx, q.Sources, q.Options, q.Tally, func(int) func(*record.Record) error {
		mine := map[string]*use{}
		mu.Lock()
		all = append(all, mine)
		mu.Unlock()
		return func(r *record.Record) error {
			who, wanted := q.wants(r)
			if !wanted {
				return nil
			}
			if mine[who] == nil {
				mine[who] = newUse()
			}
			mine[who].add(r)
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	merged := map[string]*use{}
	for _, m := range all {
		for who, u := range m {
			if merged[who] == nil {
				merged[who] = newUse()
			}
			merged[who].merge(u)
		}
	}
	if len(merged) == 0 {
		return nil, ErrNothing
	}
	return merged, nil
}

// wants tells whether a record counts, and whose it is.
func (q *Question) wants(r *record.Record) (string, bool) {
	if !r.IsS3() && !r.IsKMS() || replay.AnswerOf(r) != replay.Worked || !q.Filter.Take(r) {
		return "", false
	}
	if q.Bucket != "" {
		return identity(replay.PrincipalOf(r)), r.IsS3() && string(r.Bucket) == q.Bucket
	}
	who := identity(replay.PrincipalOf(r))
	return q.Principal, same(who, q.Principal)
}

// identity turns what stands for a role's sessions into the role.
func identity(who string) string {
	if arn, ok := iam.ParseARN(who); ok && arn.Service == "sts" {
		if name, ok := strings.CutPrefix(arn.Resource, "assumed-role/"); ok {
			name, _, _ = strings.Cut(name, "/")
			return "arn:" + arn.Partition + ":iam::" + string(arn.Account) + ":role/" + name
		}
	}
	return who
}

// same compares principals; access logs do not tell the path of a role.
func same(a, b string) bool {
	b = identity(b)
	if a == b {
		return true
	}
	x, okX := iam.ParseARN(a)
	y, okY := iam.ParseARN(b)
	return okX && okY && x.Account == y.Account && strings.HasPrefix(x.Resource, "role/") && strings.HasPrefix(y.Resource, "role/") &&
		x.Resource[strings.LastIndexByte(x.Resource, '/'):] == y.Resource[strings.LastIndexByte(y.Resource, '/'):]
}

// add notes the permissions that a request needed.
func (u *use) add(r *record.Record) {
	q, err := r.Request(anybody{})
	if err != nil {
		return
	}
	if owner := iam.AccountID(r.BucketOwner); owner.Valid() {
		u.account = max(u.account, owner)
	}
	if q.VPCEndpoint != nil {
		u.endpoints[*q.VPCEndpoint] = true
	}
	switch {
	case r.IsKMS():
		u.key(q.Resource, q.Action)
		return
	case q.Action != "":
		u.object(q.Action, q.Resource)
		if strings.HasPrefix(q.Action, "s3:DeleteObject") {
			u.deleted[string(r.Bucket)] = true
		}
		return
	case q.Operation == "DeleteObjects":
		u.unnamed[q.Bucket]++
		return
	}
	spec, ok := s3op.Lookup(q.Operation)
	if !ok {
		return
	}
	if q.AccessPoint != "" {
		u.points[q.AccessPoint] = q.Bucket
	}
	u.uploads = u.uploads || replay.Uploads(q.Operation)
	for _, c := range spec.Checks(q, nil) {
		u.check(q, c)
	}
	u.kms(spec, q)
	if r.NoKey() { // told instead of AccessDenied to those who may list
		for _, p := range places("s3:ListBucket", q.Bucket, false, q.AccessPoint) {
			u.at(p).any = true
		}
	}
}

// places are those of an action: on the bucket, or on access point and bucket.
func places(action, bucket string, objects bool, point string) []place {
	if point == "" {
		return []place{{action: action, bucket: bucket, objects: objects}}
	}
	return []place{{action: action, objects: objects, point: point}, {action: action, bucket: bucket, objects: objects, point: point, through: true}}
}

func (u *use) object(action, resource string) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(resource, "arn:aws:s3:::"), "/")
	k := u.at(place{action: action, bucket: bucket, objects: true})
	k.count++
	k.set.Add(key)
}

func (u *use) check(q *request.Request, c s3op.Check) {
	point := q.AccessPoint
	if c.Half == s3op.Source {
		point = ""
	}
	switch {
	case c.OnAny:
		u.at(place{action: c.Action}).count++
	case c.Bucket == "" && point == "":
		// The source of a copy stands in no access log; its reading has a line of its own.
	case c.OnBucket || c.Key == "":
		prefix, stated := q.Query["prefix"]
		for _, p := range places(c.Action, c.Bucket, false, point) {
			k := u.at(p)
			k.count++
			if stated && prefix != "" && c.Action == "s3:ListBucket" {
				k.set.Add(prefix)
			} else {
				k.any = true
			}
		}
	default:
		for _, p := range places(c.Action, c.Bucket, true, point) {
			k := u.at(p)
			k.count++
			k.set.Add(c.Key)
		}
	}
}

// kms notes the permissions on a key that the request names by its ARN. Which key
// a bucket's default is tell the calls to KMS alone, which are management events.
func (u *use) kms(spec *s3op.Spec, q *request.Request) {
	arn := q.Headers["x-amz-server-side-encryption-aws-kms-key-id"]
	if !strings.HasPrefix(arn, "arn:") {
		return
	}
	for _, need := range spec.KMS(q, nil) {
		u.key(arn, need.Action)
	}
}

func (u *use) key(arn, action string) {
	if u.kmsKeys[arn] == nil {
		u.kmsKeys[arn] = map[string]bool{}
	}
	u.kmsKeys[arn][action] = true
}

// places lists the places in the order of bucket and action.
func (u *use) places() []place {
	return slices.SortedFunc(maps.Keys(u.actions), func(a, b place) int {
		return cmp.Or(strings.Compare(a.bucket, b.bucket), strings.Compare(a.point, b.point), strings.Compare(a.action, b.action))
	})
}

// anybody knows no names: who made the request is known already.
type anybody struct{}

func (anybody) HasEndpoint(string) bool                      { return true }
func (anybody) PrincipalOfID(a, _ string) (string, bool)     { return "arn:aws:iam::" + a + ":root", true }
func (anybody) PrincipalOfCanonicalID(string) (string, bool) { return "anonymous", true }
