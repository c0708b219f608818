package awsapi

import (
	"cmp"
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
// services share ("Value null at 'keyId' failed to satisfy constraint: Member
// must not be null").
type checker struct {
	service string
	wrong   []string
	invalid string // the first name or path that IAM complains of in a sentence of its own
	missing string // the path of the first member that is missing in a list of a query
}

// validation checks an input against the model of a service; "" says that it fits.
func validation(service string, s *shape, in reflect.Value) string {
	if s == nil {
		return ""
	}
	c := &checker{service: service}
	c.structure(s, in, "")
	switch {
	case c.missing != "":
		return missingParameter + inQuery(c.missing) + "."
	case len(c.wrong) == 0:
		return c.invalid
	case len(c.wrong) == 1:
		return "1 validation error detected: " + c.wrong[0]
	}
	return strconv.Itoa(len(c.wrong)) + " validation errors detected: " + strings.Join(c.wrong, "; ")
}

const missingParameter = "The request must contain the parameter "

// inQuery is the name in a query of what stands at a path: Tags.member.1.Key for
// tags.1.member.key.
func inQuery(path string) string {
	parts := strings.Split(path, ".")
	for i := range parts {
		if parts[i] == "member" && i > 0 {
			parts[i-1], parts[i] = parts[i], parts[i-1]
			continue
		}
		parts[i] = upper(parts[i])
	}
	return strings.Join(parts, ".")
}

// fail adds a complaint. IAM's messages repeat no value, those of STS the names of
// sessions and numbers alone, nobody's what bytes are (observed at AWS in 2025 and
// 2026).
func (c *checker) fail(path, value, constraint string) {
	switch {
	case c.service == "iam", value == "", c.service == "sts" && (value == "null" || path != "roleSessionName" && path != "name" && !strings.Contains(constraint, "have value")):
		value = ""
	default:
		value += " "
	}
	c.wrong = append(c.wrong, "Value "+value+"at '"+path+"' failed to satisfy constraint: "+constraint)
}

func (c *checker) structure(s *shape, v reflect.Value, path string) {
	for _, f := range s.members {
		fv, at := field(v, f), join(path, f.name)
		if present(fv) {
			c.value(f.shape, fv, at)
		} else if f.required && c.service == "iam" && path != "" {
			c.missing = cmp.Or(c.missing, at)
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
		c.list(s, v, path)
	case mapping:
		c.length(s, v.Len(), path, "{…}")
		for _, k := range slices.SortedFunc(maps.Keys(mapOf(v)), strings.Compare) {
			c.value(s.elem, mapOf(v)[k], path+"."+k)
		}
	case text:
		c.text(s, reflect.Indirect(v).String(), path)
	case blob:
		c.length(s, v.Len(), path, "")
	case integer, long, float, double:
		c.number(s, v, path)
	}
}

// list checks a list and what is in it. Of texts that do not fit, the complaint is
// one about the list, with all that holds for its members.
func (c *checker) list(s *shape, v reflect.Value, path string) {
	value := "[" + strings.TrimPrefix(strings.Repeat(", …", v.Len()), ", ") + "]"
	c.length(s, v.Len(), path, value)
	for i := range v.Len() {
		if s.elem.kind != text {
			c.value(s.elem, v.Index(i), memberPath(path, i))
			continue
		}
		one := &checker{}
		if one.text(s.elem, reflect.Indirect(v.Index(i)).String(), path); len(one.wrong) > 0 {
			c.fail(path, value, "Member must satisfy constraint: ["+s.elem.allConstraints()+"]")
			return
		}
	}
}

// allConstraints are those of a text, as messages about lists put them.
func (s *shape) allConstraints() string {
	if len(s.enum) > 0 {
		return enumerated(s.enum)
	}
	var list []string
	if s.hasMax {
		list = append(list, fmt.Sprintf(mostLength, s.max))
	}
	if s.hasMin {
		list = append(list, fmt.Sprintf(leastLength, s.min))
	}
	if s.patternRaw != "" {
		list = append(list, "Member must satisfy regular expression pattern: "+s.patternRaw, "Member must not be null")
	}
	return strings.Join(list, ", ")
}

func enumerated(values []string) string {
	return "Member must satisfy enum value set: [" + strings.Join(values, ", ") + "]"
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
			c.fail(path, "'"+value+"'", enumerated(s.enum))
		}
		return
	}
	c.length(s, utf8.RuneCountInString(value), path, "'"+value+"'")
	if s.pattern == nil || s.pattern.MatchString(value) {
		return
	}
	if sentence := iamSentence(s, path); c.service == "iam" && sentence != "" {
		c.invalid = cmp.Or(c.invalid, "The specified value for "+path+" is invalid. "+sentence)
		return
	}
	c.fail(path, "'"+value+"'", "Member must satisfy regular expression pattern: "+s.patternRaw)
}

// iamSentence is what IAM says instead of a pattern of names and paths, "" where it
// shows the pattern (observed at AWS in 2026).
func iamSentence(s *shape, path string) string {
	switch {
	case path == "pathPrefix":
		return "It must begin with the / character and contain only alphanumeric characters and/or / characters."
	case path == "path", path == "newPath":
		return "It must begin and end with / and contain only alphanumeric characters and/or / characters."
	case s.patternRaw == `[\w+=,.@-]+` && strings.HasSuffix(path, "Name"):
		return "It must contain only alphanumeric characters and/or the following: +=,.@_-"
	}
	return ""
}

const (
	leastLength = "Member must have length greater than or equal to %.0f"
	mostLength  = "Member must have length less than or equal to %.0f"
)

func (c *checker) length(s *shape, n int, path, value string) {
	if s.hasMin && float64(n) < s.min {
		c.fail(path, value, fmt.Sprintf(leastLength, s.min))
	}
	if s.hasMax && float64(n) > s.max {
		c.fail(path, value, fmt.Sprintf(mostLength, s.max))
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
			return wire.NewError(http.StatusBadRequest, "MissingParameter", missingParameter+f.name)
		}
	}
	return wire.NewError(http.StatusBadRequest, "InvalidParameterValue", validation("ec2", s, in))
}

// unfit are the reasons of Organizations' InvalidInputException by the constraint
// that is broken ("InvalidInputException" in the Organizations API Reference).
var unfit = []struct{ constraint, reason, message string }{
	{"not be null", "INPUT_REQUIRED", "You must include a value for all required parameters."},
	{"enum value set", "INVALID_ENUM", "You specified an invalid value."},
	{"pattern", "INVALID_PATTERN", "You provided a value that does not match the required pattern."},
	{"length less", "MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed."},
	{"length greater", "MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed."},
	{"value less", "MAX_VALUE_EXCEEDED", "You provided a numeric parameter that has a larger value than allowed."},
	{"value greater", "MIN_VALUE_EXCEEDED", "You provided a numeric parameter that has a smaller value than allowed."},
}

// organizationsValidation is Organizations' answer to an input that does not fit.
func organizationsValidation(message string) *wire.Error {
	_, constraint, _ := strings.Cut(message, "constraint: ")
	for _, u := range unfit {
		if strings.Contains(constraint, u.constraint) {
			return wire.NewError(http.StatusBadRequest, "InvalidInputException", u.message).With("Reason", u.reason)
		}
	}
	return wire.NewError(http.StatusBadRequest, "InvalidInputException", message)
}
