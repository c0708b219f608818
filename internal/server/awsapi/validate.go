package awsapi

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/why403/why403/internal/server/wire"
)

// A checker gathers what is wrong with an input, in the words that AWS's
// services share ("Value null at 'userName' failed to satisfy constraint: Member
// must not be null").
type checker struct{ wrong []string }

// validation checks an input against its model; "" says that it fits.
func validation(s *shape, in reflect.Value) string {
	if s == nil {
		return ""
	}
	c := &checker{}
	c.structure(s, in, "")
	switch len(c.wrong) {
	case 0:
		return ""
	case 1:
		return "1 validation error detected: " + c.wrong[0]
	}
	return strconv.Itoa(len(c.wrong)) + " validation errors detected: " + strings.Join(c.wrong, "; ")
}

func (c *checker) fail(path, value, constraint string) {
	c.wrong = append(c.wrong, "Value "+value+" at '"+path+"' failed to satisfy constraint: "+constraint)
}

func (c *checker) structure(s *shape, v reflect.Value, path string) {
	for _, f := range s.members {
		fv, at := field(v, f), join(path, f.name)
		if present(fv) {
			c.value(f.shape, fv, at)
		} else if f.required {
			c.fail(at, "null", "Member must not be null")
		}
	}
}

func (c *checker) value(s *shape, v reflect.Value, path string) {
	switch s.kind {
	case structure:
		c.structure(s, reflect.Indirect(v), path)
	case list:
		c.length(s, v.Len(), path, "["+strings.TrimPrefix(strings.Repeat(", …", v.Len()), ", ")+"]")
		for i := range v.Len() {
			c.value(s.elem, v.Index(i), memberPath(path, i))
		}
	case mapping:
		c.length(s, v.Len(), path, "{…}")
		for _, k := range slices.SortedFunc(maps.Keys(mapOf(v)), strings.Compare) {
			c.value(s.elem, mapOf(v)[k], path+"."+k)
		}
	case text:
		c.text(s, reflect.Indirect(v).String(), path)
	case blob:
		c.length(s, v.Len(), path, "…")
	case integer, long, float, double:
		c.number(s, v, path)
	}
}

func mapOf(v reflect.Value) map[string]reflect.Value {
	m := map[string]reflect.Value{}
	for _, k := range v.MapKeys() {
		m[k.String()] = v.MapIndex(k)
	}
	return m
}

func (c *checker) text(s *shape, value, path string) {
	if len(s.enum) > 0 {
		if !slices.Contains(s.enum, value) {
			c.fail(path, "'"+value+"'", "Member must satisfy enum value set: ["+strings.Join(s.enum, ", ")+"]")
		}
		return
	}
	c.length(s, utf8.RuneCountInString(value), path, "'"+value+"'")
	if s.pattern != nil && !s.pattern.MatchString(value) {
		c.fail(path, "'"+value+"'", "Member must satisfy regular expression pattern: "+s.patternRaw)
	}
}

func (c *checker) length(s *shape, n int, path, value string) {
	if s.hasMin && float64(n) < s.min {
		c.fail(path, value, fmt.Sprintf("Member must have length greater than or equal to %.0f", s.min))
	}
	if s.hasMax && float64(n) > s.max {
		c.fail(path, value, fmt.Sprintf("Member must have length less than or equal to %.0f", s.max))
	}
}

func (c *checker) number(s *shape, v reflect.Value, path string) {
	pointer := v.Kind() == reflect.Pointer
	v = reflect.Indirect(v)
	n := 0.0
	if v.CanInt() {
		n = float64(v.Int())
	} else {
		n = v.Float()
	}
	if n == 0 && !pointer {
		return // not stated
	}
	value := "'" + strconv.FormatFloat(n, 'f', -1, 64) + "'"
	if s.hasMin && n < s.min {
		c.fail(path, value, fmt.Sprintf("Member must have value greater than or equal to %.0f", s.min))
	}
	if s.hasMax && n > s.max {
		c.fail(path, value, fmt.Sprintf("Member must have value less than or equal to %.0f", s.max))
	}
}

// ec2Validation is EC2's answer to an input that does not fit: it names the first
// parameter alone (EC2 API Reference, Error codes).
func ec2Validation(s *shape, in reflect.Value) *wire.Error {
	for _, f := range s.members {
		if f.required && !present(field(in, f)) {
			return wire.NewError(http.StatusBadRequest, "MissingParameter", "The request must contain the parameter "+f.name)
		}
	}
	return wire.NewError(http.StatusBadRequest, "InvalidParameterValue", validation(s, in))
}
