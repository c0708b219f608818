package document

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// An Element is one element of a document. The methods that read take a nil
// element for one that is not there.
type Element struct {
	Name     string
	Text     string
	Type     string // the attribute xsi:type; "" for none
	Children []*Element
}

// New returns a document without content.
func New(name string) *Element { return &Element{Name: name} }

// Child returns the first child of that name, nil where there is none.
func (e *Element) Child(name string) *Element {
	for _, c := range e.All(name) {
		return c
	}
	return nil
}

// All returns the children of that name.
func (e *Element) All(name string) []*Element {
	var list []*Element
	if e != nil {
		for _, c := range e.Children {
			if c.Name == name {
				list = append(list, c)
			}
		}
	}
	return list
}

// Find follows a path of first children, nil where it ends.
func (e *Element) Find(path ...string) *Element {
	for _, name := range path {
		e = e.Child(name)
	}
	return e
}

// Get returns the text at the end of a path, "" where there is none.
func (e *Element) Get(path ...string) string {
	if found := e.Find(path...); found != nil {
		return found.Text
	}
	return ""
}

// Has reports whether there is an element at the end of a path.
func (e *Element) Has(path ...string) bool { return e.Find(path...) != nil }

// Int returns the number at the end of a path, and whether there is one.
func (e *Element) Int(path ...string) (int64, bool) {
	n, err := strconv.ParseInt(e.Get(path...), 10, 64)
	return n, err == nil
}

// Texts returns the texts of the children of that name.
func (e *Element) Texts(name string) []string {
	var list []string
	for _, c := range e.All(name) {
		list = append(list, c.Text)
	}
	return list
}

// Add appends a child, and returns it.
func (e *Element) Add(name, text string) *Element {
	c := &Element{Name: name, Text: text}
	e.Children = append(e.Children, c)
	return c
}

const (
	namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
	instance  = "http://www.w3.org/2001/XMLSchema-instance"
)

// XML returns the document with its head, in the namespace of S3.
func (e *Element) XML() []byte { return e.XMLIn(namespace) }

// XMLIn is XML in another namespace.
func (e *Element) XMLIn(namespace string) []byte {
	var b strings.Builder
	b.WriteString(xml.Header)
	e.write(&b, ` xmlns="`+namespace+`"`)
	return []byte(b.String())
}

func (e *Element) write(b *strings.Builder, attributes string) {
	if e.Type != "" {
		attributes += ` xmlns:xsi="` + instance + `" xsi:type="` + escape(e.Type) + `"`
	}
	if e.Text == "" && len(e.Children) == 0 {
		b.WriteString("<" + e.Name + attributes + "/>")
		return
	}
	b.WriteString("<" + e.Name + attributes + ">")
	b.WriteString(escape(e.Text))
	for _, c := range e.Children {
		c.write(b, "")
	}
	b.WriteString("</" + e.Name + ">")
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}
