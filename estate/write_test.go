package estate_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/policy"
)

// apart are the parts of an estate that its place in files decides.
var apart = cmp.Options{
	cmpopts.IgnoreTypes(estate.Pos{}, map[string]estate.Pos{}),
	cmpopts.IgnoreFields(estate.Estate{}, "File", "Dir"),
	cmpopts.IgnoreFields(estate.Document{}, "File"),
	cmpopts.IgnoreFields(policy.Document{}, "Size"),
	cmpopts.IgnoreUnexported(estate.Estate{}, estate.Account{}, estate.Document{}, estate.OrgPolicy{}, policy.Document{}),
	cmpopts.EquateEmpty(),
	cmp.Transformer("s3", func(p *estate.OrgPolicy) [2]any { return [2]any{*p, p.S3PublicAccessBlock()} }),
}

func sameAfterEncode(t *testing.T, e *estate.Estate) {
	t.Helper()
	var out bytes.Buffer
	if err := e.Encode(&out); err != nil {
		t.Fatal(err)
	}
	again, err := estate.Parse("out.yaml", out.Bytes())
	if err != nil {
		t.Fatalf("what Encode wrote does not parse: %v\n%s", err, out.String())
	}
	if diff := cmp.Diff(e, again, apart); diff != "" {
		t.Errorf("changed by Encode and Parse:\n%s\n%s", diff, out.String())
	}
	var second bytes.Buffer
	if err := again.Encode(&second); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out.String(), second.String()); diff != "" {
		t.Errorf("encoded twice, it differs:\n%s", diff)
	}
}

func TestEncodeKeepsTheEstate(t *testing.T) {
	e, err := estate.Load("testdata/contract.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sameAfterEncode(t, e)
	for name, fsys := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			e, err := estate.ParseFS(fsys, ".")
			if err != nil {
				t.Fatal(err)
			}
			sameAfterEncode(t, e)
		})
	}
}

// Texts that YAML would read as something else, absent and empty settings, and
// documents that only JSON can hold.
func TestEncodeKeepsOddValues(t *testing.T) {
	for name, bucket := range map[string]string{
		"tags":           `{tags: {"yes": "no", "1": "1.0", "null": "~", "a: b": "# c", "": "", "-": "- x", "é\n": "\t\"\\", "<<": "*a", "0x1f": "1e3", "2026-01-01": "2026-01-01"}}`,
		"nothing blocks": `{encryption: {blocked: []}}`,
		"all off":        `{publicAccessBlock: false}`,
		"empty acl":      `{acl: {}}`,
		"odd keys":       `{objects: {"a b": {}, "a/": {tags: {}}, "*": {lock: {}}, "{x}": {versions: {"null": {deleteMarker: true}}}}}`,
		"JSON text":      `{document: '{"Statement": [{"Effect": "Deny", "Principal": "*", "NotAction": [], "NotResource": [], "Condition": {"StringEquals": {"aws:SourceVpc": "a"}, "StringEquals": {"aws:SourceVpc": ["b", "c"]}}}]}'}`,
		"unknown":        `{unknown: {document: "AccessDenied: s3:GetBucketPolicy", GetBucketAcl: null}}`,
	} {
		t.Run(name, func(t *testing.T) {
			sameAfterEncode(t, load(t, "version: 1\naccounts: {\"111122223333\": {buckets: {b: "+bucket+"}}}\n"))
		})
	}
}

// What was any text stays that text, as a name and as a value.
func FuzzEncodeText(f *testing.F) {
	for _, seed := range []string{"", "~", "1e3", "0o14", "a: b", "- a", "a\nb", "\u0085\u2028", "\x7f", "'", `\`, "%", "@a", "a:", "!!str", "=", ".5", "é", "\U0001F600", "null"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("AWS has no such text")
		}
		e := &estate.Estate{Version: 1, Accounts: map[iam.AccountID]*estate.Account{"111122223333": {
			Name: s, Roles: map[string]*estate.Role{"r": {Tags: map[string]string{s: s, "other": s}}},
		}}}
		if err := e.Link(); err != nil {
			t.Fatal(err)
		}
		sameAfterEncode(t, e)
	})
}
