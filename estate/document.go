package estate

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// InlineDocument returns a document that is not of a file, for estates that are
// made in memory.
func InlineDocument(d *policy.Document) Document { return Document{Document: d} }

// UnmarshalNode reads a policy document that stands in the estate file itself,
// as a mapping or as JSON text, or the path of a file, which Parse then reads.
func (d *Document) UnmarshalNode(n *node.Node) error {
	switch n.Kind {
	case node.Null:
		return nil
	case node.Object:
		return d.inline(n)
	case node.String:
		if strings.HasPrefix(strings.TrimSpace(n.Text), "{") {
			return d.jsonText(n)
		}
		return d.setPath(n)
	}
	return n.Errorf("%s where a policy document, or the path of its file, is expected", n.Kind)
}

func (d *Document) inline(n *node.Node) error {
	doc, err := policy.FromNode(n)
	if err != nil {
		return err
	}
	if doc.Size == 0 && n.End > n.Start {
		doc.Size = n.End - n.Start
	}
	d.Document, d.File = doc, n.Pos.File
	return nil
}

// jsonText reads a document from a string. Lines inside the string are not
// lines of the file, so all of it has the string's place.
func (d *Document) jsonText(n *node.Node) error {
	doc, err := policy.Parse("", []byte(n.Text))
	if inner, ok := errors.AsType[*node.Error](err); ok {
		return n.Errorf("line %d, column %d of the JSON text: %s", inner.Pos.Line, inner.Pos.Column, inner.Msg)
	}
	if err != nil {
		return err
	}
	place(doc, n.Pos)
	d.Document, d.File = doc, n.Pos.File
	return nil
}

func (d *Document) setPath(n *node.Node) error {
	if n.Text == "" {
		return n.Errorf("an empty text where a policy document, or the path of its file, is expected")
	}
	d.File, d.path = path.Clean(strings.ReplaceAll(n.Text, `\`, "/")), n.Pos
	return nil
}

// place gives every part of a document the same place.
func place(doc *policy.Document, at Pos) {
	doc.Pos = at
	for i := range doc.Statements {
		st := &doc.Statements[i]
		st.Pos = at
		for j := range st.Principals {
			st.Principals[j].Pos = at
		}
		placeValues(st.Actions, at)
		placeValues(st.Resources, at)
		for j := range st.Conditions {
			st.Conditions[j].Pos = at
			placeValues(st.Conditions[j].Values, at)
		}
	}
}

func placeValues(values []policy.Value, at Pos) {
	for i := range values {
		values[i].Pos = at
	}
}

// readDocuments reads the files that documents name. A file that several
// documents name is read once.
func (e *Estate) readDocuments(read func(rel string) ([]byte, error)) error {
	done := map[string]*policy.Document{}
	return e.eachDocument(func(d *Document) error {
		if !d.path.IsValid() {
			return nil
		}
		doc, ok := done[d.File]
		if !ok {
			data, err := read(d.File)
			if err != nil {
				return noDocument(d, err)
			}
			if doc, err = policy.Parse(d.File, data); err != nil {
				return err
			}
			done[d.File] = doc
		}
		d.Document = doc
		return nil
	}, func(p *OrgPolicy) error {
		d := &p.Document
		if d.raw != nil || !d.path.IsValid() {
			return nil
		}
		data, err := read(d.File)
		if err != nil {
			return noDocument(d, err)
		}
		if d.raw, err = node.ParseJSON(d.File, data); err != nil {
			return err
		}
		return d.readS3()
	})
}

func noDocument(d *Document, err error) error {
	return &fileError{&node.Error{Pos: d.path, Msg: fmt.Sprintf("document %q: %s; paths are relative to the estate file", d.File, reason(err))}, err}
}

// eachDocument calls back for every policy document, and for every S3 policy of
// an organization, in the order of their names.
func (e *Estate) eachDocument(visit func(*Document) error, visitS3 func(*OrgPolicy) error) error {
	w := documentWalk{visit: visit}
	for _, org := range sorted(e.Organizations) {
		for _, p := range sorted(org.Policies) {
			if p.Type == "s3" {
				if w.err == nil {
					w.err = visitS3(p)
				}
				continue
			}
			w.one(&p.Document)
		}
	}
	for _, a := range sorted(e.Accounts) {
		w.account(a)
	}
	return w.err
}

type documentWalk struct {
	visit func(*Document) error
	err   error
}

func (w *documentWalk) one(d *Document) {
	if w.err == nil {
		w.err = w.visit(d)
	}
}

func (w *documentWalk) all(list Documents) {
	for i := range list {
		w.one(&list[i].Document)
	}
}

func (w *documentWalk) account(a *Account) {
	for _, p := range sorted(a.ManagedPolicies) {
		w.one(&p.Document)
	}
	for _, g := range sorted(a.Groups) {
		w.all(g.Inline)
	}
	for _, u := range sorted(a.Users) {
		w.all(u.Inline)
	}
	for _, r := range sorted(a.Roles) {
		w.one(&r.Trust)
		w.all(r.Inline)
	}
	for _, p := range sorted(a.AccessPoints) {
		w.one(&p.Document)
	}
	for _, k := range sorted(a.Keys) {
		w.one(&k.Document)
	}
	for _, v := range sorted(a.VPCEndpoints) {
		w.one(&v.Document)
	}
	for _, b := range sorted(a.Buckets) {
		w.one(&b.Document)
		for _, p := range sorted(b.AccessPoints) {
			w.one(&p.Document)
		}
	}
}
