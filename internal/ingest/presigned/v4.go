package presigned

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/request"
)

// longestValidity is seven days, in seconds.
const longestValidity = 7 * 24 * 3600

// mostSkew is how far in the future a URL may be dated.
const mostSkew = 15 * time.Minute

// v4Parameters are those that a URL of Signature Version 4 needs.
var v4Parameters = []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"}

var hexSignature = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (u *URL) v4(claim sigv4.Claim, now time.Time) {
	q := u.target.Query
	u.Kind, u.AccessKeyID, u.Region, u.Service = "v4", claim.AccessKeyID, claim.Region, claim.Service
	u.Temporary = strings.HasPrefix(u.AccessKeyID, "ASIA") || q.Has("X-Amz-Security-Token")
	var missing []string
	for _, name := range v4Parameters {
		if !q.Has(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		u.problem(reason.MalformedAuthorization, "the URL lacks %s; one that is not quoted in a shell ends at its first &", strings.Join(missing, ", "))
	}
	u.validity(now)
	u.scope(q.Get("X-Amz-Credential"), q.Get("X-Amz-Date"))
	u.headers(q.Get("X-Amz-SignedHeaders"))
	if s := q.Get("X-Amz-Signature"); s != "" && !hexSignature.MatchString(s) {
		u.problem(reason.SignatureMismatch, "the signature has %d characters, and one of Signature Version 4 has 64 hexadecimal digits: it was cut off or altered", len(s))
	}
	u.token(q.Has("X-Amz-Security-Token"))
}

func (u *URL) validity(now time.Time) {
	q := u.target.Query
	if text := q.Get("X-Amz-Date"); text != "" {
		at, err := time.Parse("20060102T150405Z", text)
		if err != nil {
			u.problem(reason.MalformedAuthorization, "X-Amz-Date=%q is not written as 20261122T100000Z", text)
			return
		}
		u.SignedAt = &at
	}
	if text := q.Get("X-Amz-Expires"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil || seconds < 0:
			u.problem(reason.MalformedAuthorization, "X-Amz-Expires=%q is no number of seconds", text)
			return
		case seconds > longestValidity:
			u.problem(reason.PresignedTooLong, "X-Amz-Expires=%d is more than seven days (%d seconds)", seconds, longestValidity)
		}
		u.Validity = seconds
	}
	if u.SignedAt == nil || !q.Has("X-Amz-Expires") {
		return
	}
	end := u.SignedAt.Add(time.Duration(u.Validity) * time.Second)
	u.Expires = &end
	u.expired(now)
	if u.SignedAt.After(now.Add(mostSkew)) {
		u.problem(reason.PresignedNotYetValid, "the URL is dated %s in the future: the clock of who signed it is ahead", u.SignedAt.Sub(now).Round(time.Second))
	}
}

// scope looks at the credential: KEY/DATE/REGION/SERVICE/aws4_request.
func (u *URL) scope(credential, date string) {
	if credential == "" {
		return
	}
	parts := strings.Split(credential, "/")
	switch {
	case strings.Contains(credential, "%2F"):
		u.problem(reason.MalformedAuthorization, "the credential is encoded twice (%%252F): the URL was escaped once more after signing")
		return
	case len(parts) != 5 || parts[4] != "aws4_request":
		u.problem(reason.MalformedAuthorization, "the credential is not written as KEY/DATE/REGION/s3/aws4_request")
		return
	}
	if !strings.HasPrefix(date, parts[1]) && date != "" {
		u.problem(reason.MalformedAuthorization, "the credential is of the day %s, and X-Amz-Date is of another", parts[1])
	}
	if u.Service != "s3" && u.Service != "s3express" && u.Service != "s3-outposts" {
		u.problem(reason.MalformedAuthorization, "the URL is signed for the service %q, not for s3", u.Service)
	}
	if u.HostRegion != "" && u.HostRegion != u.Region {
		u.problem(reason.WrongRegion, "the URL is signed for %s, and its host is that of %s", u.Region, u.HostRegion)
	}
}

func (u *URL) headers(list string) {
	if list == "" {
		return
	}
	u.SignedHeaders = strings.Split(list, ";")
	others := slices.DeleteFunc(slices.Clone(u.SignedHeaders), func(h string) bool { return h == "host" })
	if len(others) > 0 {
		u.problem("", "whoever uses the URL must send the headers %s with the values that were signed", strings.Join(others, ", "))
	}
	if !slices.Contains(u.SignedHeaders, "host") {
		u.problem(reason.MalformedAuthorization, "the host is not among the signed headers")
	}
}

