package awsapi

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// A syntaxError is a value that cannot be read as what its member is.
type syntaxError struct{ path, value, want string }

func (e *syntaxError) Error() string {
	return "the value " + quoted(e.value) + " of " + e.path + " is not " + e.want
}

func quoted(s string) string {
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return strconv.Quote(s)
}

// field returns the field of an SDK structure that holds a member.
func field(v reflect.Value, f *member) reflect.Value { return v.FieldByName(f.field) }

// target returns what a pointer points at, made new where it is nil; other
// values as they are.
func target(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	return v.Elem()
}

// setScalar reads the text of a scalar into a field of the SDK's type for it.
func setScalar(v reflect.Value, s *shape, path, value string) error {
	v = target(v)
	wrong := func(want string) error { return &syntaxError{path, value, want} }
	switch s.kind {
	case text:
		v.SetString(value)
	case blob:
		b, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return wrong("base64")
		}
		v.SetBytes(b)
	case boolean:
		b, err := strconv.ParseBool(strings.ToLower(value))
		if err != nil {
			return wrong("a boolean")
		}
		v.SetBool(b)
	case integer, long:
		n, err := strconv.ParseInt(value, 10, v.Type().Bits())
		if err != nil {
			return wrong("a whole number")
		}
		v.SetInt(n)
	case float, double:
		f, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return wrong("a number")
		}
		v.SetFloat(f)
	case timestamp:
		t, ok := parseTime(value)
		if !ok {
			return wrong("a time")
		}
		v.Set(reflect.ValueOf(t))
	}
	return nil
}

// parseTime reads a time as ISO 8601, or as seconds since 1970.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > 1e11 || math.IsNaN(f) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(math.Round(f * 1000))).UTC(), true
}

// present reports whether a field holds a value: nil and, for an enumeration, ""
// stand for none. What is neither pointer, list, map nor text is always there.
func present(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return !v.IsNil()
	case reflect.String:
		return v.Len() > 0
	}
	return true
}

// textOf writes a scalar as XML and queries have it.
func textOf(v reflect.Value, s *shape, p protocol) string {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch s.kind {
	case blob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case boolean:
		return strconv.FormatBool(v.Bool())
	case integer, long:
		return strconv.FormatInt(v.Int(), 10)
	case float, double:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case timestamp:
		t, _ := v.Interface().(time.Time)
		if p == ec2Query {
			return t.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return v.String()
}
