package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/redact"
	"github.com/why403/why403/internal/source/live"
)

// A nameMap is the file of --redact-map.
type nameMap struct {
	Version int               `json:"version"`
	Names   map[string]string `json:"names"` // pseudonym -> name
}

// withoutNames is the estate with pseudonyms. Their secret is of this run, and is not
// kept.
func (f *collectFlags) withoutNames(s *System, e *estate.Estate) (*estate.Estate, error) {
	r := redact.New(redact.Secret(), live.NamesNothing)
	out, err := r.Estate(e)
	if err != nil {
		return nil, err
	}
	if f.redactMap == "" {
		fmt.Fprintf(s.Stderr, "why403: warning: without --redact-map nobody can say which name a pseudonym stands for\n")
		return out, nil
	}
	return out, writeNames(f.redactMap, r.Names())
}

const otherMap = "name a new file: pseudonyms are others in each run"

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// writeNames writes a new file that its owner alone can read.
func writeNames(path string, names map[string]string) error {
	data, err := json.MarshalIndent(nameMap{1, names}, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usagef(otherMap, "%s is there already", path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	return errors.Join(err, file.Close())
}

// readBack puts names for pseudonyms in what is on standard input.
func readBack(s *System, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var names nameMap
	if err := json.Unmarshal(data, &names); err != nil || names.Names == nil {
		return usagef("name the file that --redact-map has written", "%s holds no pseudonyms", path)
	}
	text, err := io.ReadAll(s.Stdin)
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.Stdout, redact.ReadBack(names.Names, string(text)))
	return err
}
