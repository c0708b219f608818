package cloudtrail_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/internal/ingest/cloudtrail"
	"github.com/why403/why403/internal/ingest/record"
)

// cut is a text in pieces of one length. Each is spoiled when the next is asked
// for, as inflate does with its window.
type cut struct {
	text string
	size int
	last []byte
}

func (c *cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF } // nobody should

func (c *cut) Piece() ([]byte, error) {
	for i := range c.last {
		c.last[i] = '~'
	}
	if c.text == "" {
		return nil, io.EOF
	}
	n := min(c.size, len(c.text))
	c.last, c.text = []byte(c.text[:n]), c.text[n:]
	return c.last, nil
}

// Wherever the pieces of a stream end, the records are those that the whole has.
func TestPieces(t *testing.T) {
	long := strings.Replace(passed, `"eventID"`, `"requestID":"`+strings.Repeat("long", 9000)+`","eventID"`, 1)
	many := strings.Repeat(denied+","+passed+",\n", 40)
	text := `{"Records":[` + denied + ",\n" + passed + "," + long + "," + `{"awsRegion":"x","errorCode":"AccessDenied","eventName":"odd"},` + many + strings.Replace(long, `"eventID"`, `"errorCode":"AccessDenied","eventID"`, 1) +
		",\n" + denied[:60] + "\n," + denied + "," + many + strings.ReplaceAll(denied, ":", " : ") + `]}` + "\n" + passed + "\n" + denied
	for _, failedOnly := range []bool{false, true} {
		var bad, names []string
		r := &cloudtrail.Reader{Options: cloudtrail.Options{FailedOnly: failedOnly}, Bad: func(b *cloudtrail.Bad) error { bad = append(bad, b.Error()); return nil },
			Handle: func(r *record.Record) error {
				names = append(names, fmt.Sprintf("%s %s %s/%s %s %s %d", r.EventID, r.Event, r.Bucket, r.Key, r.Error, r.Who.ARN, len(r.RequestID)))
				return nil
			}}
		if err := r.Read("f", strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		wantNames, wantBad, want := names, bad, r.Records
		if len(wantNames) < 84 || len(wantBad) == 0 && !failedOnly {
			t.Fatalf("read %d records, complained %v", len(wantNames), wantBad)
		}
		for _, size := range slices.Concat([]int{7, 100, 1000, 4095, 8192, 8193, 32 << 10, 1 << 20}, []int{611, 613, 617, 619, 1231, 2477}) {
			names, bad, r.Records = nil, nil, 0
			if err := r.Read("f", &cut{text: text, size: size}); err != nil {
				t.Fatalf("pieces of %d: %v", size, err)
			}
			if diff := cmp.Diff(wantNames, names) + cmp.Diff(wantBad, bad); diff != "" || r.Records != want {
				t.Errorf("pieces of %d, failed only %v: %d records, want %d\n%s", size, failedOnly, r.Records, want, diff)
			}
		}
	}
}

// A caller that is known again is the one that the text tells.
func TestCallers(t *testing.T) {
	caller := func(role, session string) string {
		return `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE001:` + session + `","arn":"arn:aws:sts::111122223333:assumed-role/` + role + `/` + session +
			`","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}},"eventName":"GetObject","eventID":"` + role + session + `"}`
	}
	var text strings.Builder
	text.WriteString(`{"Records":[`)
	for i := range 300 {
		text.WriteString(caller(fmt.Sprint("role-", i%7), fmt.Sprint("session-", i%13)) + "," + caller("escaped", `a\u0062c`) + ",")
	}
	text.WriteString(`]}`)
	numbers := map[uint64]string{}
	r := &cloudtrail.Reader{Bad: func(b *cloudtrail.Bad) error { return b }, Handle: func(r *record.Record) error {
		_, role, _ := strings.Cut(string(r.Who.ARN), ":assumed-role/")
		if got := strings.ReplaceAll(role, "/", ""); got != strings.ReplaceAll(string(r.EventID), `\u0062`, "b") || string(r.Who.MFA) != "true" || !r.Who.Session {
			t.Fatalf("record %s has the caller %s", r.EventID, r.Who.ARN)
		}
		if known, ok := numbers[r.Who.Number]; ok && r.Who.Number != 0 && known != role {
			t.Fatalf("%s and %s have the same number", known, role)
		}
		numbers[r.Who.Number] = role
		return nil
	}}
	if err := r.Read("f", strings.NewReader(text.String())); err != nil {
		t.Fatal(err)
	}
	if len(numbers) < 90 {
		t.Errorf("of 91 callers %d have a number", len(numbers)-1)
	}
}
