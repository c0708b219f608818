package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/internal/ingest/record"
)

// A Filter chooses records. The zero Filter takes all.
type Filter struct {
	Since, Until time.Time // from, and before; zero: no bound
	Principal    string    // a part of the caller's ARN, or a pattern of it with "*"
	Bucket       string    // name, or a pattern with "*"
	Where        []Term    // all must hold
}

// A Term is one comparison of a Where expression.
type Term struct {
	Field, Op, Value string
}

// fields are what a Where expression may name.
var fields = map[string]func(r *record.Record) string{
	"principal": func(r *record.Record) string { return PrincipalOf(r) },
	"bucket":    func(r *record.Record) string { bucket, _ := r.Object(); return string(bucket) },
	"key":       func(r *record.Record) string { _, key := r.Object(); return string(key) },
	"operation": func(r *record.Record) string {
		if op := r.Operation(); op != "" {
			return op
		}
		return string(r.Event)
	},
	"error":       func(r *record.Record) string { return string(r.Error) },
	"message":     func(r *record.Record) string { return string(r.Message) },
	"sourceip":    func(r *record.Record) string { return string(r.SourceIP) },
	"vpcendpoint": func(r *record.Record) string { return string(r.VPCEndpoint) },
	"useragent":   func(r *record.Record) string { return string(r.UserAgent) },
	"region":      func(r *record.Record) string { return string(r.Region) },
	"account":     func(r *record.Record) string { return string(r.Who.Account) },
	"log":         func(r *record.Record) string { return r.Kind.String() },
	"requestid":   func(r *record.Record) string { return string(r.RequestID) },
}

// ParseWhere reads an expression such as
//
//	operation=GetObject and key~reports/* and useragent!~*Boto3*
//
// with = and != for equal texts, ~ and !~ for patterns. Values with spaces stand in
// double quotes.
func ParseWhere(text string) ([]Term, error) {
	var terms []Term
	for rest := strings.TrimSpace(text); rest != ""; {
		n := strings.IndexAny(rest, "=~!")
		if n < 0 {
			return nil, fmt.Errorf("%q has no comparison; write FIELD=VALUE, FIELD!=VALUE, FIELD~PATTERN or FIELD!~PATTERN", rest)
		}
		t := Term{Field: strings.ToLower(strings.TrimSpace(rest[:n]))}
		if fields[t.Field] == nil {
			names := []string{}
			for name := range fields {
				names = append(names, name)
			}
			slices.Sort(names)
			return nil, fmt.Errorf("there is no field %q; fields are %s", t.Field, strings.Join(names, ", "))
		}
		size := 1
		if rest[n] == '!' {
			size = 2
		}
		if n+size > len(rest) || size == 2 && rest[n+1] != '=' && rest[n+1] != '~' {
			return nil, fmt.Errorf("%q has no comparison; write FIELD=VALUE, FIELD!=VALUE, FIELD~PATTERN or FIELD!~PATTERN", rest)
		}
		t.Op, rest = rest[n:n+size], strings.TrimLeft(rest[n+size:], " ")
		var err error
		if t.Value, rest, err = value(rest); err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	return terms, nil
}

// value cuts a value off, and the "and" behind it.
func value(text string) (v, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		n := strings.IndexByte(text[1:], '"')
		if n < 0 {
			return "", "", fmt.Errorf("%s lacks its closing quote", text)
		}
		v, rest = text[1:1+n], text[n+2:]
	} else {
		v, rest, _ = strings.Cut(text, " ")
	}
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return v, "", nil
	}
	after, ok := strings.CutPrefix(rest, "and ")
	if !ok {
		return "", "", fmt.Errorf("%q follows a comparison; join comparisons with \"and\"", rest)
	}
	return v, strings.TrimSpace(after), nil
}

// Take reports whether the record is wanted.
func (f *Filter) Take(r *record.Record) bool {
	switch {
	case !f.Since.IsZero() && r.Time < f.Since.Unix(), !f.Until.IsZero() && r.Time >= f.Until.Unix():
		return false
	case f.Bucket != "" && !like(f.Bucket, fields["bucket"](r)):
		return false
	case f.Principal != "" && !f.caller(r):
		return false
	}
	for _, t := range f.Where {
		if !t.holds(r) {
			return false
		}
	}
	return true
}

func (f *Filter) caller(r *record.Record) bool {
	who := []string{PrincipalOf(r), string(r.Who.ARN)}
	return slices.ContainsFunc(who, func(arn string) bool {
		return like(f.Principal, arn) || !strings.ContainsAny(f.Principal, "*?") && arn != "" && strings.Contains(arn, f.Principal)
	})
}

func (t *Term) holds(r *record.Record) bool {
	v := fields[t.Field](r)
	switch t.Op {
	case "=":
		return v == t.Value
	case "!=":
		return v != t.Value
	case "~":
		return like(t.Value, v)
	}
	return !like(t.Value, v)
}

// like compares a text with a pattern in which "*" is any run of characters and "?"
// any one.
func like(pattern, s string) bool {
	star, from := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]) && pattern[p] != '*':
			p++
			i++
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// PrincipalOf names the caller in reports: the role of a session, else the caller
// itself, else what the record knows of it.
func PrincipalOf(r *record.Record) string {
	w := &r.Who
	switch {
	case r.Anonymous():
		return "anonymous"
	case string(w.Type) == "AssumedRole" && len(w.IssuerARN) > 0:
		return string(w.IssuerARN)
	case len(w.ARN) > 0:
		return roleOf(string(w.ARN))
	case len(w.PrincipalID) > 0 && string(w.PrincipalID) == string(w.Account):
		return "arn:aws:iam::" + string(w.Account) + ":root"
	case len(w.PrincipalID) > 0 && len(w.Account) == 0:
		return string(w.PrincipalID)
	case len(w.PrincipalID) > 0:
		id, _, _ := strings.Cut(string(w.PrincipalID), ":")
		return id + " of " + string(w.Account)
	case len(w.InvokedBy) > 0:
		return string(w.InvokedBy)
	case len(w.UserName) > 0: // of the event history's download
		return "the user or session " + string(w.UserName)
	case len(w.Type) == 0:
		return "somebody whom the record does not name"
	}
	return string(w.Type)
}

// roleOf leaves the name of the session out.
func roleOf(arn string) string {
	head, rest, ok := strings.Cut(arn, ":assumed-role/")
	if !ok {
		return arn
	}
	name, _, _ := strings.Cut(rest, "/")
	return head + ":assumed-role/" + name
}
