package query

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/estategen"
	"github.com/why403/why403/policy"
)

var large = estategen.Options{Principals: 10_000, Buckets: 1000, Seed: 1}

func largeText(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := estategen.Write(&b, large); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// BenchmarkLoad reads the estate of 10,000 principals and 1,000 buckets, as JSON
// and as YAML.
func BenchmarkLoad(b *testing.B) {
	text := largeText(b)
	var yaml bytes.Buffer
	if err := parse(b, text).Encode(&yaml); err != nil {
		b.Fatal(err)
	}
	for name, data := range map[string][]byte{"estate.json": text, "estate.yaml": yaml.Bytes()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			measure(b, func() {
				if _, err := estate.Parse(name, data); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkNew makes that estate ready to be asked.
func BenchmarkNew(b *testing.B) {
	e := parse(b, largeText(b))
	measure(b, func() { New(e, clock) })
}

// askedBuckets are a bucket whose policy names a few roles, one behind a VPC
// endpoint, one under a KMS key, and one that is open to the organization.
var askedBuckets = map[string]int{"plain": 21, "endpoint": 20, "kms": 23, "organization": 7}

// BenchmarkWhoCan asks who may read one object: of an estate just made ready
// ("first"), and again.
func BenchmarkWhoCan(b *testing.B) {
	e := parse(b, largeText(b))
	for name, i := range askedBuckets {
		bucket, _ := large.Bucket(i)
		a := &Ask{Operation: "GetObject", Bucket: bucket, Key: "public/report.csv"}
		b.Run(name, func(b *testing.B) {
			q := New(e, clock)
			measure(b, func() { whoCan(b, q, a) })
		})
		b.Run(name+"/first", func(b *testing.B) {
			var used time.Duration
			for b.Loop() {
				b.StopTimer()
				q := New(e, clock)
				before := processorTime(b)
				b.StartTimer()
				whoCan(b, q, a)
				used += processorTime(b) - before
			}
			b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// BenchmarkWhoCanOneAccount is the same of an object that everybody in the one
// account of 10,000 principals may read.
func BenchmarkWhoCanOneAccount(b *testing.B) {
	o := estategen.Options{Principals: 10_000, Buckets: 1000, Accounts: 1, Seed: 1}
	var text bytes.Buffer
	if err := estategen.Write(&text, o); err != nil {
		b.Fatal(err)
	}
	q := New(parse(b, text.Bytes()), clock)
	bucket, _ := o.Bucket(7)
	measure(b, func() { whoCan(b, q, &Ask{Operation: "GetObject", Bucket: bucket, Key: "public/report.csv"}) })
}

func whoCan(b *testing.B, q *Engine, a *Ask) {
	if _, err := q.WhoCan(a, false); err != nil {
		b.Fatal(err)
	}
}

// measure runs a benchmark and reports the processor time of one run.
func measure(b *testing.B, run func()) {
	before := processorTime(b)
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// changes are what plans of a fix do to an estate: a statement more on an
// identity-based policy that one role has, on one that many have, and on a
// bucket's policy, for everyone.
var changes = map[string]func(*estate.Estate, string){
	"inline": func(e *estate.Estate, bucket string) {
		r := copyRole(e, estategen.Account(1), "svc-00041")
		r.Inline = append(r.Inline[:0:0], r.Inline...)
		r.Inline[0].Document = allowing(r.Inline[0].Document, bucket, "")
	},
	"managed": func(e *estate.Estate, bucket string) {
		a := e.Accounts[iam.AccountID(estategen.Account(1))]
		p := *a.ManagedPolicies["shared-03"]
		p.Document = allowing(p.Document, bucket, "")
		a.ManagedPolicies = maps.Clone(a.ManagedPolicies)
		a.ManagedPolicies["shared-03"] = &p
	},
	"bucket": func(e *estate.Estate, bucket string) {
		a := e.Accounts[iam.AccountID(estategen.Account(1))]
		b := *a.Buckets[bucket]
		b.Document = allowing(b.Document, bucket, "*")
		a.Buckets = maps.Clone(a.Buckets)
		a.Buckets[bucket] = &b
	},
}

// copyOf copies an estate down to its accounts; what stands below is shared.
func copyOf(e *estate.Estate) *estate.Estate {
	n := &estate.Estate{Version: e.Version, Organizations: e.Organizations, Accounts: map[iam.AccountID]*estate.Account{}}
	for id, a := range e.Accounts {
		c := *a
		n.Accounts[id] = &c
	}
	return n
}

func copyRole(e *estate.Estate, account, name string) *estate.Role {
	a := e.Accounts[iam.AccountID(account)]
	r := *a.Roles[name]
	a.Roles = maps.Clone(a.Roles)
	a.Roles[name] = &r
	return &r
}

// allowing is a document with a statement more, which allows to read a report.
func allowing(d estate.Document, bucket, principal string) estate.Document {
	n := &policy.Document{Version: d.Version, Statements: slices.Clone(d.Statements)}
	st := policy.Statement{Index: len(n.Statements), Effect: policy.Allow, Actions: []policy.Value{{Text: "s3:GetObject"}}, Resources: []policy.Value{{Text: "arn:aws:s3:::" + bucket + "/reports/*"}}}
	if principal != "" {
		st.HasPrincipal, st.Principals = true, []policy.PrincipalValue{{Type: "*", Value: policy.Value{Text: principal}}}
	}
	n.Statements = append(n.Statements, st)
	return estate.InlineDocument(n)
}

// BenchmarkDifference compares the estate with one after a change: linked anew
// and made ready ("whole"), and asked alone ("ask").
func BenchmarkDifference(b *testing.B) {
	before := parse(b, largeText(b))
	ready := New(before, clock)
	bucket, _ := large.Bucket(21)
	for name, change := range changes {
		made := func() *estate.Estate {
			after := copyOf(before)
			change(after, bucket)
			if err := after.Link(); err != nil {
				b.Fatal(err)
			}
			return after
		}
		between := func(after *Engine) {
			d, err := Between(ready, after, Scope{})
			if err != nil || len(d.Changes) == 0 {
				b.Fatalf("%d changes, %v", len(d.Changes), err)
			}
		}
		b.Run(name+"/whole", func(b *testing.B) { measure(b, func() { between(ready.After(made())) }) })
		b.Run(name+"/request", func(b *testing.B) {
			after := New(made(), clock)
			scope := Scope{Buckets: []string{bucket}, Actions: []string{"GetObject"}}
			measure(b, func() {
				if d, err := Between(ready, after, scope); err != nil || len(d.Changes) == 0 {
					b.Fatalf("%d changes, %v", len(d.Changes), err)
				}
			})
		})
		b.Run(name+"/ask", func(b *testing.B) {
			after := New(made(), clock)
			measure(b, func() { between(after) })
		})
	}
}
