package estate

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const folderEstate = `version: 1
organizations:
  o-exampleorg01:
    managementAccount: "999999999999"
    policies:
      Deny: {type: scp, document: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "s3:DeleteBucket", Resource: "*"}]}}
    root: {id: r-ab12, accounts: ["999999999999", "111122223333"]}
accounts:
  "999999999999": {}
  "111122223333":
    managedPolicies:
      read: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}}
    users:
      a.b: {inline: {c: {Version: "2012-10-17", Statement: []}}}
      a: {inline: {b.c: {Version: "2012-10-17", Statement: []}, "..": {Version: "2012-10-17", Statement: []}}}
    roles:
      app:
        trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole"}]}
        inline: {trust: {Version: "2012-10-17", Statement: []}}
    buckets:
      reports:
        document: {Version: "2012-10-17", Statement: [{Sid: A, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*"}]}
        accessPoints: {ap: {document: {Version: "2012-10-17", Statement: []}}}
`

// What is written into a folder is read back as the same estate; written again,
// not a byte differs, documents that are gone are removed, and other files stay.
func TestWriteFolder(t *testing.T) {
	e, err := Parse("estate.yaml", []byte(folderEstate))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	if err := e.WriteFolder(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := encoded(t, again), encoded(t, e); got != want {
		t.Errorf("read back:\n%s\nwant:\n%s", got, want)
	}
	first := files(t, dir)
	for _, name := range []string{"policies/111122223333/roles/app/trust.json", "policies/111122223333/roles/app/inline/trust.json",
		"policies/111122223333/users/a/inline/%2E%2E.json", "policies/111122223333/buckets/reports.json", "policies/o-exampleorg01/policies/Deny.json"} {
		if first[name] == "" {
			t.Errorf("there is no %s among %d files", name, len(first))
		}
	}
	if len(first) != 10 {
		t.Errorf("%d files, want estate.yaml and nine documents", len(first))
	}
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(again.Accounts["111122223333"].Users, "a.b")
	if err := again.WriteFolder(dir); err != nil {
		t.Fatal(err)
	}
	second := files(t, dir)
	if second["README"] != "mine" || len(second) != 10 {
		t.Errorf("%d files after a user was taken out, README %q", len(second), second["README"])
	}
	for name, text := range second {
		if name != "estate.yaml" && name != "README" && text != first[name] {
			t.Errorf("%s is not what it was", name)
		}
	}
}

// Writing that is cut short leaves no estate that could be read: neither the earlier
// one with documents of the later, nor the reverse. Written again, all is there.
func TestWriteFolderCutShort(t *testing.T) {
	e, err := Parse("estate.yaml", []byte(folderEstate))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := e.WriteFolder(dir); err != nil {
		t.Fatal(err)
	}
	later, err := Parse("estate.yaml", []byte(strings.ReplaceAll(folderEstate, "s3:GetObject", "s3:PutObject")))
	if err != nil {
		t.Fatal(err)
	}
	inTheWay := filepath.Join(dir, "policies", "111122223333", "managedPolicies", "read.json")
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(inTheWay, "x"), 0o700); err != nil { // a folder, which no file replaces
		t.Fatal(err)
	}
	if err := later.WriteFolder(dir); err == nil {
		t.Fatal("a folder was replaced by a file")
	}
	if got, err := Load(dir); err == nil {
		t.Errorf("half an estate is read as a whole one: %+v", got)
	}
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".why403-1"), []byte("left"), 0o600); err != nil { // of a crash
		t.Fatal(err)
	}
	if err := later.WriteFolder(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := encoded(t, again), encoded(t, later); got != want || len(files(t, dir)) != 10 {
		t.Errorf("%d files\n%s\nwant:\n%s", len(files(t, dir)), got, want)
	}
}

func encoded(t *testing.T, e *Estate) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list := map[string]string{}
	err := filepath.WalkDir(dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		list[filepath.ToSlash(strings.TrimPrefix(file, dir+string(filepath.Separator)))] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
