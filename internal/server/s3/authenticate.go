package s3

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// authenticate finds out who made the request.
func (x *exchange) authenticate() error {
	verifier := &x.s.verifier
	if slices.Contains(v2Regions, x.region()) {
		verifier = &x.s.verifierV2
	}
	res, err := verifier.Verify(x.r)
	if err != nil {
		if err.Gate != "" { // else it is the body's form that is wrong
			x.recordRefusal(err)
		}
		return err
	}
	if res.Form != nil && x.spec != nil && x.spec.Name != "PostObject" {
		return errFormOperation() // its policy is signed for an upload
	}
	if x.auth = res; res.Form != nil {
		x.useForm(res.Form)
	}
	if x.caller, _ = res.Credential.Principal.(*world.Caller); x.caller != nil {
		x.s.World.Use(res.Credential.AccessKeyID, x.caller, "s3", x.region())
	}
	if fold(res.Hoisted); len(res.Hoisted) > 0 {
		x.header = x.r.Header.Clone()
		for name, values := range res.Hoisted {
			if _, sent := x.header[name]; !sent {
				x.header[name] = values
			}
		}
	}
	return nil
}

// v2Regions were launched before 30 January 2014, and take Signature Version 2:
// "Authenticating requests (AWS Signature Version 4)" of the S3 API Reference.
var v2Regions = []string{"us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"}

// region is the Region of what the request names: the access point's or bucket's,
// else that of the endpoint that the Host names, else the service's own.
func (x *exchange) region() string {
	if r := x.namedRegion(); r != "" {
		return r
	}
	if x.target.Region != "" {
		return x.target.Region
	}
	return x.s.Region
}

func (x *exchange) namedRegion() string {
	if x.accessPoint != nil {
		return x.accessPoint.Region
	}
	if b, ok := x.estate.Bucket(x.bucketName); ok {
		return b.RegionOrDefault()
	}
	return ""
}

// sigTarget says which Region the signature must name: the bucket's; for what has
// none, and for CreateBucket, that of the endpoint that the Host names. Where the
// Host names another Region than the bucket's, any will do: the answer is a redirect.
func (x *exchange) sigTarget() sigv4.Target {
	t := sigv4.Target{Bucket: x.target.Bucket, VirtualHosted: x.target.VirtualHosted, Region: x.target.Region}
	switch region := x.namedRegion(); {
	case x.spec != nil && x.spec.Name == "CreateBucket":
	case region != "" && t.Region == "":
		t.Region = region
	case region != "" && t.Region != region:
		t.Region = ""
	}
	return t
}

// recordRefusal has the engine decide a request that was not authenticated, and
// records its decision where that tells the same refusal; else one made of the
// error.
func (x *exchange) recordRefusal(e *sigv4.Error) {
	x.bucket, _ = x.estate.Bucket(x.bucketName)
	d := x.decideRefused(e)
	if d == nil {
		r := x.request()
		x.claim(r, e)
		d = wire.Refusal(r, e)
	}
	d.Status, d.Code, d.Message = e.Status, e.Code, e.Message
	if x.r.Method == http.MethodHead {
		d.Message = ""
	}
	x.authRecorded = true
	x.s.Record(x.r, x.ids, d)
}

// decideRefused asks the engine about a request that was not authenticated. It
// returns nil where the engine does not refuse for that same reason.
func (x *exchange) decideRefused(e *sigv4.Error) *report.Decision {
	if x.spec == nil || x.gather() != nil {
		return nil // what was asked for, or what is there, is not known
	}
	r := x.request()
	r.Object = x.facts()
	x.claim(r, e)
	d, err := x.ask(r)
	if err != nil || d.Code != e.Code || d.Message != e.Message && d.Message != "" || !tells(d, e) {
		return nil
	}
	return d
}

// tells reports whether an error of authentication is among what a decision
// refuses for. It need not be the cause: S3 looks at the clock first, and who
// holds the key is mended first.
func tells(d *report.Decision, e *sigv4.Error) bool {
	if d.Cause == nil || d.Cause.Kind != iam.KindAuthentication {
		return false
	}
	return slices.ContainsFunc(append([]*report.Cause{d.Cause}, d.Contributing...), func(c *report.Cause) bool {
		same := c.Reason == string(wire.Catalogued(e.Reason)) || d.Message == e.Message // the messages of the verifier say more than its reasons
		return c.Gate.String() == e.Gate && same
	})
}

// claim states what a request that was refused said of its signature, and who
// holds the access key. Who signed with a key that nobody holds is nobody.
func (x *exchange) claim(r *request.Request, e *sigv4.Error) {
	cl := sigv4.ReadClaim(x.r)
	if cl.Mechanism == sigv4.Anonymous {
		return // as request states it
	}
	a := &request.Auth{Type: cl.Mechanism.String(), AccessKeyID: cl.AccessKeyID, Region: cl.Region, Service: cl.Service, Version: cl.Algorithm}
	if x.target.AWS() {
		a.Host = x.target.Host
	}
	r.Principal, r.Auth = "", a
	if cred, ok := x.s.World.Credential(cl.AccessKeyID); ok {
		if c, ok := cred.Principal.(*world.Caller); ok {
			r.Principal = c.ARN
			c.Session.State(r)
		}
		if !cred.Expires.IsZero() {
			a.TokenExpires = &cred.Expires
		}
	}
	if r.Principal == "" && a.AccessKeyID == "" {
		r.Principal = "anonymous"
	}
	x.claimedTimes(a)
	yes, no := true, false
	switch e.Reason {
	case sigv4.ReasonMissingToken:
		a.TokenPresent = &no
	case sigv4.ReasonInvalidToken:
		a.TokenPresent, a.TokenMatches = &yes, &no
	case sigv4.ReasonSignatureMismatch:
		a.SignatureMatches = &no
	}
	x.restate(r) // what an upload states counts as signed
}

const basicFormat = "20060102T150405Z"

// claimedTimes reads when the request says that it was signed, until when it holds,
// and which headers it covers.
func (x *exchange) claimedTimes(a *request.Auth) {
	stamp := x.r.Header.Get("X-Amz-Date")
	if v, ok := x.query.Lookup("X-Amz-Date"); ok {
		stamp = v
	}
	if t, err := time.Parse(basicFormat, stamp); err == nil {
		a.SignedAt = &t
	}
	if d, err := time.ParseDuration(x.query.Get("X-Amz-Expires") + "s"); err == nil {
		seconds := int64(d.Seconds())
		a.Expires = &seconds
	}
	if list := x.signedHeaders(); list != "" {
		a.SignedHeaders = strings.Split(list, ";")
	}
}

// signedHeaders returns the list of headers that the request says are signed, ""
// where it has none.
func (x *exchange) signedHeaders() string {
	if list, ok := x.query.Lookup("X-Amz-SignedHeaders"); ok {
		return list
	}
	_, rest, _ := strings.Cut(x.r.Header.Get("Authorization"), "SignedHeaders=")
	list, _, _ := strings.Cut(rest, ",")
	return strings.TrimSpace(list)
}
