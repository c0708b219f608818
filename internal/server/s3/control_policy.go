package s3

import (
	"net/http"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

var pointPolicySchema = document.MustSchema(`
PutAccessPointPolicyRequest
  Policy
`)

func (x *exchange) parsePointPolicy(data []byte) error {
	x.body = &request.Body{}
	d, err := readDocument(pointPolicySchema, data)
	if err != nil {
		return err
	}
	text := []byte(d.Get("Policy"))
	if len(text) > policyLimit {
		return malformedPolicy("Policy exceeds the maximum allowed document size.")
	}
	if err := checkPolicyText(text); err != nil {
		return err
	}
	doc, err := estate.ParseDocument("accesspoint/"+x.control.name+"?policy", text)
	if err != nil {
		return malformedPolicy(policyComplaint(err))
	}
	if err := x.checkPolicy(doc.Document); err != nil {
		return err
	}
	x.body.Policy, x.parsed = doc.Document, doc
	return nil
}

// ofPoint reports whether a resource of an access point's policy is that access
// point, or lies behind it.
func (c *controlCall) ofPoint(resource string) bool {
	rest, ok := strings.CutPrefix(resource, c.arn)
	return ok && (rest == "" || strings.HasPrefix(rest, "/object/"))
}

// putPointPolicy refuses what makes public, where the access point's own settings
// block that; those of bucket and account were decided on.
func (x *exchange) putPointPolicy() error {
	doc := x.parsed.(estate.Document)
	err := x.changePoint(func(p *world.AccessPoint) error {
		public, _ := policy.Public(doc.Document, true)
		if public && p.Origin() != "VPC" && p.BlockPublicAccess().BlockPublicPolicy {
			return x.refusePublicPolicy()
		}
		p.Document = doc
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusOK)
}

// refusePublicPolicy records the refusal, and returns it.
func (x *exchange) refusePublicPolicy() error {
	e := wire.NewError(http.StatusForbidden, "AccessDenied", "User: "+x.caller.ARN+` is not authorized to perform: s3:PutAccessPointPolicy on resource: "`+x.control.arn+
		`" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`)
	r := x.request()
	d := &report.Decision{ID: r.ID, Verdict: iam.Denied, Principal: r.Principal, Operation: r.Operation, Status: e.Status, Code: e.Code, Message: e.Message,
		Checks: []report.Check{}, Contributing: []*report.Cause{}, Unknown: []report.Unknown{}, Fixes: []report.Fix{}}
	d.Cause = &report.Cause{Gate: iam.GatePublicAccessBlock, Kind: iam.KindSetting, Reason: string(reason.BlockPublicPolicy),
		Summary: "the policy is public, and BlockPublicPolicy of access point " + x.control.name + " is on, which cannot be changed: make another access point"}
	x.s.Record(x.r, x.ids, d)
	return e
}

func (x *exchange) getPointPolicy() error {
	p, err := x.pointWithPolicy()
	if err != nil {
		return err
	}
	d := document.New("GetAccessPointPolicyResult")
	d.Add("Policy", p.Document.Text())
	return x.controlDocument(d)
}

// pointWithPolicy returns the access point of the request, if it has a policy.
func (x *exchange) pointWithPolicy() (world.AccessPoint, error) {
	p, err := x.point()
	if err == nil && p.Document.Document == nil {
		return p, x.noPointPolicy()
	}
	return p, err
}

func (x *exchange) noPointPolicy() error {
	return wire.NewError(http.StatusNotFound, "NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist").With("AccessPointName", x.control.name)
}

func (x *exchange) deletePointPolicy() error {
	err := x.changePoint(func(p *world.AccessPoint) error {
		if p.Document.Document == nil {
			return x.noPointPolicy()
		}
		p.Document = estate.Document{}
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusNoContent)
}

// getPointPolicyStatus tells whether the policy is public; one with a VPC origin
// never is.
func (x *exchange) getPointPolicyStatus() error {
	p, err := x.pointWithPolicy()
	if err != nil {
		return err
	}
	public, _ := policy.Public(p.Document.Document, true)
	d := document.New("GetAccessPointPolicyStatusResult")
	d.Add("PolicyStatus", "").Add("IsPublic", trueOrFalse(public && p.Origin() != "VPC"))
	return x.controlDocument(d)
}
