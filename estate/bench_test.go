package estate_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/why403/why403/estate"
)

// managedPolicy is a policy document of about 2,400 bytes, as teams write them.
func managedPolicy(i int) string {
	var b bytes.Buffer
	b.WriteString("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [")
	for s := range 6 {
		if s > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `
    {
      "Sid": "Team%dStatement%d",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
      "Resource": [
        "arn:aws:s3:::team-%d-bucket-%d",
        "arn:aws:s3:::team-%d-bucket-%d/data/${aws:PrincipalTag/team}/*"
      ],
      "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg01"}}
    }`, i, s, i, s, i, s)
	}
	b.WriteString("\n  ]\n}\n")
	return b.String()
}

// inlineEstate is a JSON estate that holds n managed policies.
func inlineEstate(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"version": 1, "accounts": {"111122223333": {"managedPolicies": {`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n\"policy-%d\": {\"document\": %s}", i, managedPolicy(i))
	}
	b.WriteString("}}}}\n")
	return b.Bytes()
}

// BenchmarkLoad10000 reads 10,000 managed policies, about 24 MB, and reports
// what the estate keeps of memory for each byte of text.
func BenchmarkLoad10000(b *testing.B) {
	b.Run("inline", func(b *testing.B) {
		data := inlineEstate(10_000)
		benchmarkLoad(b, len(data), func() (*estate.Estate, error) { return estate.Parse("estate.json", data) })
	})
	b.Run("files", func(b *testing.B) {
		dir := b.TempDir()
		var text bytes.Buffer
		text.WriteString("version: 1\naccounts:\n  \"111122223333\":\n    managedPolicies:\n")
		size := 0
		for i := range 10_000 {
			doc := managedPolicy(i)
			size += len(doc)
			fmt.Fprintf(&text, "      policy-%d: {document: p%d.json}\n", i, i)
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("p%d.json", i)), []byte(doc), 0o600); err != nil {
				b.Fatal(err)
			}
		}
		name := filepath.Join(dir, "estate.yaml")
		if err := os.WriteFile(name, text.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		benchmarkLoad(b, size, func() (*estate.Estate, error) { return estate.Load(name) })
	})
}

func benchmarkLoad(b *testing.B, size int, load func() (*estate.Estate, error)) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var e *estate.Estate
	for b.Loop() {
		var err error
		if e, err = load(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	with := heap()
	runtime.KeepAlive(e)
	e = nil //nolint:ineffassign // so that it can be collected
	without := heap()
	b.ReportMetric(float64(with-without)/float64(size), "retained/text")
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