func (u *URL) token(present bool) {
	switch {
	case strings.HasPrefix(u.AccessKeyID, "ASIA") && !present:
		u.problem(reason.MissingToken, "the access key is a temporary one, and the URL lacks its X-Amz-Security-Token")
	case strings.HasPrefix(u.AccessKeyID, "AKIA") && present:
		u.problem(reason.InvalidToken, "the access key is a long-term one, and the URL has an X-Amz-Security-Token beside it")
	case u.Temporary && u.Validity > 3600:
		u.problem("", "the URL ends with the session that signed it, which may be before the %s that it states", time.Duration(u.Validity)*time.Second)
	}
}

// Verify checks the signature with the secret of the access key, if keys hold it.
// known is false where they do not. The hint says what probably disagrees.
func (u *URL) Verify(keys sigv4.Keys) (matches, known bool, hint string) {
	if u.Kind != "v4" && u.Kind != "v2" {
		return false, false, ""
	}
	if c, ok := keys.Credential(u.AccessKeyID); !ok || c.Secret == "" {
		return false, false, ""
	}
	v := sigv4.Verifier{Keys: keys, AllowSigV2: true, Now: u.whileValid, Target: func(*http.Request) sigv4.Target {
		return sigv4.Target{Bucket: u.Bucket, VirtualHosted: u.target.VirtualHosted}
	}}
	_, refused := v.Verify(u.request)
	switch {
	case refused == nil:
		return true, true, ""
	case refused.Reason != sigv4.ReasonSignatureMismatch:
		return false, false, "" // told by the other problems
	}
	return false, true, refused.Hint()
}

// whileValid is a moment at which the URL's dates stand in the way of nothing.
func (u *URL) whileValid() time.Time {
	switch {
	case u.SignedAt != nil:
		return *u.SignedAt
	case u.Expires != nil:
		return u.Expires.Add(-time.Second)
	}
	return time.Now()
}

// Request is what a use of the URL asks for, by the signer; as names who that is
// where the estate does not hold the access key. ok is false for what S3 does not
// decide: a URL of CloudFront, or one that is refused for its form.
func (u *URL) Request(as string, now time.Time) (r *request.Request, ok bool) {
	if u.Operation == "" || u.Malformed() {
		return nil, false
	}
	r = &request.Request{Principal: as, Operation: u.Operation, Bucket: u.Bucket, Key: u.Key, VersionID: u.VersionID, AccessPoint: u.accessPoint(), Time: &now}
	r.Query = map[string]string{}
	for _, p := range u.target.Query {
		if !strings.HasPrefix(p.Name, "X-Amz-") && p.Name != "Signature" {
			r.Query[p.Name] = p.Value
		}
	}
	if u.Kind == "unsigned" {
		r.Principal, r.Auth = "anonymous", &request.Auth{Type: "anonymous"}
		return r, true
	}
	token := !strings.HasPrefix(u.AccessKeyID, "ASIA") || u.target.Query.Has("X-Amz-Security-Token")
	r.Auth = &request.Auth{Type: "query", AccessKeyID: u.AccessKeyID, Region: u.Region, Service: u.Service, Host: u.Host, SignedAt: u.SignedAt,
		SignedHeaders: u.SignedHeaders, TokenPresent: &token}
	if u.Kind == "v2" {
		r.Auth.Version = sigv4.AlgorithmV2
		if u.Expires != nil { // from whenever it was signed
			at := u.Expires.Add(-time.Hour)
			seconds := int64(3600)
			r.Auth.SignedAt, r.Auth.Expires = &at, &seconds
		}
	} else {
		r.Auth.Expires = &u.Validity
	}
	return r, true
}

// Malformed reports whether S3 refuses the URL for its form, before it looks at
// anything else.
func (u *URL) Malformed() bool {
	return slices.ContainsFunc(u.Problems, func(p Problem) bool { return p.Reason == reason.MalformedAuthorization })
}

func (u *URL) accessPoint() string {
	name, account, ok := wire.NameAndAccount(u.AccessPoint)
	if !ok {
		return ""
	}
	region := u.HostRegion
	if region == "" {
		region = u.Region
	}
	return "arn:aws:s3:" + region + ":" + account + ":accesspoint/" + name
}
