package record_test

import (
	"reflect"
	"testing"

	"github.com/why403/why403/internal/ingest/record"
)

// A clone shares nothing with the reader's buffer, whatever fields a record has.
func TestClone(t *testing.T) {
	buffer := []byte("before")
	r := &record.Record{}
	fill(reflect.ValueOf(r).Elem(), buffer)
	c := r.Clone()
	if !reflect.DeepEqual(r, c) {
		t.Fatalf("a clone differs: %+v", c)
	}
	copy(buffer, "behind")
	want := &record.Record{}
	fill(reflect.ValueOf(want).Elem(), []byte("before"))
	if !reflect.DeepEqual(want, c) {
		t.Errorf("a clone shares text with its record: %+v", c)
	}
}

// Joined, a copy has each text that either of the two has.
func TestJoinTakesEveryText(t *testing.T) {
	full, empty := &record.Record{}, &record.Record{}
	fill(reflect.ValueOf(full).Elem(), []byte("x"))
	empty.Join(full)
	empty.Kind, empty.File, empty.Time, empty.Status = full.Kind, full.File, full.Time, full.Status // a copy has its own
	if !reflect.DeepEqual(full, empty) {
		t.Errorf("left out: %+v", empty)
	}
}

// fill sets every text, list and switch.
func fill(v reflect.Value, text []byte) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case []byte:
			f.SetBytes(text)
		case []record.Param:
			f.Set(reflect.ValueOf([]record.Param{{Name: text, Value: text}}))
		case record.Identity:
			fill(f, text)
		case bool:
			f.SetBool(true)
		}
	}
}
