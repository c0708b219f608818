// Package record holds one entry of a log, CloudTrail's or a server access
// log's, in the words that both share, and turns it into a request.
package record

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// Kind tells which log an entry comes from.
type Kind uint8

// The kinds of log.
const (
	CloudTrail Kind = iota
	AccessLog
)

// String returns the kind as reports write it.
func (k Kind) String() string { return [...]string{"cloudtrail", "access-log"}[k] }

// A Record is one entry. Its texts are slices of the reader's buffer: they hold
// until the handler returns, and nobody changes them. An empty text is one that
// the log does not state.
type Record struct {
	Kind Kind
	File string

	// Shape is the same only of records of which Kind, Service, Event, Category, Type,
	// Method, Region, AuthMethod, SignatureVer, Cipher, TLSVersion, TellsTLS, and Raw
	// are the same, and which all have or all lack UserAgent and KeyARN. 0: the reader
	// tells none.
	Shape uint64

	Time     int64  // seconds since 1970; CloudTrail: completion, access log: receipt
	Service  []byte // "s3.amazonaws.com"; of access logs always that
	Event    []byte // CloudTrail's eventName, or the access log's operation ("REST.GET.OBJECT")
	Category []byte // eventCategory: Management, Data, NetworkActivity
	Type     []byte // eventType: AwsApiCall, AwsVpceEvent, …

	Bucket, Key, VersionID []byte
	Method                 []byte // of access logs
	Params                 []Param
	Raw                    []Param // request parameters that are objects, as JSON
	BucketOwner            []byte  // account id, or the access log's canonical id
	AccessPoint            []byte  // its ARN
	KeyARN                 []byte  // KMS events: the key
	EncryptionContext      []byte  // KMS events: aws:s3:arn

	Who Identity

	SourceIP, VPCEndpoint []byte
	UserAgent, Referer    []byte
	Region, Host          []byte

	AuthMethod   []byte // AuthHeader, QueryString, HtmlForm
	SignatureVer []byte // SigV4, SigV2
	Cipher       []byte // cipher suite; "" on plain HTTP, if TellsTLS
	TLSVersion   []byte // TLSv1.3
	TellsTLS     bool   // an absent Cipher means plain HTTP

	Status      int // HTTP, 0 where the log does not state it
	Error       []byte
	Message     []byte
	ACLRequired bool

	RequestID, EventID, SharedID []byte
	Recipient                    []byte // account whose copy this is
}

// A Param is a request parameter: a query parameter or a header.
type Param struct{ Name, Value []byte }

// An Identity is who made the request, as CloudTrail's userIdentity states it.
// Of access logs Type is empty, and ARN the requester as it stands there.
type Identity struct {
	Type, PrincipalID, ARN, Account, AccessKey, UserName, InvokedBy []byte

	IssuerType, IssuerARN, IssuerAccount []byte
	MFA, Created                         []byte // "true", "false"; of the session
	SourceIdentity, RoleDelivery         []byte // of the session
	Session                              bool   // there is a sessionContext

	Number uint64 // the same only where all else but Created is; 0: the reader tells none
}

// Reset empties the record and keeps its room.
func (r *Record) Reset() {
	params, raw := r.Params[:0], r.Raw[:0]
	*r = Record{Params: params, Raw: raw}
}

// Param returns a request parameter by its name, in any case.
func (r *Record) Param(name string) ([]byte, bool) {
	for i := range r.Params {
		if len(r.Params[i].Name) == len(name) && strings.EqualFold(string(r.Params[i].Name), name) {
			return r.Params[i].Value, true
		}
	}
	return nil, false
}

// When returns the time.
func (r *Record) When() time.Time { return time.Unix(r.Time, 0).UTC() }

// IsS3 reports records of S3 itself.
func (r *Record) IsS3() bool {
	return r.Kind == AccessLog || string(r.Service) == "s3.amazonaws.com" || string(r.Service) == "s3express.amazonaws.com"
}

// IsKMS reports calls to KMS that S3 made in a caller's name: the encryption
// context is an S3 ARN (S3 User Guide, Using server-side encryption with AWS KMS
// keys).
func (r *Record) IsKMS() bool {
	return string(r.Service) == "kms.amazonaws.com" && len(r.EncryptionContext) > 0
}

// Object returns bucket and key, of calls to KMS those that S3 made them for; with an
// S3 Bucket Key there is no key.
func (r *Record) Object() (bucket, key []byte) {
	if !r.IsKMS() {
		return r.Bucket, r.Key
	}
	_, name, _ := bytes.Cut(r.EncryptionContext, []byte(":::"))
	bucket, key, _ = bytes.Cut(name, []byte{'/'})
	return bucket, key
}

// Failed reports that the request had an error code, or a status that is one.
func (r *Record) Failed() bool { return len(r.Error) > 0 || r.Status >= 400 }

// Refused reports that the request was refused, whatever its status: the codes
// are those of S3's list of error codes that a gate of why403 answers with, and
// CloudTrail's own.
func (r *Record) Refused() bool {
	switch string(r.Error) {
	case "":
		return r.Status == 403
	case "AccessDenied", "AccessDeniedException", "VpceAccessDenied", "Client.UnauthorizedOperation", "UnauthorizedAccess", "AllAccessDisabled", "AccountProblem",
		"SignatureDoesNotMatch", "RequestTimeTooSkewed", "ExpiredToken", "InvalidToken", "InvalidAccessKeyId", "InvalidSecurity", "NotSignedUp", "InvalidPayer",
		"AuthorizationHeaderMalformed", "AuthorizationQueryParametersError", "InvalidObjectState", "AccessControlListNotSupported", "InvalidBucketAclWithObjectOwnership",
		"KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException", "DisabledException", "KMSInvalidStateException":
		return true
	}
	return r.Status == 403
}

// NoKey reports that the object was not there: S3 says so to callers who may list,
// and to others that they may not (S3 API Reference, GetObject, HTTP status codes).
func (r *Record) NoKey() bool {
	if len(r.Error) == 0 || len(r.Key) == 0 {
		return false
	}
	return string(r.Error) == "NoSuchKey" || bytes.Contains(r.Message, mayNotList)
}

var mayNotList = []byte("is not authorized to perform: s3:ListBucket on")

// ExpiredURL reports a presigned URL that was used behind its end, as far as the
// record tells (S3 API Reference, Authenticating Requests: Using Query Parameters).
func (r *Record) ExpiredURL() bool {
	if r.Kind != AccessLog {
		return false // CloudTrail has none of them
	}
	if end, ok := r.Param("Expires"); ok { // Signature Version 2
		at, err := strconv.ParseInt(string(end), 10, 64)
		return err == nil && r.Time > at
	}
	date, _ := r.Param("X-Amz-Date")
	expires, _ := r.Param("X-Amz-Expires")
	signed, err := time.Parse("20060102T150405Z", string(date))
	seconds, no := strconv.ParseInt(string(expires), 10, 32)
	return err == nil && no == nil && r.Time > signed.Unix()+seconds
}

// Anonymous reports an unsigned request: CloudTrail writes "anonymous", and
// "ANONYMOUS_PRINCIPAL" in older records, access logs "-".
func (r *Record) Anonymous() bool {
	if r.Kind == AccessLog {
		return len(r.Who.ARN) == 0
	}
	a := r.Who.Account
	return len(a) == 9 && strings.EqualFold(string(a), "anonymous") || len(a) == 19 && strings.EqualFold(string(a), "ANONYMOUS_PRINCIPAL")
}
