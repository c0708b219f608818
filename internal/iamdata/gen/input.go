package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A source says where an input file was extracted from.
type source struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Updated string `json:"updated"` // date of the newest thing in it
	License string `json:"license"`
}

type servicesInput struct {
	Source        source              `json:"source"`
	Actions       map[string][]string `json:"actions"`       // by service prefix, without it
	ConditionKeys map[string]string   `json:"conditionKeys"` // key to type
}

type detailInput struct {
	Source   source                   `json:"source"`
	Services map[string]serviceDetail `json:"services"`
}

type serviceDetail struct {
	Actions       []actionDetail   `json:"actions"`
	ResourceTypes []resourceDetail `json:"resourceTypes"`
}

type actionDetail struct {
	Name          string        `json:"name"`
	Level         string        `json:"level"`
	ResourceTypes []resourceRef `json:"resourceTypes"`
	ConditionKeys []string      `json:"conditionKeys"`
}

type resourceRef struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
}

type resourceDetail struct {
	Name          string   `json:"name"`
	ARN           string   `json:"arn"`
	ConditionKeys []string `json:"conditionKeys"`
}

type globalInput struct {
	Source string      `json:"source"`
	Keys   []globalKey `json:"keys"`
}

type globalKey struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Carried string `json:"carried"` // "any" action, or as each "action" says
}

type wrongInput struct {
	Source  string        `json:"source"`
	Actions []wrongAction `json:"actions"`
}

type wrongAction struct {
	Name    string   `json:"name"`
	Instead []string `json:"instead"`
	Note    string   `json:"note"`
}

type policiesInput struct {
	Source   source          `json:"source"`
	Policies []managedPolicy `json:"policies"`
}

type managedPolicy struct {
	Name     string          `json:"name"` // with its path, without the leading slash
	Version  string          `json:"version"`
	Created  string          `json:"created"` // of the policy, RFC 3339
	Updated  string          `json:"updated"` // of that version
	Document json.RawMessage `json:"document"`
}

type input struct {
	services servicesInput
	detail   detailInput
	global   globalInput
	wrong    wrongInput
	policies policiesInput
}

func readInput(dir string) (*input, error) {
	var in input
	err := errors.Join(
		readJSON(dir, "services.json.gz", &in.services),
		readJSON(dir, "detail.json", &in.detail),
		readJSON(dir, "global_keys.json", &in.global),
		readJSON(dir, "wrong_actions.json", &in.wrong),
		readJSON(dir, "managed_policies.json.gz", &in.policies),
	)
	return &in, err
}

// readJSON decodes one input file, gzipped where its name says so; an unknown field is an error.
func readJSON(dir, name string, into any) error {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	if strings.HasSuffix(name, ".gz") {
		if data, err = gunzip(data); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
