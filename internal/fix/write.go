package fix

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// Check loads the estate with a plan's edits in the place of its files and decides
// again: what was proved in memory must hold of what is written.
func (p *Plan) Check(edits []*FileEdit) error {
	dir := p.start.estate.Dir
	get := func(name string) ([]byte, error) {
		full := filepath.FromSlash(name)
		if !filepath.IsAbs(full) {
			full = filepath.Join(dir, full)
		}
		for _, e := range edits {
			if e.Path == full {
				return e.After, nil
			}
		}
		return os.ReadFile(full)
	}
	data, err := get(filepath.Base(p.start.estate.File))
	if err != nil {
		return err
	}
	e, err := estate.ParseWith(p.start.estate.File, data, get)
	if err != nil {
		return fmt.Errorf("the edited estate would not load: %w", err)
	}
	s, err := decided(New(e, p.start.now).gatherer, e, p.end.request, p.start.now)
	if err != nil {
		return err
	}
	if s.verdict() != iam.Allowed {
		return fmt.Errorf("the edited estate decides %s, not allowed", s.verdict())
	}
	return nil
}

// Write puts edits into their files: all of them, or none. Each file that is
// changed is kept beside itself first, under the name that is returned for it. A
// file that has changed since the edit was made is an error.
func Write(edits []*FileEdit) (backups []string, err error) {
	var w writing
	defer func() {
		if err != nil {
			backups, err = nil, errors.Join(err, w.undo())
		}
	}()
	for _, e := range edits {
		if err := w.prepare(e); err != nil {
			return nil, err
		}
	}
	for i := range w.files {
		if err := w.files[i].put(); err != nil {
			return nil, err
		}
		backups = append(backups, w.files[i].backup)
	}
	return backups, nil
}

// writing is files on their way.
type writing struct{ files []writtenFile }

type writtenFile struct {
	path, temp, backup string
	done               bool
}

// prepare writes the new text beside the file, and keeps the old.
func (w *writing) prepare(e *FileEdit) error {
	path, err := filepath.EvalSymlinks(e.Path) // the file itself, not the link to it
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if string(now) != string(e.Before) {
		return fmt.Errorf("%s has changed meanwhile; nothing was written", e.Path)
	}
	f := writtenFile{path: path}
	w.files = append(w.files, f)
	last := &w.files[len(w.files)-1]
	if last.temp, err = writeNew(path+".*.tmp", e.After, info.Mode()); err != nil {
		return err
	}
	last.backup, err = keep(path, now, info.Mode())
	return err
}

// writeNew writes a file of a new name, through to the disk.
func writeNew(pattern string, data []byte, mode fs.FileMode) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(pattern), filepath.Base(pattern))
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return f.Name(), errors.Join(err, f.Chmod(mode.Perm()), f.Sync(), f.Close())
}

// keep writes the old text to the first name of FILE.bak, FILE.bak2, … that is
// free.
func keep(path string, data []byte, mode fs.FileMode) (string, error) {
	for i := 1; ; i++ {
		name := path + ".bak"
		if i > 1 {
			name += itoa(i)
		}
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm())
		if errors.Is(err, fs.ErrExist) && i < 1000 {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(data)
		return name, errors.Join(err, f.Sync(), f.Close())
	}
}

func (f *writtenFile) put() error {
	if err := os.Rename(f.temp, f.path); err != nil {
		return err
	}
	f.temp, f.done = "", true
	return nil
}

// undo brings back what was there, and leaves nothing behind.
func (w *writing) undo() error {
	var errs []error
	for _, f := range w.files {
		if f.temp != "" {
			errs = append(errs, os.Remove(f.temp))
		}
		switch {
		case f.backup == "":
		case f.done:
			errs = append(errs, os.Rename(f.backup, f.path))
		default:
			errs = append(errs, os.Remove(f.backup))
		}
	}
	return errors.Join(errs...)
}
