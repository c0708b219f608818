package fix

import "slices"

// merged puts steps at one place together: a policy is changed once, however many
// statements it takes.
func merged(steps []*step) []*step {
	var out []*step
	for _, st := range split(steps) {
		i := slices.IndexFunc(out, func(o *step) bool {
			return st.place.kind != theRequest && o.place.kind == st.place.kind && slices.Equal(o.place.path, st.place.path) && o.command == "" && st.command == ""
		})
		if i < 0 {
			out = append(out, st)
			continue
		}
		both := *out[i]
		both.estate, both.request = slices.Concat(both.estate, st.estate), slices.Concat(both.request, st.request)
		both.title = joined(both.title, st.title)
		if st.note != both.note {
			both.note = joinNotes(both.note, st.note)
		}
		both.cost, both.opens = max(both.cost, st.cost), max(both.opens, st.opens)
		out[i] = &both
	}
	return out
}

// split takes apart steps that were taken at once at two places.
func split(steps []*step) []*step {
	var out []*step
	for _, st := range steps {
		if st.also == nil {
			out = append(out, st)
			continue
		}
		own := *st
		own.estate, own.also = st.estate[:len(st.estate)-len(st.also.estate)], nil
		own.title = st.title[:len(st.title)-len(st.also.title)-2]
		out = append(out, &own, st.also)
	}
	return out
}
