package sigv4

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// postPolicy is the policy document of a POST form.
type postPolicy struct {
	expiration time.Time
	conditions []condition
	length     *lengthRange // of content-length-range; nil where there is none
}

// lengthRange bounds the size of the file, both ends included.
type lengthRange struct{ min, max int64 }

// condition is one condition in list form.
type condition struct {
	operator string // eq, starts-with, content-length-range
	field    string // without '$'
	value    string
	printed  string // as S3 prints it: a list as the policy has it, an object as the list that it stands for
	broken   bool   // cannot hold: no '$', or a bound that is no number
}

func errPolicy(text string) *Error {
	return newError(GateSignature, ReasonPolicyMalformed, 400, "InvalidPolicyDocument", "Invalid Policy: "+text)
}

// parsePolicy parses the base64 text of a policy document.
func parsePolicy(encoded string) (*postPolicy, *Error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return nil, errPolicy("invalid Base64 encoding.")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, errPolicy("Expecting '{' but found End-of-Input")
	}
	var doc map[string]json.RawMessage // not a structure, whose names match in any case
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, errPolicy("Invalid JSON.")
	}
	for _, name := range slices.Sorted(maps.Keys(doc)) {
		if name != "expiration" && name != "conditions" {
			return nil, errPolicy("Unexpected: '" + strings.ToLower(name) + "'")
		}
	}
	if doc["expiration"] == nil {
		return nil, errPolicy("Policy missing expiration.")
	}
	if doc["conditions"] == nil {
		return nil, errPolicy("Policy missing conditions.")
	}
	p := &postPolicy{}
	if err := p.setExpiration(doc["expiration"]); err != nil {
		return nil, err
	}
	var conditions []json.RawMessage
	if json.Unmarshal(doc["conditions"], &conditions) != nil || conditions == nil {
		return nil, errPolicy("Invalid 'conditions' value: must be a List.")
	}
	for _, c := range conditions {
		if err := p.add(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *postPolicy) setExpiration(raw json.RawMessage) *Error {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return errPolicy("Invalid JSON.")
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !strings.HasSuffix(text, "Z") {
		return errPolicy("Invalid 'expiration' value: '" + text + "'")
	}
	p.expiration = at
	return nil
}

func (p *postPolicy) add(raw json.RawMessage) *Error {
	switch raw[0] {
	case '{':
		return p.addSimple(raw)
	case '[':
		return p.addList(raw)
	}
	return errPolicy("Invalid condition test: must be a List or Object.")
}

// addSimple reads {"field": "value"}, with exactly one property.
func (p *postPolicy) addSimple(raw json.RawMessage) *Error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tokens []json.Token
	for {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return errPolicy("Invalid JSON.")
		}
		tokens = append(tokens, t)
	}
	if len(tokens) != 4 { // { name value }
		return errPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
	}
	name, _ := tokens[1].(string)
	value, ok := tokens[2].(string)
	switch {
	case tokens[2] == nil:
		return errPolicy("Invalid JSON.")
	case !ok:
		return errPolicy("Invalid Simple-Condition: value must be a string.")
	}
	p.conditions = append(p.conditions, condition{
		operator: "eq", field: name, value: value, printed: printList("eq", "$"+name, value),
	})
	return nil
}

// addList reads [operator, field or minimum, value or maximum].
func (p *postPolicy) addList(raw json.RawMessage) *Error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var list []any
	switch {
	case d.Decode(&list) != nil:
		return errPolicy("Invalid JSON.")
	case len(list) == 0:
		return errPolicy("Invalid Condition: missing operation identifier.")
	}
	operator, _ := list[0].(string)
	c := condition{operator: strings.ToLower(operator), printed: string(raw)}
	switch c.operator {
	case "eq", "starts-with", "content-length-range":
	default:
		return errPolicy("Invalid Condition: unknown operation '" + operator + "'.")
	}
	if len(list) != 3 {
		return errPolicy("Invalid " + c.operator + ": wrong number of arguments.")
	}
	first, ok1 := c.argument(list[1])
	second, ok2 := c.argument(list[2])
	if !ok1 || !ok2 {
		return errPolicy("Invalid JSON.")
	}
	if c.operator == "content-length-range" {
		c.broken = !p.setLength(first, second)
	} else {
		c.field, c.value = strings.TrimPrefix(first, "$"), second
		c.broken = !strings.HasPrefix(first, "$")
	}
	p.conditions = append(p.conditions, c)
	return nil
}

