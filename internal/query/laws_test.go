package query

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

const corpusFolder = "../../testdata/corpus"

// eachEstate runs a law on every case of the corpus, with what its requests ask
// about, and on estates made at random.
func eachEstate(t *testing.T, made int, law func(t *testing.T, e *estate.Estate, asks []Ask, seed uint64)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpusFolder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for i, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			e, requests := readCase(t, file)
			law(t, e, asksOf(e, requests), uint64(i))
		})
	}
	for seed := range uint64(made) {
		law(t, parse(t, newRandom(seed).estateText()), madeAsks, seed)
	}
}

var madeAsks = []Ask{
	{Operation: "GetObject", Bucket: "b", Key: "a/b"}, {Operation: "GetObject", Bucket: "b", Key: "x"}, {Operation: "PutObject", Bucket: "b", Key: "a/c"},
	{Operation: "ListObjectsV2", Bucket: "b"}, {Action: "s3:GetObject", Bucket: "b", Key: "a/x.c"}, {Action: "s3:ListBucket", Bucket: "other"},
	{Operation: "PutBucketPolicy", Bucket: "b"}, {Operation: "AbortMultipartUpload", Bucket: "other", Key: "x"}, {Operation: "DeleteObject", Bucket: "b", Key: "a"},
}

func readCase(t *testing.T, file string) (*estate.Estate, []*request.Request) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	var requests []*request.Request
	for _, f := range txtar.Parse(data).Files {
		switch f.Name {
		case "request.json", "requests.jsonl":
			if requests, err = request.Parse(f.Name, f.Data); err != nil {
				t.Fatal(err)
			}
		case "want.json", "wants.jsonl":
		default:
			files[f.Name] = &fstest.MapFile{Data: bytes.Clone(f.Data)}
		}
	}
	e, err := estate.ParseFS(files, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return e, requests
}

// asksOf lists what requests ask about, as far as the estate holds it.
func asksOf(e *estate.Estate, requests []*request.Request) []Ask {
	var asks []Ask
	for _, r := range requests {
		a := Ask{Operation: r.Operation, Action: r.Action, Bucket: r.Bucket, Key: r.Key, VersionID: r.VersionID, AccessPoint: r.AccessPoint}
		if r.Action != "" {
			arn, ok := iam.ParseARN(r.Resource)
			if !ok || arn.Service != "s3" || arn.Account != "" {
				continue
			}
			a.Bucket, a.Key, _ = strings.Cut(arn.Resource, "/")
		}
		if _, ok := e.Bucket(a.Bucket); (ok || a.AccessPoint != "" && a.Bucket == "") && !slices.Contains(asks, a) {
			asks = append(asks, a)
		}
	}
	return asks
}

// situations are ways for a request to be made, all stated.
var situations = []func(*request.Request){
	func(r *request.Request) { r.SourceIP = text("203.0.113.7") },
	func(r *request.Request) { r.SourceIP = text("198.51.100.99"); r.MFA = truth(true) },
	func(r *request.Request) { r.VPCEndpoint = text("vpce-1") },
	func(r *request.Request) { r.VPCEndpoint = text("vpce-0a1b2c3d"); r.MFA = truth(true) },
	func(r *request.Request) {
		r.SourceIP = text("192.0.2.10")
		tag(r, "team", "a")
		tag(r, "department", "finance")
	},
	func(r *request.Request) {
		r.VPCEndpoint = text("vpce-1a2b3c4d")
		tag(r, "team", "z")
		r.MFA = truth(true)
	},
	func(r *request.Request) {
		r.SourceIP = text("203.0.1.9")
		state(r, keyReferer, condition.String1("https://example.com/x"))
	},
}

