package server

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/why403/why403/internal/sigv4"
)

// Where names differ in case alone AWS does not say which value a condition sees: a
// policy that looks at it is not passed, whatever the order.
func TestKeysThatDifferInCase(t *testing.T) {
	g := newRig(t, nil)
	who := g.limited("caser", `{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:team": "ok"}}},
		{"Effect": "Allow", "Action": "kms:TagResource", "Resource": "*"},
		{"Effect": "Deny", "Action": "kms:TagResource", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestTag/team": "ok"}}}`)
	for range 16 {
		g.wantAPI(g.api(who, "kms", "TrentService.Encrypt", `{"KeyId": "`+dataKey+`", "Plaintext": "aGVsbG8=", "EncryptionContext": {"team": "bad", "TEAM": "ok"}}`), 400, "AccessDeniedException")
		g.wantAPI(g.api(who, "kms", "TrentService.TagResource", `{"KeyId": "`+dataKey+`", "Tags": [{"TagKey": "team", "TagValue": "ok"}, {"TagKey": "Team", "TagValue": "bad"}]}`), 400, "AccessDeniedException")
	}
	g.wantAPI(g.api(who, "kms", "TrentService.Encrypt", `{"KeyId": "`+dataKey+`", "Plaintext": "aGVsbG8=", "EncryptionContext": {"team": "ok"}}`), 200, "")
	g.wantAPI(g.api(admin, "kms", "TrentService.Encrypt", `{"KeyId": "`+dataKey+`", "Plaintext": "aGVsbG8=", "EncryptionContext": {"team": "bad", "TEAM": "ok"}}`), 200, "")
}

// Names that differ in case alone and say the same say that.
func TestKeysThatSayTheSame(t *testing.T) {
	g := newRig(t, nil)
	who := g.limited("caser", `{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:team": "ok"}}},
		{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
		{"Effect": "Deny", "Action": "s3:PutObjectTagging", "Resource": "*", "Condition": {"StringNotEquals": {"s3:RequestObjectTag/team": "ok"}}},
		{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringNotEquals": {"s3:ExistingObjectTag/team": "ok"}}}`)
	g.want(g.do(admin, "PUT", "/tagged-twice", ""), 200, "")
	for range 8 {
		g.wantAPI(g.api(who, "kms", "TrentService.Encrypt", `{"KeyId": "`+dataKey+`", "Plaintext": "aGVsbG8=", "EncryptionContext": {"team": "ok", "TEAM": "ok"}}`), 200, "")
		g.wantAPI(g.api(who, "kms", "TrentService.Encrypt", `{"KeyId": "`+dataKey+`", "Plaintext": "aGVsbG8=", "EncryptionContext": {"team": "ok", "TEAM": "ok", "Team": "bad"}}`), 400, "AccessDeniedException")
		g.want(g.do(who, "PUT", "/tagged-twice/k", "x", "X-Amz-Tagging", "Team=ok&team=ok"), 200, "")
		g.want(g.do(who, "GET", "/tagged-twice/k", ""), 200, "")
	}
}

// A grant for one encryption context is none for that with more in it, however the
// names are spelt.
func TestGrantsSeeTheWholeContext(t *testing.T) {
	g := newRig(t, nil)
	const grantee = "arn:aws:iam::111122223333:user/nobody"
	g.wantAPI(g.api(admin, "kms", "TrentService.CreateGrant", `{"KeyId": "`+dataKey+`", "GranteePrincipal": "`+grantee+`", "Operations": ["Encrypt"],
		"Constraints": {"EncryptionContextEquals": {"team": "ok"}}}`), 200, "")
	encrypt := func(context string) answer {
		return g.api(nobody, "kms", "TrentService.Encrypt", `{"KeyId": "`+dataKey+`", "Plaintext": "aGVsbG8=", "EncryptionContext": `+context+`}`)
	}
	g.wantAPI(encrypt(`{"team": "ok"}`), 200, "")
	for _, context := range []string{`{}`, `{"Team": "ok"}`, `{"team": "ok", "more": "1"}`, `{"team": "ok", "more": "1", "MORE": "2"}`, `{"team": "ok", "TEAM": "ok"}`, `{"team": "ok", "more": "1", "MORE": "1"}`} {
		g.wantAPI(encrypt(context), 400, "AccessDeniedException")
	}
}

