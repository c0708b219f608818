package gather

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/request"
)

// The fields of what a request states. Who adds one decides in plain or fits whether
// facts can hang on it, and then adds it here.
func TestPatternKnowsAllFields(t *testing.T) {
	for _, tt := range []struct {
		of   any
		want string
	}{
		{request.Request{}, "ID Principal FederatedBy Operation Bucket Key VersionID CopySource AccessPoint Action Resource Headers Query SourceIP VPCEndpoint SecureTransport Time SessionPolicies SessionTags MFA Context Auth Body Unstated Object BucketExists Pos Places lower"},
		{request.Auth{}, "Type AccessKeyID Region Service Host SignedAt Expires SignedHeaders TokenExpires TokenPresent TokenMatches SignatureMatches Version Pos"},
		{estate.Object{}, "Exists Owner ACL Encryption Tags StorageClass ArchiveStatus RestoredUntil Versions DeleteMarker Lock Unknown Pos Places"},
	} {
		var got []string
		for i := range reflect.TypeOf(tt.of).NumField() {
			got = append(got, reflect.TypeOf(tt.of).Field(i).Name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%T has the fields %v, want %s", tt.of, got, tt.want)
		}
	}
}

const twoBuckets = `
version: 1
accounts:
  "111122223333":
    users:
      ana: {tags: {team: blue}, accessKeys: {AKIAOFF0000000000001: {secret: "ana/Secret+Key00000000000000000000000001", status: Inactive}}}
      bob: {}
    roles: {app: {}}
    buckets:
      plain: {}
      acls: {ownership: ObjectWriter, requestPayer: Requester}
      other: {requestPayer: Requester}
      held: {objects: {k: {tags: {a: b}, storageClass: GLACIER}}}
    accessPoints: {ap: {bucket: plain}}
    keys: {}
  "444455556666": {}
`

// pick returns one of several, mostly the first.
func pick[T any](rng *rand.Rand, list ...T) T {
	if rng.IntN(4) > 0 {
		return list[0]
	}
	return list[rng.IntN(len(list))]
}

var (
	noon     = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	private  = &estate.ACL{Canned: "private"}
	open     = &estate.ACL{Canned: "public-read"}
	inS3     = &estate.Encryption{Algorithm: "AES256"}
	customer = &estate.Encryption{Algorithm: "SSE-C", KeyMD5: "x"}
)

func some[T any](v T) *T { return &v }

// randomRequest is mostly a plain read like the one before.
func randomRequest(rng *rand.Rand) *request.Request {
	late := noon.Add(time.Hour)
	r := &request.Request{
		Principal: pick(rng, "arn:aws:iam::111122223333:user/ana", "arn:aws:iam::111122223333:user/bob", "arn:aws:sts::111122223333:assumed-role/app/s", "arn:aws:iam::444455556666:root", "anonymous"),
		Operation: pick(rng, "GetObject", "HeadObject", "DeleteObject", "PutObject", "GetObjectTagging"),
		Bucket:    pick(rng, "plain", "acls", "held", "nowhere"), Key: pick(rng, "k", "a/b", "c"),
		VersionID: pick(rng, "", "v1"), AccessPoint: pick(rng, "", "", "", "", "arn:aws:s3:us-east-1:111122223333:accesspoint/ap"),
		SourceIP: pick(rng, some("203.0.113.7"), some("10.0.0.1"), some("2001:db8::1"), nil), VPCEndpoint: pick(rng, nil, nil, nil, some("vpce-1a2b3c4d")),
		SecureTransport: pick(rng, nil, some(true), some(false)), Time: pick(rng, &noon, some(noon.Add(90*time.Second)), &late),
		MFA: pick(rng, nil, nil, some(true)), Unstated: pick(rng, "absent", "absent", ""), BucketExists: pick(rng, nil, nil, nil, some(false)),
		SessionTags: pick(rng, nil, nil, &map[string]string{"team": "red"}), Query: pick(rng, nil, map[string]string{"x-amz-checksum-mode": "ENABLED"}),
		Auth: &request.Auth{
			Type: pick(rng, "header", "query"), AccessKeyID: pick(rng, "", "AKIAANA0000000000001", "AKIANOBODY0000000001"), Region: pick(rng, "us-east-1", "eu-west-1"),
			Host: pick(rng, "", "s3.eu-west-1.amazonaws.com"), SignedAt: pick(rng, &noon, some(noon.Add(-time.Minute)), nil, &late), Version: pick(rng, "AWS4-HMAC-SHA256", "AWS"),
			SignedHeaders: pick(rng, []string{"host", "x-amz-date", "x-amz-request-payer", "x-amz-expected-bucket-owner", "x-amz-content-sha256"}, []string{"host"}),
			Expires:       pick(rng, nil, nil, some(int64(60))), TokenPresent: pick(rng, nil, nil, some(false)), SignatureMatches: pick(rng, nil, nil, some(false)),
		},
		Object: pick(rng, &estate.Object{Owner: "111122223333", ACL: private, Encryption: inS3, Tags: map[string]string{}}, &estate.Object{Owner: "444455556666", ACL: private},
			&estate.Object{Owner: "111122223333", ACL: open}, &estate.Object{Tags: map[string]string{"a": "b"}, ACL: private}, &estate.Object{Exists: some(false)},
			&estate.Object{StorageClass: "GLACIER", ACL: private}, &estate.Object{StorageClass: "GLACIER", RestoredUntil: &late}, &estate.Object{Encryption: customer, ACL: private},
			&estate.Object{Lock: &estate.Lock{Mode: "GOVERNANCE", Until: &late}}, &estate.Object{DeleteMarker: true}, nil),
	}
	if rng.IntN(12) == 0 {
		r.Context = map[string]request.ContextValue{"aws:SourceIp": {Value: condition.String1("192.0.2.1")}}
	}
	headers := map[string]string{"x-amz-date": pick(rng, "20261122T120000Z", "20261122T120100Z"), "x-amz-content-sha256": pick(rng, "UNSIGNED-PAYLOAD", "e3b0")}
	for name, values := range map[string][]string{
		"user-agent": {"", "curl", "sdk"}, "referer": {"", "", "", "https://example.com/"}, "x-amz-expected-bucket-owner": {"", "", "111122223333", "444455556666"},
		"x-amz-request-payer": {"", "", "requester"}, "x-amz-server-side-encryption-customer-algorithm": {"", "", "", "AES256"}, "x-amz-checksum-mode": {"", "", "ENABLED"},
		"if-match": {"", "", "x"}, "range": {"", "bytes=0-1", "bytes=1-2"}, "x-amz-other": {"", "", "", "1"},
	} {
		if v := pick(rng, values...); v != "" {
			headers[name] = v
		}
	}
	r.SetHeaders(headers)
	return r
}

// Facts that serve several requests are, for each, those gathered in full, in every
// detail, whatever the request before it was.
func TestLawPattern(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 403))
	g := patternGatherer(t, twoBuckets)
	var w Work
	served, read := 0, 0
	for i := range 10_000 {
		r := usual(rng)
		if rng.IntN(4) == 0 {
			r = randomRequest(rng)
		} else {
			read++
		}
		if w.pattern.fits(g, r) {
			served++
		}
		if !sameFacts(t, g, &w, r) {
			t.Fatalf("request %d, %+v, headers %v, auth %+v, object %+v has other facts than it has by itself", i, r, r.Headers, r.Auth, r.Object)
		}
	}
	if served < read/10 {
		t.Errorf("%d of %d requests were served by a pattern; too few to tell anything", served, read)
	}
}

