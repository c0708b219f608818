package render

import (
	"strings"
	"unicode/utf8"
)

// minText is the least room that wrapped text gets, however narrow the terminal.
const minText = 20

// wrap breaks text at spaces so that lines have at most the given number of
// visible columns; with 0 it does not break. Words longer than a line stay whole,
// since they are names that people copy.
func wrap(text string, width int) []string {
	if width <= 0 {
		return []string{text}
	}
	width = max(width, minText)
	var lines []string
	line, used := "", 0
	for i, word := range strings.Split(text, " ") {
		n := visible(word)
		switch {
		case i == 0:
			line, used = word, n
		case used+1+n > width:
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = strings.TrimLeft(word, " "), n
		default:
			line, used = line+" "+word, used+1+n
		}
	}
	return append(lines, line)
}

// visible counts the columns that text takes, without colour escapes.
func visible(text string) int {
	n := 0
	for {
		i := strings.IndexByte(text, '\x1b')
		if i < 0 {
			return n + utf8.RuneCountInString(text)
		}
		n += utf8.RuneCountInString(text[:i])
		end := strings.IndexByte(text[i:], 'm')
		if end < 0 {
			return n
		}
		text = text[i+end+1:]
	}
}

// pad fills text with spaces up to a width.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-visible(text)))
}
