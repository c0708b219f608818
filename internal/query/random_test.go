package query

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/why403/why403/estate"
)

// Small estates, made at random of what policies are made of, so that every part
// meets every other.

type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 403))} }

func (r random) pick(list ...string) string { return list[r.IntN(len(list))] }
func (r random) chance(percent int) bool    { return r.IntN(100) < percent }

func (r random) some(list ...string) []string {
	n := 1 + r.IntN(2)
	out := []string{}
	for range n {
		out = append(out, r.pick(list...))
	}
	return out
}

const (
	dataAccount    = "111122223333"
	partnerAccount = "444455556666"
	keyID          = "1234abcd-12ab-34cd-56ef-1234567890ab"
)

func (r random) actions() []string {
	return r.some("s3:GetObject", "s3:GetObject", "s3:PutObject", "s3:*", "s3:Get*", "s3:ListBucket", "s3:DeleteObject", "s3:PutBucketPolicy", "kms:Decrypt", "*")
}

func (r random) resources() []string {
	return r.some("arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/a/*", "arn:aws:s3:::b/a/b", "arn:aws:s3:::*", "*", "arn:aws:s3:::b/*.c",
		"arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:PrincipalTag/team}/*", "arn:aws:s3:us-east-1:111122223333:accesspoint/ap", "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/a*", "arn:aws:s3:::other/*", "arn:aws:kms:us-east-1:111122223333:key/"+keyID)
}

func (r random) conditions() map[string]any {
	one := func() (string, string, string) {
		switch r.IntN(16) {
		case 0:
			return r.pick("StringEquals", "StringNotEquals", "StringEqualsIfExists"), "aws:SourceVpce", r.pick("vpce-1", "vpce-2")
		case 1:
			return r.pick("IpAddress", "NotIpAddress"), "aws:SourceIp", r.pick("203.0.113.0/24", "203.0.0.0/16")
		case 2:
			return r.pick("Bool", "BoolIfExists"), "aws:MultiFactorAuthPresent", r.pick("true", "false")
		case 3:
			return r.pick("StringEquals", "StringNotEquals"), "aws:PrincipalTag/team", r.pick("a", "z")
		case 4:
			return r.pick("StringEquals", "StringNotEquals"), "aws:PrincipalOrgID", "o-exampleorg01"
		case 5:
			return r.pick("ArnLike", "StringLike", "ArnNotLike"), "aws:PrincipalArn", r.pick("arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:role/app")
		case 6:
			return "StringLike", "aws:Referer", "https://example.com/*"
		case 7:
			return r.pick("StringEquals", "StringNotEquals"), "s3:x-amz-server-side-encryption", "aws:kms"
		case 8:
			return r.pick("StringLike", "StringNotLike"), "s3:prefix", r.pick("a*", "a/")
		case 9:
			return "Bool", "aws:SecureTransport", r.pick("true", "false")
		case 10:
			return r.pick("StringEquals", "StringNotEquals"), "s3:ExistingObjectTag/team", r.pick("a", "${aws:PrincipalTag/team}")
		case 11:
			return r.pick("StringEquals", "StringNotEquals"), "aws:PrincipalAccount", r.pick(dataAccount, partnerAccount)
		case 12:
			return "Null", r.pick("aws:SourceVpce", "aws:PrincipalTag/team", "aws:Referer"), r.pick("true", "false")
		case 13:
			return "NumericLessThan", "s3:max-keys", "10"
		case 14:
			return r.pick("StringEquals", "StringNotEquals"), "aws:SourceVpc", "vpc-1"
		}
		return r.pick("StringEquals", "StringLike"), "kms:EncryptionContext:aws:s3:arn", r.pick("arn:aws:s3:::b/a/*", "arn:aws:s3:::b")
	}
	out := map[string]any{}
	for range 1 + r.IntN(2) {
		operator, key, value := one()
		out[operator] = map[string]any{key: value}
	}
	return out
}

