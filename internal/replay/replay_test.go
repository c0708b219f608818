package replay

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/loggen"
	"github.com/why403/why403/internal/ingest/record"
)

const benchEstate = "../../bench/loggen/estate.yaml"

// onlyOffice refuses what comes from half of the addresses.
const onlyOffice = `{"Version":"2012-10-17","Statement":[{"Sid":"OnlyOffice","Effect":"Deny","Principal":"*","Action":"s3:*",
 "Resource":["arn:aws:s3:::lake-raw","arn:aws:s3:::lake-raw/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/25"}}}]}`

// writeLogs writes logs of both kinds, and returns their files.
func writeLogs(t *testing.T, n int) (dir string, files []string) {
	t.Helper()
	e, err := estate.Load(benchEstate)
	if err != nil {
		t.Fatal(err)
	}
	g, err := loggen.New(e, 3)
	if err != nil {
		t.Fatal(err)
	}
	g.Denied = 0.1
	dir = t.TempDir()
	if err := (&loggen.Folder{Dir: dir, PerFile: 100, Trail: true, Access: true}).Write(g, n); err != nil {
		t.Fatal(err)
	}
	err = (&ingest.Sources{Paths: []string{dir}}).Each(t.Context(), func(o ingest.Object) error { files = append(files, o.Name); return nil })
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	return dir, files
}

func load(t *testing.T, changes ...string) *estate.Estate {
	t.Helper()
	e, err := estate.Load(benchEstate)
	for _, c := range changes {
		if err == nil {
			e, err = Apply(e, c)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t *testing.T, paths []string, workers int, changes ...string) *Report {
	t.Helper()
	rp := &Replay{Before: load(t), After: load(t, changes...), Sources: &ingest.Sources{Paths: paths}, Options: ingest.Options{Workers: workers, Strict: true}, Tally: &ingest.Tally{}}
	out, err := rp.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Neither the number of threads nor the order of the files changes the report, to
// the last letter.
func TestSameWhateverTheOrder(t *testing.T) {
	dir, files := writeLogs(t, 1200)
	change := "bucket-policy:lake-raw=" + writeFile(t, "new.json", onlyOffice)
	want, err := json.Marshal(run(t, []string{dir}, 1, change))
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(files)
	for _, workers := range []int{1, 4} {
		got, _ := json.Marshal(run(t, files, workers, change))
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%d threads\n%s", workers, diff)
		}
	}
}

// The report is what deciding each record alone comes to. Both logs hold each
// request of this account, so it counts once.
func TestEqualsEachRecordAlone(t *testing.T) {
	dir, _ := writeLogs(t, 1200)
	change := "bucket-policy:lake-raw=" + writeFile(t, "new.json", onlyOffice)
	out := run(t, []string{dir}, 2, change)
	alone := NewDecider(load(t), load(t, change))
	var counts [numCategories]int64
	requests := map[Category]map[string]bool{}
	err := ingest.Run(t.Context(), &ingest.Sources{Paths: []string{dir}}, ingest.Options{}, &ingest.Tally{}, func(int) func(*record.Record) error {
		return func(r *record.Record) error {
			c := Judge(alone.Alone(r), AnswerOf(r))
			counts[c]++
			if requests[c] == nil {
				requests[c] = map[string]bool{}
			}
			requests[c][string(r.RequestID)] = true
			return nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, sure := range []Category{NewlyDenied, NewlyAllowed, Contradicted} {
		for id := range requests[sure] {
			delete(requests[CannotTell], id) // the other log tells
		}
	}
	got := map[string]int64{"works": out.StillWorks, "refused": out.StillRefused, "denied": Requests(out.NewlyDenied), "allowed": Requests(out.NewlyAllowed), "contradicted": Requests(out.Contradicted), "unknown": Requests(out.CannotTell)}
	want := map[string]int64{"works": counts[StillWorks], "refused": counts[StillRefused], "denied": int64(len(requests[NewlyDenied])), "allowed": int64(len(requests[NewlyAllowed])),
		"contradicted": int64(len(requests[Contradicted])), "unknown": int64(len(requests[CannotTell]))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want["denied"] == 0 || want["works"] == 0 || want["refused"] == 0 {
		t.Errorf("%v tells nothing", want)
	}
}

// A generator's logs are the engine's own answers, so nothing contradicts the
// estate that they were made of.
func TestNothingContradictsItsOwnEstate(t *testing.T) {
	dir, _ := writeLogs(t, 1200)
	rp := &Replay{Before: load(t), Sources: &ingest.Sources{Paths: []string{dir}}, Tally: &ingest.Tally{}}
	out, err := rp.Run(t.Context())
	if err != nil || len(out.Contradicted) > 0 || out.StillWorks == 0 {
		t.Errorf("%v, %d work\n%s", err, out.StillWorks, cmp.Diff([]*Group(nil), out.Contradicted[:min(3, len(out.Contradicted))], cmp.AllowUnexported(Group{})))
	}
	t.Logf("%d records, %d work, %d refused, cannot tell %d", rp.Tally.Records.Load(), out.StillWorks, out.StillRefused, Requests(out.CannotTell))
}
