package document

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Schema says what an element may hold. Schemas are shared: nobody changes one.
type Schema struct {
	name     string
	min, max int
	kind     kind
	words    []string
	children []*Schema
}

type kind int

const (
	text kind = iota
	integer
	boolean
	date
	word
	structure
)

// Name is the name of the document's root.
func (s *Schema) Name() string { return s.name }

// MustSchema reads the text of a schema, and panics where it is none: schemas are
// part of the program.
func MustSchema(source string) *Schema {
	var open []*Schema // by depth
	for line := range strings.Lines(source) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		depth := (len(line) - len(strings.TrimLeft(line, " "))) / 2
		s := parseLine(fields)
		if depth > len(open) || depth == 0 && open != nil {
			panic("schema: " + line)
		}
		if open = open[:depth]; depth > 0 {
			parent := open[depth-1]
			parent.kind = structure
			parent.children = append(parent.children, s)
		}
		open = append(open, s)
	}
	return open[0]
}

func parseLine(fields []string) *Schema {
	s := &Schema{name: fields[0], min: 1, max: 1}
	for i, f := range fields[1:] {
		switch f {
		case "?":
			s.min = 0
		case "*":
			s.min, s.max = 0, math.MaxInt
		case "+":
			s.max = math.MaxInt
		case "int":
			s.kind = integer
		case "bool":
			s.kind = boolean
		case "date":
			s.kind = date
		case "{}":
			s.kind = structure
		case "=":
			s.kind, s.words = word, fields[i+2:]
			return s
		default:
			s.between(f)
		}
	}
	return s
}

func (s *Schema) between(f string) {
	low, high, ok := strings.Cut(f, "..")
	var err1, err2 error
	s.min, err1 = strconv.Atoi(low)
	s.max, err2 = strconv.Atoi(high)
	if !ok || err1 != nil || err2 != nil {
		panic(fmt.Sprintf("schema: %s: %q is neither an occurrence nor a kind", s.name, f))
	}
}

func (s *Schema) child(name string) *Schema {
	for _, c := range s.children {
		if c.name == name {
			return c
		}
	}
	return nil
}