func principalOf(t *testing.T, q *Engine, name string) *Principal {
	t.Helper()
	p, err := q.find(name)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

var keyReferer = condition.Intern("aws:Referer")

func text(s string) *string { return &s }
func truth(b bool) *bool    { return &b }

// tag sets a session tag; only roles have sessions with tags.
func tag(r *request.Request, name, value string) {
	if !strings.Contains(r.Principal, ":assumed-role/") {
		return
	}
	state(r, condition.Intern("aws:PrincipalTag/"+name), condition.String1(value))
}

// stated is the request of a principal in a situation, made without an Engine.
// Nothing is left open but what only the object can tell.
func stated(p *Principal, a *Ask, e *Engine, situation func(*request.Request)) *request.Request {
	r := &request.Request{Principal: e.requester(p), Operation: a.Operation, Bucket: a.Bucket, Key: a.Key, VersionID: a.VersionID, AccessPoint: a.AccessPoint,
		Context: map[string]request.ContextValue{}}
	if a.Action != "" {
		r.Action, r.Resource, r.Bucket, r.Key = a.Action, "arn:aws:s3:::"+strings.TrimSuffix(a.Bucket+"/"+a.Key, "/"), "", ""
		if b, ok := e.estate.Bucket(a.Bucket); ok && estate.PartitionOf(b.RegionOrDefault()) != "aws" {
			r.Resource = strings.Replace(r.Resource, "arn:aws:", "arn:"+estate.PartitionOf(b.RegionOrDefault())+":", 1)
		}
	}
	situation(r)
	if p.kind == iam.RoleSession && r.MFA == nil {
		r.MFA = truth(false)
	}
	return r
}

// What is answered of a principal is what the engine decides of it in every
// situation: allowed is allowed in all, denied in none, and unknown has
// alternatives wherever some situation is allowed.
func TestAnswersHoldInEverySituation(t *testing.T) {
	asked, unknown := 0, 0
	eachEstate(t, 12, func(t *testing.T, e *estate.Estate, asks []Ask, seed uint64) {
		q := New(e, clock)
		g := gather.New(e, clock).WithStrangers(q.strangers)
		for _, a := range asks {
			rows, err := q.WhoCan(&a, true)
			if err != nil {
				continue // the corpus asks about what cannot be, too
			}
			for i := range rows {
				if rows[i].AccessPoint != "" {
					continue // another way to the same
				}
				for n, situation := range situations {
					f, err := g.Facts(stated(principalOf(t, q, rows[i].Principal), &a, q, situation))
					if err != nil {
						continue
					}
					asked++
					got, answer := decide.Decide(f).Verdict, rows[i].Access
					switch {
					case got == iam.Allowed && answer.Verdict == iam.Denied, got == iam.Denied && answer.Verdict == iam.Allowed:
						t.Errorf("seed %d: %+v by %s: the answer is %v, and situation %d is %v", seed, a, rows[i].Principal, answer.Verdict, n, got)
					case got == iam.Allowed && answer.Verdict == iam.Unknown && len(answer.If) == 0 && !answer.Partial:
						t.Errorf("seed %d: %+v by %s: allowed in situation %d, and no alternative is named: %+v", seed, a, rows[i].Principal, n, answer)
					}
					if answer.Verdict == iam.Unknown {
						unknown++
					}
				}
			}
		}
	})
	if asked < 10000 || unknown < 1000 {
		t.Errorf("only %d situations were decided, %d of them with an answer that hangs on something", asked, unknown)
	}
}

// The answer is the engine's verdict on the request as it is asked, and who is
// passed over without asking is refused.
func TestFilterPassesOverRefusedPrincipalsOnly(t *testing.T) {
	refused := 0
	eachEstate(t, 50, func(t *testing.T, e *estate.Estate, asks []Ask, seed uint64) {
		q := New(e, clock)
		for _, a := range asks {
			if q.Check(&a) != nil {
				continue
			}
			exact, open := q.filter(&a, false), q.filter(&a, true)
			for i := range q.principals {
				p := &q.principals[i]
				byKey, byAny := exact.refuses(p), a.Key != "" && open.refuses(p)
				if !byKey && !byAny {
					continue
				}
				refused++
				f, err := q.gatherer.Facts(q.request(p, &a))
				if err != nil {
					t.Fatal(err)
				}
				if v := decide.Decide(f).Verdict; v != iam.Denied {
					t.Errorf("seed %d: %+v by %s is passed over (%v, %v), and %v", seed, a, p.Name, byKey, byAny, v)
				}
			}
		}
	})
	if refused < 1000 {
		t.Errorf("only %d principals were passed over", refused)
	}
}

// Who is answered for by another, or passed over, would have been answered alike.
func TestWhoCanIsBruteForce(t *testing.T) {
	answered, alike := 0, 0
	eachEstate(t, 45, func(t *testing.T, e *estate.Estate, asks []Ask, seed uint64) {
		q := New(e, clock)
		for _, a := range asks {
			rows, err := q.WhoCan(&a, true)
			if err != nil || a.NeedsKey() {
				continue
			}
			rows = slices.DeleteFunc(rows, func(w report.Who) bool { return w.AccessPoint != "" })
			if len(rows) != len(q.principals) {
				t.Fatalf("seed %d: %d rows for %d principals", seed, len(rows), len(q.principals))
			}
			groups, kinds := q.alike(&a, false), map[string]bool{}
			for i := range q.principals {
				want, err := accesses([]*Engine{q}, &q.principals[i], &a)
				if err != nil {
					t.Fatal(err)
				}
				if !Same(&rows[i].Access, &want[0]) {
					t.Errorf("seed %d: %+v by %s: %+v, asked alone %+v", seed, a, rows[i].Principal, rows[i].Access, want[0])
				}
				kinds[groups.of(&q.principals[i])] = true
			}
			answered, alike = answered+len(rows), alike+len(rows)-len(kinds)
		}
	})
	if answered < 10000 || alike < 500 {
		t.Errorf("only %d principals were answered for, %d of them like another", answered, alike)
	}
}
