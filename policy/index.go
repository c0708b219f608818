package policy

import (
	"slices"
	"strings"
)

// view is the index of a Set for one action: the statements that speak of it
// and reach the caller, by the text that their resources begin with.
type view struct {
	action Action
	always []candidate // statements that may match any resource
	tree   *prefix
}

// candidate is a statement that the index names. settled tells that its resource
// matches for sure, being what led to it with a lone "*" behind.
type candidate struct {
	statement int32
	settled   bool
}

// prefix is a node of a radix tree over the literal beginnings of resources.
type prefix struct {
	text     string // what this node adds to its parent's
	entries  []candidate
	first    string // first bytes of the children's texts
	children []*prefix
}

// view returns the index for the action, building it when first asked.
func (s *Set) view(a *Action) *view {
	if views := s.views.Load(); views != nil {
		for i := range *views {
			if (*views)[i].action.Is(*a) {
				return &(*views)[i]
			}
		}
	}
	return s.buildView(*a)
}

func (s *Set) buildView(a Action) *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []view
	if views := s.views.Load(); views != nil {
		old = *views
	}
	for i := range old {
		if old[i].action.Is(a) {
			return &old[i]
		}
	}
	v := view{action: a}
	for i := range s.entries {
		if e := &s.entries[i]; e.sure|e.maybe != 0 && e.statement.actions.has(a) {
			v.add(e.statement, int32(i))
		}
	}
	// Readers keep the slice that they have loaded; a new one is published.
	views := slices.Concat(old, []view{v})
	s.views.Store(&views)
	return &views[len(views)-1]
}

func (v *view) add(st *statement, i int32) {
	if st.source.NotResource || len(st.resources) == 0 {
		v.always = append(v.always, candidate{i, false})
		return
	}
	for j := range st.resources {
		if st.resources[j].Literal() == "" {
			v.always = append(v.always, candidate{i, st.resources[j].MatchesAll()})
			return
		}
	}
	if v.tree == nil {
		v.tree = &prefix{}
	}
	for j := range st.resources {
		v.tree.insert(st.resources[j].Literal(), candidate{i, st.resources[j].IsPrefix()})
	}
}

func (n *prefix) insert(text string, c candidate) {
	for text != "" {
		at := strings.IndexByte(n.first, text[0])
		if at < 0 {
			child := &prefix{text: text}
			n.first += text[:1]
			n.children = append(n.children, child)
			n = child
			break
		}
		child := n.children[at]
		common := commonPrefix(child.text, text)
		if common < len(child.text) {
			// Split: a new node takes the common text, the old one the rest.
			split := &prefix{text: child.text[:common], first: child.text[common : common+1], children: []*prefix{child}}
			child.text = child.text[common:]
			n.children[at] = split
			child = split
		}
		n, text = child, text[common:]
	}
	if k := len(n.entries); k == 0 || n.entries[k-1] != c {
		n.entries = append(n.entries, c)
	}
}

// descend returns the child that the text leads to and what is left of it.
func (n *prefix) descend(text string) (*prefix, string) {
	if text == "" {
		return nil, ""
	}
	at := strings.IndexByte(n.first, text[0])
	if at < 0 {
		return nil, ""
	}
	child := n.children[at]
	rest, ok := strings.CutPrefix(text, child.text)
	if !ok {
		return nil, ""
	}
	return child, rest
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
