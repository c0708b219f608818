package policy_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/why403/why403/policy"
)

// document is an identity-based policy of about 2.4 kB, as accounts hold them by
// the thousand.
func document(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"Version": "2012-10-17", "Statement": [`)
	for i := range 6 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `
    {"Sid": "Statement%d", "Effect": "Allow",
     "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:Put*", "s3:List*", "s3:Describe*%d"],
     "Resource": ["arn:aws:s3:::bucket-%d-%d", "arn:aws:s3:::bucket-%d-%d/home/${aws:username}/*"],
     "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg01"}, "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}}}`, i, n%50, n, i, n, i)
	}
	b.WriteString("\n]}")
	return []byte(b.String())
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// retained holds 2000 documents, parsed and asked once, and returns their memory
// as multiples of their text.
func retained(t testing.TB) (parsed, compiled float64) {
	const n = 2000
	texts, size := make([][]byte, n), 0
	for i := range texts {
		texts[i] = document(i)
		size += len(texts[i])
	}
	docs := make([]*policy.Document, n)
	before := heap()
	for i := range texts {
		d, err := policy.Parse("policies/p.json", texts[i])
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = d
	}
	parsed = float64(heap()-before) / float64(size)
	c := caller(t, "arn:aws:iam::111122223333:user/alice")
	for _, d := range docs {
		if _, err := policy.NewSet([]policy.Named{{Document: d}}, c); err != nil {
			t.Fatal(err)
		}
	}
	compiled = float64(heap()-before) / float64(size)
	runtime.KeepAlive(docs)
	runtime.KeepAlive(texts)
	return parsed, compiled
}

// An estate of ten thousand policies must fit: a document retains less than
// three times its text.
func TestParseRetention(t *testing.T) {
	parsed, compiled := retained(t)
	t.Logf("parsed %.2f, compiled %.2f times the text of %d bytes", parsed, compiled, len(document(0)))
	if parsed > 3 {
		t.Errorf("a parsed document retains %.2f times its text", parsed)
	}
}

func BenchmarkParse(b *testing.B) {
	text := document(7)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Parse("p.json", text); err != nil {
			b.Fatal(err)
		}
	}
}

// A document is compiled once, for the first Set that holds it.
func BenchmarkCompile(b *testing.B) {
	text, c := document(7), caller(b, "arn:aws:iam::111122223333:user/alice")
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		d, err := policy.Parse("p.json", text)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := policy.NewSet([]policy.Named{{Document: d}}, c); err != nil {
			b.Fatal(err)
		}
	}
}
