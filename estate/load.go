package estate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/why403/why403/internal/node"
)

// FormatVersion is the version of the file format that Parse reads and Encode
// writes.
const FormatVersion = 1

// FileNames are the names under which Load looks for the estate in a folder, in
// this order.
var FileNames = []string{"estate.yaml", "estate.yml", "estate.json"}

var byteOrderMark = []byte("\xef\xbb\xbf")

// Load reads an estate from a YAML or JSON file, or from a folder that holds
// one under one of FileNames, with the documents that it names. Errors name
// file, line and column and have exit status 2.
func Load(name string) (*Estate, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	if info.IsDir() {
		if name, err = inFolder(name, filepath.Join, os.Stat); err != nil {
			return nil, err
		}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	return Parse(name, data)
}

// Parse reads an estate from data. The paths of its documents are relative to
// the folder of name, which also stands in the places that errors name.
func Parse(name string, data []byte) (*Estate, error) {
	dir := filepath.Dir(name)
	return parse(name, dir, data, func(rel string) ([]byte, error) {
		full := filepath.FromSlash(rel)
		if !filepath.IsAbs(full) {
			full = filepath.Join(dir, full)
		}
		return readDocument(rel, func() (fs.FileInfo, error) { return os.Stat(full) }, func() ([]byte, error) { return os.ReadFile(full) })
	})
}

// ParseWith is Parse with documents that come from elsewhere than the folder of
// name: read returns one by its path relative to the estate file.
func ParseWith(name string, data []byte, read func(rel string) ([]byte, error)) (*Estate, error) {
	return parse(name, filepath.Dir(name), data, read)
}

// ParseFS reads an estate, by the name of its file or of the folder that holds
// it, and the documents that it names from a file system.
func ParseFS(fsys fs.FS, name string) (*Estate, error) {
	stat := func(name string) (fs.FileInfo, error) { return fs.Stat(fsys, name) }
	info, err := stat(name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	if info.IsDir() {
		if name, err = inFolder(name, path.Join, stat); err != nil {
			return nil, err
		}
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	return parse(name, path.Dir(name), data, func(rel string) ([]byte, error) {
		full := path.Join(path.Dir(name), rel)
		return readDocument(rel, func() (fs.FileInfo, error) { return stat(full) }, func() ([]byte, error) { return fs.ReadFile(fsys, full) })
	})
}

func inFolder(dir string, join func(...string) string, stat func(string) (fs.FileInfo, error)) (string, error) {
	for _, base := range FileNames {
		name := join(dir, base)
		if info, err := stat(name); err == nil && info.Mode().IsRegular() {
			return name, nil
		}
	}
	return "", &node.Error{Pos: Pos{File: dir}, Msg: "the folder holds no " + strings.Join(FileNames, ", ")}
}

// maxDocument bounds a policy document's file; AWS takes a fortieth of it.
const maxDocument = 1 << 20

func readDocument(rel string, stat func() (fs.FileInfo, error), read func() ([]byte, error)) ([]byte, error) {
	info, err := stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > maxDocument:
		return nil, fmt.Errorf("it is larger than %d bytes", maxDocument)
	}
	data, err := read()
	return bytes.TrimPrefix(data, byteOrderMark), err
}

func parse(name, dir string, data []byte, read func(rel string) ([]byte, error)) (*Estate, error) {
	e := &Estate{File: name, Dir: dir}
	if err := e.decode(data, read); err != nil {
		return nil, openable(err, dir)
	}
	return e, nil
}

func (e *Estate) decode(data []byte, read func(rel string) ([]byte, error)) error {
	base := e.File
	if base != "" {
		base = filepath.Base(base)
	}
	root, err := node.Parse(base, bytes.TrimPrefix(data, byteOrderMark))
	if err != nil {
		return err
	}
	if err := checkVersion(root); err != nil {
		return err
	}
	if err := node.Decode(root, e); err != nil {
		return err
	}
	if err := e.readDocuments(read); err != nil {
		return err
	}
	return e.link(root, nil)
}

func checkVersion(root *node.Node) error {
	if root.Kind != node.Object {
		return root.Errorf("%s where an estate is expected: a mapping with version, organizations and accounts", root.Kind)
	}
	version := root.Get("version")
	switch {
	case version == nil || version.Kind == node.Null:
		return root.Errorf("missing version; write \"version: %d\"", FormatVersion)
	case version.Text != fmt.Sprint(FormatVersion):
		return version.Errorf("version %s; this program reads version %d", version.Text, FormatVersion)
	}
	return nil
}

// openable puts the folder before the files that an error names, so that the
// user can open them.
func openable(err error, dir string) error {
	var many Errors
	if errors.As(err, &many) {
		for _, one := range many {
			openableOne(one, dir)
		}
		return err
	}
	var one *node.Error
	if errors.As(err, &one) {
		openableOne(one, dir)
	}
	return err
}

func openableOne(err *node.Error, dir string) {
	if file := err.Pos.File; file != "" && !filepath.IsAbs(filepath.FromSlash(file)) {
		err.Pos.File = filepath.Join(dir, filepath.FromSlash(file))
	}
}
