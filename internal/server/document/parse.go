package document

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Invalid says where a document differs from its schema.
type Invalid struct{ Path, Why string }

// Error names the element and what is wrong with it.
func (e *Invalid) Error() string { return e.Path + ": " + e.Why }

// maxDepth is more than any schema has, and bounds what is read of others.
const maxDepth = 16

// Parse reads a document. Elements come back in the order of the schema, numbers,
// truth values and dates in one form. The error is an [*Invalid].
func (s *Schema) Parse(data []byte) (*Element, error) {
	root, err := read(data)
	if err != nil {
		return nil, &Invalid{s.name, err.Error()}
	}
	if root.Name != s.name {
		return nil, &Invalid{root.Name, "stands where " + s.name + " is expected"}
	}
	return s.check(root, s.name)
}

// read reads XML into elements, whatever they are.
func read(data []byte) (*Element, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	var root *Element
	var open []*Element
	for {
		token, err := d.Token()
		if err == io.EOF && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, fmt.Errorf("not well-formed: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			e := element(t)
			switch {
			case len(open) == maxDepth:
				return nil, fmt.Errorf("%s: too deep", e.Name)
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.Children = append(parent.Children, e)
			case root != nil:
				return nil, fmt.Errorf("%s: a second root", e.Name)
			default:
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].Text += string(t)
			}
		}
	}
}

func element(t xml.StartElement) *Element {
	e := &Element{Name: t.Name.Local}
	for _, a := range t.Attr {
		if a.Name.Space == instance && a.Name.Local == "type" {
			e.Type = a.Value
		}
	}
	return e
}

func (s *Schema) check(e *Element, path string) (*Element, error) {
	if s.kind != structure {
		if len(e.Children) > 0 {
			return nil, &Invalid{path, "holds elements where it holds a value"}
		}
		value, err := s.value(e.Text)
		if err != nil {
			return nil, &Invalid{path, err.Error()}
		}
		return &Element{Name: e.Name, Text: value}, nil
	}
	if strings.TrimSpace(e.Text) != "" {
		return nil, &Invalid{path, "holds text where it holds elements"}
	}
	for _, c := range e.Children {
		if s.child(c.Name) == nil {
			return nil, &Invalid{path + "/" + c.Name, "is not known here"}
		}
	}
	out := &Element{Name: e.Name, Type: e.Type}
	for _, c := range s.children {
		found := e.All(c.name)
		if len(found) < c.min || len(found) > c.max {
			return nil, &Invalid{path + "/" + c.name, fmt.Sprintf("stands %d times", len(found))}
		}
		for _, f := range found {
			checked, err := c.check(f, path+"/"+c.name)
			if err != nil {
				return nil, err
			}
			out.Children = append(out.Children, checked)
		}
	}
	return out, nil
}

// value returns a value in its one form.
func (s *Schema) value(given string) (string, error) {
	trimmed := strings.TrimSpace(given)
	switch s.kind {
	case integer:
		n, err := strconv.ParseInt(trimmed, 10, 64)
		if err != nil {
			return "", fmt.Errorf("%q is no number", trimmed)
		}
		return strconv.FormatInt(n, 10), nil
	case boolean:
		switch strings.ToLower(trimmed) {
		case "true", "1":
			return "true", nil
		case "false", "0":
			return "false", nil
		}
		return "", fmt.Errorf("%q is neither true nor false", trimmed)
	case date:
		t, err := parseDate(trimmed)
		if err != nil {
			return "", fmt.Errorf("%q is no date in ISO 8601 format", trimmed)
		}
		return t.UTC().Format(DateFormat), nil
	case word:
		if !slices.Contains(s.words, trimmed) {
			return "", fmt.Errorf("%q is none of %s", trimmed, strings.Join(s.words, ", "))
		}
		return trimmed, nil
	}
	return given, nil
}

// DateFormat is how dates stand in documents that were read.
const DateFormat = "2006-01-02T15:04:05.000Z"

func parseDate(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return time.Parse(time.DateOnly, s)
}