// usual is a read that differs from others of its kind in what is filled in.
func usual(rng *rand.Rand) *request.Request {
	at := noon.Add(time.Duration(rng.IntN(3000)) * time.Second)
	r := &request.Request{
		Principal: "arn:aws:iam::111122223333:user/ana", Operation: "GetObject", Bucket: pick(rng, "plain", "plain", "plain", "acls"), Key: pick(rng, "k", "a/b", "c", "d", "é"), Unstated: "absent",
		SourceIP: pick(rng, some("203.0.113.7"), some("10.0.0.1"), some("2001:db8::1"), some("not an address")), Time: &at,
		Auth:   &request.Auth{Type: "header", Region: "us-east-1", SignedAt: some(noon.Add(time.Duration(rng.IntN(3000)) * time.Second)), Version: "AWS4-HMAC-SHA256", SignedHeaders: pick(rng, []string{"host", "x-amz-date"}, []string{"host"})},
		Object: &estate.Object{Owner: "111122223333", ACL: private, Encryption: pick(rng, inS3, inS3, nil), Tags: pick(rng, nil, map[string]string{})},
	}
	r.SetHeaders(map[string]string{"x-amz-date": pick(rng, "a", "b"), "x-amz-content-sha256": pick(rng, "UNSIGNED-PAYLOAD", "e3b0", "c442"), "range": pick(rng, "bytes=0-1", "bytes=2-3"), "user-agent": pick(rng, "curl", "curl", "sdk")})
	return r
}

