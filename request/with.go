package request

import (
	"fmt"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// With returns the request with changes made in it, in the form in which files
// state requests. r is not changed.
func (r *Request) With(changes ...node.Change) (*Request, error) {
	out := *r
	for _, c := range changes {
		if err := node.Patch(&out, c); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// PatchNode makes a change in a session policy's document.
func (p *SessionPolicy) PatchNode(c node.Change) error {
	if p.Document == nil {
		return fmt.Errorf("%s %s: a session policy that is named by its ARN", c.Op, c.Path)
	}
	n, err := p.Document.Written().With(c)
	if err != nil {
		return err
	}
	p.Document, err = policy.FromNode(n)
	return err
}
