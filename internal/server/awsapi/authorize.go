package awsapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A Check is a permission that a call needs.
type Check struct {
	Action   string // "iam:CreateUser"
	Resource string // its ARN, or "*" where the action has none
	Keys     Keys   // condition keys that the call itself brings
}

// Keys are condition keys with their values.
type Keys map[string]condition.Value

// Set sets a key to one value, unless that is "". It returns the keys, made where
// they were nil.
func (k Keys) Set(name, value string) Keys {
	if value == "" {
		return k
	}
	return k.put(name, condition.String1(value))
}

// List sets a key that holds several values, unless there are none.
func (k Keys) List(name string, values []string) Keys {
	if len(values) == 0 {
		return k
	}
	return k.put(name, condition.Strings(values...))
}

// RequestTags sets the keys for tags that a call passes: aws:RequestTag/… and
// aws:TagKeys.
func (k Keys) RequestTags(tags map[string]string) Keys {
	for name, value := range tags {
		k = k.put("aws:RequestTag/"+name, condition.String1(value))
	}
	return k.List("aws:TagKeys", slices.Sorted(maps.Keys(tags)))
}

// ResourceTags sets the keys for tags that a resource has: aws:ResourceTag/…, and
// the service's own, such as iam:ResourceTag/…
func (k Keys) ResourceTags(service string, tags map[string]string) Keys {
	for name, value := range tags {
		k = k.put("aws:ResourceTag/"+name, condition.String1(value))
		k = k.put(service+":ResourceTag/"+name, condition.String1(value))
	}
	return k
}

func (k Keys) put(name string, v condition.Value) Keys {
	if k == nil {
		k = Keys{}
	}
	k[name] = v
	return k
}

// Allow asks the engine for all checks, in their order, and returns AWS's
// refusal of the first that it does not allow. Each decision is recorded.
func (c *Call) Allow(checks ...Check) error {
	for _, check := range checks {
		if err := c.allow(check, c.Request(check)); err != nil {
			return err
		}
	}
	return nil
}

// Unopposed is Allow for what something else than a policy allows, such as a grant on a
// key: it passes where nothing stands against it but that these gates do not allow it.
func (c *Call) Unopposed(check Check, gates ...iam.Gate) error {
	d := c.s.Decide(c.Estate, c.Request(check))
	if wire.LacksOnly(d, gates...) {
		return nil
	}
	d.Operation = c.Operation
	err := c.refused(check, d)
	c.record(d)
	return err
}

// AllowAs is Allow for another principal than the caller: the identity provider
// that an unsigned call of STS shows a token of.
func (c *Call) AllowAs(principal string, check Check) error {
	r := c.Request(check)
	r.Principal, r.Auth = principal, nil
	return c.allow(check, r)
}

func (c *Call) allow(check Check, r *request.Request) error {
	d := c.s.Decide(c.Estate, r)
	d.Operation = c.Operation
	err := c.refused(check, d)
	c.record(d)
	return err
}

func (c *Call) record(d *report.Decision) {
	c.recorded = c.recorded || d.Verdict != iam.Allowed
	c.s.Record(c.r, c.IDs, d)
}

// May asks the engine about a permission on which part of an answer hangs. It is
// not recorded.
func (c *Call) May(check Check) bool {
	return c.s.Decide(c.Estate, c.Request(check)).Verdict == iam.Allowed
}

// Request states a check as the engine takes requests.
func (c *Call) Request(check Check) *request.Request {
	r := c.request()
	r.Action, r.Resource = check.Action, check.Resource
	kept := map[string]condition.Value{}
	for name, v := range check.Keys {
		name = strings.ToLower(name)
		if other, twice := kept[name]; twice && !other.Same(v) {
			v = neither
		}
		kept[name] = v
	}
	for name := range check.Keys {
		r.Context[name] = request.ContextValue{Value: kept[strings.ToLower(name)]}
	}
	return r
}

// neither is the value of a condition key that a call states twice, in names that
// differ in case alone, such as a tag or encryption context of Team and team: names
// of condition keys have no case, and AWS does not say which of the values counts.
// What hangs on it is not known, and so does not pass.
var neither = condition.NotKnown

// request states who calls, and how.
func (c *Call) request() *request.Request {
	r := &request.Request{ID: c.IDs.Request, Unstated: "absent", Headers: map[string]string{}, Context: map[string]request.ContextValue{}}
	for _, name := range []string{"user-agent", "referer"} {
		if v := c.r.Header.Get(name); v != "" {
			r.Headers[name] = v
		}
	}
	c.s.State(c.r, r)
	if c.Caller == nil {
		r.Principal, r.Auth = "anonymous", &request.Auth{Type: "anonymous"}
		return r
	}
	r.Principal = c.Caller.ARN
	r.Auth = &request.Auth{Type: c.auth.Mechanism.String(), Region: c.Region}
	c.Caller.Session.State(r)
	return r
}

