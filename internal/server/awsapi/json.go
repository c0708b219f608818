package awsapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"time"
)

// readJSON reads a body of the JSON protocol into an input. An empty body is an
// input without members.
func readJSON(body []byte, s *shape, in reflect.Value) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return &syntaxError{"the body", string(body), "JSON"}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &syntaxError{"the body", string(body), "one JSON value"}
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return &syntaxError{"the body", string(body), "a JSON object"}
	}
	if s == nil {
		return nil
	}
	return jsonStructure(object, s, in, "")
}

func jsonStructure(object map[string]any, s *shape, v reflect.Value, path string) error {
	for _, f := range s.members {
		if x := object[f.name]; x != nil {
			if err := jsonValue(x, f.shape, field(v, f), join(path, f.name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func jsonValue(x any, s *shape, v reflect.Value, path string) error {
	switch x := x.(type) {
	case map[string]any:
		switch s.kind {
		case structure:
			return jsonStructure(x, s, target(v), path)
		case mapping:
			return jsonMap(x, s, v, path)
		}
		return &syntaxError{path, "{…}", "a " + string(s.kind)}
	case []any:
		return jsonList(x, s, v, path)
	case string:
		if s.kind == text || s.kind == blob || s.kind == timestamp {
			return setScalar(v, s, path, x)
		}
		return &syntaxError{path, x, "a " + string(s.kind)}
	case json.Number:
		switch s.kind {
		case integer, long, float, double, timestamp:
			return setScalar(v, s, path, x.String())
		}
		return &syntaxError{path, x.String(), "a " + string(s.kind)}
	case bool:
		if s.kind == boolean {
			target(v).SetBool(x)
			return nil
		}
	}
	return &syntaxError{path, "of JSON", "a " + string(s.kind)}
}

func jsonList(x []any, s *shape, v reflect.Value, path string) error {
	if s.kind != list {
		return &syntaxError{path, "[…]", "a " + string(s.kind)}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(x), len(x)))
	for i, item := range x {
		if item == nil {
			continue
		}
		if err := jsonValue(item, s.elem, v.Index(i), memberPath(path, i)); err != nil {
			return err
		}
	}
	return nil
}

func jsonMap(x map[string]any, s *shape, v reflect.Value, path string) error {
	v.Set(reflect.MakeMapWithSize(v.Type(), len(x)))
	for key, item := range x {
		k, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		k.SetString(key)
		if item != nil {
			if err := jsonValue(item, s.elem, value, path+"."+key); err != nil {
				return err
			}
		}
		v.SetMapIndex(k, value)
	}
	return nil
}

// jsonOf makes of an output what encoding/json writes as the JSON protocol has
// it.
func jsonOf(s *shape, v reflect.Value) any {
	switch s.kind {
	case structure:
		object := map[string]any{}
		v = reflect.Indirect(v)
		for _, f := range s.members {
			fv := field(v, f)
			if present(fv) {
				object[f.name] = jsonOf(f.shape, fv)
			} else if f.required && f.shape.kind == list {
				object[f.name] = []any{}
			}
		}
		return object
	case list:
		array := make([]any, v.Len())
		for i := range array {
			array[i] = jsonOf(s.elem, v.Index(i))
		}
		return array
	case mapping:
		object := map[string]any{}
		for _, k := range v.MapKeys() {
			object[k.String()] = jsonOf(s.elem, v.MapIndex(k))
		}
		return object
	}
	return jsonScalar(s, v)
}

func jsonScalar(s *shape, v reflect.Value) any {
	v = reflect.Indirect(v)
	switch s.kind {
	case blob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case timestamp:
		t, _ := v.Interface().(time.Time)
		return json.Number(strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', -1, 64))
	}
	return v.Interface()
}
