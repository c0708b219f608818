package decide_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/policy"
	"github.com/why403/why403/request"
)

// The workload: GetObject on random keys, half allowed and half denied, by a
// role with managed policies of ten statements each, on a bucket whose policy
// has ten statements with StringEquals, StringLike and IpAddress conditions, in
// an organization of three levels.

const benchBucket = "bench-bucket"

// benchEstate writes an estate whose role has the given number of statements,
// each with the given number of conditions.
func benchEstate(statements, conditions int) string {
	var b strings.Builder
	b.WriteString(`{"version": 1, "organizations": {"o-benchorg01": {"managementAccount": "999999999999",
 "policies": {"NoLeave": {"type": "scp", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]}},
  "OnlyTLS": {"type": "rcp", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}}]}}},
 "root": {"id": "r-ab12", "scps": ["FullAWSAccess", "NoLeave"], "accounts": ["999999999999"],
  "units": {"ou-ab12-prod0001": {"scps": ["FullAWSAccess", "NoLeave"], "rcps": ["OnlyTLS"], "accounts": ["111122223333"]}}}}},
 "accounts": {"111122223333": {"managedPolicies": {`)
	policies := max(statements/10, 1)
	for p := range policies {
		if p > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `"p%d": {"document": {"Version": "2012-10-17", "Statement": [`, p)
		for s := range min(10, statements) {
			if s > 0 {
				b.WriteString(",")
			}
			// The keys under dir-0000/ to dir-0004/ are allowed, by one statement
			// of the first policy each; all others speak of other directories.
			dir := fmt.Sprintf("dir-%04d", p*10+s)
			if s >= 5 {
				dir = fmt.Sprintf("other-%04d", p*10+s)
			}
			fmt.Fprintf(&b, `{"Sid": "S%d", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:aws:s3:::%s/%s/*"]`, s, benchBucket, dir)
			if conditions > 0 {
				b.WriteString(`, "Condition": {`)
				b.WriteString(benchConditions(conditions))
				b.WriteString(`}`)
			}
			b.WriteString("}")
		}
		b.WriteString("]}}")
	}
	b.WriteString(`}, "roles": {"app": {"attached": [`)
	for p := range policies {
		if p > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `"p%d"`, p)
	}
	b.WriteString(`]}}, "buckets": {"bench-bucket": {"document": {"Version": "2012-10-17", "Statement": [`)
	for s := range 10 {
		if s > 0 {
			b.WriteString(",")
		}
		switch s % 3 {
		case 0:
			fmt.Fprintf(&b, `{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::bench-bucket", "arn:aws:s3:::bench-bucket/*"], "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.%d/32"]}}}`, s)
		case 1:
			fmt.Fprintf(&b, `{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bench-bucket/*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "77778888%04d"}}}`, s)
		default:
			fmt.Fprintf(&b, `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bench-bucket/shared-%d/*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/reader-*"}}}`, s)
		}
	}
	b.WriteString(`]}}}}}}`)
	return b.String()
}

// benchConditions are n condition operators, all true for the workload.
func benchConditions(n int) string {
	all := []string{
		`"StringEquals": {"aws:PrincipalAccount": "111122223333"}`, `"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}`,
		`"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, `"Bool": {"aws:SecureTransport": "true"}`,
		`"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}`, `"StringNotEquals": {"aws:PrincipalOrgID": "o-other"}`,
		`"NumericGreaterThanEquals": {"s3:signatureAge": "0"}`, `"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}`,
		`"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}`, `"Null": {"aws:SourceVpce": "true"}`,
	}
	return strings.Join(all[:n], ", ")
}

type workload struct {
	facts    []*decide.Facts
	allowed  int
	gatherer *gather.Gatherer
	requests []*request.Request
}