// refused turns a decision into the service's answer, nil where it lets the call
// pass. What is not known does not pass.
func (c *Call) refused(check Check, d *report.Decision) error {
	if d.Verdict == iam.Allowed || c.s.Soft {
		return nil
	}
	message := c.deniedMessage(check, d)
	if c.s.model.protocol == ec2Query {
		message = "You are not authorized to perform this operation. " + strings.Replace(message, " on resource: *", "", 1)
		if check.Resource != "*" {
			message += ". Encoded authorization failure message: " + c.encodeMessage(check, d)
		}
	}
	e := c.AccessDenied(message)
	if code, ok := strings.CutPrefix(d.Code, "KMS."); ok { // the key's state refuses
		e = c.Errorf(code, "%s", d.Message)
	}
	d.Status, d.Code, d.Message = e.Status, e.Code, e.Message
	return e
}

// AccessDenied returns a refusal with the code and status of the service's
// protocol.
func (c *Call) AccessDenied(message string) *wire.Error {
	switch p := c.s.model.protocol; {
	case p.json():
		return wire.NewError(http.StatusBadRequest, "AccessDeniedException", message)
	case p == ec2Query:
		return wire.NewError(http.StatusForbidden, "UnauthorizedOperation", message)
	}
	return wire.NewError(http.StatusForbidden, "AccessDenied", message)
}

// policyTypes are the words of the messages (IAM User Guide, Troubleshoot access
// denied error messages).
var policyTypes = map[iam.Gate]string{
	iam.GateSCP: "service control policy", iam.GateRCP: "resource control policy", iam.GateVPCEndpoint: "VPC endpoint policy",
	iam.GateBoundary: "permissions boundary", iam.GateSession: "session policy", iam.GateIdentity: "identity-based policy",
	iam.GateBucketPolicy: "resource-based policy", iam.GateKMS: "resource-based policy",
}

// trustReasons are those of refusals by a role's trust policy.
var trustReasons = []string{string(reason.DenyTrust), string(reason.NoAllowTrust)}

// deniedMessage words a refusal. The policy type is told to callers of the
// resource's account or organization alone.
func (c *Call) deniedMessage(check Check, d *report.Decision) string {
	who := "anonymous"
	if c.Caller != nil {
		who = c.Caller.ARN
	}
	message := "User: " + who + " is not authorized to perform: " + check.Action
	if d.Cause != nil && d.Cause.Gate == iam.GateKMS && d.Cause.Kind == iam.KindImplicitDeny && (d.Cause.Reason != string(reason.NoAllowKMSIdentity) || !c.mayKnow(check.Resource)) {
		return message + onKey(check)
	}
	if check.Resource != "" {
		message += " on resource: " + check.Resource
	}
	if d.Cause == nil || !c.mayKnow(check.Resource) {
		return message
	}
	t, ok := policyTypes[d.Cause.Gate]
	if d.Cause.Reason == string(reason.NoAllowKMSIdentity) {
		t = policyTypes[iam.GateIdentity]
	}
	trust := slices.Contains(trustReasons, d.Cause.Reason)
	if trust {
		t = "role trust policy"
	}
	switch {
	case !ok:
	case trust && d.Cause.Kind == iam.KindExplicitDeny:
		message += " with an explicit deny in the " + t
	case d.Cause.Kind == iam.KindExplicitDeny:
		message += " with an explicit deny in " + article(t) + t
	case d.Cause.Kind == iam.KindImplicitDeny:
		message += " because no " + t + " allows the " + check.Action + " action"
	}
	return message
}

// onKey is how KMS goes on where neither the key's policy nor a grant allows: as if
// the key might not exist (observed, also through S3).
func onKey(check Check) string {
	on := " on resource: " + check.Resource
	if check.Action == "kms:Decrypt" || check.Action == "kms:ReEncryptFrom" {
		on = " on the resource associated with this ciphertext"
	}
	return on + " because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
}

func article(s string) string {
	if strings.ContainsRune("aeiou", rune(s[0])) {
		return "an "
	}
	return "a "
}

// mayKnow reports whether the caller may know more of a refusal than that it is
// one.
func (c *Call) mayKnow(resource string) bool {
	arn, ok := iam.ParseARN(resource)
	if !ok || arn.Account == "" || arn.Account == c.AccountID() {
		return true
	}
	owner, own := c.Estate.Accounts[arn.Account], c.Account()
	return owner != nil && own != nil && owner.OrganizationID != "" && owner.OrganizationID == own.OrganizationID
}

// recordRefusal records that a request was not authenticated.
func (c *Call) recordRefusal(e *sigv4.Error) {
	if e.Gate == "" {
		return // it is the body's form that is wrong
	}
	r := &request.Request{ID: c.IDs.Request, Principal: "anonymous"}
	if cred, ok := c.s.World.Credential(sigv4.ReadClaim(c.r).AccessKeyID); ok {
		if holder, ok := cred.Principal.(*world.Caller); ok {
			r.Principal = holder.ARN
		}
	}
	d := wire.Refusal(r, e)
	d.Operation = c.Operation
	c.record(d)
}
