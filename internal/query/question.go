package query

import "slices"

// question is one unit on a bucket, directly or through an access point, that is
// put to two estates.
type question struct {
	*differ
	u             int
	bucket, point string
	ask           Ask
	engines       [2]*Engine // nil where the estate lacks the bucket
	filters       [2]*filter
	alike         [2]*alike
	answered      map[string][]portion // by who is alike
}

func (d *differ) question(u int, bucket, point string) *question {
	q := &question{differ: d, u: u, bucket: bucket, point: point, ask: d.units[u].on(bucket, point)}
	if point != "" && q.ask.Operation != "" {
		q.ask.Bucket = ""
	}
	for i, e := range []*Engine{d.before, d.after} {
		q.filters[i] = e.filter(&q.ask, d.units[u].object)
		if !d.lacks(e, bucket, point) {
			q.engines[i] = e
		}
	}
	return q
}

// put asks for some principals, or for all.
func (q *question) put(who []int) error {
	if who == nil || len(who) > 100 {
		candidates := q.candidates()
		if who != nil {
			candidates = slices.DeleteFunc(candidates, func(i int) bool { _, in := slices.BinarySearch(who, i); return !in })
		}
		who = candidates
	}
	for _, i := range who {
		key := cell{i, q.u, q.bucket, q.point}
		if q.done[key] {
			continue
		}
		q.done[key] = true
		if err := q.one(&q.pairs[i]); err != nil {
			return err
		}
	}
	return nil
}

// one asks for one principal.
func (q *question) one(p *pair) error {
	both := []*Engine{q.engines[0], q.engines[1]}
	refused := true
	for n, has := range []bool{p.before, p.after} {
		if !has {
			both[n] = nil
		}
		refused = refused && (both[n] == nil || q.filters[n].refuses(&p.principal))
	}
	if refused {
		return nil
	}
	unit := &q.units[q.u]
	kind := q.kind(both, &p.principal)
	list, ok := q.answered[kind]
	if !ok {
		var err error
		if list, err = answer(both, &p.principal, unit, &q.ask); err != nil {
			return err
		}
		q.answered[kind] = list
	}
	q.note(list, &p.principal, unit.action, q.bucket, q.point)
	return nil
}

// kind is what principals who are alike in both estates have in common.
func (q *question) kind(both []*Engine, p *Principal) string {
	if q.answered == nil {
		q.answered = map[string][]portion{}
		q.alike = [2]*alike{q.before.alike(&q.ask, q.units[q.u].object), q.after.alike(&q.ask, q.units[q.u].object)}
	}
	kind := ""
	for n, e := range both {
		if e != nil {
			kind += q.alike[n].of(p)
		}
		kind += "|"
	}
	return kind
}

// candidates lists the principals that either filter does not refuse for sure, in
// order.
func (q *question) candidates() []int {
	var list []int
	for n, f := range q.filters {
		candidates := f.candidates()
		if candidates == nil {
			list = make([]int, len(q.pairs))
			for i := range list {
				list[i] = i
			}
			return list
		}
		for _, i := range candidates {
			list = append(list, q.places[n][i])
		}
		list = append(list, q.unlisted[n]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
