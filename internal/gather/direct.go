package gather

import (
	"fmt"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
)

// directChecks is the check of a request that asks about an action alone; on
// what lies behind an access point it is two.
func (t *task) directChecks() error {
	action := t.r.Action
	if err := t.checkAction(action); err != nil {
		return err
	}
	arn, ok := iam.ParseARN(t.r.Resource)
	name := policy.NewAction(action).String()
	switch {
	case name == "sts:GetCallerIdentity" && t.facts.Caller.Account != "":
		// Needs no permission, and no policy can refuse it (STS API Reference,
		// GetCallerIdentity).
	case !ok:
		t.facts.Checks = []decide.Check{t.accountCheck(&s3op.Check{Action: action}, orAny(t.r.Resource))}
	case arn.Service == "s3" && arn.Account == "" && arn.Region == "" && strings.HasPrefix(strings.ToLower(action), "s3:"):
		return t.directS3(arn, action, name)
	case arn.Service == "s3" && strings.HasPrefix(arn.Resource, "accesspoint/") && strings.HasPrefix(name, "s3:") && dataAction(name):
		return t.directPoint(action, name)
	case arn.Service == "kms" && arn.Resource == "key/*" && arn.Account == t.facts.Caller.Account:
		// A key that is being made: it has no policy yet.
		c := t.accountCheck(&s3op.Check{Action: action}, t.r.Resource)
		c.RCP = t.rcps(arn.Account)
		t.facts.Checks = []decide.Check{c}
	case arn.Service == "kms" && !managesAlias(arn, name):
		t.directKey(action)
	case assumesRole(arn, name):
		t.directRole(arn, name)
	default:
		t.directOther(arn, action)
	}
	return nil
}

// checkAction refuses actions of S3 that do not exist, and those that need a
// resource and name none.
func (t *task) checkAction(action string) error {
	if !strings.HasPrefix(strings.ToLower(action), "s3:") || strings.ContainsAny(action, "*?") {
		return nil
	}
	if !iamdata.KnownAction(action) {
		hint := ""
		if instead, _, ok := iamdata.WrongAction(action); ok && len(instead) > 0 {
			hint = fmt.Sprintf("; %s needs %s", action[len("s3:"):], strings.Join(instead, " and "))
		} else if near, ok := iamdata.SimilarAction(action); ok {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		return t.errorf("there is no action %q%s", action, hint)
	}
	if id, ok := iamdata.ActionID(action); ok && t.r.Resource == "" && len(iamdata.ActionByID(id).ResourceTypes) > 0 {
		return t.errorf("%s needs a resource, such as \"arn:aws:s3:::BUCKET/KEY\"", action)
	}
	return nil
}

// directOther is an action on a resource that the estate does not describe: in
// the caller's own account its identity-based policies decide, less what resource
// control policies deny; in another account that account would have to allow.
func (t *task) directOther(arn iam.ARN, action string) {
	c := t.accountCheck(&s3op.Check{Action: action}, t.r.Resource)
	switch {
	case arn.Account == "" || arn.Account != t.facts.Caller.Account && !arn.Account.Valid():
	case arn.Account != t.facts.Caller.Account && strings.HasPrefix(strings.ToLower(action), "s3:"):
		c.OtherAccount = true
	case strings.EqualFold(action, "sts:AssumeRoot"):
		// The members of an organization have no say in it.
		t.facts.Assumed = append(t.facts.Assumed, "the caller is of the organization's management account, and "+t.r.Resource+" of a member, with centralized root access enabled")
	case arn.Service == "organizations" && strings.HasPrefix(arn.Resource, "handshake/"):
		// It bears the number of the management account, and either side answers for itself.
	case arn.Account != t.facts.Caller.Account:
		t.foreignResource(&c)
	default:
		c.RCP = t.rcps(arn.Account)
		if !strings.HasPrefix(strings.ToLower(action), "s3:") && arn.Service != "iam" {
			t.facts.Assumed = append(t.facts.Assumed, "no resource-based policy of "+t.r.Resource+" denies "+action+"; the estate describes those of S3 and KMS only")
		}
	}
	t.facts.Checks = []decide.Check{c}
}

// directPoint is an action on an access point, or on an object behind it: like an
// operation through it, a check of the access point and one of the bucket.
func (t *task) directPoint(action, name string) error {
	ref, key, _ := strings.Cut(t.r.Resource, "/object/")
	ap, ok := t.accessPoint(ref)
	if !ok {
		c := t.accountCheck(&s3op.Check{Action: action}, t.r.Resource)
		t.foreignResource(&c)
		c.Bucket.Missing[0].Why = "the estate does not hold the access point"
		c.Bucket.RCP.Missing[0].Why = "the estate does not hold the access point"
		t.facts.Checks = []decide.Check{c}
		return nil
	}
	t.bucket, _ = t.estate.Bucket(ap.Bucket)
	t.facts.Target = t.bucketFacts(ap.Bucket, t.bucket, false)
	t.pointFacts(ap)
	t.connection = t.connectionKeys()
	c := s3op.Check{Action: action, Bucket: ap.Bucket, Key: key, VersionID: t.r.VersionID, OnBucket: key == ""}
	c.Keys = s3op.Keys(name, t.r, &s3op.Facts{Bucket: t.bucket, Now: t.time})
	if key != "" {
		t.object = t.objectOf(t.bucket, t.facts.Target, key, t.r.VersionID, t.r.Object)
	}
	var point, behind decide.Check
	t.s3Check(&point, &c, t.facts.Target, t.bucket, t.object)
	point.Kind, point.Resource, point.List, point.Optional = decide.AccessPointCheck, t.r.Resource, nil, false
	t.s3Check(&behind, &c, t.facts.Target, t.bucket, t.object)
	behind.Optional = false
	t.facts.Checks = []decide.Check{point, behind}
	return nil
}

// dataAction tells the actions that go through an access point from those on the
// access point itself: they are actions on a bucket or an object as well.
func dataAction(name string) bool {
	id, ok := iamdata.ActionID(name)
	if !ok {
		return false
	}
	return slices.ContainsFunc(iamdata.ActionByID(id).ResourceTypes, func(r iamdata.ResourceRef) bool {
		return r.Name == "bucket" || r.Name == "object"
	})
}
