package estate

import (
	"bytes"
	"fmt"
	"maps"
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
// Everything is written beside its place before anything is replaced. While files
// are being replaced there is no estate.yaml, which comes last, so that documents of
// two estates are never read as one.
func (e *Estate) WriteFolder(dir string) error {
	out := *e
	out.Version = FormatVersion
	root := encodeValue(reflect.ValueOf(&out).Elem())
	f := folder{files: map[string][]byte{}}
	f.take(root, nil)
	f.files[rootFile] = node.AppendYAML(nil, root, 0)
	return f.write(dir)
}

const (
	rootFile = "estate.yaml"
	tempFile = ".why403-*" // files that are being written
)

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
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	obsolete, err := f.obsolete(dir)
	if err != nil {
		return err
	}
	staged, err := f.stage(dir)
	defer func() {
		for _, temp := range staged {
			_ = os.Remove(temp) // gone already where all went well
		}
	}()
	if err != nil || len(staged)+len(obsolete) == 0 {
		return err
	}
	root := filepath.Join(dir, rootFile)
	if _, changed := staged[root]; !changed { // it is put back as it was
		if staged[root], err = stage(root, f.files[rootFile]); err != nil {
			return err
		}
	}
	if err := os.Remove(root); err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, file := range obsolete {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	for _, file := range slices.Sorted(maps.Keys(staged)) {
		if file == root {
			continue
		}
		if err := os.Rename(staged[file], file); err != nil {
			return err
		}
	}
	return os.Rename(staged[root], root)
}

// stage writes what differs from what stands there beside its place, and returns
// where.
func (f *folder) stage(dir string) (map[string]string, error) {
	staged := map[string]string{}
	for name, data := range f.files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, data) {
			continue
		}
		temp, err := stage(file, data)
		if err != nil {
			return staged, err
		}
		staged[file] = temp
	}
	return staged, nil
}

// obsolete lists the documents of an earlier estate, and what was left of writing
// that was cut short.
func (f *folder) obsolete(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, d := range entries {
		if left, _ := filepath.Match(tempFile, d.Name()); left {
			list = append(list, filepath.Join(dir, d.Name()))
		}
	}
	err = filepath.WalkDir(filepath.Join(dir, documentsDir), func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, file)
		_, kept := f.files[filepath.ToSlash(name)]
		if left, _ := filepath.Match(tempFile, d.Name()); left || strings.HasSuffix(file, ".json") && !kept {
			list = append(list, file)
		}
		return err
	})
	if os.IsNotExist(err) {
		return list, nil
	}
	return list, err
}

// stage writes a file whole beside its place.
func stage(file string, data []byte) (temporary string, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), tempFile)
	if err != nil {
		return "", err
	}
	_, err = temp.Write(data)
	if syncErr := temp.Sync(); err == nil {
		err = syncErr
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return "", fmt.Errorf("write %s: %w", file, err)
	}
	return temp.Name(), nil
}
