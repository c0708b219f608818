package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// A group is a block of constants, under the comment that heads it.
type group struct {
	title   string
	reasons []entry
}

// An entry is one constant, with what its comment says.
type entry struct {
	name, code, title, text, see, example string
}

// read reads the constants of a file and the comments above them:
//
//	// Name: one sentence.
//	//
//	// Paragraphs.
//	//
//	// See: address
//	// Example: name
//	Name Code = "code"
func read(file string) ([]group, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, d := range f.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		g := group{title: strings.TrimSpace(decl.Doc.Text())}
		for _, s := range decl.Specs {
			e, err := readEntry(s.(*ast.ValueSpec))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fset.Position(s.Pos()), err)
			}
			g.reasons = append(g.reasons, e)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func readEntry(s *ast.ValueSpec) (entry, error) {
	e := entry{name: s.Names[0].Name}
	value, ok := s.Values[0].(*ast.BasicLit)
	if !ok || len(s.Names) != 1 {
		return e, fmt.Errorf("%s is not one constant text", e.name)
	}
	code, err := strconv.Unquote(value.Value)
	if err != nil {
		return e, err
	}
	e.code = code
	return e, e.comment(s.Doc.Text())
}

func (e *entry) comment(text string) error {
	head, rest, _ := strings.Cut(text, "\n\n")
	title, ok := strings.CutPrefix(strings.ReplaceAll(strings.TrimSpace(head), "\n", " "), e.name+": ")
	if !ok {
		return fmt.Errorf("the comment of %s does not begin with %q", e.name, e.name+": ")
	}
	e.title = strings.ToUpper(title[:1]) + title[1:]
	var paragraphs []string
	for _, p := range strings.Split(strings.TrimSpace(rest), "\n\n") {
		var lines []string
		for _, line := range strings.Split(p, "\n") {
			if see, ok := strings.CutPrefix(line, "See: "); ok {
				e.see = see
			} else if example, ok := strings.CutPrefix(line, "Example: "); ok {
				e.example = example
			} else {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			paragraphs = append(paragraphs, strings.Join(lines, "\n"))
		}
	}
	e.text = strings.Join(paragraphs, "\n\n")
	return e.complete()
}

func (e *entry) complete() error {
	switch {
	case !strings.HasSuffix(e.title, "."):
		return fmt.Errorf("the first sentence about %s does not end with a period", e.name)
	case e.text == "":
		return fmt.Errorf("the comment of %s explains nothing", e.name)
	case !strings.HasPrefix(e.see, "https://docs.aws.amazon.com/"):
		return fmt.Errorf("the comment of %s lacks \"See: \" with a page of the AWS manual", e.name)
	case e.example == "":
		return fmt.Errorf("the comment of %s lacks \"Example: \"", e.name)
	}
	return nil
}
