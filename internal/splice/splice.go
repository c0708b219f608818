// Package splice makes changes in the text of a JSON or YAML document and leaves
// every other byte as it is: comments, spacing, the order of members. The result
// is read again, and must say what the change makes of the document.
package splice

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/why403/why403/internal/node"
)

// Apply makes changes in a document, one after the other. The name tells JSON
// from YAML where the text does not, and stands in errors.
func Apply(name string, data []byte, changes ...node.Change) ([]byte, error) {
	for _, c := range changes {
		next, err := apply(name, data, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		data = next
	}
	return data, nil
}

func apply(name string, data []byte, c node.Change) ([]byte, error) {
	root, err := node.Parse(name, data)
	if err != nil {
		return nil, err
	}
	c, want, err := reachable(root, c)
	if err != nil {
		return nil, err
	}
	var out []byte
	if isJSON(name, data) {
		out, err = newJSON(data).apply(root, c, want)
	} else {
		out, err = newYAML(data).apply(root, c, want)
	}
	if err != nil {
		return nil, err
	}
	got, err := node.Parse(name, out)
	if err != nil {
		return nil, fmt.Errorf("the edited text would not be read: %w", err)
	}
	if !same(got, want) {
		return nil, fmt.Errorf("%s cannot be edited in place at %s; write it in plain block style", filepath.Base(name), c.Path)
	}
	return out, nil
}

// isJSON reports whether node.Parse reads the text as JSON.
func isJSON(name string, data []byte) bool {
	text := bytes.TrimLeft(data, "\ufeff \t\r\n")
	if !bytes.HasPrefix(text, []byte("{")) && !bytes.HasPrefix(text, []byte("[")) {
		return false
	}
	_, err := node.ParseJSON(name, bytes.TrimPrefix(data, []byte("\ufeff")))
	return err == nil
}

// reachable returns the change, and the document that it leads to. A change inside
// a text that is itself JSON becomes one of the whole text.
func reachable(root *node.Node, c node.Change) (node.Change, *node.Node, error) {
	at := root
	for i, part := range c.Path {
		if at != nil && at.Kind == node.String && strings.HasPrefix(strings.TrimSpace(at.Text), "{") {
			inner, err := node.ParseJSON("", []byte(at.Text))
			if err != nil {
				return c, nil, err
			}
			rest := c
			rest.Path = c.Path[i:]
			if inner, err = inner.With(rest); err != nil {
				return c, nil, err
			}
			c = node.Change{Op: node.Replace, Path: c.Path[:i], Value: inner}
			break
		}
		if at != nil && at.Kind == node.Null && c.Op == node.Add {
			c = node.Change{Op: node.Replace, Path: c.Path[:i], Value: nested(c.Path[i:], c.Value)} // nothing stands there yet
			break
		}
		at = child(at, part)
	}
	want, err := root.With(c)
	return c, want, err
}

// nested puts a value inside mappings, by the names on the way.
func nested(path node.Pointer, value *node.Node) *node.Node {
	for i := len(path) - 1; i >= 0; i-- {
		value = node.Mapping().Put(path[i], value)
	}
	return value
}

func child(n *node.Node, part string) *node.Node {
	if n == nil {
		return nil
	}
	if n.Kind == node.Object {
		return n.Get(part)
	}
	for i, item := range n.Items {
		if fmt.Sprint(i) == part {
			return item
		}
	}
	return nil
}

// same compares what two documents say: numbers and words may be quoted or not.
func same(a, b *node.Node) bool {
	if a.Kind != b.Kind && !(scalar(a) && scalar(b)) || a.Text != b.Text || len(a.Items) != len(b.Items) || len(a.Members) != len(b.Members) {
		return false
	}
	for i := range a.Items {
		if !same(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for _, m := range a.Members {
		other := b.Get(m.Name)
		if other == nil || !same(m.Value, other) {
			return false
		}
	}
	return true
}

func scalar(n *node.Node) bool {
	return n.Kind == node.String || n.Kind == node.Number || n.Kind == node.Bool
}

// replace puts text in the place of some bytes.
func replace(data []byte, from, to int, text []byte) []byte {
	out := make([]byte, 0, len(data)+len(text))
	return append(append(append(out, data[:from]...), text...), data[to:]...)
}
