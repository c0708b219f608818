package embedded

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"sync"
)

// filesPerFolder keeps folders small; files of one moment share one, and so share its fsync.
const filesPerFolder = 1000

// files is the tree of blobs. Every access goes through an os.Root, so that nothing outside of the folder is ever touched,
// symbolic links included.
type files struct {
	root *os.Root
	run  int64 // the G of blobs/G

	mu     sync.Mutex
	count  int64  // files published in this run
	folder string // blobs/G/S of the next
}

func newName() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// create opens a new temporary file.
func (f *files) create() (file *os.File, temp string, err error) {
	temp = path.Join("tmp", newName())
	file, err = f.root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return file, temp, err
}

// publish moves a temporary file to where it stays and returns its name. The folder is not synced: see syncFolder.
func (f *files) publish(temp string) (string, error) {
	folder, err := f.nextFolder()
	if err != nil {
		return "", err
	}
	name := path.Join(folder, newName())
	return name, f.root.Rename(temp, name)
}

// nextFolder returns the folder for one more file, made and synced into its parents.
func (f *files) nextFolder() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count%filesPerFolder == 0 {
		run := path.Join("blobs", strconv.FormatInt(f.run, 10))
		folder := path.Join(run, strconv.FormatInt(f.count/filesPerFolder, 10))
		if err := f.root.MkdirAll(folder, 0o700); err != nil {
			return "", err
		}
		if err := errors.Join(f.syncFolder(run), f.syncFolder("blobs")); err != nil {
			return "", err
		}
		f.folder = folder
	}
	f.count++
	return f.folder, nil
}

// syncFolder puts the entries of a folder on stable storage.
func (f *files) syncFolder(name string) error {
	d, err := f.root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return syncDir(d)
}

func (f *files) open(name string) (*os.File, error) { return f.root.Open(name) }

// remove removes a file; one that is gone is no error.
func (f *files) remove(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// clearTemp removes what an earlier run left in tmp.
func (f *files) clearTemp() error {
	if err := f.root.RemoveAll("tmp"); err != nil {
		return err
	}
	return f.root.Mkdir("tmp", 0o700)
}

// sweep removes, from the folder of one run, the files that known denies.
func (f *files) sweep(run int64, known func(name string) (bool, error)) error {
	folder := path.Join("blobs", strconv.FormatInt(run, 10))
	err := fs.WalkDir(f.root.FS(), folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ok, err := known(name); err != nil || ok {
			return err
		}
		return f.remove(name)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("sweep %s: %w", folder, err)
	}
	return nil
}
