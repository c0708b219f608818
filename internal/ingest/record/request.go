package record

import (
	"bytes"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// Names tells what an estate knows of the names in a log. Nil knows none.
type Names interface {
	HasEndpoint(id string) bool                               // of a VPC endpoint
	PrincipalOfID(account, uniqueID string) (string, bool)    // ARN of the user or role of AIDA… or AROA…
	PrincipalOfCanonicalID(canonicalID string) (string, bool) // ARN of the root user of the account
}

// What keeps a record from being a request.
var (
	ErrNotS3     = errors.New("no request to S3")
	ErrService   = errors.New("S3 did this by itself")
	ErrPerKey    = errors.New("each key of it has a line of its own")
	ErrSession   = errors.New("what a directory bucket's session does is decided when it is made, by s3express:CreateSession")
	ErrDirectory = errors.New("of directory buckets s3express:CreateSession alone is decided")
	ErrCaller    = errors.New("the record names its caller by an id, and the estate does not hold it")
	ErrUnnamed   = errors.New("the record does not say which service of AWS it was")
	ErrKind      = errors.New("a caller of this kind makes no requests to S3")
	ErrOperation = errors.New("no known operation")
	ErrNoBucket  = errors.New("the record names neither bucket nor key") // network activity
)

// Request turns the record into a request with all that it states; what it does
// not state is not known. The time is that of the record, so a long upload is
// decided as of its end.
func (r *Record) Request(names Names) (*request.Request, error) {
	if !r.IsS3() && !r.IsKMS() {
		return nil, ErrNotS3
	}
	q := &request.Request{ID: string(r.RequestID), VersionID: string(r.VersionID), Context: map[string]request.ContextValue{}}
	r.time(q)
	if err := r.asked(q); err != nil {
		return nil, err
	}
	principal, err := r.Principal(names)
	if err != nil {
		return nil, err
	}
	q.Principal = principal
	r.session(q)
	r.network(q, names)
	r.wire(q)
	r.parameters(q)
	r.unstated(q)
	r.body(q)
	return q, nil
}

// time fills in when it was, which rows of a table may lack.
func (r *Record) time(q *request.Request) {
	if when := r.When(); r.Time != 0 {
		q.Time = &when
		return
	}
	for _, key := range []string{"aws:CurrentTime", "aws:EpochTime"} {
		q.Context[key] = request.ContextValue{Value: condition.NotKnown}
	}
}

// asked fills in what is asked for.
func (r *Record) asked(q *request.Request) error {
	if action := r.Action(); action != "" {
		q.Action, q.Resource = action, "arn:aws:s3:::"+string(r.Bucket)+"/"+string(r.Key)
		if r.IsKMS() {
			q.Resource = string(r.KeyARN)
			q.Context["kms:EncryptionContext:aws:s3:arn"] = text(string(r.EncryptionContext))
			q.Context["kms:ViaService"] = text("s3." + string(r.Region) + ".amazonaws.com")
		}
		return nil
	}
	if r.Kind == AccessLog && string(r.Event) == "REST.POST.MULTI_OBJECT_DELETE" && !r.Failed() {
		return ErrPerKey
	}
	if r.Kind == AccessLog && !bytes.HasPrefix(r.Event, []byte("REST.")) && !bytes.HasPrefix(r.Event, []byte("WEBSITE.")) && !bytes.HasPrefix(r.Event, []byte("SOAP.")) {
		return ErrService
	}
	q.Operation = r.Operation()
	spec, ok := s3op.Lookup(q.Operation)
	switch {
	case !ok:
		return ErrOperation
	case string(r.Service) == "s3express.amazonaws.com" && q.Operation != "CreateSession":
		return r.directory()
	case r.NoKey() && spec.Read && spec.Scope == s3op.Object:
		q.Object = &estate.Object{Exists: new(bool)}
	}
	q.Bucket, q.Key, q.AccessPoint = string(r.Bucket), string(r.Key), string(r.AccessPoint)
	if q.Bucket == "" && q.AccessPoint == "" && (spec.Scope == s3op.Bucket || spec.Scope == s3op.Object) || spec.Scope == s3op.Object && q.Key == "" {
		return ErrNoBucket
	}
	return nil
}

// directory is why a request on a directory bucket is not decided: what belongs to
// its session, or to its configuration (S3 User Guide, Authorizing Zonal endpoint API
// operations with CreateSession).
func (r *Record) directory() error {
	if len(r.Key) > 0 || string(r.Category) == "Data" {
		return ErrSession
	}
	return ErrDirectory
}

// Principal returns the caller as requests name it.
func (r *Record) Principal(names Names) (string, error) {
	if r.Anonymous() {
		return "anonymous", nil
	}
	if r.Kind == AccessLog {
		return r.requester(names)
	}
	switch w := &r.Who; string(w.Type) {
	case "", "IAMUser", "AssumedRole", "Role", "FederatedUser", "Root": // "" where a query chose the ARN alone
		if len(w.ARN) > 0 {
			return string(w.ARN), nil
		}
		return r.byID(names)
	case "AWSAccount":
		return r.byID(names)
	case "AWSService":
		if !bytes.ContainsRune(w.InvokedBy, '.') { // "AWS Internal"
			return "", ErrUnnamed
		}
		return string(w.InvokedBy), nil
	}
	return "", ErrKind
}

// byID is a caller of another account than the copy's: its id is all that is told.
func (r *Record) byID(names Names) (string, error) {
	id, session, _ := strings.Cut(string(r.Who.PrincipalID), ":")
	if len(r.Who.ARN) > 0 {
		return string(r.Who.ARN), nil
	}
	if names == nil || id == "" {
		return "", ErrCaller
	}
	arn, ok := names.PrincipalOfID(string(r.Who.Account), id)
	if !ok {
		return "", ErrCaller
	}
	if session != "" {
		if role := strings.LastIndexByte(arn, '/'); role >= 0 && strings.Contains(arn, ":role/") {
			return strings.Replace(arn[:strings.Index(arn, ":role/")], ":iam:", ":sts:", 1) + ":assumed-role/" + arn[role+1:] + "/" + session, nil
		}
	}
	return arn, nil
}

// requester is the requester of an access log: an ARN, "svc:" and a service, or
// the canonical id of an account, whose root user it is.
func (r *Record) requester(names Names) (string, error) {
	who := string(r.Who.ARN)
	if service, ok := strings.CutPrefix(who, "svc:"); ok {
		return service, nil
	}
	if strings.HasPrefix(who, "arn:") {
		return who, nil
	}
	if names != nil {
		if arn, ok := names.PrincipalOfCanonicalID(who); ok {
			return arn, nil
		}
	}
	return "", ErrCaller
}

// session fills in what hangs on the session: MFA and the time of its token. A
// service that acts for the caller is told by invokedBy.
func (r *Record) session(q *request.Request) {
	w := &r.Who
	if strings.HasSuffix(string(w.IssuerARN), ":root") || string(w.IssuerType) == "IAMUser" {
		if string(w.Type) == "FederatedUser" {
			by := string(w.IssuerARN)
			q.FederatedBy = &by
		}
	}
	created, known := ParseCreated(string(w.Created))
	if w.Session && known {
		q.Context["aws:TokenIssueTime"] = text(created.Format(time.RFC3339))
	}
	r.role(q)
	mfa := string(w.MFA) == "true"
	switch {
	case len(w.MFA) == 0:
	case string(w.Type) == "AssumedRole":
		q.MFA = &mfa
		if mfa {
			q.Context["aws:MultiFactorAuthAge"] = request.ContextValue{Value: condition.SomeValue} // of the session before
		}
	case mfa && known:
		q.MFA = &mfa
		q.Context["aws:MultiFactorAuthAge"] = text(strconv.FormatInt(max(0, r.Time-created.Unix()), 10))
	case mfa:
		q.MFA = &mfa
		q.Context["aws:MultiFactorAuthAge"] = request.ContextValue{Value: condition.SomeValue}
	case w.Session:
		q.Context["aws:MultiFactorAuthPresent"] = text("false") // temporary credentials, unlike long-term keys, carry it
	}
	if len(w.InvokedBy) > 0 && string(w.Type) != "AWSService" {
		q.Context["aws:ViaAWSService"] = text("true")
		q.Context["aws:CalledVia"] = request.ContextValue{Value: condition.Strings(string(w.InvokedBy))}
		q.Context["aws:CalledViaFirst"] = request.ContextValue{Value: condition.NotKnown} // another service may have called this one
		q.Context["aws:CalledViaLast"] = text(string(w.InvokedBy))
	}
}

// role fills in what CloudTrail writes of a role's session where the session has it
// (CloudTrail User Guide, userIdentity element, sourceIdentity and ec2RoleDelivery).
func (r *Record) role(q *request.Request) {
	w := &r.Who
	if string(w.Type) != "AssumedRole" || len(w.IssuerARN) == 0 {
		return // a copy without the session
	}
	for key, value := range map[string][]byte{"aws:SourceIdentity": w.SourceIdentity, "ec2:RoleDelivery": w.RoleDelivery} {
		if q.Context[key] = (request.ContextValue{}); len(value) > 0 {
			q.Context[key] = text(string(value))
		}
	}
}

// ParseCreated reads the creationDate of a session, extended or basic ISO 8601.
func ParseCreated(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "20060102T150405Z"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// network fills in address and endpoint. An endpoint counts where the estate holds
// it; requests of AWS's own console show one that belongs to AWS, together with the
// person's public address. Access logs do not tell endpoints: a private address
// there came through one that is not known.
func (r *Record) network(q *request.Request, names Names) {
	ip, err := netip.ParseAddr(string(r.SourceIP))
	endpoint := string(r.VPCEndpoint)
	private := err == nil && Private(ip)
	address := string(r.SourceIP)
	switch {
	case err != nil: // "AWS Internal", a service's name, "-"
	case endpoint != "" && (names != nil && names.HasEndpoint(endpoint) || private):
		q.VPCEndpoint, q.SourceIP = &endpoint, &address
	case endpoint != "" || private:
	default:
		q.SourceIP = &address
	}
}

// shared is the address space of carriers, which VPCs use as well (Amazon VPC User
// Guide, VPC CIDR blocks).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Private reports addresses that do not come over the public network, so that their
// requests came through a VPC endpoint.
func Private(ip netip.Addr) bool {
	return ip.IsPrivate() || ip.IsLinkLocalUnicast() || shared.Contains(ip.Unmap())
}

// wire fills in how the request was sent and signed. AWS has verified what stands
// in CloudTrail; what failed to authenticate stands in access logs alone and is
// told by its error code.
func (r *Record) wire(q *request.Request) {
	if len(r.Cipher) > 0 || len(r.TLSVersion) > 0 || r.TellsTLS {
		secure := len(r.Cipher) > 0 || len(r.TLSVersion) > 0
		q.SecureTransport = &secure
	}
	if v, ok := bytes.CutPrefix(bytes.ToUpper(r.TLSVersion), []byte("TLSV")); ok {
		q.Context["s3:TlsVersion"] = text(string(v))
	}
	if r.Kind == CloudTrail && len(r.Region) > 0 {
		q.Context["aws:RequestedRegion"] = text(string(r.Region))
	}
	if bytes.HasPrefix(r.Event, []byte("WEBSITE.")) {
		q.Auth = &request.Auth{Type: "anonymous", Host: string(r.Host)}
		return
	}
	auth := &request.Auth{}
	switch string(r.AuthMethod) {
	case "QueryString":
		auth.Type = "query"
		q.Context["s3:signatureAge"] = r.signatureAge()
	case "HtmlForm":
		auth.Type = "post"
	}
	if string(r.SignatureVer) == "SigV2" {
		auth.Version = "AWS"
	}
	if auth.Type != "" || auth.Version != "" {
		q.Auth = auth
	}
}

// signatureAge is how old a presigned URL's signature was, in milliseconds.
func (r *Record) signatureAge() request.ContextValue {
	v, _ := r.Param("X-Amz-Date")
	signed, err := time.Parse("20060102T150405Z", string(v))
	if err != nil {
		return request.ContextValue{Value: condition.SomeValue}
	}
	return text(strconv.FormatInt(max(0, r.Time-signed.Unix())*1000, 10))
}

var presigned = map[string]bool{"x-amz-algorithm": true, "x-amz-credential": true, "x-amz-date": true, "x-amz-expires": true,
	"x-amz-signedheaders": true, "x-amz-signature": true, "x-amz-security-token": true}

// Presigned reports the parameters of a presigned URL, given in lower case, which
// say nothing about what is asked.
func Presigned(name string) bool { return presigned[name] }

// parameters are headers where their name begins as S3's do, query parameters
// otherwise.
func (r *Record) parameters(q *request.Request) {
	headers := map[string]string{}
	query := map[string]string{}
	if len(r.UserAgent) > 0 {
		headers["user-agent"] = string(r.UserAgent)
	}
	if len(r.Referer) > 0 {
		headers["referer"] = string(r.Referer)
	}
	for _, p := range r.Params {
		name := strings.ToLower(string(p.Name))
		switch {
		case presigned[name]:
		case strings.HasPrefix(name, "x-amz-"):
			headers[name] = string(p.Value)
		case string(p.Name) == "versionId":
			q.VersionID = string(p.Value)
		default:
			query[string(p.Name)] = string(p.Value)
		}
	}
	q.Headers, q.Query = headers, query
	if source, ok := headers["x-amz-copy-source"]; ok {
		q.CopySource = source
	}
}

// body takes the policy out of a PutBucketPolicy. The other settings that
// CloudTrail shows as JSON made from XML are left out, so not known.
func (r *Record) body(q *request.Request) {
	for _, p := range r.Raw {
		if string(p.Name) != "bucketPolicy" {
			continue
		}
		n, err := node.ParseJSON(r.File, bytes.Clone(p.Value))
		if err != nil {
			return
		}
		if doc, err := policy.FromNode(n); err == nil {
			q.Body = &request.Body{Policy: doc, Node: n}
		}
	}
}

func text(s string) request.ContextValue { return request.ContextValue{Value: condition.String1(s)} }
