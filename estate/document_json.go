package estate

import (
	"encoding/json"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// ParseDocument reads a policy document that is not of an estate file. Places in
// it go by the name file, and its text is kept to the letter. Errors are those
// of [policy.Parse].
func ParseDocument(file string, text []byte) (Document, error) {
	doc, err := policy.Parse(file, text)
	if err != nil {
		return Document{}, err
	}
	return Document{Document: doc, File: file, text: string(text)}, nil
}

// ParseS3Document is ParseDocument for policies of type s3.
func ParseS3Document(file string, text []byte) (Document, error) {
	raw, err := node.ParseJSON(file, text)
	if err != nil {
		return Document{}, err
	}
	d := Document{File: file, raw: raw, text: string(text)}
	return d, d.readS3()
}

// Text returns the document as JSON: to the letter where it was read by
// ParseDocument, else printed, with the elements in the order of the IAM User
// Guide's grammar. It is "" where there is no document.
func (d *Document) Text() string {
	switch {
	case d.text != "":
		return d.text
	case d.raw != nil:
		return string(node.AppendJSON(nil, d.raw))
	case d.Document != nil:
		return PrintPolicy(d.Document)
	}
	return ""
}

// Rename gives a document another file name, and places in its text as it is.
func (d *Document) Rename(file string) (err error) {
	parse := ParseDocument
	if d.raw != nil {
		parse = ParseS3Document
	}
	kept := d.text
	*d, err = parse(file, []byte(d.Text()))
	d.text = kept
	return err
}

// Kept tells that Text is to the letter.
func (d *Document) Kept() bool { return d.text != "" }

// PrintPolicy writes a policy document as JSON. Elements stand in the order of
// the IAM User Guide's grammar; lists of one are single values.
func PrintPolicy(d *policy.Document) string {
	n, _ := d.Node()
	return string(node.AppendJSON(nil, n))
}

// storedDocument is a document in JSON: not as a policy, but as what ParseDocument
// makes it of.
type storedDocument struct {
	File string `json:"file"`
	Text string `json:"text"`
	S3   bool   `json:"s3,omitempty"`

	Printed bool `json:"printed,omitempty"` // Text is not to the letter, nor are places in it
}

// MarshalJSON writes text and file name, so that whoever keeps an estate's
// entities as JSON gets back the same document with the same places.
func (d Document) MarshalJSON() ([]byte, error) {
	if d.Document == nil && d.raw == nil {
		return []byte("null"), nil
	}
	return json.Marshal(storedDocument{d.File, d.Text(), d.raw != nil, !d.Kept()})
}

// UnmarshalJSON is the reverse of MarshalJSON.
func (d *Document) UnmarshalJSON(data []byte) (err error) {
	var s storedDocument
	if err := json.Unmarshal(data, &s); err != nil || s.Text == "" {
		return err
	}
	parse := ParseDocument
	if s.S3 {
		parse = ParseS3Document
	}
	if *d, err = parse(s.File, []byte(s.Text)); s.Printed {
		d.text = ""
	}
	return err
}

// MarshalJSON writes the name beside the document.
func (d NamedDocument) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name     string   `json:"name"`
		Document Document `json:"document"`
	}{d.Name, d.Document})
}

// UnmarshalJSON is the reverse of MarshalJSON.
func (d *NamedDocument) UnmarshalJSON(data []byte) error {
	var s struct {
		Name     string   `json:"name"`
		Document Document `json:"document"`
	}
	err := json.Unmarshal(data, &s)
	d.Name, d.Document = s.Name, s.Document
	return err
}
