package redact

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/why403/why403/estate"
)

// glob is how IAM matches * and ? (IAM User Guide, IAM JSON policy elements:
// Resource).
func glob(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return glob(pattern[1:], text) || text != "" && glob(pattern, text[1:])
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && glob(pattern[1:], text[1:])
}

// Whatever a pattern matches it matches without names, and nothing else.
func TestPatternsMatchTheSame(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	text := func(letters string) string {
		var b strings.Builder
		for range 1 + source.IntN(9) {
			b.WriteByte(letters[source.IntN(len(letters))])
		}
		return b.String()
	}
	matched := 0
	for range 4000 {
		r := New([]byte{byte(source.IntN(256))}, nil)
		patterns, names := []string{}, []string{}
		for range 1 + source.IntN(3) {
			patterns = append(patterns, text("aab1-/*?*"))
		}
		for range 4 {
			names = append(names, text("aabbA12-/"))
		}
		r.learning = true
		for _, p := range patterns {
			r.pattern(p)
		}
		for _, n := range names {
			r.Text(n)
		}
		r.learning, r.unsettled = false, true
		r.settle()
		for _, p := range patterns {
			for _, n := range names {
				want, got := glob(p, n), glob(r.Text(p), r.Text(n))
				if want {
					matched++
				}
				if got != want {
					t.Fatalf("%q matches %q: %v; %q matches %q: %v", p, n, want, r.Text(p), r.Text(n), got)
				}
			}
		}
	}
	if matched < 1000 {
		t.Errorf("%d matches", matched)
	}
}

// Addresses are in the ranges in which they were, and no two become one.
func TestAddresses(t *testing.T) {
	r := New([]byte("secret"), nil)
	for _, c := range []struct {
		in, out string
		within  bool
	}{
		{"203.0.113.0/24", "203.0.113.7", true}, {"203.0.113.0/24", "203.0.114.7", false}, {"10.1.0.0/16", "10.1.2.3", true}, {"10.1.0.0/16", "10.2.2.3", false},
		{"0.0.0.0/0", "198.51.100.1", true}, {"2001:db8::/32", "2001:db8::1", true}, {"2001:db8::/32", "2001:db9::1", false}, {"192.168.0.0/16", "192.168.1.1", true},
	} {
		prefix, address := netip.MustParsePrefix(r.address(c.in)), netip.MustParseAddr(r.address(c.out))
		if prefix.Contains(address) != c.within || c.out == address.String() {
			t.Errorf("%s holds %s: %v; without names %s and %s", c.in, c.out, c.within, prefix, address)
		}
		if original := netip.MustParseAddr(c.out); original.IsPrivate() != address.IsPrivate() || original.IsLoopback() != address.IsLoopback() {
			t.Errorf("%s became %s", c.out, address)
		}
	}
}

// One name is one pseudonym, in whatever it stands; another secret gives another.
func TestOneNameOnePseudonym(t *testing.T) {
	r := New([]byte("secret"), nil)
	bucket := r.Text("team-reports")
	for text, want := range map[string]string{
		"arn:aws:s3:::team-reports/*":                     "arn:aws:s3:::" + bucket + "/*",
		"team-reports.s3.eu-west-1.amazonaws.com":         bucket + ".s3.eu-west-1.amazonaws.com",
		"arn:aws:iam::111122223333:role/team-reports":     "arn:aws:iam::" + r.Text("111122223333") + ":role/" + bucket,
		"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess":  "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
		"logging.s3.amazonaws.com":                        "logging.s3.amazonaws.com",
		"TEAM-Reports":                                    strings.ToUpper(bucket[:4]) + "-" + strings.ToUpper(bucket[5:6]) + bucket[6:],
		"home/${aws:username}/${aws:PrincipalTag/team}/*": r.Text("home") + "/${aws:username}/${aws:PrincipalTag/" + r.Text("team") + "}/*",
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if other := New([]byte("another"), nil).Text("team-reports"); other == bucket {
		t.Errorf("two secrets give %s", other)
	}
	id := r.Text("AROAEXAMPLE0000000APP:session")
	if !strings.HasPrefix(id, "AROA") || strings.Contains(id, "EXAMPLE") || len(id) != len("AROAEXAMPLE0000000APP:session") {
		t.Errorf("id %s", id)
	}
}

const secretEstate = `version: 1
accounts:
  "111122223333":
    users:
      alice:
        accessKeys: {AKIAEXAMPLE0000ALICE: {secret: hush-hush}}
        mfaDevices: {"arn:aws:iam::111122223333:mfa/alice": {seed: HUSHHUSH}}
    unknown: {keys: 'AccessDeniedException: User: arn:aws:iam::111122223333:user/alice is not authorized to perform: kms:ListKeys (kms:ListKeys)', vpcEndpoints: 'alice would not say'}
    buckets: {reports: {}}
`

// Secrets are left out, and of reasons all but AWS's code and the permission; what was
// answered about pseudonyms can be read back.
func TestSecretsAndReadBack(t *testing.T) {
	e, err := estate.Parse("estate.yaml", []byte(secretEstate))
	if err != nil {
		t.Fatal(err)
	}
	r := New([]byte("secret"), nil)
	out, err := r.Estate(e)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := out.Encode(&text); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"hush", "HUSH", "alice", "reports", "1111"} {
		if strings.Contains(text.String(), word) {
			t.Errorf("%s is left:\n%s", word, text.String())
		}
	}
	if !strings.Contains(text.String(), "AccessDeniedException (kms:ListKeys)") || !strings.Contains(text.String(), "not read") {
		t.Errorf("reasons:\n%s", text.String())
	}
	answer := "User: " + r.Text("arn:aws:iam::111122223333:user/alice") + " may not read s3://" + r.Text("reports") + "/, by the policy of the bucket"
	if got := ReadBack(r.Names(), answer); got != "User: arn:aws:iam::111122223333:user/alice may not read s3://reports/, by the policy of the bucket" {
		t.Errorf("read back: %s", got)
	}
}