func (r random) principal() any {
	switch r.IntN(8) {
	case 0, 1:
		return "*"
	case 2:
		return map[string]any{"Service": r.pick("logging.s3.amazonaws.com", "cloudfront.amazonaws.com")}
	case 3:
		return map[string]any{"AWS": r.pick("arn:aws:iam::777788889999:root", "777788889999")}
	}
	return map[string]any{"AWS": r.some("arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root",
		"arn:aws:iam::444455556666:role/guest", "arn:aws:sts::111122223333:assumed-role/app/night", "arn:aws:sts::111122223333:federated-user/fay", "arn:aws:iam::444455556666:user/bob")}
}

func (r random) document(principals bool, n int) map[string]any {
	statements := []any{}
	for range n {
		s := map[string]any{"Effect": r.pick("Allow", "Allow", "Deny")}
		s[r.pick("Action", "Action", "Action", "Action", "NotAction")] = r.actions()
		s[r.pick("Resource", "Resource", "Resource", "Resource", "Resource", "NotResource")] = r.resources()
		if principals {
			s["Principal"] = r.principal()
			if s["Effect"] == "Deny" && r.chance(20) {
				delete(s, "Principal")
				s["NotPrincipal"] = map[string]any{"AWS": r.some("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/ann")}
			}
		}
		if r.chance(50) {
			s["Condition"] = r.conditions()
		}
		statements = append(statements, s)
	}
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}

func (r random) identity() map[string]any {
	p := map[string]any{"inline": map[string]any{"own": r.document(false, 1+r.IntN(2))}}
	if r.chance(30) {
		p["tags"] = map[string]any{"team": r.pick("a", "z")}
	}
	if r.chance(25) {
		p["boundary"] = "limit"
	}
	if r.chance(25) {
		p["attached"] = []string{"shared"}
	}
	return p
}

func (r random) bucket() map[string]any {
	b := map[string]any{"document": r.document(true, 1+r.IntN(3)), "publicAccessBlock": r.chance(50), "listed": r.chance(20)}
	if r.chance(30) {
		b["encryption"] = map[string]any{"algorithm": "aws:kms", "key": keyID, "bucketKey": r.chance(30)}
	}
	if r.chance(30) {
		b["ownership"] = "ObjectWriter"
		b["acl"] = map[string]any{"canned": r.pick("private", "public-read", "authenticated-read")}
	}
	if r.chance(40) {
		b["objects"] = map[string]any{"a/b": map[string]any{"tags": map[string]any{"team": r.pick("a", "z")}, "acl": map[string]any{"canned": r.pick("private", "public-read")}}}
	}
	if r.chance(40) {
		ap := map[string]any{"document": r.document(true, 1), "publicAccessBlock": r.chance(50)}
		if r.chance(30) {
			ap["networkOrigin"], ap["vpc"] = "VPC", "vpc-1"
		}
		b["accessPoints"] = map[string]any{"ap": ap}
	}
	if r.chance(10) {
		b["unknown"] = []any{map[string]any{"what": "document", "why": "AccessDenied"}}
	}
	if r.chance(15) {
		b["requestPayer"] = "Requester"
	}
	return b
}

func (r random) key() map[string]any {
	k := map[string]any{"document": r.document(true, 2)}
	if r.chance(40) {
		context := map[string]any{"aws:s3:arn": r.pick("arn:aws:s3:::b/a/b", "arn:aws:s3:::b/x", "arn:aws:s3:::b")}
		k["grants"] = []any{map[string]any{"grantee": r.pick("arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:user/u1", "arn:aws:iam::444455556666:role/guest"),
			"operations": []string{"Decrypt", "GenerateDataKey"}, "constraints": map[string]any{r.pick("EncryptionContextSubset", "EncryptionContextEquals"): context}}}
	}
	return k
}

