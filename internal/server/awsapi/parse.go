package awsapi

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// line reads one line of a description.
func (m *model) line(line string) error {
	rest, pattern, hasPattern := strings.Cut(line, " pattern=")
	words := strings.Fields(rest)
	if len(words) < 2 {
		return errors.New("too few words")
	}
	switch words[0] {
	case "service":
		m.service, m.protocol, m.version, m.namespace = words[1], protocol(words[2]), words[3], words[4]
		return nil
	case "operation":
		m.operations[words[1]] = &operation{name: words[1], in: words[2], out: words[3]}
		return nil
	case "error":
		n, err := strconv.Atoi(words[2])
		m.statuses[words[1]] = n
		return err
	}
	s := &shape{kind: kind(words[0]), name: words[1]}
	m.shapes[s.name] = s
	words = words[2:]
	switch s.kind {
	case list:
		s.elemRef, words = words[0], words[1:]
	case mapping:
		s.keyRef, s.elemRef, words = words[0], words[1], words[2:]
	case structure:
		for _, w := range words {
			s.members = append(s.members, parseMember(w))
		}
		return nil
	}
	if hasPattern {
		s.setPattern(pattern)
	}
	return s.constraints(words)
}

// parseMember reads Name[!]:shape[=location][?queryName].
func parseMember(word string) *member {
	f := &member{}
	word, f.queryName, _ = strings.Cut(word, "?")
	word, f.location, _ = strings.Cut(word, "=")
	f.name, f.ref, _ = strings.Cut(word, ":")
	f.name, f.required = strings.CutSuffix(f.name, "!")
	f.field = upper(f.name)
	return f
}

func (s *shape) constraints(words []string) error {
	for _, w := range words {
		var err error
		name, value, _ := strings.Cut(w, "=")
		switch name {
		case "min":
			s.min, err = strconv.ParseFloat(value, 64)
			s.hasMin = true
		case "max":
			s.max, err = strconv.ParseFloat(value, 64)
			s.hasMax = true
		case "enum":
			s.enum = strings.Split(value, "|")
		case "name":
			s.elemName = value
		case "flattened":
			s.flattened = true
		case "format":
		default:
			err = errors.New("unknown word " + w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// setPattern compiles a pattern, which must match the whole value. Models write
// them for Java; what Go's syntax does not have (looking ahead) is not checked.
func (s *shape) setPattern(p string) {
	s.patternRaw = p
	inner := javaEscape.ReplaceAllString(strings.TrimSuffix(strings.TrimPrefix(p, "^"), "$"), `\x{$1}`)
	s.pattern, _ = regexp.Compile(`^(?s:` + inner + `)$`)
}
