package iam

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/why403/why403/policy"
)

// A rawStatement is a statement that has the form of one; whether it says what a
// statement has to is asked later.
type rawStatement struct {
	sid, effect string
	actions     []string // of Action or NotAction
	resources   []string // of Resource or NotResource
	principal   bool     // it has Principal or NotPrincipal
	conditions  map[string][]string
}

// readPolicy reads a document as far as its form. Not ok: it is none.
func readPolicy(document string) (list []rawStatement, version string, ok bool) {
	var top map[string]any
	if json.Unmarshal([]byte(document), &top) != nil {
		return nil, "", false
	}
	for name, v := range top {
		text, isText := v.(string)
		switch name {
		case "Version":
			version = text
			if text != policy.Version2012 && text != policy.Version2008 {
				return nil, "", false
			}
		case "Id":
			if !isText {
				return nil, "", false
			}
		case "Statement":
			if list, ok = readStatements(v); !ok {
				return nil, "", false
			}
		default:
			return nil, "", false
		}
	}
	return list, version, len(list) > 0
}

func readStatements(v any) ([]rawStatement, bool) {
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	list := make([]rawStatement, len(values))
	for i, v := range values {
		fields, ok := v.(map[string]any)
		if !ok || !list[i].read(fields) {
			return nil, false
		}
	}
	return list, true
}

func (st *rawStatement) read(fields map[string]any) bool {
	for name, v := range fields {
		ok := true
		switch name {
		case "Sid":
			st.sid, ok = v.(string)
		case "Effect":
			st.effect, ok = v.(string)
		case "Action", "NotAction":
			st.actions, ok = readTexts(v)
		case "Resource", "NotResource":
			st.resources, ok = readTexts(v)
		case "Principal", "NotPrincipal":
			st.principal = true
		case "Condition":
			st.conditions, ok = readConditions(v)
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	both := func(a, b string) bool { _, x := fields[a]; _, y := fields[b]; return x && y }
	return (strings.EqualFold(st.effect, "Allow") || strings.EqualFold(st.effect, "Deny")) && !both("Action", "NotAction") && !both("Resource", "NotResource")
}

func readTexts(v any) ([]string, bool) {
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	list := make([]string, len(values))
	for i, v := range values {
		var ok bool
		if list[i], ok = v.(string); !ok {
			return nil, false
		}
	}
	return list, true
}

// readConditions returns the values that stand under each operator.
func readConditions(v any) (map[string][]string, bool) {
	operators, ok := v.(map[string]any)
	all := map[string][]string{}
	for operator, keys := range operators {
		byKey, isMap := keys.(map[string]any)
		if !isMap {
			return nil, false
		}
		for _, v := range byKey {
			values, isList := v.([]any)
			if !isList {
				values = []any{v}
			}
			for _, v := range values {
				switch v := v.(type) {
				case string:
					all[operator] = append(all[operator], v)
				case float64:
					all[operator] = append(all[operator], strconv.FormatFloat(v, 'f', -1, 64))
				case bool:
				default:
					return nil, false
				}
			}
		}
	}
	return all, ok
}
