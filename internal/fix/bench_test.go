//go:build unix

package fix

import (
	"bytes"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/estategen"
	"github.com/why403/why403/request"
)

// BenchmarkPlans finds the best plan, with whom it lets in, on an estate of 10,000
// principals and 1,000 buckets that has been loaded: "first" of an estate of which
// nothing has been made ready, "again" for a further request.
func BenchmarkPlans(b *testing.B) {
	large := estategen.Options{Principals: 10_000, Buckets: 1000, Seed: 1}
	var text bytes.Buffer
	if err := estategen.Write(&text, large); err != nil {
		b.Fatal(err)
	}
	e, err := estate.Parse("estate.json", text.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	for name, r := range deniedRequests(b, e, large) {
		b.Run(name+"/first", func(b *testing.B) {
			measure(b, func() { plans(b, New(e, corpusTime), r) })
		})
		b.Run(name+"/again", func(b *testing.B) {
			f := New(e, corpusTime)
			plans(b, f, r)
			measure(b, func() { plans(b, f, r) })
		})
	}
}

// measure runs a benchmark and reports the processor time of one run, the
// collector's included.
func measure(b *testing.B, run func()) {
	before := processorTime(b)
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

func plans(b *testing.B, f *Fixer, r *request.Request) {
	p, err := f.Plans(r, 1)
	if err != nil || len(p) == 0 || !p[0].Verified {
		b.Fatalf("%d plans, %v", len(p), err)
	}
}

// deniedRequests finds a denied request on each of some buckets: one whose policy
// names a few roles, one behind a VPC endpoint, one under a KMS key, one open to
// the organization; by a user or role of its account and of another.
func deniedRequests(b *testing.B, e *estate.Estate, large estategen.Options) map[string]*request.Request {
	found := map[string]*request.Request{}
	g := New(e, corpusTime).gatherer
	for name, i := range map[string]int{"plain": 21, "endpoint": 20, "kms": 23, "organization": 7} {
		bucket, _ := large.Bucket(i)
		held, ok := e.Bucket(bucket)
		if !ok {
			b.Fatalf("no bucket %s", bucket)
		}
		for _, id := range sortedKeys(e.Accounts) {
			side := "/other-account"
			if id == held.Account {
				side = "/own-account"
			}
			if found[name+side] != nil {
				continue
			}
			a := e.Accounts[id]
			for _, user := range sortedKeys(a.Users)[:min(40, len(a.Users))] {
				r := &request.Request{Principal: a.Users[user].ARN(a.Partition(), id, user), Operation: "GetObject", Bucket: bucket, Key: "public/report.csv", Unstated: "absent"}
				s, err := decided(g, e, r, corpusTime)
				if err == nil && s.verdict() == iam.Denied {
					found[name+side] = r
					break
				}
			}
		}
	}
	return found
}
