package condition

import (
	"fmt"
	"strings"

	"github.com/why403/why403/internal/node"
)

// operator is how one request value is compared with the policy's values.
type operator uint8

const (
	stringEquals operator = iota
	stringEqualsIgnoreCase
	stringLike
	numericEquals
	numericLess
	numericLessEquals
	numericGreater
	numericGreaterEquals
	dateEquals
	dateLess
	dateLessEquals
	dateGreater
	dateGreaterEquals
	boolean
	binaryEquals
	ipAddress
	arnLike
	null
)

type spec struct {
	op      operator
	negated bool
}

// operators are the names that policies use (IAM User Guide, "Condition
// operators"). Names are compared without regard to case.
var operators = map[string]spec{
	"StringEquals":              {stringEquals, false},
	"StringNotEquals":           {stringEquals, true},
	"StringEqualsIgnoreCase":    {stringEqualsIgnoreCase, false},
	"StringNotEqualsIgnoreCase": {stringEqualsIgnoreCase, true},
	"StringLike":                {stringLike, false},
	"StringNotLike":             {stringLike, true},
	"NumericEquals":             {numericEquals, false},
	"NumericNotEquals":          {numericEquals, true},
	"NumericLessThan":           {numericLess, false},
	"NumericLessThanEquals":     {numericLessEquals, false},
	"NumericGreaterThan":        {numericGreater, false},
	"NumericGreaterThanEquals":  {numericGreaterEquals, false},
	"DateEquals":                {dateEquals, false},
	"DateNotEquals":             {dateEquals, true},
	"DateLessThan":              {dateLess, false},
	"DateLessThanEquals":        {dateLessEquals, false},
	"DateGreaterThan":           {dateGreater, false},
	"DateGreaterThanEquals":     {dateGreaterEquals, false},
	"Bool":                      {boolean, false},
	"BinaryEquals":              {binaryEquals, false},
	"IpAddress":                 {ipAddress, false},
	"NotIpAddress":              {ipAddress, true},
	"ArnEquals":                 {arnLike, false},
	"ArnLike":                   {arnLike, false},
	"ArnNotEquals":              {arnLike, true},
	"ArnNotLike":                {arnLike, true},
	"Null":                      {null, false},
}

var operatorsByLower = func() map[string]spec {
	m := make(map[string]spec, len(operators))
	for name, s := range operators {
		m[strings.ToLower(name)] = s
	}
	return m
}()

// set is the set operator before the colon of "ForAnyValue:StringLike".
type set uint8

const (
	single set = iota
	forAll
	forAny
)

// operatorName is an operator taken apart.
type operatorName struct {
	spec
	set      set
	ifExists bool
}

func parseOperator(s string) (operatorName, error) {
	var o operatorName
	rest := s
	if prefix, r, ok := strings.Cut(s, ":"); ok {
		switch strings.ToLower(prefix) {
		case "forallvalues":
			o.set = forAll
		case "foranyvalue":
			o.set = forAny
		default:
			return o, fmt.Errorf("unknown set operator %q; known are ForAllValues and ForAnyValue", prefix)
		}
		rest = r
	}
	base := rest
	if n := len(rest) - len("IfExists"); n >= 0 && strings.EqualFold(rest[n:], "IfExists") {
		base, o.ifExists = rest[:n], true
	}
	var ok bool
	o.spec, ok = operatorsByLower[strings.ToLower(base)]
	if !ok {
		names := make([]string, 0, len(operators))
		for name := range operators {
			names = append(names, name)
		}
		if near, found := node.Nearest(base, sorted(names)); found {
			return o, fmt.Errorf("unknown condition operator %q; did you mean %q?", s, strings.Replace(s, base, near, 1))
		}
		return o, fmt.Errorf("unknown condition operator %q", s)
	}
	if o.op == null && o.ifExists {
		return o, fmt.Errorf("the operator Null cannot be used with IfExists")
	}
	return o, nil
}
