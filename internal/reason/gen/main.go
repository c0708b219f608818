// Gen makes the catalogue of reasons, zz_generated.go, and its pages in
// docs/reasons from the comments in codes.go. It is run by go generate in the
// folder of package reason.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("codes.go", ".", filepath.Join("..", "..", "docs", "reasons")); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run writes the catalogue to the folder code and the pages to the folder docs,
// from which it removes pages of reasons that are gone.
func run(source, code, docs string) error {
	groups, err := read(source)
	if err != nil {
		return err
	}
	catalogue, err := catalogue(groups)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(code, "zz_generated.go"), catalogue, 0o644); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	for name, text := range pages(groups, filepath.Join(code, "testdata", "examples")) {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