// differences are all that a request can differ in from another that its pattern is of.
var differences = map[string]func(r *request.Request){
	"another user":     func(r *request.Request) { r.Principal = "arn:aws:iam::111122223333:user/bob" },
	"another account":  func(r *request.Request) { r.Principal = "arn:aws:iam::444455556666:root" },
	"a session":        func(r *request.Request) { r.Principal = "arn:aws:sts::111122223333:assumed-role/app/s" },
	"a federated user": func(r *request.Request) { r.Principal = "arn:aws:sts::111122223333:federated-user/f" },
	"a key of nobody":  func(r *request.Request) { r.Principal, r.Auth.AccessKeyID = "", "AKIANOBODY0000000001" },
	"a key":            func(r *request.Request) { r.Auth.AccessKeyID = "AKIAOFF0000000000001" },
	"federated by":     func(r *request.Request) { r.FederatedBy = some("arn:aws:iam::111122223333:user/bob") },
	"HeadObject":       func(r *request.Request) { r.Operation = "HeadObject" },
	"PutObject":        func(r *request.Request) { r.Operation = "PutObject" },
	"DeleteObject":     func(r *request.Request) { r.Operation = "DeleteObject" },
	"tags":             func(r *request.Request) { r.Operation = "GetObjectTagging" },
	"listing":          func(r *request.Request) { r.Operation, r.Key, r.Object = "ListObjectsV2", "", nil },
	"a copy":           func(r *request.Request) { r.Operation, r.CopySource = "CopyObject", "acls/k" },
	"an action": func(r *request.Request) {
		r.Operation, r.Action, r.Resource = "", "s3:GetObject", "arn:aws:s3:::plain/k"
	},
	"another bucket":         func(r *request.Request) { r.Bucket = "other" },
	"no such bucket":         func(r *request.Request) { r.Bucket = "nowhere" },
	"a held object":          func(r *request.Request) { r.Bucket, r.Key = "held", "k" },
	"an access point":        func(r *request.Request) { r.AccessPoint = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap" },
	"its alias":              func(r *request.Request) { r.Bucket = "ap-111122223333-s3alias" },
	"a key of the list":      func(r *request.Request) { r.Key = "a/b" },
	"a version":              func(r *request.Request) { r.VersionID = "v1" },
	"a version in the query": func(r *request.Request) { r.Query = map[string]string{"versionId": "v1"} },
	"a header in the query": func(r *request.Request) {
		r.Query = map[string]string{"x-amz-checksum-mode": "ENABLED", "x-amz-request-payer": "requester"}
	},
	"an address":       func(r *request.Request) { r.SourceIP = some("10.0.0.1") },
	"no address":       func(r *request.Request) { r.SourceIP = nil },
	"an empty address": func(r *request.Request) { r.SourceIP = some("") },
	"a VPC endpoint":   func(r *request.Request) { r.VPCEndpoint = some("vpce-1a2b3c4d") },
	"no TLS":           func(r *request.Request) { r.SecureTransport = some(false) },
	"a later time":     func(r *request.Request) { r.Time = some(noon.Add(time.Hour)) },
	"no time":          func(r *request.Request) { r.Time = nil },
	"a session policy": func(r *request.Request) {
		r.SessionPolicies = []request.SessionPolicy{{ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
	},
	"session tags": func(r *request.Request) { r.SessionTags = &map[string]string{"team": "red"} },
	"MFA":          func(r *request.Request) { r.MFA = some(true) },
	"a context": func(r *request.Request) {
		r.Context = map[string]request.ContextValue{"aws:PrincipalTag/team": {Value: condition.String1("red")}}
	},
	"presigned":        func(r *request.Request) { r.Auth.Type = "query" },
	"unsigned":         func(r *request.Request) { r.Principal, r.Auth.Type = "anonymous", "anonymous" },
	"no auth":          func(r *request.Request) { r.Auth = nil },
	"another region":   func(r *request.Request) { r.Auth.Region = "eu-west-1" },
	"another service":  func(r *request.Request) { r.Auth.Service = "sts" },
	"another host":     func(r *request.Request) { r.Auth.Host = "s3.eu-west-1.amazonaws.com" },
	"signed long ago":  func(r *request.Request) { r.Auth.SignedAt = some(noon.Add(-time.Hour)) },
	"signed some time": func(r *request.Request) { r.Auth.SignedAt = nil },
	"it expires":       func(r *request.Request) { r.Auth.Expires = some(int64(-1)) },
	"an old token":     func(r *request.Request) { r.Auth.TokenExpires = some(noon.Add(-time.Hour)) },
	"no token": func(r *request.Request) {
		r.Auth.TokenPresent, r.Auth.AccessKeyID = some(false), "ASIAANA0000000000001"
	},
	"a wrong token":     func(r *request.Request) { r.Auth.TokenMatches = some(false) },
	"a wrong signature": func(r *request.Request) { r.Auth.SignatureMatches = some(false) },
	"Signature V2":      func(r *request.Request) { r.Auth.Version = "AWS" },
	"unsigned headers":  func(r *request.Request) { r.Auth.SignedHeaders = []string{"host"} },
	"a body":            func(r *request.Request) { r.Body = &request.Body{Tags: map[string]string{"a": "b"}} },
	"unstated unknown":  func(r *request.Request) { r.Unstated, r.SourceIP = "", nil },
	"no object stated":  func(r *request.Request) { r.Object = nil },
	"no such object":    func(r *request.Request) { r.Object.Exists = some(false) },
	"another owner":     func(r *request.Request) { r.Object.Owner = "444455556666" },
	"anonymous's":       func(r *request.Request) { r.Object.Owner = "anonymous" },
	"another ACL":       func(r *request.Request) { r.Object.ACL = open },
	"no ACL":            func(r *request.Request) { r.Object.ACL = nil },
	"SSE-C":             func(r *request.Request) { r.Object.Encryption = customer },
	"SSE-KMS":           func(r *request.Request) { r.Object.Encryption = &estate.Encryption{Algorithm: "aws:kms"} },
	"a tag":             func(r *request.Request) { r.Object.Tags = map[string]string{"a": "b"} },
	"archived":          func(r *request.Request) { r.Object.StorageClass = "GLACIER" },
	"tiered":            func(r *request.Request) { r.Object.StorageClass = "INTELLIGENT_TIERING" },
	"archived in a tier": func(r *request.Request) {
		r.Object.StorageClass, r.Object.ArchiveStatus = "INTELLIGENT_TIERING", "ARCHIVE_ACCESS"
	},
	"restored": func(r *request.Request) {
		r.Object.StorageClass, r.Object.RestoredUntil = "GLACIER", some(noon.Add(30*time.Minute))
	},
	"a delete marker": func(r *request.Request) { r.Object.DeleteMarker = true },
	"versions": func(r *request.Request) {
		r.Object.Versions = map[string]*estate.Object{"v1": {StorageClass: "GLACIER"}}
	},
	"a lock": func(r *request.Request) {
		r.Object.Lock = &estate.Lock{Mode: "GOVERNANCE", Until: some(noon.Add(30 * time.Minute))}
	},
	"an unread ACL": func(r *request.Request) {
		r.Object.Unknown = estate.Unknowns{{What: "acl", Why: "AccessDenied"}}
	},
	"a place":            func(r *request.Request) { r.Object.Pos = estate.Pos{File: "f", Line: 3} },
	"bucket gone":        func(r *request.Request) { r.BucketExists = some(false) },
	"date":               func(r *request.Request) { r.Headers["x-amz-date"] = "b" },
	"hash":               func(r *request.Request) { r.Headers["x-amz-content-sha256"] = "c442" },
	"no hash":            func(r *request.Request) { delete(r.Headers, "x-amz-content-sha256") },
	"range":              func(r *request.Request) { r.Headers["range"] = "bytes=5-6" },
	"agent":              func(r *request.Request) { r.Headers["user-agent"] = "sdk" },
	"another header":     func(r *request.Request) { delete(r.Headers, "range"); r.Headers["referer"] = "https://example.com/" },
	"a header more":      func(r *request.Request) { r.Headers["x-amz-expected-bucket-owner"] = "444455556666" },
	"who pays":           func(r *request.Request) { r.Headers["x-amz-request-payer"] = "requester" },
	"the customer's key": func(r *request.Request) { r.Headers["x-amz-server-side-encryption-customer-algorithm"] = "AES256" },
}

// Whatever a request differs in from the one before, its facts are its own; and so are
// those of the next, which is as the first was.
func TestLawDifferences(t *testing.T) {
	g := patternGatherer(t, twoBuckets)
	rng := rand.New(rand.NewPCG(2, 403))
	for name, differ := range differences {
		for _, bucket := range []string{"plain", "acls"} {
			for _, also := range []string{"", "x-amz-expected-bucket-owner", "referer"} {
				base := func() *request.Request {
					r := usual(rng)
					r.Bucket = bucket
					r.Object.Tags, r.Object.Encryption = nil, inS3
					if also != "" {
						r.Headers[also] = "111122223333"
					}
					return r
				}
				var w Work
				other := base()
				differ(other)
				for i, r := range []*request.Request{base(), other, base(), base(), other, other} {
					if !sameFacts(t, g, &w, r) {
						t.Errorf("%s, bucket %s, with %q: request %d has other facts than it has by itself", name, bucket, also, i)
					}
				}
			}
		}
	}
}

// A state of the estate has a Gatherer of its own, whose facts never serve another's.
func TestLawPatternOfAnotherState(t *testing.T) {
	before := patternGatherer(t, twoBuckets)
	after := patternGatherer(t, strings.Replace(twoBuckets, "plain: {}", "plain: {ownership: ObjectWriter, tags: {a: b}}", 1))
	rng := rand.New(rand.NewPCG(3, 403))
	var w Work
	for i := range 200 {
		r := usual(rng)
		r.Bucket = "plain"
		for _, g := range []*Gatherer{before, after, before} {
			if !sameFacts(t, g, &w, r) {
				t.Fatalf("request %d has facts of another state", i)
			}
		}
	}
}

func patternGatherer(t *testing.T, text string) *Gatherer {
	e, err := estate.ParseFS(fstest.MapFS{"estate.yaml": {Data: []byte(text)}}, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return New(e, func() time.Time { return noon })
}

// sameFacts reports whether facts in used room are those in room of their own.
func sameFacts(t *testing.T, g *Gatherer, w *Work, r *request.Request) bool {
	got, err := g.FactsIn(w, r)
	want, wantErr := g.Facts(r)
	if err != nil || wantErr != nil {
		return (err == nil) == (wantErr == nil)
	}
	return reflect.DeepEqual(apart(got), apart(want))
}

// apart returns facts and contexts, these sorted: what a request states of its context
// for itself has no order.
func apart(f *decide.Facts) []any {
	copied := *f
	copied.Checks = slices.Clone(f.Checks)
	all := []any{&copied}
	for i := range copied.Checks {
		c := &copied.Checks[i]
		all = append(all, c.Context.Entries())
		c.Context = condition.Context{}
		if c.List != nil {
			list := *c.List
			all = append(all, list.Context.Entries())
			list.Context, c.List = condition.Context{}, &list
		}
	}
	return all
}
