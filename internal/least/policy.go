package least

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest/keypattern"
)

// A Document is a policy document, as it is written out.
type Document struct {
	Version   string
	Statement []Statement
}

// A Statement is one statement of a Document.
type Statement struct {
	Effect    string
	Principal any `json:",omitempty"`
	Action    []string
	Resource  []string
	Condition conditions `json:",omitempty"`
}

// JSON writes the document, indented.
func (d *Document) JSON() []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(d) // texts and lists always encode
	return []byte(b.String())
}

// maxPatterns is how many patterns of keys an action has before those of one folder
// are put together.
const maxPatterns = 30

// statements writes the use of one principal: actions on the same resources share a
// statement.
// Those of a bucket's policy leave out what is not on the bucket.
func (u *use) statements(principal any, partition string) []Statement {
	var out []Statement
	for _, p := range u.places() {
		if p.bucket == "" && principal != nil {
			continue
		}
		k := u.actions[p]
		st := Statement{Effect: "Allow", Principal: principal, Action: []string{p.action}}
		at := p.arn(partition)
		switch {
		case p.objects:
			st.Resource = resources(at, k.set.Patterns())
		default:
			st.Resource = []string{at}
			if p.action == "s3:ListBucket" && !k.any {
				st.Condition.set("StringLike", "s3:prefix", resources("", k.set.Patterns())...)
			}
		}
		if p.through {
			st.Condition.set("StringEquals", "s3:DataAccessPointArn", p.point)
		}
		out = with(out, st)
	}
	if principal != nil {
		return out
	}
	for _, arn := range slices.Sorted(maps.Keys(u.kmsKeys)) {
		st := Statement{Effect: "Allow", Action: slices.Sorted(maps.Keys(u.kmsKeys[arn])), Resource: []string{arn}}
		if key, ok := iam.ParseARN(arn); ok {
			st.Condition.set("StringEquals", "kms:ViaService", "s3."+key.Region+".amazonaws.com")
		}
		out = with(out, st)
	}
	return out
}

// arn is the resource of a place, of objects up to the key.
func (p *place) arn(partition string) string {
	switch {
	case p.point != "" && !p.through && p.objects:
		return p.point + "/object/"
	case p.point != "" && !p.through:
		return p.point
	case p.bucket == "":
		return "*"
	case p.objects:
		return "arn:" + partition + ":s3:::" + p.bucket + "/"
	}
	return "arn:" + partition + ":s3:::" + p.bucket
}

// conditions is the Condition element of a statement.
type conditions map[string]map[string][]string

func (c *conditions) set(operator, key string, values ...string) {
	if *c == nil {
		*c = conditions{}
	}
	(*c)[operator] = map[string][]string{key: values}
}

// with adds a statement, or its actions to one on the same.
func with(list []Statement, st Statement) []Statement {
	for i := range list {
		if slices.Equal(list[i].Resource, st.Resource) && reflect.DeepEqual(list[i].Condition, st.Condition) {
			list[i].Action = append(list[i].Action, st.Action...)
			return list
		}
	}
	return append(list, st)
}

// resources writes patterns as values of a policy, behind what they begin with.
func resources(begin string, patterns []keypattern.Pattern) []string {
	parts := make([][]string, len(patterns))
	for i, p := range patterns {
		parts[i] = p.Parts
	}
	parts = fewer(parts)
	var list []string
	for i, p := range parts {
		if covered(parts, i) {
			continue
		}
		escaped := make([]string, len(p))
		for i, text := range p {
			escaped[i] = escape.Replace(text)
		}
		list = append(list, begin+strings.Join(escaped, "*"))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// covered reports a pattern that another one covers; of two alike the first stays.
func covered(parts [][]string, i int) bool {
	for j := range parts {
		if j != i && covers(parts[j], strings.Join(parts[i], "\x00")) && (j < i || !covers(parts[i], strings.Join(parts[j], "\x00"))) {
			return true
		}
	}
	return false
}

// covers reports that the parts, with anything between them, make up the text.
func covers(parts []string, text string) bool {
	if len(parts) == 1 {
		return text == parts[0]
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// escape writes what stands for itself so that a policy takes it for itself (IAM
// User Guide, Policy variables, special characters).
var escape = strings.NewReplacer("*", "${*}", "?", "${?}", "${", "${$}{")

// fewer puts patterns of one folder together where there are too many: first of the
// deepest folders, in the end of all.
func fewer(parts [][]string) [][]string {
	for depth := 6; len(parts) > maxPatterns && depth >= 0; depth-- {
		under := map[string][][]string{}
		for _, p := range parts {
			folder := upTo(p, depth)
			under[folder] = append(under[folder], p)
		}
		var next [][]string
		for _, folder := range slices.Sorted(maps.Keys(under)) {
			if len(under[folder]) < 3 && depth > 0 {
				next = append(next, under[folder]...)
				continue
			}
			next = append(next, []string{folder, ""})
		}
		parts = next
	}
	return parts
}

// upTo returns the literal beginning of a pattern, to the given number of slashes.
func upTo(p []string, depth int) string {
	text := p[0]
	end := 0
	for range depth {
		n := strings.IndexByte(text[end:], '/')
		if n < 0 {
			break
		}
		end += n + 1
	}
	return text[:end]
}