func newWorkload(tb testing.TB, statements, conditions int) *workload {
	tb.Helper()
	e, err := estate.Parse("bench.json", []byte(benchEstate(statements, conditions)))
	if err != nil {
		tb.Fatal(err)
	}
	w := &workload{gatherer: gather.New(e, func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) })}
	rng := rand.New(rand.NewPCG(1, 2))
	ip, absent := "203.0.113.7", false
	for i := range 512 {
		dir := fmt.Sprintf("dir-%04d", rng.IntN(5))
		if i%2 == 1 {
			dir = fmt.Sprintf("nothing-%04d", rng.IntN(10000))
		}
		r := &request.Request{Principal: "arn:aws:sts::111122223333:assumed-role/app/s", Operation: "GetObject", Bucket: benchBucket,
			Key: fmt.Sprintf("%s/%08x/part-%d.parquet", dir, rng.Uint32(), rng.IntN(100)), SourceIP: &ip, MFA: &absent, SessionTags: &map[string]string{}}
		f, err := w.gatherer.Facts(r)
		if err != nil {
			tb.Fatal(err)
		}
		if decide.Allowed(f) == iam.Allowed {
			w.allowed++
		}
		w.facts, w.requests = append(w.facts, f), append(w.requests, r)
	}
	if w.allowed != 256 {
		tb.Fatalf("%d of 512 allowed, want half", w.allowed)
	}
	return w
}

// BenchmarkAllowed decides without trace: what a server does.
func BenchmarkAllowed(b *testing.B) {
	for _, statements := range []int{50, 10, 100, 1000, 10000} {
		b.Run(fmt.Sprintf("statements=%d", statements), func(b *testing.B) {
			w := newWorkload(b, statements, 0)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				decide.Allowed(w.facts[i&511])
			}
		})
	}
	b.Run("conditions=10", func(b *testing.B) {
		w := newWorkload(b, 50, 10)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			decide.Allowed(w.facts[i&511])
		}
	})
}

// BenchmarkAllowedParallel is BenchmarkAllowed on two goroutines.
func BenchmarkAllowedParallel(b *testing.B) {
	w := newWorkload(b, 50, 0)
	b.SetParallelism(1)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			decide.Allowed(w.facts[i&511])
		}
	})
}

// BenchmarkTraced decides with every statement recorded.
func BenchmarkTraced(b *testing.B) {
	w := newWorkload(b, 50, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		decide.Decide(w.facts[i&511])
	}
}

// BenchmarkGather gathers the facts of a request of a known caller on a known
// bucket, and decides.
func BenchmarkGather(b *testing.B) {
	w := newWorkload(b, 50, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f, err := w.gatherer.Facts(w.requests[i&511])
		if err != nil {
			b.Fatal(err)
		}
		decide.Allowed(f)
	}
}

// TestAllowedAllocatesNothing is the budget of the request path.
func TestAllowedAllocatesNothing(t *testing.T) {
	w := newWorkload(t, 50, 0)
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		decide.Allowed(w.facts[i&511])
		i++
	}); n != 0 {
		t.Errorf("%v allocations a decision, want none", n)
	}
}

// BenchmarkLoadPolicies parses 10,000 managed policies of ten statements, and
// reports how much memory they keep.
func BenchmarkLoadPolicies(b *testing.B) {
	docs, size := managedPolicies(10_000)
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		kept := make([]*policy.Document, len(docs))
		for i, text := range docs {
			d, err := policy.Parse("policy.json", text)
			if err != nil {
				b.Fatal(err)
			}
			kept[i] = d
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(size), "kept/text")
		runtime.KeepAlive(kept)
	}
	b.ReportMetric(float64(size)/1e6, "MB")
}

func managedPolicies(n int) (docs [][]byte, size int) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range n {
		var b strings.Builder
		b.WriteString(`{"Version": "2012-10-17", "Statement": [`)
		for s := range 10 {
			if s > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, `{"Sid": "Statement%d", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::bucket-%d", "arn:aws:s3:::bucket-%d/prefix-%d/*"], "Condition": {"StringEquals": {"aws:PrincipalTag/team": "team-%d"}}}`,
				s, rng.IntN(1000), rng.IntN(1000), rng.IntN(1000), rng.IntN(50))
		}
		b.WriteString("]}")
		docs = append(docs, []byte(b.String()))
		size += b.Len()
	}
	return docs, size
}
