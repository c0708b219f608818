package estate

import (
	"reflect"
	"slices"
	"strings"
)

// AllUnknowns returns what could not be read of anything in the estate, with the
// thing named, in the order of the format.
func (e *Estate) AllUnknowns() []UnknownItem {
	var list []UnknownItem
	gatherUnknowns(reflect.ValueOf(e).Elem(), "", &list)
	return list
}

// gatherUnknowns looks at all that the format holds below v, which is called name.
func gatherUnknowns(v reflect.Value, name string, list *[]UnknownItem) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			gatherUnknowns(v.Elem(), name, list)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			gatherUnknowns(v.MapIndex(key), key.String(), list)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			tag := v.Type().Field(i).Tag.Get("json")
			switch {
			case tag == "" || tag == "-":
			case v.Field(i).Type() == unknownsType:
				for _, u := range v.Field(i).Interface().(Unknowns) {
					u.What += " of " + name
					*list = append(*list, u)
				}
			case v.Field(i).Kind() == reflect.Map || v.Field(i).Kind() == reflect.Pointer:
				gatherUnknowns(v.Field(i), name, list)
			}
		}
	}
}
