package document

import (
	"errors"
	"strings"
	"testing"
)

var sample = MustSchema(`
Root
  Rule 1..2
    ID ?
    Days ? int
    On ? bool
    At ? date
    Status = Enabled Disabled
    Tag *
      Key
      Value
    Empty ? {}
    Grantee ?
      ID ?
`)

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, in, want, wrong string }{
		{name: "order, numbers, words, dates", in: `<Root><Rule><Status> Enabled </Status><ID> a&amp;b </ID><Days> 007 </Days><On>TRUE</On><At>2030-01-02</At></Rule></Root>`,
			want: `<Rule><ID> a&amp;b </ID><Days>7</Days><On>true</On><At>2030-01-02T00:00:00.000Z</At><Status>Enabled</Status></Rule>`},
		{name: "with the namespace, and comments", in: `<?xml version="1.0"?><Root xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><!-- c --><Rule><Status>Disabled</Status><Empty/></Rule></Root>`,
			want: `<Rule><Status>Disabled</Status><Empty/></Rule>`},
		{name: "xsi:type", in: `<Root><Rule><Status>Enabled</Status><Grantee xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="CanonicalUser"><ID>1</ID></Grantee></Rule></Root>`,
			want: `<Rule><Status>Enabled</Status><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID></Grantee></Rule>`},
		{name: "another root", in: `<Other/>`, wrong: "Other"},
		{name: "nothing", in: ``, wrong: "Root"},
		{name: "two roots", in: `<Root/><Root/>`, wrong: "Root"},
		{name: "not closed", in: `<Root><Rule>`, wrong: "Root"},
		{name: "no rule", in: `<Root/>`, wrong: "Root/Rule"},
		{name: "too many", in: `<Root>` + strings.Repeat(`<Rule><Status>Enabled</Status></Rule>`, 3) + `</Root>`, wrong: "Root/Rule"},
		{name: "unknown element", in: `<Root><Rule><Status>Enabled</Status><Else/></Rule></Root>`, wrong: "Root/Rule/Else"},
		{name: "unknown word", in: `<Root><Rule><Status>enabled</Status></Rule></Root>`, wrong: "Root/Rule/Status"},
		{name: "no number", in: `<Root><Rule><Status>Enabled</Status><Days>1.5</Days></Rule></Root>`, wrong: "Root/Rule/Days"},
		{name: "no date", in: `<Root><Rule><Status>Enabled</Status><At>20300102</At></Rule></Root>`, wrong: "Root/Rule/At"},
		{name: "no truth", in: `<Root><Rule><Status>Enabled</Status><On>yes</On></Rule></Root>`, wrong: "Root/Rule/On"},
		{name: "text between", in: `<Root>x<Rule><Status>Enabled</Status></Rule></Root>`, wrong: "Root"},
		{name: "elements in a value", in: `<Root><Rule><Status><a/></Status></Rule></Root>`, wrong: "Root/Rule/Status"},
		{name: "half a tag", in: `<Root><Rule><Status>Enabled</Status><Tag><Key>k</Key></Tag></Rule></Root>`, wrong: "Root/Rule/Tag/Value"},
		{name: "too deep", in: strings.Repeat("<a>", 40), wrong: "Root"},
	} {
		got, err := sample.Parse([]byte(c.in))
		var invalid *Invalid
		switch {
		case c.wrong != "":
			if !errors.As(err, &invalid) || invalid.Path != c.wrong {
				t.Errorf("%s: %v, %v; want an error at %s", c.name, got, err, c.wrong)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		default:
			want := `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Root xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + c.want + `</Root>`
			if string(got.XML()) != want {
				t.Errorf("%s:\n%s\nwant\n%s", c.name, got.XML(), want)
			}
		}
	}
}

func TestReaders(t *testing.T) {
	d, err := sample.Parse([]byte(`<Root><Rule><Status>Enabled</Status><Days>3</Days><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value/></Tag></Rule></Root>`))
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := d.Int("Rule", "Days"); n != 3 || !ok {
		t.Errorf("Days: %d, %v", n, ok)
	}
	if n, ok := d.Int("Rule", "Nothing", "Below"); n != 0 || ok {
		t.Errorf("what is not there: %d, %v", n, ok)
	}
	if got := len(d.Child("Rule").All("Tag")); got != 2 {
		t.Errorf("%d tags", got)
	}
	if d.Has("Else") || !d.Has("Rule", "Tag", "Value") || d.Get("Rule", "Tag", "Key") != "a" {
		t.Error("Has or Get")
	}
}

// FuzzParse holds that what was read reads back as the same, and that an error
// comes without a document.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`<Root><Rule><Status>Enabled</Status><ID>a</ID><At>2030-01-02</At></Rule></Root>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><Root>&b;</Root>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := sample.Parse(data)
		if err != nil {
			if d != nil {
				t.Fatalf("%v with an error", d)
			}
			return
		}
		again, err := sample.Parse(d.XML())
		if err != nil || string(again.XML()) != string(d.XML()) {
			t.Fatalf("%s\nreads back as %v, %v", d.XML(), again, err)
		}
	})
}
