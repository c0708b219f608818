package gather

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
)

// Keys of the global context (IAM User Guide, AWS global condition context
// keys) and of every S3 action (Service Authorization Reference).
var (
	keyPrincipalArn          = condition.Intern("aws:PrincipalArn")
	keyPrincipalAccount      = condition.Intern("aws:PrincipalAccount")
	keyPrincipalOrgID        = condition.Intern("aws:PrincipalOrgID")
	keyPrincipalOrgPaths     = condition.Intern("aws:PrincipalOrgPaths")
	keyPrincipalTag          = condition.Intern("aws:PrincipalTag/")
	keyPrincipalIsAWSService = condition.Intern("aws:PrincipalIsAWSService")
	keyPrincipalServiceName  = condition.Intern("aws:PrincipalServiceName")
	keyPrincipalServiceNames = condition.Intern("aws:PrincipalServiceNamesList")
	keyPrincipalType         = condition.Intern("aws:PrincipalType")
	keyUserid                = condition.Intern("aws:userid")
	keyUsername              = condition.Intern("aws:username")
	keyTokenIssueTime        = condition.Intern("aws:TokenIssueTime")
	keyOfSession             = condition.Intern(condition.Session)
	keyMFAPresent            = condition.Intern("aws:MultiFactorAuthPresent")
	keyMFAAge                = condition.Intern("aws:MultiFactorAuthAge")
	keySourceIP              = condition.Intern("aws:SourceIp")
	keyVpcSourceIP           = condition.Intern("aws:VpcSourceIp")
	keySourceVpc             = condition.Intern("aws:SourceVpc")
	keySourceVpce            = condition.Intern("aws:SourceVpce")
	keySourceVpcArn          = condition.Intern("aws:SourceVpcArn")
	keyVpceAccount           = condition.Intern("aws:VpceAccount")
	keyVpceOrgID             = condition.Intern("aws:VpceOrgID")
	keyVpceOrgPaths          = condition.Intern("aws:VpceOrgPaths")
	keySourceArn             = condition.Intern("aws:SourceArn")
	keySourceAccount         = condition.Intern("aws:SourceAccount")
	keySourceOrgID           = condition.Intern("aws:SourceOrgID")
	keySourceOrgPaths        = condition.Intern("aws:SourceOrgPaths")
	keyResourceAccount       = condition.Intern("aws:ResourceAccount")
	keyResourceOrgID         = condition.Intern("aws:ResourceOrgID")
	keyResourceOrgPaths      = condition.Intern("aws:ResourceOrgPaths")
	keyResourceTag           = condition.Intern("aws:ResourceTag/")
	keyCurrentTime           = condition.Intern("aws:CurrentTime")
	keyEpochTime             = condition.Intern("aws:EpochTime")
	keyRequestedRegion       = condition.Intern("aws:RequestedRegion")
	keySecureTransport       = condition.Intern("aws:SecureTransport")
	keyUserAgent             = condition.Intern("aws:UserAgent")
	keyReferer               = condition.Intern("aws:Referer")
	keyViaAWSService         = condition.Intern("aws:ViaAWSService")
	keyCalledVia             = condition.Intern("aws:CalledVia")
	keyCalledViaFirst        = condition.Intern("aws:CalledViaFirst")
	keyCalledViaLast         = condition.Intern("aws:CalledViaLast")
	keyViaAWSMCPService      = condition.Intern("aws:ViaAWSMCPService")

	keyAuthType          = condition.Intern("s3:authType")
	keySignatureVersion  = condition.Intern("s3:signatureversion")
	keySignatureAge      = condition.Intern("s3:signatureAge")
	keyContentSHA256     = condition.Intern("s3:x-amz-content-sha256")
	keyTLSVersion        = condition.Intern("s3:TlsVersion")
	keyS3ResourceAccount = condition.Intern("s3:ResourceAccount")
	keyBucketTag         = condition.Intern("s3:BucketTag/")
	keyExistingObjectTag = condition.Intern("s3:ExistingObjectTag/")
	keySSEKMSKeyID       = condition.Intern("s3:x-amz-server-side-encryption-aws-kms-key-id")
	keyPrefix            = condition.Intern("s3:prefix")

	keyDataAccessPointArn       = condition.Intern("s3:DataAccessPointArn")
	keyDataAccessPointAccount   = condition.Intern("s3:DataAccessPointAccount")
	keyAccessPointNetworkOrigin = condition.Intern("s3:AccessPointNetworkOrigin")
	keyAccessPointTag           = condition.Intern("s3:AccessPointTag/")

	keyViaService            = condition.Intern("kms:ViaService")
	keyCallerAccount         = condition.Intern("kms:CallerAccount")
	keyEncryptionContextARN  = condition.Intern("kms:EncryptionContext:aws:s3:arn")
	keyEncryptionContextKeys = condition.Intern("kms:EncryptionContextKeys")
	keyResourceAliases       = condition.Intern("kms:ResourceAliases")
	keyEncryptionAlgorithm   = condition.Intern("kms:EncryptionAlgorithm")
)

