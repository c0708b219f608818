package cli

import (
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/request"
)

// pairs reads flags of the form KEY=VALUE.
func pairs(flag, example string, list []string) (map[string]string, error) {
	var m map[string]string
	for _, p := range list {
		k, v, ok := strings.Cut(p, "=")
		if !ok || k == "" {
			return nil, usagef("such as --"+flag+" "+example, "--%s %q is not KEY=VALUE", flag, p)
		}
		if _, twice := m[k]; twice {
			return nil, usagef("", "--%s gives %q twice", flag, k)
		}
		m = with(m, k, v)
	}
	return m, nil
}

// contextValues reads --context: KEY=VALUE, again for a list, KEY= for an empty
// value, KEY- or KEY=null to remove the key.
func contextValues(list []string) (map[string]request.ContextValue, error) {
	values := map[string][]string{}
	removed := map[string]bool{}
	var m map[string]request.ContextValue
	for _, p := range list {
		k, v, ok := strings.Cut(p, "=")
		switch {
		case !ok:
			k, ok = strings.CutSuffix(p, "-")
			removed[k] = true
		case v == "null":
			removed[k] = true
		default:
			values[k] = append(values[k], v)
		}
		if !ok || !strings.Contains(k, ":") {
			return nil, usagef("such as --context aws:PrincipalOrgID=o-exampleorg01, or --context aws:PrincipalOrgID- to remove it", "--context %q is not KEY=VALUE", p)
		}
		if removed[k] && values[k] != nil {
			return nil, usagef("", "--context both sets and removes %s", k)
		}
		if m == nil {
			m = map[string]request.ContextValue{}
		}
		m[k] = contextValue(k, values[k])
	}
	return m, nil
}

// contextValue makes a key's value of its texts: none removes the key, and a key
// that AWS gives many values is a list also where one is given.
func contextValue(key string, values []string) request.ContextValue {
	known, ok := iamdata.ConditionKey(key)
	switch {
	case len(values) == 0:
		return request.ContextValue{}
	case len(values) == 1 && !(ok && known.Multi):
		return request.ContextValue{Value: condition.String1(values[0])}
	}
	return request.ContextValue{Value: condition.Strings(values...)}
}

func with(m map[string]string, k, v string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[k] = v
	return m
}
