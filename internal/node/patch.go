package node

import "reflect"

// A Patcher makes a change in itself. It is called on a copy, and must copy in
// turn what it shares with the original.
type Patcher interface {
	PatchNode(c Change) error
}

var patcherType = reflect.TypeFor[Patcher]()

// Patch makes a change in the value that dst points to, by the names under which
// Decode would have read it. *dst must be the caller's own copy: what the path
// leads through is copied before it is changed, and all else stays shared with
// the original.
func Patch(dst any, c Change) error { return patch(reflect.ValueOf(dst).Elem(), c) }

func patch(v reflect.Value, c Change) error {
	if len(c.Path) == 0 {
		return set(v, c)
	}
	if v.CanAddr() && v.Addr().Type().Implements(patcherType) {
		return v.Addr().Interface().(Patcher).PatchNode(c)
	}
	switch v.Kind() {
	case reflect.Pointer:
		own := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			own.Elem().Set(v.Elem())
		}
		if err := patch(own.Elem(), c); err != nil {
			return err
		}
		v.Set(own)
		return nil
	case reflect.Struct:
		index, ok := fieldsOf(v.Type()).index[c.Path[0]]
		if !ok {
			return c.errorf("%s", unknownField(c.Path[0], fieldsOf(v.Type()).names))
		}
		return patch(v.FieldByIndex(index), c.Inside())
	case reflect.Map:
		return patchMap(v, c)
	case reflect.Slice:
		return patchSlice(v, c)
	}
	return c.errorf("it leads into a value")
}

// set puts the change's value in the place of v, or empties it.
func set(v reflect.Value, c Change) error {
	fresh := reflect.New(v.Type()).Elem()
	if c.Op != Remove {
		if err := decode(filled(c.Value, fresh), fresh); err != nil {
			return err
		}
	}
	v.Set(fresh)
	return nil
}

func patchMap(v reflect.Value, c Change) error {
	key := reflect.ValueOf(c.Path[0]).Convert(v.Type().Key())
	old := v.MapIndex(key)
	if !old.IsValid() && (len(c.Path) > 1 || c.Op != Add) {
		return c.errorf("there is no %q", c.Path[0])
	}
	own := reflect.MakeMapWithSize(v.Type(), v.Len()+1)
	for it := v.MapRange(); it.Next(); {
		own.SetMapIndex(it.Key(), it.Value())
	}
	v.Set(own)
	if len(c.Path) == 1 && c.Op == Remove {
		own.SetMapIndex(key, reflect.Value{})
		return nil
	}
	elem := reflect.New(v.Type().Elem()).Elem()
	if old.IsValid() {
		elem.Set(old)
	}
	if err := patch(elem, c.Inside()); err != nil {
		return err
	}
	own.SetMapIndex(key, elem)
	return nil
}

func patchSlice(v reflect.Value, c Change) error {
	n := v.Len()
	i, err := c.item(n)
	if err != nil {
		return err
	}
	inserts := len(c.Path) == 1 && c.Op == Add
	if i == n && !inserts {
		return c.errorf("the list has %d items", n)
	}
	own := reflect.MakeSlice(v.Type(), 0, n+1)
	for j := range n {
		if j == i && inserts {
			own = reflect.Append(own, reflect.Zero(v.Type().Elem()))
		}
		if j != i || len(c.Path) > 1 || c.Op != Remove {
			own = reflect.Append(own, v.Index(j))
		}
	}
	if i == n {
		own = reflect.Append(own, reflect.Zero(v.Type().Elem()))
	}
	v.Set(own)
	if len(c.Path) == 1 && c.Op == Remove {
		return nil
	}
	return patch(v.Index(i), c.Inside())
}
