package estate

import (
	"reflect"
	"testing"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// What is printed reads as what was parsed, places apart.
func TestPrintPolicy(t *testing.T) {
	const text = `{"Version":"2012-10-17","Id":"p","Statement":[` +
		`{"Sid":"A <b>","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},` +
		`{"Effect":"Deny","NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/a"],"Service":"x.amazonaws.com"},"NotAction":["s3:Get*","s3:Put*"],` +
		`"NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"StringEquals":{"aws:PrincipalTag/a":["1","2"],"s3:prefix":""},"Bool":{"aws:SecureTransport":"false"}}}]}`
	first, err := policy.Parse("", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	printed := PrintPolicy(first)
	if printed != text {
		t.Errorf("printed\n%s\nwant\n%s", printed, text)
	}
	second, err := policy.Parse("", []byte(printed))
	if err != nil || !reflect.DeepEqual(first.Statements, second.Statements) {
		t.Errorf("%v\n%+v\n%+v", err, first.Statements, second.Statements)
	}
	if (node.Pos{}) == first.Statements[0].Pos {
		t.Error("no places")
	}
}
