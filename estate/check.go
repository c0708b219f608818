package estate

import (
	"cmp"
	"encoding/base32"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
)

// checker collects complaints about an estate.
type checker struct {
	e    *Estate
	root *node.Node // nil for an estate made in memory
	errs Errors
}

// errorf complains about a value, or, where it is a mapping, about its name.
func (c *checker) errorf(at *trail, format string, args ...any) {
	n, value, name := at.find(c.root)
	if n == nil || n.Kind == node.Object || n.Kind == node.Null {
		value = name
	}
	c.errs = append(c.errs, &node.Error{Pos: value, Msg: fmt.Sprintf(format, args...)})
}

// keyf complains about the name under which a value stands.
func (c *checker) keyf(at *trail, format string, args ...any) {
	_, name := at.locate(c.root)
	c.errs = append(c.errs, &node.Error{Pos: name, Msg: fmt.Sprintf(format, args...)})
}

// result returns the complaints in the order of the file: nil, the only one, or
// Errors.
func (c *checker) result() error {
	slices.SortStableFunc(c.errs, func(a, b *node.Error) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	switch len(c.errs) {
	case 0:
		return nil
	case 1:
		return c.errs[0]
	}
	return c.errs
}

// check complains about all that can be seen once everything is linked.
func (l *linker) check() {
	l.values(reflect.ValueOf(l.e).Elem(), reflect.ValueOf(l.old).Elem(), nil)
	for id, org := range sorted(l.e.Organizations) {
		l.checkOrganization(org, newTrail("organizations", id))
	}
	for id, a := range sorted(l.e.Accounts) {
		old := l.old.Accounts[id]
		if old == nil {
			old = &Account{}
		}
		l.checkAccount(a, old, newTrail("accounts", string(id)))
	}
}

// CheckValues complains about values below v, of a type of this package or with
// its tags, that no such field may have: an enumeration's, an owner's, a
// region's. root is what v was read from, for positions.
func CheckValues(v any, root *node.Node) error {
	c := checker{root: root}
	c.values(reflect.ValueOf(v), reflect.Value{}, nil)
	return c.result()
}

// A checkedField is a field of the model with what its tags ask for.
type checkedField struct {
	index int
	name  string
	enum  []string
	form  string
}

var (
	unknownsType = reflect.TypeFor[Unknowns]()
	skippedTypes = map[reflect.Type]bool{
		reflect.TypeFor[Document](): true, reflect.TypeFor[Documents](): true, reflect.TypeFor[Pos](): true,
		reflect.TypeFor[map[string]string](): true,
	}
	checkedTables sync.Map // reflect.Type -> []checkedField
)

func checkedFields(t reflect.Type) []checkedField {
	if f, ok := checkedTables.Load(t); ok {
		return f.([]checkedField)
	}
	var list []checkedField
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if name == "" || name == "-" || !f.IsExported() || skippedTypes[f.Type] {
			continue
		}
		c := checkedField{index: i, name: name, form: f.Tag.Get("form")}
		if enum := f.Tag.Get("enum"); enum != "" {
			c.enum = strings.Split(enum, ",")
		}
		list = append(list, c)
	}
	checkedTables.Store(t, list)
	return list
}

// values checks enumerations, forms and the names of what is unknown, wherever
// they stand in the model, but for the parts that old, which may be invalid, has
// as well.
func (c *checker) values(v, old reflect.Value, at *trail) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !shared(v, old) {
			c.values(v.Elem(), elem(old), at)
		}
	case reflect.Map:
		if shared(v, old) {
			return
		}
		for iter := v.MapRange(); iter.Next(); {
			c.values(iter.Value(), member(old, iter.Key()), at.to(iter.Key().String()))
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.values(v.Index(i), reflect.Value{}, at.item(i))
		}
	case reflect.Struct:
		for _, f := range checkedFields(v.Type()) {
			var before reflect.Value
			if old.IsValid() {
				before = old.Field(f.index)
			}
			c.field(v.Type(), v.Field(f.index), before, &f, at)
		}
	}
}

func shared(v, old reflect.Value) bool { return old.IsValid() && v.Pointer() == old.Pointer() }

func elem(v reflect.Value) reflect.Value {
	if !v.IsValid() {
		return v
	}
	return v.Elem()
}

func member(m, key reflect.Value) reflect.Value {
	if !m.IsValid() {
		return m
	}
	return m.MapIndex(key)
}

func (c *checker) field(owner reflect.Type, v, old reflect.Value, f *checkedField, at *trail) {
	if v.IsZero() {
		return
	}
	if v.Type() == unknownsType {
		c.unknowns(owner, v.Interface().(Unknowns))
		return
	}
	at = at.to(f.name)
	if f.enum == nil && f.form == "" {
		c.values(v, old, at)
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			c.scalar(v.Index(i).String(), f, at.item(i))
		}
		return
	}
	c.scalar(v.String(), f, at)
}

func (c *checker) scalar(text string, f *checkedField, at *trail) {
	switch {
	case text == "" || f.enum != nil && slices.Contains(f.enum, text):
	case f.enum != nil:
		c.errorf(at, "%s %q; %s", f.name, text, suggest(text, f.enum))
	default:
		if form := forms[f.form]; !form.ok(text) {
			c.errorf(at, "%s %q; %s", f.name, text, form.right)
		}
	}
}

func suggest(text string, known []string) string {
	if near, ok := node.Nearest(text, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "known here: " + strings.Join(known, ", ")
}

// A form is the syntax of a value.
type form struct {
	ok    func(string) bool
	right string // what would be right
}

var (
	regionSyntax    = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d+$`)
	canonicalSyntax = regexp.MustCompile(`^[0-9a-f]{64}$`)
	ownerSyntax     = regexp.MustCompile(`^([0-9]{12}|[0-9a-f]{64}|65a011a29cdf8ec533ec3d1ccaae921c|anonymous)$`)
	pathSyntax      = regexp.MustCompile(`^/([!-~]*/)?$`)
)

var forms = map[string]form{
	"account":   {func(s string) bool { return iam.AccountID(s).Valid() }, "an account id has twelve digits"},
	"region":    {regionSyntax.MatchString, "a region is written like us-east-1"},
	"canonical": {canonicalSyntax.MatchString, "a canonical user id has 64 hexadecimal digits in lower case"},
	"owner":     {ownerSyntax.MatchString, "an owner is an account id of twelve digits, or a canonical user id of 64 hexadecimal digits"},
	"path":      {pathSyntax.MatchString, "a path begins and ends with a slash"},
	"base32":    {isBase32, "a seed is base32: letters A to Z and digits 2 to 7"},
}

func isBase32(s string) bool {
	s = strings.TrimRight(strings.ToUpper(strings.ReplaceAll(s, " ", "")), "=")
	_, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
	return err == nil && s != ""
}
