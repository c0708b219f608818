package cloudtrail

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/internal/ingest/record"
)

// odds makes records of some sorts. Those of one sort are alike, and odd in the same
// places: there members are missing or stand twice, are empty, of another type, or
// have escapes.
type odds struct {
	*rand.Rand
	sort *rand.Rand // begins anew with each record
	odd  int        // that many of a hundred members are
}

func (o odds) chance() bool { return o.sort.IntN(100) < o.odd }

func (o odds) of(texts ...string) string { return texts[o.sort.IntN(len(texts))] }

// text is the text of a member, mostly a string.
func (o odds) text() string {
	if !o.chance() {
		return fmt.Sprintf(`"%s%d"`, strings.Repeat("long", o.IntN(9)), o.IntN(999))
	}
	return o.of(`"with \"escapes\" \u0041"`, `"\q"`, `"[in brackets]"`, `""`, `null`, `7`, `["x"]`, `["x","y"]`, `{"k":"v"}`, `true`)
}

// name is one of a few.
func (o odds) name() string { return o.word(fmt.Sprintf("name-%d", o.IntN(3))) }

// word is one that many records have.
func (o odds) word(w string) string {
	if o.chance() {
		return o.text()
	}
	return `"` + w + `"`
}

// object writes members, given as name and text in turns.
func (o odds) object(members ...string) string {
	var list []string
	for i := 0; i < len(members); i += 2 {
		if o.chance() {
			continue
		}
		list = append(list, fmt.Sprintf(`"%s":%s`, members[i], members[i+1]))
		if o.chance() {
			list = append(list, fmt.Sprintf(` "%s" : %s`, members[i], o.text()))
		}
	}
	return "{" + strings.Join(list, ",") + "}"
}

func (o odds) resource() string {
	return o.object("type", o.word("AWS::S3::"+o.of("Bucket", "Object", "AccessPoint")),
		"ARN", []string{`"arn:aws:s3:::b"`, `"arn:aws-cn:s3:::b"`, o.text()}[o.IntN(3)], "accountId", o.text())
}

func (o odds) record() string {
	return o.object("eventVersion", `"1.11"`,
		"userIdentity", o.object("type", `"AssumedRole"`, "principalId", o.name(), "arn", o.name(), "accountId", `"111122223333"`,
			"sessionContext", o.object("attributes", o.object("creationDate", fmt.Sprintf(`"2026-11-22T%02d:00:00Z"`, o.IntN(70)), "mfaAuthenticated", `"true"`))),
		"eventTime", fmt.Sprintf(`"2026-11-22T10:00:%02dZ"`, o.IntN(70)), "eventSource", `"s3.amazonaws.com"`,
		"eventName", o.of(`"GetObject"`, `"GetObjectTagging"`, `"PutObject"`), "awsRegion", `"us-east-1"`, "sourceIPAddress", o.text(), "userAgent", o.of(`"[agent]"`, o.text()),
		"errorMessage", o.text(),
		"requestParameters", o.object("bucketName", o.text(), "Host", o.text(), "key", o.text(), "x-amz-acl", o.text(), "list-type", o.text(), "keyId", o.text(),
			"encryptionContext", o.object("aws:s3:arn", o.text(), "other", o.text())),
		"responseElements", o.of(`null`, `{"x-amz-expiration":"x"}`),
		"additionalEventData", o.object("SignatureVersion", `"SigV4"`, "CipherSuite", o.word("ECDHE"), "bytesTransferredIn", o.of("0", "1", "17"), "aclRequired", `"Yes"`),
		"requestID", o.text(), "readOnly", o.of("true", "false"), "resources", "["+o.resource()+","+o.resource()+"]", "recipientAccountId", o.text(), "vpcEndpointId", o.text(),
		"tlsDetails", o.object("tlsVersion", `"TLSv1.3"`, "cipherSuite", o.word("ECDHE"), "clientProvidedHostHeader", o.text()))
}

// What the shapes tell of a record is what reading it tells, whatever records came
// before, and however much of its text is there.
func TestLawShapes(t *testing.T) {
	o := odds{Rand: rand.New(rand.NewPCG(4, 3))}
	var p parser
	known, failed := 0, 0
	for range 15000 {
		sort := o.Uint64N(300)
		o.sort, o.odd = rand.New(rand.NewPCG(sort, 1)), int(sort%10)
		text := []byte(o.record())
		if o.IntN(10) == 0 {
			text = text[:1+o.IntN(len(text))]
		}
		var want, got record.Record
		_, wantErr := (&parser{once: true}).read(text, 0, &want)
		p.shapes.debt = 0
		_, err := p.parse(text, 0, &got)
		if got.Shape != 0 {
			known++
		}
		got.Shape, got.Who.Number = 0, 0
		if err != nil {
			failed++
			want, got = record.Record{}, record.Record{}
		}
		if err != wantErr || !reflect.DeepEqual(want, got) {
			t.Fatalf("%s\n%v, want %v\n%s", text, err, wantErr, cmp.Diff(want, got))
		}
	}
	if known < 3000 || failed < 1000 {
		t.Errorf("of 15,000 records %d were of known shapes, and %d no records", known, failed)
	}
	t.Logf("%d records of known shapes, %d shapes", known, p.shapes.known)
}