// setLength narrows the allowed size, and reports whether both bounds are
// numbers.
func (p *postPolicy) setLength(first, second string) bool {
	low, err1 := strconv.ParseInt(first, 10, 64)
	high, err2 := strconv.ParseInt(second, 10, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	if p.length == nil {
		p.length = &lengthRange{low, high}
		return true
	}
	p.length.min, p.length.max = max(p.length.min, low), min(p.length.max, high)
	return true
}

// argument is an argument of a condition: a string, or a whole number where it
// bounds the size.
func (c *condition) argument(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		_, err := strconv.ParseUint(v.String(), 10, 63)
		return v.String(), err == nil && c.operator == "content-length-range"
	}
	return "", false
}

// printList prints a condition as S3 does in its message where the policy has
// none in that form.
func printList(list ...any) string {
	parts := make([]string, len(list))
	for i, v := range list {
		if n, ok := v.(json.Number); ok {
			v = n.String()
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(v) // a decoded JSON value always encodes
		parts[i] = strings.TrimSuffix(b.String(), "\n")
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// check checks expiration, conditions and that every field is covered.
func (p *postPolicy) check(form *Form, bucket string, now time.Time) *Error {
	denied := func(reason Reason, text string) *Error {
		return newError(GateSignature, reason, 403, "AccessDenied", "Invalid according to Policy: "+text)
	}
	if now.After(p.expiration) {
		return denied(ReasonPolicyExpired, "Policy expired.")
	}
	for _, c := range p.conditions {
		if !c.holds(form, bucket) {
			return denied(ReasonPolicyCondition, "Policy Condition failed: "+c.printed)
		}
	}
	for _, f := range form.Fields {
		if !p.covers(f.Name) {
			return denied(ReasonPolicyExtraFields, "Extra input fields: "+extraField(f.Name))
		}
	}
	if !p.covers("bucket") { // a field of every form, be it sent or not
		return denied(ReasonPolicyExtraFields, "Extra input fields: bucket")
	}
	return nil
}

// holds reports whether a condition holds for every field of its name, of which
// there must be one, even where the condition is that it starts with nothing
// (observed at AWS). The bucket is the one that the request is sent to.
func (c *condition) holds(form *Form, bucket string) bool {
	switch {
	case c.broken:
		return false
	case c.operator == "content-length-range":
		return true
	case strings.EqualFold(c.field, "bucket"):
		return c.matches(bucket)
	}
	found := false
	for _, f := range form.Fields {
		if strings.EqualFold(f.Name, c.field) {
			if found = c.matches(f.Value); !found {
				return false
			}
		}
	}
	return found
}

// extraField is how S3 names a field without a condition: headers in lower case,
// others as they were sent (observed at AWS).
func extraField(name string) string {
	if strings.Contains(name, "-") {
		return strings.ToLower(name)
	}
	return name
}

func (c *condition) matches(value string) bool {
	if c.operator == "eq" {
		return value == c.value
	}
	if !strings.EqualFold(c.field, "Content-Type") {
		return strings.HasPrefix(value, c.value)
	}
	for part := range strings.SplitSeq(value, ",") {
		if !strings.HasPrefix(strings.TrimSpace(part), c.value) {
			return false
		}
	}
	return true
}

// covers reports whether a field needs no condition or has one.
func (p *postPolicy) covers(name string) bool {
	switch lower := strings.ToLower(name); {
	case lower == "x-amz-signature", lower == "signature", lower == "awsaccesskeyid", lower == "file", lower == "policy",
		strings.HasPrefix(lower, "x-ignore-"):
		return true
	}
	for _, c := range p.conditions {
		if strings.EqualFold(c.field, name) && c.operator != "content-length-range" {
			return true
		}
	}
	return false
}
