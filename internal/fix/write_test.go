package fix

import (
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
)

// What a plan writes into the estate's files, loaded again, allows the request
// that it makes, over the whole corpus.
func TestWrittenEstateAllows(t *testing.T) {
	written := 0
	for _, c := range corpusPlans(t) {
		for k, p := range c.plans {
			if !p.Verified || k > 0 && (c.index+k)%3 != 0 { // every best plan, and a third of the others
				continue
			}
			title := p.Report().Title
			edits, err := p.Files(c.read)
			if err != nil {
				t.Errorf("%s#%d plan %d (%s): %v", c.name, c.index, k, title, err)
				continue
			}
			written += len(edits)
			e, err := c.loaded(edits)
			if err != nil {
				t.Errorf("%s#%d plan %d (%s): %v", c.name, c.index, k, title, err)
				continue
			}
			s, err := decided(New(e, corpusTime).gatherer, e, p.Request(), corpusTime)
			if err != nil || s.verdict() != iam.Allowed {
				t.Errorf("%s#%d plan %d (%s): the written estate decides %v, %v", c.name, c.index, k, title, s.verdict(), err)
			}
		}
	}
	if written < 500 {
		t.Errorf("%d files written", written)
	}
}

// loaded reads the estate with edited files in the place of its own.
func (c *corpusCase) loaded(edits []*FileEdit) (*estate.Estate, error) {
	get := func(name string) ([]byte, error) {
		for _, e := range edits {
			if e.Name == name {
				return e.After, nil
			}
		}
		return c.read(name)
	}
	data, err := get("estate.yaml")
	if err != nil {
		return nil, err
	}
	return estate.ParseWith("estate.yaml", data, get)
}
