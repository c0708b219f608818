package reason

import (
	"embed"
	"slices"
)

//go:generate go run ./gen

// A Reason is what is to be told about a Code.
type Reason struct {
	Code    Code   `json:"code"`
	Title   string `json:"title"`   // one sentence
	Text    string `json:"text"`    // what it means and what to do; paragraphs are set apart by empty lines
	See     string `json:"see"`     // address of the AWS page
	Example string `json:"example"` // name of the case that ExampleText returns
}

// All returns the catalogue, in the order of the constants. The caller may change
// the slice.
func All() []Reason { return slices.Clone(catalogue) }

// Lookup returns the reason of a code.
func Lookup(code Code) (Reason, bool) {
	for _, r := range catalogue {
		if r.Code == code {
			return r, true
		}
	}
	return Reason{}, false
}

//go:embed testdata/examples
var examples embed.FS

// ExampleText returns a case in which the reason is given, in txtar form: a
// comment, the estate and the request. A test decides every one.
func (r Reason) ExampleText() string {
	text, err := examples.ReadFile("testdata/examples/" + r.Example + ".txtar")
	if err != nil {
		return "" // cannot be: a test reads them all
	}
	return string(text)
}
