package awsapi

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// Options are what a Service works with.
type Options struct {
	World *world.World

	// Decide is the engine.
	Decide func(*estate.Estate, *request.Request) *report.Decision

	// Record is told every decision on a request, once.
	Record func(r *http.Request, ids wire.IDs, d *report.Decision)

	// Denied is told of refusals that no decision stands behind: what a kind of
	// credentials cannot do at all.
	Denied func(r *http.Request, ids wire.IDs, why string)

	// Failed is told of errors that are ours.
	Failed func(r *http.Request, ids wire.IDs, err error)

	// State fills in what the connection tells: network, transport and time.
	State func(r *http.Request, into *request.Request)

	// Soft lets pass what the engine refuses. Requests that are not properly signed
	// are refused all the same.
	Soft bool

	// Admit, if not nil, refuses callers before anything is asked: the kinds of
	// credentials that a service takes none of.
	Admit func(*Call) error

	// Called, if not nil, is told of every call that was authenticated, when it is
	// over. in is nil where the input did not decode, out where the call failed.
	Called func(c *Call, in, out any, err error)
}

// A Service answers the requests to one service of AWS.
type Service struct {
	Options
	model      *model
	operations map[string]Operation
	verifier   sigv4.Verifier
}

// maxBody bounds the body of a request.
const maxBody = 1 << 20

// New returns the service of that name ("iam") with the given operations. It
// fails where one of them does not fit the service's model.
func New(name string, o Options, operations ...Operation) (*Service, error) {
	m, err := loadModel(name)
	if err != nil {
		return nil, err
	}
	s := &Service{Options: o, model: m, operations: map[string]Operation{}}
	s.verifier = sigv4.Verifier{Service: name, Keys: o.World, Now: o.World.Now, MaxBody: maxBody, JSON: m.protocol.json()}
	for _, op := range operations {
		if err := m.fits(op); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", op.name, name, err)
		}
		s.operations[op.name] = op
	}
	return s, nil
}

// Operations returns the names of all operations of the service's model, and for
// each whether the service has it.
func (s *Service) Operations() map[string]bool {
	all := map[string]bool{}
	for name := range s.model.operations {
		_, all[name] = s.operations[name]
	}
	return all
}

// fits checks the types of an operation against the model.
func (m *model) fits(op Operation) error {
	o := m.operations[op.name]
	if o == nil {
		return fmt.Errorf("the model has no such operation")
	}
	if err := fit(o.input, op.in, map[reflect.Type]bool{}); err != nil {
		return err
	}
	return fit(o.output, op.out, map[reflect.Type]bool{})
}

// goKinds are the kinds of the SDK's types for the scalars of a model.
var goKinds = map[kind][]reflect.Kind{
	text: {reflect.String}, blob: {reflect.Slice}, timestamp: {reflect.Struct}, boolean: {reflect.Bool},
	integer: {reflect.Int32}, long: {reflect.Int64}, float: {reflect.Float32}, double: {reflect.Float64},
}

func fit(s *shape, t reflect.Type, seen map[reflect.Type]bool) error {
	if s == nil {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	wrong := fmt.Errorf("%v is no type for %s %s", t, s.kind, s.name)
	switch s.kind {
	case structure:
		if t.Kind() != reflect.Struct {
			return wrong
		}
		if seen[t] {
			return nil
		}
		seen[t] = true
		for _, f := range s.members {
			sf, ok := t.FieldByName(f.field)
			if !ok {
				return fmt.Errorf("%v has no field for the member %s", t, f.name)
			}
			if err := fit(f.shape, sf.Type, seen); err != nil {
				return err
			}
		}
		return nil
	case list:
		if t.Kind() != reflect.Slice {
			return wrong
		}
		return fit(s.elem, t.Elem(), seen)
	case mapping:
		if t.Kind() != reflect.Map || t.Key().Kind() != reflect.String {
			return wrong
		}
		return fit(s.elem, t.Elem(), seen)
	}
	for _, k := range goKinds[s.kind] {
		if t.Kind() == k {
			return nil
		}
	}
	return wrong
}
