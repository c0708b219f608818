package awsapi

import (
	"embed"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

//go:embed model/*.txt
var models embed.FS

// A protocol is a way to write operations in HTTP requests: "AWS query
// protocol", "EC2 query protocol" and "AWS JSON protocol" of the Smithy
// specification.
type protocol string

const (
	query    protocol = "query"
	ec2Query protocol = "ec2"
	json1_0  protocol = "json1.0"
	json1_1  protocol = "json1.1"
)

func (p protocol) json() bool { return p == json1_0 || p == json1_1 }

// A model is the interface of one service.
type model struct {
	service    string
	protocol   protocol
	version    string
	namespace  string // of XML; for JSON the prefix of X-Amz-Target
	operations map[string]*operation
	shapes     map[string]*shape
	statuses   map[string]int // by error code
}

// An operation has input and output; nil stands for none.
type operation struct {
	name          string
	input, output *shape

	in, out string
}

type kind string

const (
	structure kind = "structure"
	list      kind = "list"
	mapping   kind = "map"
	text      kind = "string"
	blob      kind = "blob"
	timestamp kind = "timestamp"
	boolean   kind = "boolean"
	integer   kind = "integer"
	long      kind = "long"
	float     kind = "float"
	double    kind = "double"
)

// A shape is a type of a model.
type shape struct {
	kind    kind
	name    string
	members []*member
	elem    *shape // of a list, and values of a map
	key     *shape // of a map

	elemName  string // of a list in XML, "" for the protocol's own
	flattened bool

	min, max   float64 // length of strings and lists, value of numbers
	hasMin     bool
	hasMax     bool
	enum       []string
	pattern    *regexp.Regexp // nil: any
	patternRaw string         // as the model has it

	elemRef, keyRef string
}

// A member is a member of a structure.
type member struct {
	name      string
	field     string // of the SDK's type
	shape     *shape
	required  bool
	location  string // the name on the wire where it is another
	queryName string // that of EC2's requests where it is yet another

	ref string
}

// loadModel reads a service's description.
func loadModel(service string) (*model, error) {
	data, err := models.ReadFile("model/" + service + ".txt")
	if err != nil {
		return nil, fmt.Errorf("no interface description of service %s: %w", service, err)
	}
	m := &model{operations: map[string]*operation{}, shapes: map[string]*shape{}, statuses: map[string]int{}}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			if err := m.line(line); err != nil {
				return nil, fmt.Errorf("interface description of %s: %q: %w", service, line, err)
			}
		}
	}
	return m, m.link()
}

// status is the HTTP status of an error code.
func (m *model) status(code string) int {
	if s, ok := m.statuses[code]; ok {
		return s
	}
	if code == "AccessDenied" {
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// link puts shapes in the place of their names.
func (m *model) link() error {
	var missing []string
	find := func(name string) *shape {
		s := m.shapes[name]
		if s == nil && name != "-" && name != "" {
			missing = append(missing, name)
		}
		return s
	}
	for _, o := range m.operations {
		o.input, o.output = find(o.in), find(o.out)
	}
	for _, s := range m.shapes {
		s.elem, s.key = find(s.elemRef), find(s.keyRef)
		for _, f := range s.members {
			f.shape = find(f.ref)
		}
	}
	if missing != nil {
		return fmt.Errorf("interface description of %s lacks the shapes %s", m.service, strings.Join(missing, ", "))
	}
	return nil
}

// upper writes the first letter as a capital, as the SDK does with the names of
// members.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[n:]
}

// lower writes the first letter small, as messages about members do.
func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return strings.ToLower(string(r)) + s[n:]
}

// inQuery is the member's name in a request.
func (f *member) inQuery(p protocol) string {
	switch {
	case p != ec2Query && f.location != "":
		return f.location
	case p != ec2Query:
		return f.name
	case f.queryName != "":
		return f.queryName
	case f.location != "":
		return upper(f.location)
	}
	return f.name
}

// inXML is the member's name in an answer.
func (f *member) inXML() string {
	if f.location != "" {
		return f.location
	}
	return f.name
}
