package fix

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/request"
)

// What a plan writes into the estate's files, loaded again, allows the request
// that it makes, over the whole corpus.
func TestWrittenEstateAllows(t *testing.T) {
	written := 0
	for _, c := range corpusPlans(t) {
		for k, p := range c.plans {
			if !p.Verified || k > 0 && (c.index+k)%3 != 0 { // every best plan, and a third of the others
				continue
			}
			title := p.Report().Title
			edits, err := p.Files(c.read)
			if err != nil {
				t.Errorf("%s#%d plan %d (%s): %v", c.name, c.index, k, title, err)
				continue
			}
			written += len(edits)
			e, err := c.loaded(edits)
			if err != nil {
				t.Errorf("%s#%d plan %d (%s): %v", c.name, c.index, k, title, err)
				continue
			}
			s, err := decided(New(e, corpusTime).gatherer, e, p.Request(), corpusTime)
			if err != nil || s.verdict() != iam.Allowed {
				t.Errorf("%s#%d plan %d (%s): the written estate decides %v, %v", c.name, c.index, k, title, s.verdict(), err)
			}
		}
	}
	if written < 500 {
		t.Errorf("%d files written", written)
	}
}

// loaded reads the estate with edited files in the place of its own.
func (c *corpusCase) loaded(edits []*FileEdit) (*estate.Estate, error) {
	get := func(name string) ([]byte, error) {
		for _, e := range edits {
			if e.Name == name {
				return e.After, nil
			}
		}
		return c.read(name)
	}
	data, err := get("estate.yaml")
	if err != nil {
		return nil, err
	}
	return estate.ParseWith("estate.yaml", data, get)
}

// Files are written all or none, the old ones kept beside them.
func TestWriteAllOrNone(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) *FileEdit {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		return &FileEdit{Name: name, Path: path, Before: []byte(text), After: []byte(text + " edited")}
	}
	a, b := file("a.yaml", "a"), file("b.json", "b")
	if err := os.WriteFile(b.Path, []byte("changed meanwhile"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Write([]*FileEdit{a, b}); err == nil {
		t.Error("a file that has changed is overwritten")
	}
	if got := listing(t, dir); got["a.yaml"] != "a" || len(got) != 2 {
		t.Errorf("after the error there is %v", got)
	}
	b.Before = []byte("changed meanwhile")
	backups, err := Write([]*FileEdit{a, b})
	if err != nil {
		t.Fatal(err)
	}
	got := listing(t, dir)
	if got["a.yaml"] != "a edited" || got["b.json"] != "b edited" || got["a.yaml.bak"] != "a" || got["b.json.bak"] != "changed meanwhile" || len(got) != 4 {
		t.Errorf("written: %v, %v", got, backups)
	}
	if info, err := os.Stat(a.Path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	a.Before, a.After = a.After, []byte("twice")
	if backups, err = Write([]*FileEdit{a}); err != nil || filepath.Base(backups[0]) != "a.yaml.bak2" {
		t.Errorf("the second backup is %v, %v", backups, err)
	}
}

func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

// A file that two documents name changes both: what is proved is what is written.
func TestSharedFile(t *testing.T) {
	c := &corpusCase{files: fstest.MapFS{
		"estate.yaml": {Data: []byte("version: 1\naccounts:\n  '111122223333':\n    users:\n      ann: {inline: {p: shared.json}}\n      bob: {inline: {p: ./shared.json}}\n    buckets:\n      one: {}\n")},
		"shared.json": {Data: []byte(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::one/k"}]}`)},
	}}
	e, err := estate.ParseFS(c.files, "estate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := &request.Request{Principal: "arn:aws:iam::111122223333:user/ann", Operation: "GetObject", Bucket: "one", Key: "k"}
	plans, err := New(e, corpusTime).Plans(r, 1)
	if err != nil || len(plans) != 1 {
		t.Fatalf("%d plans: %v", len(plans), err)
	}
	p := plans[0]
	if p.Widens.Principals != 1 || len(p.Widens.Who) != 1 || p.Widens.Who[0] != "arn:aws:iam::111122223333:user/bob" {
		t.Errorf("it widens %+v, and bob has the same file", p.Widens)
	}
	edits, err := p.Files(c.read)
	if err != nil || len(edits) != 1 || edits[0].Name != "shared.json" {
		t.Fatalf("%d edits: %v", len(edits), err)
	}
	want := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "arn:aws:s3:::one/k"}]}`
	if string(edits[0].After) != want {
		t.Errorf("got  %s\nwant %s", edits[0].After, want)
	}
}
