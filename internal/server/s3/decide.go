package s3

import (
	"net/http"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// decide asks the engine, and returns its refusal.
func (x *exchange) decide() error {
	if x.allowed() {
		return nil
	}
	r := x.request()
	r.Object = x.facts()
	e, err := x.withSource(x.estate, r)
	if err != nil {
		return err
	}
	d := x.s.Decide(e, r)
	x.s.Record(x.r, x.ids, d)
	return x.refused(d)
}

// ask has one request decided.
func (x *exchange) ask(r *request.Request) (*report.Decision, error) {
	e, err := x.withSource(x.estate, r)
	if err != nil {
		return nil, err
	}
	return x.s.Decide(e, r), nil
}

// may reports whether the caller has one more permission, on which part of an
// answer hangs. It is not recorded: its refusal is none of the request.
func (x *exchange) may(action string) bool {
	st := statements.Get().(*statement)
	defer statements.Put(st)
	r := x.stated(st, x.s.World.Now())
	r.Operation, r.Action = "", action
	r.Resource = "arn:" + x.partition() + ":s3:::" + x.bucketName + "/" + x.key
	if x.s.Allow != nil {
		_, ok := x.s.Allow(x.estate, r)
		return ok
	}
	return x.s.Decide(x.estate, r).Verdict == iam.Allowed
}

func (x *exchange) partition() string {
	if x.bucket != nil {
		if a, ok := x.estate.Account(x.bucket.Account); ok {
			return a.Partition()
		}
	}
	return "aws"
}

// refused turns a decision into S3's answer, nil where it lets the request pass.
// What the estate does not tell is not let pass.
func (x *exchange) refused(d *report.Decision) error {
	if d.Verdict == iam.Allowed || x.s.Soft && softens(d) {
		return nil
	}
	x.cause = d.Cause
	if d.Code == "NoSuchBucket" && x.target.AccessPoint != "" {
		return noSuchAccessPoint(x.target.AccessPoint)
	}
	if d.Verdict == iam.Unknown || d.Status == 0 {
		return wire.NewError(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	if d.Code == "NoSuchVersion" {
		if _, version := x.subject(); x.checkVersion(version) != nil {
			return x.checkVersion(version)
		}
	}
	if d.Code == "AccessControlListNotSupported" || d.Code == "InvalidBucketAclWithObjectOwnership" {
		if _, _, err := x.requestedACL(x.key == ""); err != nil {
			return err // it is none that any bucket would take
		}
	}
	if d.Cause != nil && d.Cause.Reason == string(reason.SSECKeyWrong) {
		prefix := sse
		if x.get("X-Amz-Copy-Source") != "" {
			prefix = copySSE
		}
		if _, err := x.customerKey(prefix); err != nil {
			return err // it is no key at all
		}
	}
	e := wire.NewError(d.Status, d.Code, d.Message)
	for _, extra := range x.extraOf(d) {
		e = e.With(extra.Name, extra.Value)
	}
	if d.Code == "MethodNotAllowed" {
		e = x.ofMarker(e)
	}
	return e
}

// softens reports whether a refusal may be passed over: there is something to
// act on.
func softens(d *report.Decision) bool {
	return d.Cause == nil || d.Cause.Kind != iam.KindNotFound && d.Cause.Kind != iam.KindAuthentication
}

// subject names what the request reads: the source of a copy, else its object.
func (x *exchange) subject() (key, version string) {
	if x.get("X-Amz-Copy-Source") != "" {
		if src, err := x.source(); err == nil {
			return src.key, src.versionID
		}
	}
	return x.key, x.versionID()
}

// blamed are the headers that the engine's InvalidArgument is about, by how its message begins.
var blamed = []struct{ message, header string }{
	{"x-amz-bypass-governance-retention is only", "x-amz-bypass-governance-retention"},
	{"Mfa header is invalid", "x-amz-mfa"},
	{"Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature", "Authorization"},
}

// argumentOf names the argument that a message complains of.
func (x *exchange) argumentOf(message string) []wire.Element {
	for _, b := range blamed {
		if !strings.HasPrefix(message, b.message) {
			continue
		}
		elements := []wire.Element{{Name: "ArgumentName", Value: b.header}}
		switch b.header {
		case "x-amz-bypass-governance-retention": // observed at AWS: no value
		case "Authorization": // what is there is no business of an answer
			elements = append(elements, wire.Element{Name: "ArgumentValue", Value: "null"})
		default:
			elements = append(elements, wire.Element{Name: "ArgumentValue", Value: x.get(b.header)})
		}
		return elements
	}
	return nil
}

// extraOf returns the extra elements that an error code has.
func (x *exchange) extraOf(d *report.Decision) []wire.Element {
	switch d.Code {
	case "NoSuchBucket":
		return []wire.Element{{Name: "BucketName", Value: x.bucketName}}
	case "NoSuchKey":
		key, _ := x.subject()
		return []wire.Element{{Name: "Key", Value: key}}
	case "NoSuchVersion":
		key, version := x.subject()
		return []wire.Element{{Name: "Key", Value: key}, {Name: "VersionId", Value: version}}
	case "MethodNotAllowed":
		kind := "BUCKETPOLICY"
		if x.key != "" {
			kind = "DeleteMarker"
		}
		return []wire.Element{{Name: "Method", Value: x.r.Method}, {Name: "ResourceType", Value: kind}}
	case "InvalidArgument":
		return x.argumentOf(d.Message)
	case "InvalidObjectState":
		tier := world.ArchiveOf(&x.object)
		extra := []wire.Element{{Name: "StorageClass", Value: tier.Class}}
		if tier.Status != "" {
			extra = append(extra, wire.Element{Name: "AccessTier", Value: tier.Status})
		}
		return extra
	case "PermanentRedirect":
		if x.bucket != nil {
			return []wire.Element{{Name: "Endpoint", Value: x.bucketName + ".s3." + x.bucket.RegionOrDefault() + ".amazonaws.com"}, {Name: "Bucket", Value: x.bucketName}}
		}
	}
	return nil
}
