package parity

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/cli"
	"github.com/why403/why403/request"
)

// The command line gives, for every request of the corpus, the decision that the
// library gives, member for member, and the exit status that the verdicts call for.
func TestLibraryAndCommand(t *testing.T) {
	for _, c := range corpusCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c.write(t, dir)
			estateFile, requestFile := filepath.Join(dir, "estate.yaml"), filepath.Join(dir, c.requestFile)
			want, status := byLibrary(t, estateFile, requestFile, c)
			var out, complaints bytes.Buffer
			got := cli.Main(t.Context(), &cli.System{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaints},
				[]string{"explain", "-e", estateFile, "--request", requestFile, "-o", "json"})
			if got != status || complaints.Len() > 0 {
				t.Errorf("exit status %d, want %d; standard error: %s", got, status, &complaints)
			}
			if diff := cmp.Diff(want, lines(t, out.Bytes())); diff != "" {
				t.Errorf("(-library +command)\n%s", diff)
			}
		})
	}
}

// byLibrary decides the requests, and returns the decisions as JSON with the exit
// status that the contract gives them.
func byLibrary(t *testing.T, estateFile, requestFile string, c *corpusCase) (decisions []any, status int) {
	t.Helper()
	e, err := why403.Load(estateFile)
	if err != nil {
		t.Fatal(err)
	}
	list, err := request.Parse(requestFile, c.requests)
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	verdicts := map[iam.Verdict]bool{}
	for _, r := range list {
		d, err := e.Explain(r)
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line...)
		verdicts[d.Verdict] = true
	}
	switch {
	case verdicts[iam.Denied]:
		status = 1
	case verdicts[iam.Unknown]:
		status = 3
	}
	return lines(t, text), status
}

func lines(t *testing.T, text []byte) []any {
	t.Helper()
	var list []any
	for dec := json.NewDecoder(bytes.NewReader(text)); dec.More(); {
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}
