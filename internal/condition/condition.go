package condition

import (
	"encoding/base64"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/node"
)

// A Condition is one operator with one key and the policy's values for it,
// ready to be evaluated. It is safe for concurrent use.
type Condition struct {
	Key    Key
	name   operatorName
	values []operand
}

// operand is one value of the policy, prepared for its operator. A value that
// cannot be read as the operator's type is bad and equals nothing.
type operand struct {
	pattern  Pattern
	segments *[6]Pattern // ArnLike without variables
	number   float64
	time     time.Time
	prefix   netip.Prefix
	bytes    string
	truth    bool
	bad      bool
}

// Compile prepares a condition. The operator may carry a set operator and
// IfExists. Variables are read only where the policy's Version is 2012-10-17.
// The errors are those that AWS gives for operators that do not exist and
// malformed variables; a value of the wrong type is no error and matches
// nothing.
func Compile(operator, key string, values []string, variables bool) (Condition, error) {
	name, err := parseOperator(operator)
	if err != nil {
		return Condition{}, err
	}
	c := Condition{Key: Intern(key), name: name, values: make([]operand, len(values))}
	for i, v := range values {
		if c.values[i], err = name.operand(v, variables); err != nil {
			return Condition{}, err
		}
	}
	return c, nil
}

func (o operatorName) operand(text string, variables bool) (v operand, err error) {
	switch o.op {
	case stringEquals, stringEqualsIgnoreCase:
		v.pattern, err = Dialect{Variables: variables}.Compile(text)
	case stringLike:
		v.pattern, err = Dialect{Variables: variables, Wildcards: true}.Compile(text)
	case arnLike:
		v.pattern, err = Dialect{Variables: variables, Wildcards: true}.Compile(text)
		if err == nil && v.pattern.parts == nil {
			v.segments, v.bad = arnSegments(v.pattern.text)
		}
	case numericEquals, numericLess, numericLessEquals, numericGreater, numericGreaterEquals:
		v.number, v.bad = parseNumber(text)
	case dateEquals, dateLess, dateLessEquals, dateGreater, dateGreaterEquals:
		v.time, v.bad = parseDate(text)
	case ipAddress:
		v.prefix, v.bad = parsePrefix(text)
	case binaryEquals:
		b, decodeErr := base64.StdEncoding.DecodeString(text)
		v.bytes, v.bad = string(b), decodeErr != nil
	case boolean, null:
		// A variable may stand here in one of AWS's two accounts of it; the
		// value then follows the request (IAM User Guide, Condition operators).
		v.pattern, err = Dialect{Variables: variables}.Compile(text)
		v.truth = strings.EqualFold(text, "true")
		v.bad = !v.truth && !strings.EqualFold(text, "false") && v.pattern.parts == nil
	}
	return v, err
}

// Eval answers the condition for a request's context.
func (c *Condition) Eval(ctx *Context) Truth {
	v := ctx.find(c.Key)
	if c.name.op == null {
		return c.evalNull(v)
	}
	switch v.State {
	case Unsure:
		return c.evalUnsure(v, ctx)
	case Absent:
		return c.evalAbsent()
	}
	if c.name.set == single && !v.Multi {
		if c.name.op == ipAddress && v.addr.IsValid() {
			return c.negate(c.contains(v.addr))
		}
		return c.compare(v.One, ctx)
	}
	return c.evalSet(v, ctx)
}

// evalNull is the operator Null: "true" asks for an absent key, "false" for a
// present one.
func (c *Condition) evalNull(v *Value) Truth {
	switch c.name.set {
	case forAll:
		return True // Access Analyzer: Null with ForAllValues is always true
	case forAny:
		return False
	}
	if v.State == Unsure && !v.Carried {
		return Unknown
	}
	absent := v.State == Absent
	result := False
	for i := range c.values {
		if !c.values[i].bad && c.values[i].truth == absent {
			result = True
		}
	}
	return result
}

