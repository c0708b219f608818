package estate

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/why403/why403/internal/node"
)

// documentsDir is the folder of an estate's folder that holds its documents.
const documentsDir = "policies"

// WriteFolder writes the estate into a folder, as Load reads it: estate.yaml, and
// every policy document in a JSON file of its own below policies. The same estate
// gives the same bytes, so that a folder under version control shows what changed.
// Documents of an earlier estate are removed; other files of the folder stay.
//
// Each file is replaced whole, estate.yaml last of all.
func (e *Estate) WriteFolder(dir string) error {
	out := *e
	out.Version = FormatVersion
	root := encodeValue(reflect.ValueOf(&out).Elem())
	f := folder{files: map[string][]byte{}}
	f.take(root, nil)
	if err := f.write(dir); err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, "estate.yaml"), node.AppendYAML(nil, root, 0))
}

// A folder gathers documents by their paths.
type folder struct {
	files map[string][]byte
}

// documentPlaces are where the format has a document, or a mapping of names to
// documents ("inline"); * is any name.
var documentPlaces = [][]string{
	{"organizations", "*", "policies", "*", "document"},
	{"accounts", "*", "managedPolicies", "*", "document"},
	{"accounts", "*", "groups", "*", "inline", "*"},
	{"accounts", "*", "users", "*", "inline", "*"},
	{"accounts", "*", "roles", "*", "inline", "*"},
	{"accounts", "*", "roles", "*", "trust"},
	{"accounts", "*", "accessPoints", "*", "document"},
	{"accounts", "*", "keys", "*", "document"},
	{"accounts", "*", "vpcEndpoints", "*", "document"},
	{"accounts", "*", "buckets", "*", "document"},
	{"accounts", "*", "buckets", "*", "accessPoints", "*", "document"},
}

// take moves the documents at and below a place into files.
func (f *folder) take(n *node.Node, at []string) {
	for i, m := range n.Members {
		place := append(slices.Clone(at), m.Name)
		if m.Value.Kind != node.Object {
			continue
		}
		if slices.ContainsFunc(documentPlaces, func(p []string) bool { return fits(p, place) }) {
			name := f.name(place)
			f.files[name] = append(node.AppendIndented(nil, m.Value, "", "  "), '\n')
			n.Members[i].Value = text(name)
			continue
		}
		f.take(m.Value, place)
	}
}

func fits(pattern, place []string) bool {
	return slices.EqualFunc(pattern, place, func(p, name string) bool { return p == "*" || p == name })
}

// name is the file of a document: policies/ACCOUNT/users/alice/inline/read.json.
// What a file's name cannot hold is escaped as in URLs.
func (f *folder) name(place []string) string {
	parts := []string{documentsDir}
	for i, p := range place {
		if i == 0 || p == "document" && i == len(place)-1 {
			continue
		}
		p = strings.ReplaceAll(url.PathEscape(p), ":", "%3A")
		if strings.Trim(p, ".") == "" {
			p = strings.ReplaceAll(p, ".", "%2E")
		}
		parts = append(parts, p)
	}
	return path.Join(parts...) + ".json"
}

func (f *folder) write(dir string) error {
	for name, data := range f.files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := replaceFile(file, data); err != nil {
			return err
		}
	}
	return f.removeOthers(dir)
}

// removeOthers removes the documents of an earlier estate.
func (f *folder) removeOthers(dir string) error {
	below := filepath.Join(dir, documentsDir)
	err := filepath.WalkDir(below, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".json") {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if _, kept := f.files[filepath.ToSlash(name)]; err != nil || kept {
			return err
		}
		return os.Remove(file)
	})
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// replaceFile writes a file whole or not at all.
func replaceFile(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".why403-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // gone already where all went well
	_, err = temp.Write(data)
	if syncErr := temp.Sync(); err == nil {
		err = syncErr
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.Rename(temp.Name(), file)
}
