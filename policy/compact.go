package policy

import "strings"

// compact moves the texts of a document into one string that holds each once,
// so that the document does not keep alive the file that it was cut from.
func (d *Document) compact() {
	offsets, size := map[string]int{}, 0
	d.eachText(func(s *string) {
		if _, ok := offsets[*s]; !ok {
			offsets[*s] = size
			size += len(*s)
		}
	})
	var b strings.Builder
	b.Grow(size)
	d.eachText(func(s *string) {
		if offsets[*s] == b.Len() {
			b.WriteString(*s)
		}
	})
	text := b.String()
	d.eachText(func(s *string) { at := offsets[*s]; *s = text[at : at+len(*s)] })
}

// eachText calls f for every text of the document, always in the same order.
func (d *Document) eachText(f func(*string)) {
	f(&d.Version)
	f(&d.ID)
	values := func(values []Value) {
		for i := range values {
			f(&values[i].Text)
		}
	}
	for i := range d.Statements {
		st := &d.Statements[i]
		f(&st.Sid)
		for j := range st.Principals {
			f(&st.Principals[j].Type)
			f(&st.Principals[j].Text)
		}
		values(st.Actions)
		values(st.Resources)
		for j := range st.Conditions {
			c := &st.Conditions[j]
			f(&c.Operator)
			f(&c.Key)
			values(c.Values)
		}
	}
}
