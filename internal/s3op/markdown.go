package s3op

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteTable writes the operations as Markdown tables, one for each scope: name
// with a link to the manual page, request, permissions, those that hang on the
// request, and those on KMS keys.
func WriteTable(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, part := range []struct {
		title string
		list  []*Spec
	}{
		{"Service", serviceSpecs}, {"Buckets", bucketSpecs}, {"Objects", objectSpecs}, {"S3 Control", controlSpecs},
	} {
		fmt.Fprintf(b, "## %s\n\n| Operation | Request | Permission | With `versionId` | Further permissions | KMS permissions |\n|---|---|---|---|---|---|\n", part.title)
		for _, s := range part.list {
			fmt.Fprintf(b, "| [%s](%s) | `%s` | %s | %s | %s | %s |\n", s.Name, s.Doc, s.RequestLine(), s.permissions(), code(s.versionActions()), s.conditions(), s.kmsConditions())
		}
		fmt.Fprintln(b)
	}
	return b.Flush()
}

// RequestLine shows the shape of the request: "PUT /bucket/key?acl".
func (s *Spec) RequestLine() string {
	path := map[Scope]string{Service: "/", Bucket: "/bucket", Object: "/bucket/key", Account: s.Path}[s.Scope]
	switch s.Name {
	case "PostObject":
		path = "/bucket"
	case "WriteGetObjectResponse":
		path = "/WriteGetObjectResponse"
	}
	var params []string
	switch s.Subresource {
	case "":
	case "list-type", "select":
		params = append(params, map[string]string{"list-type": "list-type=2", "select": "select&select-type=2"}[s.Subresource])
	default:
		params = append(params, s.Subresource)
		params = append(params, s.Parameters...)
	}
	if len(params) > 0 {
		path += "?" + strings.Join(params, "&")
	}
	return s.Method + " " + path
}

func (s *Spec) permissions() string {
	var lines []string
	if s.SourceAction != "" {
		lines = append(lines, code(s.SourceAction)+" on the source")
	}
	own := code(s.Action)
	switch {
	case s.AnyResource:
		own += " on `*`"
	case s.SourceAction != "":
		own += " on the target"
	}
	lines = append(lines, own)
	for _, c := range s.Conditional {
		if c.When == "" {
			lines = append(lines, code(c.Action))
		}
	}
	return strings.Join(lines, "<br>")
}

func (s *Spec) versionActions() string {
	list := []string{}
	if s.SourceVersionAction != "" {
		list = append(list, s.SourceVersionAction)
	}
	if s.VersionAction != "" {
		list = append(list, s.VersionAction)
	}
	for _, c := range s.Conditional {
		if c.When == "" && c.VersionAction != "" {
			list = append(list, c.VersionAction)
		}
	}
	return strings.Join(list, "`<br>`")
}

func (s *Spec) conditions() string {
	var lines []string
	for _, c := range s.Conditional {
		if c.When == "" {
			continue
		}
		line := code(c.Action)
		if c.Half == Source {
			line += " on the source"
		}
		lines = append(lines, line+" if "+c.When)
	}
	for _, a := range s.Elsewhere {
		lines = append(lines, code(a)+" (not decided)")
	}
	return strings.Join(lines, "<br>")
}

func (s *Spec) kmsConditions() string {
	var lines []string
	for _, k := range s.KMSNeeds {
		line := code(k.Action)
		if k.Half == Source {
			line += " on the source's key"
		}
		if k.When != "" {
			line += " if " + k.When
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "<br>")
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
