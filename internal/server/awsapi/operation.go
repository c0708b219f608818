package awsapi

import "reflect"

// An Operation is one row of a service's table.
type Operation struct {
	name     string
	in, out  reflect.Type // structures of the SDK
	unsigned bool

	access func(*Call, any) ([]Check, error)
	run    func(*Call, any) (any, error)
}

// Op makes a row. access says what the call needs, and may refuse it with an
// error of its own (something that it needs to look up does not exist); run does
// it.
func Op[In, Out any](name string, access func(*Call, *In) ([]Check, error), run func(*Call, *In) (*Out, error)) Operation {
	return Operation{
		name: name, in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](),
		access: func(c *Call, in any) ([]Check, error) { return access(c, in.(*In)) },
		run: func(c *Call, in any) (any, error) {
			out, err := run(c, in.(*In))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// Free is the access of an operation that no policy can refuse, or that asks for
// itself, with [Call.Allow].
func Free[In any](*Call, *In) ([]Check, error) { return nil, nil }

// Unsigned makes an operation take requests without a signature. Its calls have
// no Caller then.
func (o Operation) Unsigned() Operation {
	o.unsigned = true
	return o
}
