package redact

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"golang.org/x/tools/txtar"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/explain"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A corpusCase is an estate with requests, each as JSON.
type corpusCase struct {
	name     string
	estate   *estate.Estate
	files    fstest.MapFS
	requests [][]byte
}

func corpus(t *testing.T) []*corpusCase {
	t.Helper()
	files, err := filepath.Glob("../../testdata/corpus/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var list []*corpusCase
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := &corpusCase{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), files: fstest.MapFS{}}
		for _, f := range archive.Files {
			c.files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		if c.estate, err = estate.ParseFS(c.files, "estate.yaml"); err != nil {
			t.Fatal(err)
		}
		if one := c.files["request.json"]; one != nil {
			c.requests = append(c.requests, one.Data)
		}
		if many := c.files["requests.jsonl"]; many != nil {
			for line := range strings.Lines(string(many.Data)) {
				if strings.TrimSpace(line) != "" {
					c.requests = append(c.requests, []byte(line))
				}
			}
		}
		list = append(list, c)
	}
	return list
}

// notKept are the decisions of the corpus that redacting changes, and why.
var notKept = map[string]string{
	"eval-managed-policy-job-functions 11": "an AWS managed policy names buckets by how they begin, and names of buckets are replaced",
	"s3-mfa-delete-code-of-the-device 1":   "whether a code of an MFA device is right hangs on its seed, which is a secret",
}

// Over the corpus, an estate and a request without names are decided as those with
// names: verdict, gate, reason and statement.
func TestDecisionsStay(t *testing.T) {
	compared, changed := 0, map[string]bool{}
	for _, c := range corpus(t) {
		r := New([]byte("a secret of the tests"), nil)
		for _, text := range c.requests {
			if err := r.LearnRequest(text); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		e, err := r.Estate(c.estate)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i, text := range c.requests {
			hidden, err := r.Request(text)
			if err != nil {
				t.Errorf("%s, request %d: %v", c.name, i, err)
				continue
			}
			want, ok := decided(t, c.estate, text)
			got, gotOK := decided(t, e, hidden)
			compared++
			if name := fmt.Sprintf("%s %d", c.name, i); ok && (!gotOK || got != want) {
				changed[name] = true
				if notKept[name] == "" {
					t.Errorf("%s: %s\nwith names: %s\n%s\n%s", name, got, want, text, hidden)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(notKept)) {
		if !changed[name] {
			t.Errorf("%s is kept, and is listed as not", name)
		}
	}
	t.Logf("%d decisions, %d changed", compared, len(changed))
}

// decided is what is compared of a decision.
func decided(t *testing.T, e *estate.Estate, text []byte) (string, bool) {
	t.Helper()
	list, err := request.Parse("request.json", text)
	if err != nil {
		return "no request: " + err.Error(), false
	}
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	d, _, err := explain.With(gather.New(e, func() time.Time { return now }), list[0], explain.Options{})
	if err != nil {
		return "not decided: " + err.Error(), false
	}
	out := fmt.Sprint(d.Verdict, d.Status, d.Code)
	for _, c := range append([]*report.Cause{d.Cause}, d.Contributing...) {
		if c == nil {
			continue
		}
		out += fmt.Sprintf("; %v %v %s", c.Gate, c.Kind, c.Reason)
		if c.Statement != nil {
			out += fmt.Sprint(" statement ", c.Statement.Index)
		}
	}
	return out, true
}

// No name is left: neither of what stands in the estate, nor of a request, nor a
// part of one that is a word.
func TestNoNameIsLeft(t *testing.T) {
	looked := 0
	for _, c := range corpus(t) {
		names := map[string]bool{}
		collectNames(t, c, names)
		r := New([]byte("another secret of the tests"), nil)
		for _, text := range c.requests {
			if err := r.LearnRequest(text); err != nil {
				t.Fatal(err)
			}
		}
		e, err := r.Estate(c.estate)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var out bytes.Buffer
		if err := e.Encode(&out); err != nil {
			t.Fatal(err)
		}
		for _, text := range c.requests {
			hidden, err := r.Request(text)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(hidden)
		}
		text := out.String()
		for name := range names {
			looked++
			for rest, at := text, 0; ; {
				i := strings.Index(rest, name)
				if i < 0 {
					break
				}
				at += i
				if whole(text, at, at+len(name)) {
					t.Errorf("%s: %s is left: …%q", c.name, name, text[max(0, at-40):min(len(text), at+len(name)+20)])
					break
				}
				rest, at = rest[i+len(name):], at+len(name)
			}
		}
	}
	if looked < 5000 {
		t.Errorf("%d names were looked for", looked)
	}
}

func whole(text string, from, to int) bool {
	word := func(i int) bool {
		return i >= 0 && i < len(text) && (unicode.IsLetter(rune(text[i])) || isDigit(rune(text[i])))
	}
	return !word(from-1) && !word(to)
}

// ownNames are words of AWS's and of the formats that the corpus also has for names.
var ownNames = set(`account aws root user role group policy object bucket accesspoint anonymous trust document inline attached read write delete list key true false null public private
	Allow Deny StringLike StringEquals everyone all none Action Resource Principal Statement Condition FullAWSAccess RCPFullAWSAccess boundary
	assumed vpce alias amazonaws logging cloudfront federated Origin Identity Access versions username tags path owner governance full version userid unknown source exec control
	cloudtrail authenticated state retain lambda hold encryption east delivery aliases StringNotLikeIfExists StringNotLike StringNotEqualsIfExists StringNotEquals StringLikeIfExists
	StringEqualsIfExists FederatedUser AssumedRole logging.s3.amazonaws.com cloudfront.amazonaws.com cloudtrail.amazonaws.com s3.amazonaws.com lambda.amazonaws.com ec2.amazonaws.com
	bucket-owner-read bucket-owner-full-control public-read-write public-read aws-exec-read authenticated-read READ_ACP WRITE_ACP FULL_CONTROL`)

// collectNames takes the names that an estate and requests hold, and the words of
// which they are made, of four letters at least.
func collectNames(t *testing.T, c *corpusCase, names map[string]bool) {
	t.Helper()
	r := New([]byte("x"), nil)
	n, err := tree(c.estate)
	if err != nil {
		t.Fatal(err)
	}
	take := func(text string) {
		if len(text) >= 4 && !ownNames[strings.ToLower(text)] {
			names[text] = true
		}
	}
	r.learning = true
	var walk func(n *node.Node)
	walk = func(n *node.Node) {
		for _, m := range n.Members {
			if mappings[strings.ToLower(m.Name)] || slices.Contains([]string{"keys", "tags", "sessionTags", "inline"}, m.Name) {
				for _, named := range m.Value.Members {
					take(named.Name)
				}
			}
			if slices.Contains([]string{"canonicalId", "Sid", "email", "sourceIp", "principal", "federatedBy", "vpc", "vpcEndpoint", "versionId", "alias"}, m.Name) && m.Value.Kind == node.String {
				take(m.Value.Text)
			}
			walk(m.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	walk(n)
	for _, text := range c.requests {
		n, err := node.ParseJSON("request", text)
		if err != nil {
			t.Fatal(err)
		}
		walk(n)
		take(textOf(n.Get("bucket")))
		take(textOf(n.Get("key")))
	}
	for name := range maps.Clone(names) {
		for _, word := range words.FindAllString(name, -1) {
			take(word)
		}
	}
}

func textOf(n *node.Node) string {
	if n == nil {
		return ""
	}
	return n.Text
}

var words = regexp.MustCompile(`[A-Za-z]{4,}|[0-9]{6,}`)
