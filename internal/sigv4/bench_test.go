package sigv4

import (
	"bytes"
	"io"
	"testing"
	"time"
)

func benchmarkVerify(b *testing.B, i int) {
	v, r := at(docTime, keys(docCred)), wire(b, published[i].head, published[i].body)
	accepted(b, v, r)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyHeader(b *testing.B)    { benchmarkVerify(b, 0) }
func BenchmarkVerifyPresigned(b *testing.B) { benchmarkVerify(b, 4) }

// A mismatch is diagnosed, so it costs what all hypotheses cost.
func BenchmarkMismatch(b *testing.B) {
	v, r := at(docTime, keys(docCred)), wire(b, published[0].head, "")
	r.Method = "PATCH"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkChunkReader(b *testing.B) {
	const size = 1 << 20
	var wire bytes.Buffer
	r, signature := streamed(b, StreamingSigned, size)
	w := formSigner.ChunkWriter(&wire, testTime, StreamingSigned, signature)
	for range size / 65536 {
		w.Write(make([]byte, 65536))
	}
	w.Close()
	res := accepted(b, at(testTime, keys(docCred)), r)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if n, err := io.Copy(io.Discard, res.Body(bytes.NewReader(wire.Bytes()))); err != nil || n != size {
			b.Fatal(n, err)
		}
	}
}

// The budget of a header-signed GET: raise it only with a reason.
func TestVerifyAllocations(t *testing.T) {
	v, r := at(docTime, keys(docCred)), wire(t, published[0].head, "")
	accepted(t, v, r)
	if got := testing.AllocsPerRun(100, func() { _, _ = v.Verify(r) }); got > 25 {
		t.Errorf("%v allocations, want at most 25", got)
	}
}

// The cache stays within its bound, and notices a changed secret.
func TestKeyCache(t *testing.T) {
	var c keyCache
	for i := range 3 * maxCachedKeys {
		c.get(docCred, scope{date: time.Unix(int64(i)*86400, 0).Format(dateFormat), region: "r", service: "s3", terminator: terminator})
		if len(c.keys) > maxCachedKeys {
			t.Fatalf("%d keys", len(c.keys))
		}
	}
	s := scope{"20130524", "us-east-1", "s3", terminator}
	changed := docCred
	changed.Secret = "new"
	if old := c.get(docCred, s); bytes.Equal(old, c.get(changed, s)) || !bytes.Equal(c.get(changed, s), signingKey("new", s)) {
		t.Error("the key of the old secret is still in use")
	}
}
