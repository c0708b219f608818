package estate

import "github.com/why403/why403/policy"

// PolicyDocuments returns the policy documents that the estate holds, each once,
// in no particular order. Built-in documents are not among them.
func (e *Estate) PolicyDocuments() []*policy.Document {
	var docs []*policy.Document
	_ = e.eachDocument(func(d *Document) error {
		if d.Document != nil {
			docs = append(docs, d.Document)
		}
		return nil
	}, func(*OrgPolicy) error { return nil })
	return docs
}