// networkKeys are not known where the network was not stated.
var networkKeys = []condition.Key{keySourceIP, keyVpcSourceIP, keySourceVpc, keySourceVpce, keySourceVpcArn, keyVpceAccount, keyVpceOrgID, keyVpceOrgPaths}

// callerKeys writes the keys that follow from the principal: the table of
// "Principal key values" in the IAM User Guide, IAM policy elements: variables.
func (t *task) callerKeys(c *callerFacts) {
	f := &c.facts
	l := &c.keys
	put := func(k condition.Key, v string) { l.Set(k, condition.String1(v)) }
	switch f.Kind {
	case iam.Anonymous:
		put(keyPrincipalType, "Anonymous")
		put(keyPrincipalAccount, "anonymous")
		put(keyUserid, "anonymous")
		return
	case iam.ServicePrincipal:
		put(keyPrincipalIsAWSService, "true")
		put(keyPrincipalServiceName, f.Name)
		l.Set(keyPrincipalServiceNames, condition.Strings(f.Name))
		if !t.r.Absent() {
			// Services name the resource that they call for, if they do.
			for _, k := range []condition.Key{keySourceArn, keySourceAccount, keySourceOrgID, keySourceOrgPaths} {
				l.Set(k, condition.NotKnown)
			}
		}
		return
	case iam.OriginAccessIdentity:
		put(keyPrincipalArn, f.ARN())
		put(keyPrincipalIsAWSService, "false")
		return
	case iam.WebIdentity:
		put(keyPrincipalIsAWSService, "false")
		return // what the token says stands in the request's context
	}
	put(keyPrincipalIsAWSService, "false")
	put(keyPrincipalAccount, string(f.Account))
	t.orgKeys(l, f)
	switch f.Kind {
	case iam.RootUser:
		put(keyPrincipalType, "Account")
		put(keyPrincipalArn, f.ARN())
		put(keyUserid, string(f.Account))
	case iam.User:
		put(keyPrincipalType, "User")
		put(keyPrincipalArn, f.ARN())
		l.Set(keyUserid, stringOrSome(f.UniqueID))
		put(keyUsername, f.Name)
	case iam.FederatedUser:
		put(keyPrincipalType, "FederatedUser")
		put(keyPrincipalArn, f.ARN())
		put(keyUserid, string(f.Account)+":"+f.Name)
	case iam.RoleSession:
		put(keyPrincipalType, "AssumedRole")
		l.Set(keyPrincipalArn, stringOrSome(roleARN(f)))
		if f.UniqueID != "" && f.Session != "" {
			put(keyUserid, f.UniqueID+":"+f.Session)
		} else {
			l.Set(keyUserid, condition.SomeValue)
		}
	}
	if t.account == nil || c.tagsUnread || f.Identity.Missing != nil && c.tags == nil && f.Kind != iam.RootUser {
		l.Set(keyPrincipalTag, condition.NotKnown)
	}
	for k, v := range c.tags {
		put(condition.Intern("aws:PrincipalTag/"+k), v)
	}
}

