package node

import (
	"regexp"
	"strconv"
)

var jsonPosition = regexp.MustCompile(`^hujson: line (\d+), column (\d+): (.*)$`)

// splitPosition takes line, column and message out of a parser's error text.
func splitPosition(msg string) []string {
	if m := jsonPosition.FindStringSubmatch(msg); m != nil {
		return m[1:]
	}
	return nil
}

func atoi32(s string) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}
