package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An Object is one file of logs.
type Object struct {
	Name string
	Size int64 // as stored; 0 where it is not known
	Open func() (io.ReadCloser, error)
}

// A Lister lists the objects of an S3 bucket whose keys begin with a prefix, in
// the order of their keys, and calls each with every one.
type Lister interface {
	List(ctx context.Context, bucket, prefix string, each func(Object) error) error
}

// Sources are where logs are read from.
type Sources struct {
	Paths []string  // files, folders, "-" for standard input, s3://bucket/prefix
	Stdin io.Reader // of "-"
	S3    Lister    // of s3://; nil: there is none
}

// Each calls each with every object, one path after the other, in the order of
// their names. Nothing is opened.
func (s *Sources) Each(ctx context.Context, each func(Object) error) error {
	for _, path := range s.Paths {
		var err error
		switch {
		case path == "-":
			err = each(Object{Name: "<stdin>", Open: func() (io.ReadCloser, error) { return io.NopCloser(s.Stdin), nil }})
		case strings.HasPrefix(path, "s3://"):
			err = s.prefix(ctx, path, each)
		default:
			err = folder(ctx, path, each)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Sources) prefix(ctx context.Context, path string, each func(Object) error) error {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(path, "s3://"), "/")
	switch {
	case bucket == "":
		return fmt.Errorf("%s names no bucket; write s3://BUCKET/PREFIX", path)
	case s.S3 == nil:
		return fmt.Errorf("%s: reading logs out of S3 is not built into this program; copy them first: aws s3 sync %s DIR", path, path)
	}
	found := false
	err := s.S3.List(ctx, bucket, prefix, func(o Object) error {
		if skipped(o.Name) {
			return nil
		}
		found = true
		return each(o)
	})
	if err == nil && !found {
		err = fmt.Errorf("%s: %w", path, errEmpty)
	}
	return err
}

// errEmpty is for folders and prefixes in which there is nothing to read, which is a mistake
// more often than meant.
var errEmpty = errors.New("there are no log files in it")

// A missingError names a path that is not there.
type missingError string

func (e missingError) Error() string        { return string(e) + ": there is no such file or folder" }
func (e missingError) Is(target error) bool { return target == fs.ErrNotExist }

func folder(ctx context.Context, root string, each func(Object) error) error {
	found := false
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return missingError(root)
		}
		if err != nil {
			return err
		}
		if d.IsDir() || path != root && skipped(filepath.ToSlash(path)) || strings.HasPrefix(d.Name(), ".") && path != root {
			return ctx.Err()
		}
		size := int64(0)
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil
		} else if err == nil {
			size = info.Size()
		} // else it is gone since, and opening it will say so
		found = true
		return each(Object{Name: path, Size: size, Open: func() (io.ReadCloser, error) { return os.Open(path) }})
	})
	if err == nil && !found {
		err = fmt.Errorf("%s: %w", root, errEmpty)
	}
	return err
}

// skipped reports the files that a trail delivers besides its records, and that
// hold none of requests (CloudTrail User Guide, CloudTrail log file name format).
func skipped(path string) bool {
	for _, part := range []string{"/CloudTrail-Digest/", "/CloudTrail-Insight/", "/CloudTrail-Aggregated/"} {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

// Size returns how many bytes there are to read, as stored; 0 where it cannot be
// told without reading.
func (s *Sources) Size() int64 {
	total := int64(0)
	for _, path := range s.Paths {
		if path == "-" || strings.HasPrefix(path, "s3://") {
			return 0
		}
		if folder(context.Background(), path, func(o Object) error { total += o.Size; return nil }) != nil {
			return 0
		}
	}
	return total
}
