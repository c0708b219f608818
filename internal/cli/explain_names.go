package cli

import (
	"strings"

	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/s3op"
	"github.com/why403/why403/request"
)

// knownOperation looks an operation up, or names the one that was meant.
func knownOperation(name string) (*s3op.Spec, error) {
	if spec, ok := s3op.Lookup(name); ok {
		return spec, nil
	}
	if strings.Contains(name, ":") {
		return nil, usagef("ask about an action with --action "+name, "%q is an action, not an operation", name)
	}
	hint := "operations have the names of the S3 API Reference, such as GetObject"
	if near, ok := s3op.Similar(name); ok {
		hint = "did you mean " + near + "?"
	}
	return nil, usagef(hint, "S3 has no operation %q", name)
}

// knownAction refuses names that are no action; an answer about them would
// mislead, since wildcards in policies match them.
func knownAction(name string) error {
	service, _, ok := strings.Cut(name, ":")
	if !ok {
		return usagef("such as --action s3:GetObject", "action %q lacks its service prefix", name)
	}
	if strings.ContainsAny(name, "*?") {
		return usagef("ask about one action at a time", "%q is a pattern, not an action", name)
	}
	if iamdata.KnownAction(name) || iamdata.Actions(strings.ToLower(service)) == nil {
		return nil
	}
	if instead, note, ok := iamdata.WrongAction(name); ok {
		return usagef(strings.TrimSpace("use "+strings.Join(instead, ", ")+"; "+note), "%s is no action", name)
	}
	hint := ""
	if near, ok := iamdata.SimilarAction(name); ok {
		hint = "did you mean " + near + "?"
	}
	return usagef(hint, "%s has no action %q", service, name)
}

// checkNames checks the operations and actions of requests that were read from a
// file; complaints name the place.
func checkNames(list []*request.Request) error {
	for _, r := range list {
		field, err := "action", error(nil)
		if r.Operation != "" {
			field = "operation"
			_, err = knownOperation(r.Operation)
		} else {
			err = knownAction(r.Action)
		}
		if err != nil {
			return &placedError{r.Place(field), err}
		}
	}
	return nil
}

// A placedError is a complaint about one place of a file. It is a *node.Error to
// those who ask, and keeps the hint of what it wraps.
type placedError struct {
	pos node.Pos
	err error
}

func (e *placedError) Error() string { return e.place().Error() }
func (e *placedError) Hint() string  { return hintOf(e.err) }
func (e *placedError) Unwrap() error { return e.place() }

func (e *placedError) place() *node.Error { return &node.Error{Pos: e.pos, Msg: e.err.Error()} }
