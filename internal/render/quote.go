package render

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/why403/why403/report"
)

const (
	quoteLines = 8   // a statement of more lines is shortened
	quoteBytes = 300 // a line of more bytes is cut
)

// quote writes the lines of a statement, or the line of a setting, as they stand
// in the file.
func (p *page) quote(source *report.Source, statement bool, compare []report.Comparison) {
	if source == nil || source.Line <= 0 || strings.HasPrefix(source.File, builtIn) {
		return
	}
	data, err := p.open(p.path(source.File))
	if err != nil {
		return
	}
	lines := strings.Split(string(data), "\n")
	first := source.Line - 1
	if first >= len(lines) {
		return
	}
	last := first
	if statement {
		last = extent(lines, first, source.Column-1)
	}
	picked := pick(lines, first, last, compare, p.All)
	margin := indentation(lines, picked)
	digits := len(strconv.Itoa(last + 1))
	for _, i := range picked {
		if i < 0 {
			p.more(2, p.style(dim, strings.Repeat(" ", digits)+" | …"))
			continue
		}
		text := strings.TrimRight(strings.ReplaceAll(lines[i], "\t", "    "), " \r")
		text = cut(clean(text[min(margin, len(text)):]))
		p.hang(strings.Repeat(" ", labelWidth+2)+p.style(dim, fmt.Sprintf("%*d | ", digits, i+1)), text)
	}
}

// extent returns the last line of the value that begins at a line and column,
// both from 0. A column below 0 is not known.
func extent(lines []string, first, column int) int {
	line := lines[first]
	if column < 0 || column >= len(line) {
		column = len(line) - len(strings.TrimLeft(line, " \t-"))
		if brace := strings.IndexByte(line, '{'); brace >= 0 {
			column = brace
		}
	}
	if column < len(line) && line[column] == '{' {
		return closing(lines, first, column)
	}
	last := first
	for i := first + 1; i < len(lines); i++ {
		text := strings.TrimLeft(lines[i], " ")
		if strings.TrimSpace(text) == "" {
			continue
		}
		if len(lines[i])-len(text) < column {
			break
		}
		last = i
	}
	return last
}

// closing returns the line of the bracket that closes the one at a place.
func closing(lines []string, first, column int) int {
	depth, quoted := 0, byte(0)
	for i := first; i < len(lines); i++ {
		line := lines[i]
		for j := column; j < len(line); j++ {
			switch c := line[j]; {
			case quoted == '"' && c == '\\':
				j++
			case quoted != 0:
				if c == quoted {
					quoted = 0
				}
			case c == '"' || c == '\'':
				quoted = c
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				if depth--; depth == 0 {
					return i
				}
			}
		}
		column = 0
	}
	return first
}

// pick chooses the lines to show; -1 stands for lines left out.
func pick(lines []string, first, last int, compare []report.Comparison, all bool) []int {
	var picked []int
	whole := all || last-first < quoteLines
	for i := first; i <= last; i++ {
		if whole || i == first || telling(lines[i], compare) {
			picked = append(picked, i)
		}
	}
	if len(picked) > quoteLines && !whole {
		picked = picked[:quoteLines]
	}
	if whole {
		return picked
	}
	var gaps []int
	for n, i := range picked {
		if n > 0 && i > picked[n-1]+1 {
			gaps = append(gaps, -1)
		}
		gaps = append(gaps, i)
	}
	if picked[len(picked)-1] < last {
		gaps = append(gaps, -1)
	}
	return gaps
}

// telling reports whether a line of a long statement says why it decides.
func telling(line string, compare []report.Comparison) bool {
	for _, word := range []string{"Sid", "Effect", "Principal"} {
		if strings.Contains(line, word) {
			return true
		}
	}
	for _, c := range compare {
		if strings.Contains(line, c.Operator) || strings.Contains(strings.ToLower(line), strings.ToLower(c.Key)) {
			return true
		}
	}
	return false
}

func indentation(lines []string, picked []int) int {
	margin := -1
	for _, i := range picked {
		if i < 0 || strings.TrimSpace(lines[i]) == "" {
			continue
		}
		text := strings.ReplaceAll(lines[i], "\t", "    ")
		n := len(text) - len(strings.TrimLeft(text, " "))
		if margin < 0 || n < margin {
			margin = n
		}
	}
	return max(margin, 0)
}

func cut(text string) string {
	if len(text) <= quoteBytes {
		return text
	}
	return strings.ToValidUTF8(text[:quoteBytes], "") + "…"
}