// What the writer of an object gives as encryption context, KMS is asked with, in all
// steps of an upload and at each read.
func TestEncryptionContextOfObjects(t *testing.T) {
	g := newRig(t, nil)
	denyContext := func(statement string) {
		policy, err := json.Marshal(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}, ` + statement + `]}`)
		if err != nil {
			t.Fatal(err)
		}
		g.wantAPI(g.api(admin, "kms", "TrentService.PutKeyPolicy", `{"KeyId": "`+dataKey+`", "PolicyName": "default", "Policy": `+string(policy)+`}`), 200, "")
	}
	denyContext(`{"Effect": "Deny", "Principal": "*", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:secret": "yes"}}}`)
	sealed := func(context string) []string {
		return []string{"X-Amz-Server-Side-Encryption", "aws:kms", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", dataKey, "X-Amz-Server-Side-Encryption-Context", base64.StdEncoding.EncodeToString([]byte(context))}
	}
	g.want(g.do(admin, "PUT", "/reports/open", "x", sealed(`{"secret": "no"}`)...), 200, "")
	g.want(g.do(admin, "GET", "/reports/open", ""), 200, "")
	g.want(g.do(admin, "PUT", "/reports/secret", "x", sealed(`{"secret": "yes"}`)...), 403, "AccessDenied")
	g.want(g.do(admin, "POST", "/reports/secret?uploads", "", sealed(`{"secret": "yes"}`)...), 403, "AccessDenied")
	denyContext(`{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:secret": "no"}}}`)
	g.want(g.do(admin, "GET", "/reports/open", ""), 403, "AccessDenied")
	upload := g.want(g.do(admin, "POST", "/reports/parts?uploads", "", sealed(`{"secret": "no"}`)...), 200, "")
	_, id, _ := strings.Cut(upload.body, "<UploadId>")
	id, _, _ = strings.Cut(id, "<")
	g.want(g.do(admin, "PUT", "/reports/parts?partNumber=1&uploadId="+id, "x"), 403, "AccessDenied") // it needs kms:Decrypt
}

// Tags of a new key need a permission that is not for particular keys.
func TestTagsOfNewKeys(t *testing.T) {
	g := newRig(t, nil)
	create := func(name, resource string) answer {
		who := g.limited(name, `{"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}, {"Effect": "Allow", "Action": "kms:TagResource", "Resource": "`+resource+`"}`)
		return g.api(who, "kms", "TrentService.CreateKey", `{"Tags": [{"TagKey": "team", "TagValue": "ok"}]}`)
	}
	g.wantAPI(create("any", "*"), 200, "")
	g.wantAPI(create("keys", "arn:aws:kms:*:111122223333:key/*"), 200, "")
	g.wantAPI(create("one", "arn:aws:kms:us-east-1:111122223333:key/"+dataKey), 400, "AccessDeniedException")
	g.wantAPI(create("region", "arn:aws:kms:eu-west-1:111122223333:key/*"), 400, "AccessDeniedException")
	g.wantAPI(create("aliases", "arn:aws:kms:*:111122223333:alias/*"), 400, "AccessDeniedException")
}

// The ARN of another account's trail is not that of one's own of the same name.
func TestTrailsOfOthers(t *testing.T) {
	g := newRig(t, nil)
	const target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
	g.want(g.do(admin, "PUT", "/trails", ""), 200, "")
	g.want(g.do(admin, "PUT", "/trails?policy", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:GetBucketAcl", "s3:PutObject"],
		"Resource": ["arn:aws:s3:::trails", "arn:aws:s3:::trails/*"]}]}`), 204, "")
	g.wantAPI(g.api(admin, "cloudtrail", target+"CreateTrail", `{"Name": "own", "S3BucketName": "trails"}`), 200, "")
	get := func(name string) answer { return g.api(admin, "cloudtrail", target+"GetTrail", `{"Name": "`+name+`"}`) }
	g.wantAPI(get("arn:aws:cloudtrail:us-east-1:111122223333:trail/own"), 200, "")
	g.wantAPI(get("arn:aws:cloudtrail:us-east-1:444455556666:trail/own"), 400, "TrailNotFoundException")
	g.wantAPI(get("arn:aws:cloudtrail:us-east-1:111122223333:channel/own"), 400, "CloudTrailARNInvalidException")
	g.wantAPI(get("arn:aws:s3:us-east-1:111122223333:trail/own"), 400, "CloudTrailARNInvalidException")
	g.wantAPI(g.api(admin, "cloudtrail", target+"DeleteTrail", `{"Name": "arn:aws:cloudtrail:us-east-1:444455556666:trail/own"}`), 400, "TrailNotFoundException")
	g.wantAPI(get("own"), 200, "")
}

// Who makes grants by a grant to its account gives no more than that, either.
func TestGrantsByAGrantToTheAccount(t *testing.T) {
	g := newRig(t, nil)
	policy, err := json.Marshal(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/admin"}, "Action": "kms:*", "Resource": "*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	g.wantAPI(g.api(admin, "kms", "TrentService.PutKeyPolicy", `{"KeyId": "`+dataKey+`", "PolicyName": "default", "Policy": `+string(policy)+`}`), 200, "")
	who := g.limited("granter", `{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}`)
	grant := func(by sigv4.Credential, to, operations string) answer {
		return g.api(by, "kms", "TrentService.CreateGrant", `{"KeyId": "`+dataKey+`", "GranteePrincipal": "arn:aws:iam::111122223333:`+to+`", "Operations": [`+operations+`]}`)
	}
	g.wantAPI(grant(who, "user/granter", `"Decrypt"`), 400, "AccessDeniedException")
	g.wantAPI(grant(admin, "root", `"CreateGrant", "Encrypt"`), 200, "")
	g.wantAPI(grant(who, "user/granter", `"Encrypt"`), 200, "")
	g.wantAPI(grant(who, "user/granter", `"Decrypt"`), 400, "AccessDeniedException")
	g.wantAPI(grant(who, "user/granter", `"Encrypt", "Decrypt"`), 400, "AccessDeniedException")
}

// A policy cannot let a grant be retired, and can refuse it.
func TestRetireGrantRefused(t *testing.T) {
	g := newRig(t, nil)
	plain := g.limited("plain", `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`)
	denied := g.limited("denied", `{"Effect": "Deny", "Action": "kms:RetireGrant", "Resource": "*"}`)
	grant := func(retiring string) string {
		a := g.wantAPI(g.api(admin, "kms", "TrentService.CreateGrant", `{"KeyId": "`+dataKey+`", "GranteePrincipal": "arn:aws:iam::111122223333:user/nobody", "Operations": ["Decrypt"],
			"RetiringPrincipal": "arn:aws:iam::111122223333:user/`+retiring+`"}`), 200, "")
		var out struct{ GrantToken string }
		if err := json.Unmarshal([]byte(a.body), &out); err != nil {
			t.Fatal(err)
		}
		return `{"GrantToken": "` + out.GrantToken + `"}`
	}
	own, others := grant("plain"), grant("denied")
	g.wantAPI(g.api(plain, "kms", "TrentService.RetireGrant", others), 400, "AccessDeniedException")
	g.wantAPI(g.api(denied, "kms", "TrentService.RetireGrant", others), 400, "AccessDeniedException")
	g.wantAPI(g.api(plain, "kms", "TrentService.RetireGrant", own), 200, "")
}
