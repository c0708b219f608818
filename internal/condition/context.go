package condition

import (
	"net/netip"
	"slices"
	"strings"
)

// State tells whether a request carries a key.
type State uint8

// The states of a key in a request.
const (
	Absent  State = iota // the request does not carry the key
	Present              // it carries the key, with the value at hand
	Unsure               // what was stated does not tell
)

// A Value is what a request carries under one key. The zero Value is Absent.
type Value struct {
	State State
	Multi bool     // a multi-valued key; its values are in List
	One   string   // the value of a single-valued key
	List  []string // the values of a multi-valued key

	// Carried tells of an Unsure value that the request has the key for sure,
	// whatever its value. List then holds the values that it can have, where
	// they are known.
	Carried bool

	addr netip.Addr // of a single value that is an address, read once
}

// OneOf returns a value that is one of those given, it is not known which.
func OneOf(list ...string) Value { return Value{State: Unsure, Carried: true, List: list} }

// SomeValue is carried for sure, with a value that is not known.
var SomeValue = Value{State: Unsure, Carried: true}

// String1 returns a present single value.
func String1(s string) Value { return Value{State: Present, One: s} }

// Address returns a present single value that IP address operators compare.
func Address(s string) Value {
	v := String1(s)
	if a, err := netip.ParseAddr(s); err == nil {
		v.addr = a.Unmap()
	}
	return v
}

// Strings returns a present multi-valued key.
func Strings(list ...string) Value { return Value{State: Present, Multi: true, List: list} }

// Bool returns "true" or "false" as a present value.
func Bool(b bool) Value {
	if b {
		return String1("true")
	}
	return String1("false")
}

// NotKnown is the value of a key about which nothing was stated.
var NotKnown = Value{State: Unsure}

// Same reports whether two values are present, and the same.
func (v Value) Same(o Value) bool {
	return v.State == Present && o.State == Present && v.Multi == o.Multi && v.One == o.One && slices.Equal(v.List, o.List)
}

// String shows the value as explanations do.
func (v Value) String() string {
	switch {
	case v.State == Absent:
		return "(absent)"
	case v.State == Unsure:
		return "(not known)"
	case v.Multi:
		return "[" + strings.Join(v.List, ", ") + "]"
	case v.One == "":
		return `""`
	}
	return v.One
}

// An Entry is one key of a Layer.
type Entry struct {
	Key   Key
	Value Value
}

// A Layer is a part of a request's context that has one origin: the caller, the
// resource, the connection, the headers. An entry under a family's key
// ("aws:PrincipalTag/") stands for all keys of that family that the same layer
// and those before it do not name.
type Layer []Entry

// Set puts a value under the key, in place of an earlier one.
func (l *Layer) Set(k Key, v Value) {
	for i := range *l {
		if (*l)[i].Key == k {
			(*l)[i].Value = v
			return
		}
	}
	*l = append(*l, Entry{k, v})
}

// Add is Set of a key that the layer does not hold yet.
func (l *Layer) Add(k Key, v Value) { *l = append(*l, Entry{k, v}) }

// SetTags sets the key of a family for each tag: "aws:ResourceTag/" and a tag's key.
// Names of condition keys have no case; of tags that differ in it alone a condition
// key "matches … either TagKey1 or tagkey1, but not both" (IAM User Guide, Controlling
// access to AWS resources using tags), so that it is not known which counts, unless
// they say the same.
func (l *Layer) SetTags(family string, tags map[string]string) {
	first := len(*l)
	for name, value := range tags {
		k, v := Intern(family+name), String1(value)
		for _, e := range (*l)[first:] {
			if e.Key == k && !e.Value.Same(v) {
				v = NotKnown
			}
		}
		l.Set(k, v)
	}
}

// Get returns the layer's own value of the key.
func (l Layer) Get(k Key) (Value, bool) {
	for i := range l {
		if l[i].Key == k {
			return l[i].Value, true
		}
	}
	return Value{}, false
}

// numLayers is how many origins a context has at most.
const numLayers = 6

// A Context answers what a request carries under each condition key. Layers are
// asked in order, the first that names the key wins; a key that none names is
// Absent. The zero Context carries nothing.
type Context struct {
	layers [numLayers]Layer
	n      int

	// slots is a hash table from keys to entries, 1 + layer*256 + position, 0
	// for none. It is left empty where the layers hold more than it can take.
	slots   [numSlots]uint16
	used    int
	scanned bool // the table does not hold all, so layers are searched
}

// numSlots is the size of the table; it is filled to three quarters at most.
const numSlots = 64

// NewContext returns a context of the layers, of which earlier ones win.
func NewContext(layers ...Layer) Context {
	var c Context
	for _, l := range layers {
		c.Push(l)
	}
	return c
}

// Push adds a layer behind the others. A context has room for six.
func (c *Context) Push(l Layer) {
	if len(l) == 0 {
		return
	}
	c.layers[c.n] = l
	for i := range l {
		c.enter(l[i].Key, c.n, i)
	}
	c.n++
}

// enter puts an entry into the table, unless an earlier layer has its key.
func (c *Context) enter(k Key, layer, position int) {
	if c.scanned = c.scanned || c.used >= numSlots*3/4 || position > 254; c.scanned {
		return
	}
	i := k.info.number % numSlots
	for c.slots[i] != 0 {
		if c.at(c.slots[i]).Key == k {
			return
		}
		i = (i + 1) % numSlots
	}
	c.slots[i] = uint16(layer<<8 + position + 1)
	c.used++
}

func (c *Context) at(slot uint16) *Entry {
	slot--
	return &c.layers[slot>>8][slot&255]
}

// Lookup returns what the request carries under the key.
func (c *Context) Lookup(k Key) Value { return *c.find(k) }

var absent Value

// find is Lookup without the copy. What it points to must not be changed.
func (c *Context) find(k Key) *Value {
	if c.scanned {
		if v := c.search(k); v != nil {
			return v
		}
	} else {
		for i := k.info.number % numSlots; c.slots[i] != 0; i = (i + 1) % numSlots {
			if e := c.at(c.slots[i]); e.Key == k {
				return &e.Value
			}
		}
	}
	if family := k.info.family; family.info != nil {
		return c.find(family)
	}
	return &absent
}

// search is find without the table.
func (c *Context) search(k Key) *Value {
	for i := range c.n {
		layer := c.layers[i]
		for j := range layer {
			if layer[j].Key == k {
				return &layer[j].Value
			}
		}
	}
	return nil
}

// Entries lists what the context carries, without what a layer hides of those
// behind it, sorted by the key's name.
func (c *Context) Entries() []Entry {
	var all []Entry
	for i := range c.n {
		for _, e := range c.layers[i] {
			if !slices.ContainsFunc(all, func(o Entry) bool { return o.Key == e.Key }) {
				all = append(all, e)
			}
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	return all
}
