package table

import (
	"encoding/json"
	"strings"
	"testing"
)

// Structures as Athena and CloudTrail Lake write them.
func TestTree(t *testing.T) {
	for text, want := range map[string]string{
		`{type=IAMUser, arn=arn:aws:iam::111122223333:user/a, invokedby=null, sessioncontext={attributes={mfaauthenticated=false}}}`: `{"arn":"arn:aws:iam::111122223333:user/a","sessionContext":{"attributes":{"mfaAuthenticated":"false"}},"type":"IAMUser"}`,
		`[{arn=arn:aws:s3:::b/a, b=c.txt, accountid=1}, {arn=x}]`:                                                                    `[{"ARN":"arn:aws:s3:::b/a","accountId":"1","b":"c.txt"},{"ARN":"x"}]`,
		`{"type":"IAMUser","userName":null}`:                                                                                         `{"type":"IAMUser"}`,
		`plain`:                                                                                                                      `"plain"`,
	} {
		rename := member
		if text[0] == '[' {
			rename = resource
		}
		got, err := json.Marshal(tree(text, rename))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{strings.Repeat("{a=", 1<<20), strings.Repeat("[", 1<<20), "{a=], b={c}", "[]]", "{=", "{a"} {
		tree(text, member) // ends
	}
}

// A row without an end is not taken into memory.
func TestTooLong(t *testing.T) {
	endless := strings.NewReader("eventName,eventTime\n\"" + strings.Repeat("x", 2*maxRow))
	err := Each(endless, func(int, Row) error { return nil }, func(int, error) error { return nil })
	if err != ErrTooLong {
		t.Errorf("%v", err)
	}
}