// evalAbsent is the table "missing key" of the IAM User Guide: positive
// operators are false, negated ones true, IfExists makes either true.
func (c *Condition) evalAbsent() Truth {
	switch c.name.set {
	case forAll:
		return True
	case forAny:
		return Of(c.name.ifExists)
	}
	if len(c.values) == 0 && !c.name.ifExists {
		return False // an empty list of values has no effect
	}
	return Of(c.name.negated || c.name.ifExists)
}

// evalUnsure answers where the key's value is not known: Unknown, unless all
// values that it can have give the same answer.
func (c *Condition) evalUnsure(v *Value, ctx *Context) Truth {
	if len(c.values) == 0 && c.name.set == single && !c.name.ifExists {
		return False
	}
	if len(v.List) == 0 {
		return Unknown
	}
	result := c.compare(v.List[0], ctx)
	for _, s := range v.List[1:] {
		if c.compare(s, ctx) != result {
			return Unknown
		}
	}
	return result
}

// evalSet is for multi-valued keys and for set operators.
func (c *Condition) evalSet(v *Value, ctx *Context) Truth {
	list := v.List
	if !v.Multi {
		list = []string{v.One}
	}
	if len(list) == 0 {
		return c.evalAbsent()
	}
	switch c.name.set {
	case forAll:
		result := True
		for _, s := range list {
			result = min(result, c.compare(s, ctx))
		}
		return result
	case forAny:
		result := False
		for _, s := range list {
			result = max(result, c.compare(s, ctx))
		}
		return result
	}
	// A multi-valued key without a set operator is not documented: any value
	// that equals is a match, and a negated operator wants that none does.
	if c.name.negated {
		result := True
		for _, s := range list {
			result = min(result, c.compare(s, ctx))
		}
		return result
	}
	result := False
	for _, s := range list {
		result = max(result, c.compare(s, ctx))
	}
	return result
}

// compare compares one value of the request with all values of the policy: any
// for a positive operator, none for a negated one.
func (c *Condition) compare(s string, ctx *Context) Truth {
	result := False
	if len(c.values) == 0 {
		return False
	}
	switch op := c.name.op; op {
	case stringEquals, stringLike:
		for i := range c.values {
			result = max(result, c.values[i].pattern.Match(s, ctx))
			if result == True {
				break
			}
		}
	case stringEqualsIgnoreCase:
		for i := range c.values {
			result = max(result, c.values[i].matchFold(s, ctx))
		}
	case arnLike:
		for i := range c.values {
			result = max(result, c.values[i].matchARN(s, ctx))
		}
	case ipAddress:
		result = c.compareIP(s)
	case boolean:
		for i := range c.values {
			result = max(result, c.values[i].matchBool(s, ctx))
		}
	case binaryEquals:
		b, err := base64.StdEncoding.DecodeString(s)
		for i := range c.values {
			if err == nil && !c.values[i].bad && c.values[i].bytes == string(b) {
				result = True
			}
		}
	case dateEquals, dateLess, dateLessEquals, dateGreater, dateGreaterEquals:
		result = c.compareDate(s)
	default:
		result = c.compareNumber(s)
	}
	return c.negate(result)
}

func (c *Condition) negate(t Truth) Truth {
	if c.name.negated {
		return t.Not()
	}
	return t
}

func (v *operand) matchFold(s string, ctx *Context) Truth {
	if v.pattern.parts == nil {
		return Of(strings.EqualFold(v.pattern.text, s))
	}
	text, state := v.pattern.expand(nil, ctx)
	switch state {
	case Present:
		return Of(strings.EqualFold(text, s))
	case Unsure:
		return Unknown
	}
	return False
}

func (v *operand) matchBool(s string, ctx *Context) Truth {
	if v.pattern.parts != nil {
		return v.matchFold(s, ctx)
	}
	return Of(!v.bad && (strings.EqualFold(s, "true") && v.truth || strings.EqualFold(s, "false") && !v.truth))
}

