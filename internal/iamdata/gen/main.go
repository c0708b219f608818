// Command gen turns the extracted data of ../input into the generated files of package iamdata.
// Run it with `go generate ./internal/iamdata`; extract.sh is what refreshes the input itself.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("input", "."); err != nil {
		fmt.Fprintln(os.Stderr, "iamdata/gen: error:", err)
		os.Exit(1)
	}
}

// run reads the input folder and writes every generated file into the folder out.
func run(in, out string) error {
	files, err := generate(in)
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(out, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the generated files by name.
func generate(dir string) (map[string][]byte, error) {
	in, err := readInput(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if files["zz_generated_actions.go"], err = actionsFile(in.detail); err != nil {
		return nil, fmt.Errorf("actions: %w", err)
	}
	if files["zz_generated_wrong.go"], err = wrongFile(in.wrong); err != nil {
		return nil, fmt.Errorf("wrong actions: %w", err)
	}
	if files["zz_generated_source.go"], err = sourceFile(in); err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	if files["zz_generated_keys.txt"], err = keysFile(in.services, in.global); err != nil {
		return nil, fmt.Errorf("condition keys: %w", err)
	}
	files["zz_generated_names.txt"] = namesFile(in.services)
	files["zz_generated_policies.txt"], files["zz_generated_policies.bin"], err = policyFiles(in.policies)
	if err != nil {
		return nil, fmt.Errorf("managed policies: %w", err)
	}
	return files, nil
}
