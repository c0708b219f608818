package gather

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/request"
)

// maxSkew is how far a request's time may be off (S3 API Reference, REST
// authentication).
const maxSkew = 15 * time.Minute

// maxExpires is how long a presigned URL lasts at most: seven days.
const maxExpires = 7 * 24 * 3600

// wire tells how the request was made and signed, and what S3 refuses before it
// looks at policies. Without auth the request counts as correctly signed.
func (t *task) wire() decide.Wire {
	w := &wire{t: t, auth: t.r.Auth, Wire: decide.Wire{Secure: t.r.Secure(), Signed: t.facts.Caller.Kind != iam.Anonymous}}
	if w.auth == nil {
		w.auth = &request.Auth{}
	}
	w.V2 = w.auth.Version == "AWS"
	w.version()
	w.neverAnonymous()
	w.partition()
	if t.r.Auth != nil && !strings.EqualFold(w.auth.Type, "anonymous") {
		w.clock()
		w.scope()
		w.credentials()
		w.headers()
		w.signature()
	}
	w.endpoint()
	return w.Wire
}

type wire struct {
	decide.Wire
	t    *task
	auth *request.Auth
}

func (w *wire) refuse(gate iam.Gate, code reason.Code, step decide.Step, status int, s3code, message string, extra ...[2]string) {
	w.Refusals = append(w.Refusals, decide.Refusal{Gate: gate, Kind: iam.KindAuthentication, Reason: code, Step: step, Check: -1, Statement: -1,
		Status: status, Code: s3code, Message: message, Extra: extra, Where: w.auth.AccessKeyID})
}

// oldRegions are the Regions that take Signature Version 2: those launched
// before 30 January 2014.
var oldRegions = []string{"us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"}

