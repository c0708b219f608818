package errortext

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

var (
	escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]`)
	frame   = regexp.MustCompile(`(?m)^(?:[ \t]*[│╵╷┃|>][ \t]?)+`) // Terraform's, and that of quoted mail
)

// prepare undoes what terminals, JSON and HTML did to a text. Line ends stay.
func prepare(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "“", `"`, "”", `"`).Replace(text)
	text = escapes.ReplaceAllString(text, "")
	text = frame.ReplaceAllString(text, "")
	if strings.Contains(text, `\"`) || strings.Contains(text, `\u00`) {
		text = strings.NewReplacer(`\"`, `"`, `\n`, "\n", `\t`, " ", `\/`, "/", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u0022`, `"`).Replace(text)
	}
	for range 2 { // a page that shows XML holds &amp;quot;
		text = html.UnescapeString(text)
	}
	return text
}

// A squeezed text is one without white space, so that lines may be wrapped within
// words; at tells where each byte stood.
type squeezed struct {
	text string
	from string
	at   []int
}

func squeeze(text string) squeezed {
	var b strings.Builder
	s := squeezed{from: text}
	for i, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		for j := range len(string(r)) {
			s.at = append(s.at, i+j)
		}
		b.WriteRune(r)
	}
	s.text = b.String()
	return s
}

// paragraph is the original from i to the next empty line.
func (s squeezed) paragraph(i int) string {
	if i >= len(s.text) {
		return ""
	}
	rest := s.from[s.at[i]:]
	if n := strings.Index(rest, "\n\n"); n >= 0 {
		return s.original(i, i+len(squeeze(rest[:n]).text))
	}
	return s.original(i, len(s.text))
}

// original returns what stood at text[i:j] with its blanks, and without the line
// ends and indents of wrapped lines.
func (s squeezed) original(i, j int) string {
	if i >= j {
		return ""
	}
	part := s.from[s.at[i] : s.at[j-1]+1]
	if !strings.Contains(part, "\n") {
		return part
	}
	var b strings.Builder
	for k, line := range strings.Split(part, "\n") {
		if k > 0 {
			line = strings.TrimLeft(line, " \t")
		}
		b.WriteString(strings.TrimRight(line, " \t"))
	}
	return b.String()
}
