package estate

import "github.com/why403/why403/policy"

// PolicyDocuments returns the policy documents that the estate holds, each once,
// in no particular order. Built-in documents are not among them.
func (e *Estate) PolicyDocuments() []*policy.Document {
	var docs []*policy.Document
	e.EachDocument(func(d *Document) {
		if d.Document != nil {
			docs = append(docs, d.Document)
		}
	})
	return docs
}

// EachDocument calls back for every document that the estate states, S3 policies
// included.
func (e *Estate) EachDocument(visit func(*Document)) {
	stated := func(d *Document) error {
		if d.Document != nil || d.raw != nil {
			visit(d)
		}
		return nil
	}
	_ = e.eachDocument(stated, func(p *OrgPolicy) error { return stated(&p.Document) })
}