// matchARN compares part by part; a wildcard does not cross a colon, except in
// the last part, which may itself hold colons.
func (v *operand) matchARN(s string, ctx *Context) Truth {
	segments := v.segments
	if v.pattern.parts != nil {
		text, state := v.pattern.expand(nil, ctx)
		switch state {
		case Absent:
			return False
		case Unsure:
			return v.pattern.unsure(s, ctx)
		}
		segments, _ = arnSegments(text)
	}
	if segments == nil {
		return False
	}
	for i := range segments {
		part := s
		if i < 5 {
			var ok bool
			part, s, ok = strings.Cut(s, ":")
			if !ok {
				return False
			}
		}
		if !segments[i].matchText(part) {
			return False
		}
	}
	return True
}

// arnSegments splits a marked pattern at its first five colons.
func arnSegments(text string) (segments *[6]Pattern, bad bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) == 1 && parts[0] == "\x00" {
		parts = []string{"\x00", "\x00", "\x00", "\x00", "\x00", "\x00"} // a lone "*" is any ARN
	}
	if len(parts) != 6 {
		return nil, true
	}
	segments = new([6]Pattern)
	for i, p := range parts {
		segments[i] = fromMarked(p)
	}
	return segments, false
}

func (c *Condition) compareIP(s string) Truth {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return False
		}
		addr = p.Addr()
	}
	return c.contains(addr.Unmap())
}

func (c *Condition) contains(addr netip.Addr) Truth {
	for i := range c.values {
		if !c.values[i].bad && c.values[i].prefix.Contains(addr) {
			return True
		}
	}
	return False
}

func (c *Condition) compareDate(s string) Truth {
	t, bad := parseDate(s)
	if bad {
		return False
	}
	for i := range c.values {
		if !c.values[i].bad && ordered(c.name.op-dateEquals, t.Compare(c.values[i].time)) {
			return True
		}
	}
	return False
}

func (c *Condition) compareNumber(s string) Truth {
	n, bad := parseNumber(s)
	if bad {
		// aws:EpochTime and aws:CurrentTime may be compared as numbers.
		t, badDate := parseDate(s)
		if badDate {
			return False
		}
		n = float64(t.UnixMilli()) / 1000
	}
	for i := range c.values {
		if c.values[i].bad {
			continue
		}
		sign := 0
		switch {
		case n < c.values[i].number:
			sign = -1
		case n > c.values[i].number:
			sign = 1
		}
		if ordered(c.name.op-numericEquals, sign) {
			return True
		}
	}
	return False
}

// ordered answers the comparison (0 equals, 1 less, 2 less or equal, 3 greater,
// 4 greater or equal) for the sign of request value minus policy value.
func ordered(comparison operator, sign int) bool {
	switch comparison {
	case 0:
		return sign == 0
	case 1:
		return sign < 0
	case 2:
		return sign <= 0
	case 3:
		return sign > 0
	}
	return sign >= 0
}

func parseNumber(s string) (n float64, bad bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return n, err != nil || math.IsNaN(n) || math.IsInf(n, 0)
}

func parseDate(s string) (t time.Time, bad bool) {
	t, err := node.ParseTime(s)
	if err != nil {
		if f, numErr := strconv.ParseFloat(s, 64); numErr == nil {
			return time.UnixMilli(int64(f * 1000)).UTC(), false
		}
	}
	return t, err != nil
}

// parsePrefix reads a CIDR block, or an address as a block of its own. Bits
// behind the mask do not count.
func parsePrefix(s string) (p netip.Prefix, bad bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, true
	}
	return netip.PrefixFrom(a, a.BitLen()), false
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

// Check reports what Compile would complain about, at a fraction of its cost.
func Check(operator string, values []string, variables bool) error {
	name, err := parseOperator(operator)
	if err != nil {
		return err
	}
	if !variables {
		return nil
	}
	for _, v := range values {
		if strings.Contains(v, "${") {
			if _, err := name.operand(v, true); err != nil {
				return err
			}
		}
	}
	return nil
}