func stringOrSome(s string) condition.Value {
	if s == "" {
		return condition.SomeValue
	}
	return condition.String1(s)
}

// roleARN is the role's ARN with its path; without knowledge of the path, that
// without one is taken for service-linked roles only.
func roleARN(f *decide.Caller) string {
	if f.RoleARN != "" {
		return f.RoleARN
	}
	if f.Path != "" {
		return f.Principal.RoleARN(f.Path)
	}
	return ""
}

func (t *task) orgKeys(l *condition.Layer, f *decide.Caller) {
	if f.OrgUnknown {
		l.Set(keyPrincipalOrgID, condition.NotKnown)
		l.Set(keyPrincipalOrgPaths, condition.NotKnown)
		return
	}
	if f.OrgID == "" {
		return
	}
	l.Set(keyPrincipalOrgID, condition.String1(f.OrgID))
	l.Set(keyPrincipalOrgPaths, condition.Strings(t.estate.OrgPath(f.Account)))
}

// sessionKeys writes what hangs on the session rather than the principal: tags,
// MFA and the token's time. It is apart from callerKeys since requests of one
// principal differ in it.
func (t *task) sessionKeys(l *condition.Layer) {
	f := &t.facts.Caller
	switch f.Kind {
	case iam.User, iam.RootUser:
		if t.r.MFA != nil && *t.r.MFA {
			l.Set(keyMFAPresent, condition.Bool(true))
			l.Set(keyMFAAge, condition.String1("0"))
			l.Set(keyTokenIssueTime, condition.SomeValue)
		}
		return
	case iam.RoleSession, iam.FederatedUser:
	default:
		return
	}
	unsaid := condition.NotKnown
	if t.r.Absent() {
		unsaid = condition.Value{}
	}
	switch {
	case t.r.MFA != nil:
		l.Set(keyMFAPresent, condition.Bool(*t.r.MFA))
		if *t.r.MFA {
			l.Set(keyMFAAge, condition.String1("0"))
		}
	case f.Kind == iam.RoleSession:
		l.Set(keyMFAPresent, unsaid)
		l.Set(keyMFAAge, unsaid)
	}
	if !t.r.Absent() {
		l.Set(keyTokenIssueTime, condition.SomeValue)
	}
	if f.Kind == iam.RoleSession && !t.r.Absent() {
		l.Set(keyOfSession, condition.NotKnown)
	}
	switch {
	case t.r.SessionTags != nil:
		for k, v := range *t.r.SessionTags {
			l.Set(condition.Intern("aws:PrincipalTag/"+k), condition.String1(v))
		}
	case f.Kind == iam.RoleSession && !t.r.Absent():
		for k := range t.caller.tags {
			l.Set(condition.Intern("aws:PrincipalTag/"+k), condition.NotKnown) // a session tag would win
		}
		l.Set(keyPrincipalTag, condition.NotKnown)
	}
}

// connectionKeys writes the keys that follow from the request, the network and
// the signature.
func (t *task) connectionKeys() condition.Layer {
	l := condition.Layer(t.room.connection[:0])
	at := momentOf(t.time)
	l.Add(keyCurrentTime, condition.String1(at.text))
	l.Add(keyEpochTime, condition.String1(at.epoch))
	l.Add(keySecureTransport, condition.Bool(t.r.Secure()))
	l.Add(keyViaAWSService, condition.Bool(false))
	l.Add(keyViaAWSMCPService, condition.Bool(false))
	l.Add(keyRequestedRegion, stringOrSome(t.requestedRegion()))
	if v, ok := t.r.Header("user-agent"); ok {
		l.Add(keyUserAgent, condition.String1(v))
	}
	if v, ok := t.r.Header("referer"); ok {
		l.Add(keyReferer, condition.String1(v))
	}
	if t.facts.Caller.Kind != iam.ServicePrincipal {
		t.networkKeys(&l)
		if t.r.Secure() {
			l.Add(keyTLSVersion, someTLS)
		}
	} else {
		l.Set(keySecureTransport, condition.Value{}) // redacted for services, like the network's
	}
	t.signatureKeys(&l)
	t.sessionKeys(&l)
	return l
}

