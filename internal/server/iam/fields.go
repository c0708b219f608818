package iam

import "reflect"

// pointer returns a text member of an input, nil where it was not passed, or the
// operation has none of that name.
func pointer(in any, name string) *string {
	f := reflect.ValueOf(in).Elem().FieldByName(name)
	if !f.IsValid() {
		return nil
	}
	p, _ := f.Interface().(*string)
	return p
}

// text is pointer, with "" for nil.
func text(in any, name string) string {
	if p := pointer(in, name); p != nil {
		return *p
	}
	return ""
}

// member returns a member of an input, the zero value where there is none.
func member[T any](in any, name string) T {
	var none T
	f := reflect.ValueOf(in).Elem().FieldByName(name)
	if !f.IsValid() {
		return none
	}
	v, _ := f.Interface().(T)
	return v
}

// set sets a member of an output, which has to have it.
func set(out any, name string, v any) {
	reflect.ValueOf(out).Elem().FieldByName(name).Set(reflect.ValueOf(v))
}
