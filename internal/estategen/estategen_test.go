package estategen_test

import (
	"bytes"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/estategen"
)

func TestWrite(t *testing.T) {
	for _, o := range []estategen.Options{{Principals: 203, Buckets: 57, Seed: 1}, {Principals: 10, Buckets: 3, Accounts: 1, Seed: 2}, {}} {
		var a, b bytes.Buffer
		if err := estategen.Write(&a, o); err != nil {
			t.Fatal(err)
		}
		if err := estategen.Write(&b, o); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%+v: the same options give two estates (%v)", o, err)
		}
		e, err := estate.Parse("estate.json", a.Bytes())
		if err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		principals, buckets := 0, 0
		for _, account := range e.Accounts {
			principals, buckets = principals+len(account.Users)+len(account.Roles), buckets+len(account.Buckets)
		}
		if principals != o.Principals || buckets != o.Buckets {
			t.Errorf("%+v: %d principals, %d buckets", o, principals, buckets)
		}
	}
}
