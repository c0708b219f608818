package fix

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/splice"
)

// A FileEdit is a file of the estate, as it is and as a plan makes it.
type FileEdit struct {
	Name          string // relative to the estate's folder
	Path          string // to open it by
	Before, After []byte
}

// Diff returns the edit as a unified diff.
func (f *FileEdit) Diff() string {
	return string(diff.Diff("a/"+f.Name, f.Before, "b/"+f.Name, f.After))
}

// withTwins adds to changes of a document that is read from a file the same
// changes of all others that are read from it.
func (f *Fixer) withTwins(changes []node.Change) []node.Change {
	if f.documents == nil {
		f.documents = f.estate.FileDocuments()
	}
	if len(f.documents) == 0 {
		return changes
	}
	out := changes
	for _, c := range changes {
		for _, at := range f.documents {
			if len(at) < 2 || !slices.ContainsFunc(at, func(p node.Pointer) bool { return within(c.Path, p) }) {
				continue
			}
			for _, p := range at {
				if !within(c.Path, p) {
					out = append(slices.Clip(out), node.Change{Op: c.Op, Path: p.To(c.Path[len(own(at, c.Path)):]...), Value: c.Value})
				}
			}
		}
	}
	return out
}

// within reports a path into a document, not of it as a whole.
func within(inner, outer node.Pointer) bool {
	return len(inner) > len(outer) && slices.Equal(inner[:len(outer)], outer)
}

func own(list []node.Pointer, inner node.Pointer) node.Pointer {
	for _, p := range list {
		if within(inner, p) {
			return p
		}
	}
	return nil
}

// Files returns the files of the estate that a plan changes, with the changes made
// in their text. read returns a file by its path; nil is os.ReadFile. An estate
// that was made in memory has none.
func (p *Plan) Files(read func(path string) ([]byte, error)) ([]*FileEdit, error) {
	e := p.start.estate
	if e.File == "" {
		return nil, nil
	}
	if read == nil {
		read = os.ReadFile
	}
	w := &fileWork{e: e, read: read, done: map[string]bool{}}
	for _, st := range p.steps {
		for _, c := range st.estate {
			if err := w.change(c); err != nil {
				return nil, err
			}
		}
	}
	return slices.DeleteFunc(w.edits, func(f *FileEdit) bool { return string(f.Before) == string(f.After) }), nil
}

// fileWork makes changes in files.
type fileWork struct {
	e     *estate.Estate
	read  func(string) ([]byte, error)
	edits []*FileEdit
	done  map[string]bool // changes by file: two documents may be one file
}

func (w *fileWork) file(name string) (*FileEdit, error) {
	for _, f := range w.edits {
		if f.Name == name {
			return f, nil
		}
	}
	full := filepath.FromSlash(name)
	if !filepath.IsAbs(full) {
		full = filepath.Join(w.e.Dir, full)
	}
	data, err := w.read(full)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	f := &FileEdit{Name: name, Path: full, Before: data, After: data}
	w.edits = append(w.edits, f)
	return f, nil
}

// change makes one change, in the estate's file or in that of the document that
// its path leads into.
func (w *fileWork) change(c node.Change) error {
	f, err := w.file(filepath.Base(w.e.File))
	if err != nil {
		return err
	}
	root, err := node.Parse(f.Name, f.After)
	if err != nil {
		return err
	}
	at := root
	for i, part := range c.Path {
		if at != nil && at.Kind == node.String && !strings.HasPrefix(strings.TrimSpace(at.Text), "{") {
			name := path.Clean(strings.ReplaceAll(at.Text, `\`, "/"))
			if f, err = w.file(name); err != nil {
				return err
			}
			c.Path = c.Path[i:]
			break
		}
		at = step1(at, part)
	}
	key := f.Name + "\n" + changeKey([]node.Change{c})
	if f.Name != filepath.Base(w.e.File) && w.done[key] {
		return nil
	}
	w.done[key] = true
	f.After, err = splice.Apply(f.Name, f.After, c)
	return err
}

// step1 goes one part further; nil where there is nothing.
func step1(n *node.Node, part string) *node.Node {
	if n == nil {
		return nil
	}
	if n.Kind == node.Array {
		for i, item := range n.Items {
			if itoa(i) == part {
				return item
			}
		}
		return nil
	}
	return n.Get(part)
}