// estateText is an estate of two accounts and three buckets.
func (r random) estateText() []byte {
	endpoint := map[string]any{"vpc": "vpc-1", "service": "com.amazonaws.us-east-1.s3"}
	if r.chance(40) {
		endpoint["document"] = map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Principal": "*", "Action": r.actions(), "Resource": r.resources()}}}
	}
	shared := func() map[string]any { // several of these are alike, or nearly
		u := map[string]any{"attached": []string{"shared"}}
		if r.chance(50) {
			u["tags"] = map[string]any{"team": r.pick("a", "z")}
		}
		if r.chance(20) {
			u["boundary"] = "limit"
		}
		return u
	}
	data := map[string]any{
		"managedPolicies": map[string]any{"limit": map[string]any{"document": r.document(false, 2)}, "shared": map[string]any{"document": r.document(false, 1)}},
		"users":           map[string]any{"ann": r.identity(), "a": r.identity(), "u1": shared(), "u2": shared(), "u3": shared()}, "roles": map[string]any{"app": r.identity()},
		"buckets":      map[string]any{"b": r.bucket(), "other": r.bucket()},
		"keys":         map[string]any{keyID: r.key()},
		"vpcEndpoints": map[string]any{"vpce-1": endpoint},
	}
	if r.chance(50) {
		delete(data["buckets"].(map[string]any)["other"].(map[string]any), "accessPoints")
	}
	delete(data["buckets"].(map[string]any)["other"].(map[string]any), "accessPoints")
	e := map[string]any{"version": 1, "accounts": map[string]any{dataAccount: data, partnerAccount: map[string]any{
		"managedPolicies": map[string]any{"limit": map[string]any{"document": r.document(false, 2)}, "shared": map[string]any{"document": r.document(false, 1)}},
		"roles":           map[string]any{"guest": r.identity()}, "users": map[string]any{"bob": r.identity()},
	}}}
	if r.chance(50) {
		e["organizations"] = map[string]any{"o-exampleorg01": map[string]any{"managementAccount": "999999999999",
			"policies": map[string]any{"Guard": map[string]any{"type": "scp", "document": r.document(false, 1)}, "Fence": map[string]any{"type": "rcp", "document": denials(r.document(true, 1))}},
			"root":     map[string]any{"id": "r-ab12", "scps": []string{"FullAWSAccess", "Guard"}, "rcps": []string{"Fence"}, "accounts": []string{dataAccount}}}}
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return text
}

// denials makes an RCP of a document: all its statements deny everyone.
func denials(d map[string]any) map[string]any {
	for _, s := range d["Statement"].([]any) {
		st := s.(map[string]any)
		st["Effect"], st["Principal"] = "Deny", "*"
		delete(st, "NotPrincipal")
		st["Action"] = []string{"s3:GetObject", "kms:Decrypt"}
		delete(st, "NotAction")
	}
	return d
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func parse(tb testing.TB, text []byte) *estate.Estate {
	tb.Helper()
	e, err := estate.Parse("estate.json", text)
	if err != nil {
		tb.Fatalf("%v\n%s", err, text)
	}
	return e
}

// mutated is an estate that differs from a seed's in one place.
func (r random) mutated(tb testing.TB, text []byte) []byte {
	tb.Helper()
	var e map[string]any
	if err := json.Unmarshal(text, &e); err != nil {
		tb.Fatal(err)
	}
	account := e["accounts"].(map[string]any)[dataAccount].(map[string]any)
	in := func(m map[string]any, key string) map[string]any { return m[key].(map[string]any) }
	switch r.IntN(9) {
	case 0:
		in(account, "users")["ann"] = r.identity()
	case 1:
		in(account, "roles")["app"] = r.identity()
	case 2:
		in(account, "buckets")["b"] = r.bucket()
	case 3:
		in(in(account, "buckets"), "b")["document"] = r.document(true, 1+r.IntN(3))
	case 4:
		in(account, "keys")[keyID] = r.key()
	case 5:
		in(account, "managedPolicies")["limit"] = map[string]any{"document": r.document(false, 2)}
	case 6:
		in(account, "users")["new"] = r.identity()
	case 7:
		in(in(account, "buckets"), "b")["publicAccessBlock"] = r.chance(50)
	case 8:
		account["publicAccessBlock"] = r.chance(50)
	}
	out, err := json.Marshal(e)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}