// someTLS is a version of TLS, it is not known which.
var someTLS = condition.OneOf("1.2", "1.3")

// A moment is a second as condition keys have it.
type moment struct {
	second      int64
	text, epoch string
}

var lastMoment atomic.Pointer[moment]

// momentOf returns the second of t; the same for all requests of one.
func momentOf(t time.Time) *moment {
	if m := lastMoment.Load(); m != nil && m.second == t.Unix() {
		return m
	}
	m := &moment{t.Unix(), t.UTC().Format(time.RFC3339), strconv.FormatInt(t.Unix(), 10)}
	lastMoment.Store(m)
	return m
}

// networkKeys follows the table "Network" of the global condition keys: a
// request comes over the public network, or through a VPC endpoint, and each
// has keys that the other lacks.
func (t *task) networkKeys(l *condition.Layer) {
	switch ip, endpoint := t.network(); {
	case endpoint != "":
		l.Set(keySourceVpce, condition.String1(endpoint))
		switch {
		case ip != "":
			l.Set(keyVpcSourceIP, condition.Address(ip))
		case !t.r.Absent():
			l.Set(keyVpcSourceIP, condition.SomeValue)
		}
		t.endpointKeys(l, endpoint)
	case ip != "":
		l.Add(keySourceIP, condition.Address(ip))
	case t.networkUnstated():
		for _, k := range networkKeys {
			l.Set(k, condition.NotKnown)
		}
	case !t.r.Absent():
		l.Set(keySourceIP, condition.SomeValue) // stated to come through no endpoint
	}
}

// network returns the source address and the VPC endpoint that were stated, the
// latter also where the context states aws:SourceVpce.
func (t *task) network() (ip, endpoint string) {
	if t.r.VPCEndpoint != nil {
		endpoint = *t.r.VPCEndpoint
	} else if v, ok := t.overrides.Get(keySourceVpce); ok && v.State == condition.Present {
		endpoint = v.One
	}
	if t.r.SourceIP != nil {
		ip = *t.r.SourceIP
	} else if v, ok := t.overrides.Get(keySourceIP); ok && v.State == condition.Present && endpoint == "" {
		ip = v.One
	}
	return ip, endpoint
}

// networkUnstated reports that nothing tells how the request came.
func (t *task) networkUnstated() bool {
	ip, endpoint := t.network()
	if v, ok := t.overrides.Get(keySourceVpce); ok && v.State == condition.Absent {
		return false // stated to come through none
	}
	return ip == "" && endpoint == "" && t.r.VPCEndpoint == nil && !t.r.Absent()
}

func (t *task) endpointKeys(l *condition.Layer, id string) {
	ep, ok := t.estate.VPCEndpoint(id)
	if !ok {
		for _, k := range []condition.Key{keySourceVpc, keySourceVpcArn, keyVpceAccount} {
			l.Set(k, condition.SomeValue)
		}
		l.Set(keyVpceOrgID, condition.NotKnown)
		l.Set(keyVpceOrgPaths, condition.NotKnown)
		return
	}
	region, _, _ := strings.Cut(strings.TrimPrefix(ep.Service, "com.amazonaws."), ".")
	l.Set(keySourceVpc, stringOrSome(ep.VPC))
	if ep.VPC != "" {
		l.Set(keySourceVpcArn, condition.String1("arn:"+estate.PartitionOf(region)+":ec2:"+region+":"+string(ep.Account)+":vpc/"+ep.VPC))
	}
	l.Set(keyVpceAccount, condition.String1(string(ep.Account)))
	if a := t.accountOf(ep.Account); a != nil {
		t.organizationOf(l, a, keyVpceOrgID, keyVpceOrgPaths)
	}
}

