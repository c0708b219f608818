package server

import "testing"

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
