package policy

import (
	"slices"
	"strings"

	"github.com/why403/why403/internal/iamdata"
)

// token is one step of a pattern: a character, any character, or a run of any.
type token struct {
	char byte // the character, where it is one
	any  bool // one character, which one is free
	star bool // any number of characters
	not  string
}

// accepts reports whether some character is accepted by both.
func (t token) accepts(o token) bool {
	switch {
	case !t.any && !t.star && !o.any && !o.star:
		return t.char == o.char
	case !t.any && !t.star:
		return strings.IndexByte(o.not, t.char) < 0
	case !o.any && !o.star:
		return strings.IndexByte(t.not, o.char) < 0
	}
	return true
}

// patternTokens reads a Resource value; a policy variable is a run of
// characters.
func patternTokens(s string, variables bool) []token {
	var out []token
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '*':
			out = append(out, token{star: true})
		case s[i] == '?':
			out = append(out, token{any: true})
		case variables && strings.HasPrefix(s[i:], "${"):
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return append(out, token{star: true})
			}
			out = append(out, token{star: true})
			i += end
		default:
			out = append(out, token{char: s[i]})
		}
	}
	return out
}

// templateTokens reads an ARN form of the Service Authorization Reference, in
// which ${...} is one character or more. A bucket's name holds no slash.
func templateTokens(s string) []token {
	var out []token
	for i := 0; i < len(s); i++ {
		if !strings.HasPrefix(s[i:], "${") {
			out = append(out, token{char: s[i]})
			continue
		}
		end := i + strings.IndexByte(s[i:], '}')
		not := ":"
		switch s[i+2 : end] {
		case "BucketName", "AccessPointName", "AccessPointAlias":
			not = ":/"
		case "ObjectName":
			not = ""
		}
		out = append(out, token{any: true, not: not}, token{star: true, not: not})
		i = end
	}
	return out
}

// meet reports whether some text matches both patterns.
func meet(a, b []token) bool {
	seen := make([]bool, (len(a)+1)*(len(b)+1))
	var at func(i, j int) bool
	at = func(i, j int) bool {
		k := i*(len(b)+1) + j
		if seen[k] {
			return false
		}
		seen[k] = true
		switch {
		case i == len(a) && j == len(b):
			return true
		case i < len(a) && a[i].star && at(i+1, j), j < len(b) && b[j].star && at(i, j+1):
			return true
		case i == len(a) || j == len(b) || !a[i].accepts(b[j]):
			return false
		case a[i].star && b[j].star:
			return false // what follows either was tried above
		case a[i].star:
			return at(i, j+1)
		case b[j].star:
			return at(i+1, j)
		}
		return at(i+1, j+1)
	}
	return at(0, 0)
}

var (
	bucketForm = templateTokens("arn:${Partition}:s3:::${BucketName}")
	objectForm = templateTokens("arn:${Partition}:s3:::${BucketName}/${ObjectName}")
)

// A target is what the Resource values of a statement can be.
type target struct {
	any            bool   // a lone "*" is among them
	bucket, object string // the first that can be an S3 bucket, and an S3 object
	tokens         [][]token
	types          map[string]bool // answers found, by resource type
}

func (l *linter) target() *target {
	t := &target{types: map[string]bool{}}
	for _, r := range l.statement.Resources {
		t.any = t.any || r.Text == "*"
		tokens := patternTokens(r.Text, l.doc.Variables())
		t.tokens = append(t.tokens, tokens)
		if t.bucket == "" && meet(tokens, bucketForm) {
			t.bucket = r.Text
		}
		if t.object == "" && meet(tokens, objectForm) {
			t.object = r.Text
		}
	}
	return t
}

// meets reports whether a resource of the type can be among the target.
func (t *target) meets(service, name string) bool {
	found, ok := t.types[service+" "+name]
	if ok {
		return found
	}
	if r, known := iamdata.ResourceTypeOf(service, name); known {
		for _, arn := range r.ARNs {
			form := templateTokens(arn)
			found = found || slices.ContainsFunc(t.tokens, func(p []token) bool { return meet(p, form) })
		}
	} else {
		found = true
	}
	t.types[service+" "+name] = found
	return found
}

// meetsAction reports whether the action can be asked on some of the target.
func (t *target) meetsAction(a *iamdata.Action) bool {
	if t.any {
		return true
	}
	if a.Name == "s3:ListAllMyBuckets" {
		every := templateTokens("arn:${Partition}:s3:::")
		every = append(every, token{char: '*'})
		return slices.ContainsFunc(t.tokens, func(p []token) bool { return meet(p, every) })
	}
	return slices.ContainsFunc(a.ResourceTypes, func(r iamdata.ResourceRef) bool { return t.meets(a.Service(), r.Name) })
}

// meetings finds actions that are never asked on the resources beside them.
func (l *linter) meetings() {
	st := l.statement
	if l.kind == TrustPolicy || l.kind == KeyPolicy || st.NotAction || st.NotResource || len(st.Resources) == 0 {
		return
	}
	t := l.target()
	for _, a := range st.Actions {
		ids, all := detailed(a.Text)
		if !all || slices.ContainsFunc(ids, func(id int) bool { return t.meetsAction(iamdata.ActionByID(id)) }) {
			continue
		}
		l.neverMeets(a, ids, t)
	}
}

func (l *linter) neverMeets(a Value, ids []int, t *target) {
	allTake := func(name string) bool {
		return !slices.ContainsFunc(ids, func(id int) bool {
			return !slices.ContainsFunc(iamdata.ActionByID(id).ResourceTypes, func(r iamdata.ResourceRef) bool { return r.Name == name })
		})
	}
	first := l.statement.Resources[0].Text
	none := !slices.ContainsFunc(ids, func(id int) bool { return len(iamdata.ActionByID(id).ResourceTypes) > 0 })
	switch service := iamdata.ActionByID(ids[0]).Service(); {
	case none:
		l.add("action-needs-any-resource", a.Pos, "%s is asked on no single resource, so %q never matches it; put it into a statement with \"Resource\": \"*\"", a.Text, first).Suggest = "*"
	case service == "s3" && allTake("object") && t.bucket != "":
		first = t.bucket
		l.add("object-action-on-bucket-arn", a.Pos, "%s is asked on objects, and %q is a bucket; add %q", a.Text, first, first+"/*").Suggest = first + "/*"
	case service == "s3" && allTake("bucket") && t.object != "":
		first = t.object
		bucket := first
		if arn, _, ok := strings.Cut(first, "/"); ok {
			bucket = arn
		}
		l.add("bucket-action-on-object-arn", a.Pos, "%s is asked on the bucket, and %q are objects; add %q", a.Text, first, bucket).Suggest = bucket
	default:
		l.add("action-never-meets-resource", a.Pos, "%s is never asked on a resource such as %q; it takes %s", a.Text, first, l.takes(ids[0]))
	}
}

// takes lists the ARN forms that an action takes.
func (l *linter) takes(id int) string {
	a := iamdata.ActionByID(id)
	var forms []string
	for _, ref := range a.ResourceTypes {
		if r, ok := iamdata.ResourceTypeOf(a.Service(), ref.Name); ok {
			forms = append(forms, r.ARNs...)
		}
	}
	if len(forms) == 0 {
		return "\"*\" alone"
	}
	return strings.Join(forms, " or ")
}
