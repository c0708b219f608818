package cloudtrail

// An order is the members that one sort of object has had so far, in the order in
// which they came. CloudTrail writes the members of all records in one order and
// without white space, so that the next one can be told by comparing it with those
// that followed before. Where that fails, the name is read for itself.
type order []expected

// expected is a member that may follow.
type expected struct {
	text string // `,"eventTime":`
	name []byte
}

// ahead is how many members may be left out before a name is read for itself, and
// maxOrder how many are remembered.
const (
	ahead    = 4
	maxOrder = 64
)

// next is member for an object of some sort, of which *at members are passed.
func (p *parser) next(object int, at *int) ([]byte, bool) {
	o := p.orders[object]
	rest := p.b[p.i:]
	for k := *at; k < len(o) && k < *at+ahead; k++ {
		if n := len(o[k].text); len(rest) >= n && rest[n-1] == ':' && rest[n-2] == '"' && string(rest[:n]) == o[k].text {
			p.i += n
			*at = k + 1
			return o[k].name, true
		}
	}
	from := p.i
	name, more := p.member()
	if !more || p.failed != nil || len(o) >= maxOrder || object == inParameters {
		return name, more
	}
	// What stands between is written as AWS does only where it is as long as that.
	if text := string(p.b[from:p.i]); len(text) == len(name)+4 && text[0] == ',' || len(text) == len(name)+3 && text[0] == '"' {
		learned := make(order, 0, len(o)+1)
		learned = append(append(learned, o[:*at]...), expected{text, []byte(text[len(text)-len(name)-2 : len(text)-2])})
		p.orders[object] = append(learned, o[*at:]...)
		*at++
	}
	return name, more
}
