package query

import (
	"fmt"
	"maps"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// An Ask is what is asked about. An operation stands for all that it needs, KMS
// included; an action for one permission alone.
type Ask struct {
	Operation string // an operation of the S3 API, or
	Action    string // an action, "s3:GetObject"

	Bucket      string // "" where an access point is named
	AccessPoint string // name, ARN or alias; "" for none
	Key         string // "" for what concerns the bucket
	VersionID   string
	Prefix      string // of a listing; "" leaves it open

	// typical tells that the key stands for others like it: the object exists,
	// also where the estate lists the bucket's objects and does not name it.
	typical bool

	// bare leaves the time open, too, and sends nothing that is not asked about.
	bare bool
}

var keyPrefix = condition.Intern("s3:prefix")

// action returns the permission that the ask is about first of all.
func (a *Ask) action() string {
	if a.Action != "" {
		return a.Action
	}
	spec, ok := s3op.Lookup(a.Operation)
	switch {
	case !ok:
		return ""
	case a.VersionID != "" && spec.VersionAction != "":
		return spec.VersionAction
	}
	return spec.Action
}

// bucket returns the bucket that is asked about, nil where the estate does not
// hold it.
func (e *Engine) bucket(a *Ask) *estate.Bucket {
	name := a.Bucket
	if a.AccessPoint != "" {
		if ap, ok := e.point(a); ok {
			name = ap.Bucket
		}
	}
	b, _ := e.estate.Bucket(name)
	return b
}

func (e *Engine) point(a *Ask) (*estate.AccessPoint, bool) {
	var prefer []iam.AccountID
	if b, ok := e.estate.Bucket(a.Bucket); ok {
		prefer = append(prefer, b.Account)
	}
	return e.estate.AccessPoint(a.AccessPoint, prefer...)
}

// Check complains about an ask that names what the estate or AWS does not know.
func (e *Engine) Check(a *Ask) error {
	if a.Bucket != "" {
		if _, ok := e.estate.Bucket(a.Bucket); !ok {
			return fmt.Errorf("the estate does not hold bucket %s", a.Bucket)
		}
	}
	if a.AccessPoint != "" {
		if _, ok := e.point(a); !ok {
			return fmt.Errorf("the estate holds no access point %q", a.AccessPoint)
		}
	}
	one := *a
	if one.Key == "" && one.onKeys() {
		one.Key = "x"
	}
	_, err := e.gatherer.Facts(e.request(&e.principals[0], &one))
	return err
}

// request is the request that a principal would make, with all left open that
// the ask does not state and the caller may choose.
func (e *Engine) request(p *Principal, a *Ask) *request.Request {
	r := &request.Request{Principal: e.requester(p), Operation: a.Operation, Key: a.Key, VersionID: a.VersionID, Context: map[string]request.ContextValue{}}
	if a.Action != "" {
		r.Action, r.Resource, r.Key = a.Action, e.resource(a), ""
	} else {
		r.Bucket, r.AccessPoint = a.Bucket, a.AccessPoint
		for _, c := range e.courtesies(p, a) {
			c.apply(r)
		}
	}
	if b := e.bucket(a); a.typical && (b == nil || b.Objects[a.Key] == nil) {
		r.Object = typicalObject(b)
	}
	if a.Prefix != "" {
		r.Query = map[string]string{"prefix": a.Prefix}
	}
	for _, k := range e.openKeys(a.action()) {
		if chooses(p.kind, k) && !(a.Prefix != "" && k == keyPrefix) {
			r.Context[k.String()] = request.ContextValue{Value: condition.NotKnown}
		}
	}
	if a.bare {
		r.Context["aws:CurrentTime"] = request.ContextValue{Value: condition.SomeValue}
		r.Context["aws:EpochTime"] = request.ContextValue{Value: condition.SomeValue}
	}
	if a.VersionID == anyVersion {
		r.Context["s3:versionid"] = request.ContextValue{Value: condition.SomeValue}
	}
	if p.Name == OtherAccounts {
		e.strange(r)
	}
	return r
}

// requester is how a request names a principal. Strangers have another account in
// each estate.
func (e *Engine) requester(p *Principal) string {
	if p.Name == OtherAccounts {
		return rootOf("aws", e.stranger)
	}
	canonical, ok := strings.CutPrefix(p.Name, "canonical:")
	for account, id := range e.strangers {
		if ok && id == canonical {
			return rootOf("aws", account)
		}
	}
	return p.request
}

// strange leaves open who a stranger is: any principal of its account, with any
// tags.
func (e *Engine) strange(r *request.Request) {
	set := func(key string, v condition.Value) { r.Context[key] = request.ContextValue{Value: v} }
	list := []string{rootOf("aws", e.stranger), "arn:aws:iam::" + string(e.stranger) + ":user/x", "arn:aws:iam::" + string(e.stranger) + ":role/x"}
	for _, pattern := range e.mentions.arns {
		parts := strings.SplitN(pattern, ":", 6)
		if len(parts) == 6 && strings.ContainsAny(parts[4], "*?") && !strings.Contains(pattern, "$") {
			parts[4] = string(e.stranger)
			list = append(list, strings.NewReplacer("*", "x", "?", "x").Replace(strings.Join(parts, ":")))
		}
	}
	set("aws:PrincipalArn", condition.OneOf(list...))
	set("aws:PrincipalType", condition.OneOf("Account", "User", "AssumedRole", "FederatedUser"))
	set("aws:userid", condition.SomeValue)
	set("aws:username", condition.NotKnown)
	set("aws:PrincipalTag/", condition.NotKnown)
}

// resource is the ARN of what an action is asked on.
func (e *Engine) resource(a *Ask) string {
	if a.Bucket == "" && a.AccessPoint == "" {
		return "*"
	}
	if ap, ok := e.point(a); ok && a.AccessPoint != "" {
		arn := ap.ARN(estate.PartitionOf(ap.Region))
		if a.Key != "" {
			arn += "/object/" + a.Key
		}
		return arn
	}
	arn := e.prefix(a.Bucket)
	if a.Key != "" {
		arn += "/" + a.Key
	}
	return arn
}

// prefix is the ARN of a bucket.
func (e *Engine) prefix(bucket string) string {
	partition := "aws"
	if b, ok := e.estate.Bucket(bucket); ok {
		partition = estate.PartitionOf(b.RegionOrDefault())
	}
	return "arn:" + partition + ":s3:::" + bucket
}

// courtesies are what a client that wants to be let in sends besides: it accepts
// the charge of a Requester Pays bucket, and knows the key of an object under
// SSE-C. Access that needs them is said to hang on them.
func (e *Engine) courtesies(p *Principal, a *Ask) []option {
	b := e.bucket(a)
	if b == nil || a.bare || a.Operation == "" {
		return nil
	}
	var list []option
	if b.RequesterPays() && p.kind != iam.Anonymous {
		list = append(list, courtesy("it accepts the charge (x-amz-request-payer: requester)", map[string]string{"x-amz-request-payer": "requester"}))
	}
	reads := a.Operation == "GetObject" || a.Operation == "HeadObject" || a.Operation == "GetObjectAttributes"
	if o := b.Objects[a.Key]; reads && o != nil && o.Encryption != nil && o.Encryption.Algorithm == "SSE-C" {
		list = append(list, courtesy("it sends the object's SSE-C key", map[string]string{
			"x-amz-server-side-encryption-customer-algorithm": "AES256", "x-amz-server-side-encryption-customer-key-md5": o.Encryption.KeyMD5}))
	}
	return list
}

func courtesy(text string, headers map[string]string) option {
	return option{Condition: Condition{Key: "headers", Text: text}, apply: func(r *request.Request) {
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		maps.Copy(r.Headers, headers)
	}}
}

// Fit makes an ask of what a person wrote: what follows the bucket is a prefix
// for listings. It complains about a key where the operation takes none.
func (a *Ask) Fit() error {
	spec, ok := s3op.Lookup(a.Operation)
	listing := strings.EqualFold(a.Action, "s3:ListBucket") || strings.EqualFold(a.Action, "s3:ListBucketVersions") ||
		ok && (spec.Name == "ListObjects" || spec.Name == "ListObjectsV2" || spec.Name == "ListObjectVersions" || spec.Name == "ListMultipartUploads")
	switch {
	case listing:
		a.Prefix, a.Key = a.Key, ""
	case ok && spec.Scope != s3op.Bucket && spec.Scope != s3op.Object:
		return fmt.Errorf("%s is not about a bucket or an object", a.Operation)
	case a.Key != "" && !a.onKeys():
		return fmt.Errorf("%s%s is about a bucket, and takes no key", a.Operation, a.Action)
	}
	return nil
}