// version is the version of the signature (S3 User Guide, Authenticating
// requests, AWS Signature Version 2).
func (w *wire) version() {
	if !w.V2 || slices.Contains(oldRegions, w.t.bucketRegion()) {
		return
	}
	w.refuse(iam.GateSignature, reason.SignatureVersion, decide.StepMechanism, 400, "InvalidRequest",
		"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
}

func (w *wire) query() bool { return strings.EqualFold(w.auth.Type, "query") }

// neverAnonymous is the operations that take signed requests only.
func (w *wire) neverAnonymous() {
	if w.Signed || w.t.spec == nil || w.t.spec.AnonymousText == "" {
		return
	}
	w.refuse(iam.GateCredentials, reason.AnonymousNotAllowed, decide.StepCredentials, 403, "AccessDenied", w.t.spec.AnonymousText)
}

// partition is credentials of another partition, which S3 does not know.
func (w *wire) partition() {
	target, caller := w.t.facts.Target, w.t.facts.Caller.Partition
	if target == nil || caller == "" || w.t.bucket == nil || target.Partition == caller {
		return
	}
	w.refuse(iam.GateCredentials, reason.OtherPartition, decide.StepCredentials, 403, "InvalidAccessKeyId", unknownKeyText)
}

const unknownKeyText = "The AWS Access Key Id you provided does not exist in our records."

// clock is the time of the signature: within fifteen minutes of now, and for a
// presigned URL within its validity.
func (w *wire) clock() {
	if w.auth.SignedAt == nil && w.auth.Expires == nil {
		return
	}
	now := w.t.time
	signed := now
	if w.auth.SignedAt != nil {
		signed = *w.auth.SignedAt
	}
	if strings.EqualFold(w.auth.Type, "post") {
		return
	}
	if !w.query() {
		if d := now.Sub(signed); d > maxSkew || d < -maxSkew {
			w.refuse(iam.GateSignature, reason.ClockSkew, decide.StepClock, 403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.",
				[2]string{"RequestTime", signed.UTC().Format("20060102T150405Z")}, [2]string{"ServerTime", now.UTC().Format(time.RFC3339)}, [2]string{"MaxAllowedSkewMilliseconds", "900000"})
		}
		return
	}
	expires := int64(3600)
	if w.auth.Expires != nil {
		expires = *w.auth.Expires
	}
	end := signed.Add(time.Duration(min(max(expires, 0), 10*maxExpires)) * time.Second)
	times := [][2]string{{"Expires", end.UTC().Format(time.RFC3339)}, {"ServerTime", now.UTC().Format(time.RFC3339)}}
	switch {
	case expires < 0:
		w.refuse(iam.GateSignature, reason.MalformedAuthorization, decide.StepClock, 400, "AuthorizationQueryParametersError", "X-Amz-Expires must be non-negative")
	case expires > maxExpires:
		w.refuse(iam.GateSignature, reason.PresignedTooLong, decide.StepClock, 400, "AuthorizationQueryParametersError",
			"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	case now.After(end):
		w.refuse(iam.GateSignature, reason.PresignedExpired, decide.StepClock, 403, "AccessDenied", "Request has expired",
			append([][2]string{{"X-Amz-Expires", fmt.Sprint(expires)}}, times...)...)
	case signed.Sub(now) > maxSkew:
		w.refuse(iam.GateSignature, reason.PresignedNotYetValid, decide.StepClock, 403, "AccessDenied", "Request is not yet valid",
			append([][2]string{{"X-Amz-Date", fmt.Sprint(signed.UnixMilli())}}, times...)...)
	}
}

// scope is the region and service that the request was signed for.
func (w *wire) scope() {
	prefix, code := "The authorization header is malformed; ", "AuthorizationHeaderMalformed"
	if w.query() {
		prefix, code = "Error parsing the X-Amz-Credential parameter; ", "AuthorizationQueryParametersError"
	}
	if s := w.auth.Service; s != "" && s != "s3" {
		w.refuse(iam.GateSignature, reason.MalformedAuthorization, decide.StepScope, 400, code, fmt.Sprintf("%sincorrect service %q. This endpoint belongs to \"s3\".", prefix, s))
	}
	region := w.t.endpointRegion()
	if w.auth.Region == "" || region == "" || w.auth.Region == region || w.V2 {
		return
	}
	w.refuse(iam.GateEndpoint, reason.WrongRegion, decide.StepScope, 400, code,
		fmt.Sprintf("%sthe region '%s' is wrong; expecting '%s'", prefix, w.auth.Region, region), [2]string{"Region", region})
}

// endpointRegion is the region that a signature must name: the bucket's, where
// the request reaches it; "" where it is not known.
func (t *task) endpointRegion() string {
	if t.bucket != nil && !t.regionUnread() && (t.spec == nil || t.spec.Name != "CreateBucket") { // which makes one elsewhere
		return t.bucket.RegionOrDefault()
	}
	return ""
}

// endpoint is a host of another region than the bucket's, which answers with a
// redirect.
func (w *wire) endpoint() {
	if w.t.r.Auth == nil || w.t.endpointRegion() == "" {
		return
	}
	host, region := regionOfHost(w.auth.Host), w.t.bucket.RegionOrDefault()
	if host == "" || host == region {
		return
	}
	for i := range w.Refusals {
		if w.Refusals[i].Gate == iam.GateEndpoint && w.auth.Region != host {
			return
		}
	}
	if w.auth.Region == host {
		w.Refusals = deleteGate(w.Refusals, iam.GateEndpoint) // signed for the host: only the redirect
	}
	w.refuse(iam.GateEndpoint, reason.WrongRegion, decide.StepBucket, 301, "PermanentRedirect",
		"The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
		[2]string{"Endpoint", w.t.bucket.Name + ".s3." + region + ".amazonaws.com"}, [2]string{"Bucket", w.t.bucket.Name})
}

func deleteGate(rs []decide.Refusal, gate iam.Gate) []decide.Refusal {
	kept := rs[:0:0]
	for _, r := range rs {
		if r.Gate != gate {
			kept = append(kept, r)
		}
	}
	return kept
}

// credentials is the access key and the session token.
func (w *wire) credentials() {
	id := w.auth.AccessKeyID
	invalid := func(code reason.Code) {
		w.refuse(iam.GateCredentials, code, decide.StepCredentials, 403, "InvalidAccessKeyId", unknownKeyText, [2]string{"AWSAccessKeyId", id})
	}
	holder, held := w.t.estate.AccessKey(id)
	switch {
	case id != "" && !held && w.t.r.Principal == "":
		invalid(reason.UnknownAccessKey)
		return
	case id != "" && held && !holder.Key.IsActive():
		invalid(reason.InactiveAccessKey)
		return
	}
	if w.auth.TokenPresent != nil && !*w.auth.TokenPresent && (strings.HasPrefix(id, "ASIA") || w.t.facts.Caller.Kind == iam.RoleSession || w.t.facts.Caller.Kind == iam.FederatedUser) {
		invalid(reason.MissingToken)
		return
	}
	if w.auth.TokenMatches != nil && !*w.auth.TokenMatches {
		w.refuse(iam.GateCredentials, reason.InvalidToken, decide.StepCredentials, 400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
		return
	}
	if e := w.auth.TokenExpires; e != nil && !w.t.time.Before(*e) {
		w.refuse(iam.GateCredentials, reason.ExpiredToken, decide.StepCredentials, 400, "ExpiredToken", "The provided token has expired.")
	}
}

// headers is what must be signed: the host, and every x-amz- header that was
// sent, but for x-amz-content-sha256.
func (w *wire) headers() {
	if w.auth.SignedHeaders == nil || w.V2 {
		return
	}
	signed := func(name string) bool {
		return slices.ContainsFunc(w.auth.SignedHeaders, func(h string) bool { return strings.EqualFold(h, name) })
	}
	var missing []string
	for name := range w.t.r.Headers {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && name != "x-amz-content-sha256" && !signed(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return
	}
	w.refuse(iam.GateSignature, reason.UnsignedHeaders, decide.StepUnsignedHeaders, 403, "AccessDenied", "There were headers present in the request which were not signed",
		[2]string{"HeadersNotSigned", strings.Join(sortedStrings(missing), ", ")})
}

func (w *wire) signature() {
	if w.auth.SignatureMatches == nil || *w.auth.SignatureMatches {
		return
	}
	w.refuse(iam.GateSignature, reason.SignatureMismatch, decide.StepSignature, 403, "SignatureDoesNotMatch",
		"The request signature we calculated does not match the signature you provided. Check your key and signing method.", [2]string{"AWSAccessKeyId", w.auth.AccessKeyID})
}