// organizationOf writes the organization keys of an account that owns
// something.
func (t *task) organizationOf(l *condition.Layer, a *estate.Account, id, paths condition.Key) {
	if _, unknown := a.Unknown.Why("organization"); unknown && a.OrganizationID == "" {
		l.Set(id, condition.NotKnown)
		l.Set(paths, condition.NotKnown)
		return
	}
	if a.OrganizationID != "" {
		l.Set(id, condition.String1(a.OrganizationID))
		l.Set(paths, condition.Strings(t.estate.OrgPath(a.ID)))
	}
}

// signatureKeys writes the keys on how the request was signed (S3 API
// Reference, Amazon S3 Signature Version 4 authentication-specific policy keys).
func (t *task) signatureKeys(l *condition.Layer) {
	if v, ok := t.r.Headers["x-amz-content-sha256"]; ok {
		l.Add(keyContentSHA256, condition.String1(v))
	}
	if t.facts.Caller.Kind == iam.Anonymous {
		return
	}
	auth := t.r.Auth
	kind, version, age := "REST-HEADER", "AWS4-HMAC-SHA256", int64(0)
	if auth != nil {
		switch strings.ToLower(auth.Type) {
		case "query":
			kind = "REST-QUERY-STRING"
		case "post":
			kind = "POST"
		}
		if auth.Version == "AWS" {
			version = "AWS"
		} else if auth.SignedAt != nil {
			age = max(t.time.Sub(*auth.SignedAt).Milliseconds(), 0)
		}
	}
	if t.spec != nil && t.spec.Name == "PostObject" {
		kind = "POST"
	}
	l.Add(keyAuthType, condition.String1(kind))
	l.Add(keySignatureVersion, condition.String1(version))
	l.Add(keySignatureAge, condition.String1(strconv.FormatInt(age, 10)))
}

// requestedRegion is the region of the endpoint called, "" where it is not known.
func (t *task) requestedRegion() string {
	if a := t.r.Auth; a != nil {
		if region := regionOfHost(a.Host); region != "" {
			return region
		}
		if a.Region != "" {
			return a.Region
		}
	}
	if t.facts.Target != nil && !t.facts.Target.Created && (t.bucket == nil || t.regionUnread()) {
		return ""
	}
	return t.bucketRegion()
}

func (t *task) regionUnread() bool {
	_, unread := t.bucket.Unknown.Why("region")
	return unread
}

// bucketRegion is the region of the bucket, us-east-1 where there is none.
func (t *task) bucketRegion() string {
	if t.bucket != nil {
		return t.bucket.RegionOrDefault()
	}
	return estate.DefaultRegion
}

// regionOfHost returns the region in an S3 host name; "" for the global
// endpoint and names of other forms.
func regionOfHost(host string) string {
	if host == "" {
		return ""
	}
	host, _, _ = strings.Cut(host, ":")
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if strings.HasPrefix(label, "s3-website-") {
			return strings.TrimPrefix(label, "s3-website-")
		}
		service := label == "s3" || label == "s3-fips" || label == "s3-accesspoint" || label == "s3-accesspoint-fips" || label == "s3-website" || label == "s3-control"
		if !service || i+1 >= len(labels) {
			continue
		}
		next := labels[i+1]
		if next == "dualstack" && i+2 < len(labels) {
			next = labels[i+2]
		}
		if next != "amazonaws" && strings.Count(next, "-") >= 2 {
			return next
		}
	}
	return ""
}
