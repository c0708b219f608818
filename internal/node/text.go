package node

import (
	"bytes"
	"unicode/utf8"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// blankBOM returns the document with spaces in place of a byte order mark, which
// editors on Windows set before UTF-8. Offsets stay as they are.
func blankBOM(data []byte) []byte {
	if !bytes.HasPrefix(data, byteOrderMark) {
		return data
	}
	return append([]byte("   "), data[len(byteOrderMark):]...)
}

// checkText complains about what is no text in UTF-8, in which alone JSON and
// the YAML of estates are written.
func checkText(name string, data []byte) error {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return &Error{Pos{name, 1, 1}, "the file is in UTF-16; save it as UTF-8"}
	}
	at := bytes.IndexByte(data, 0)
	msg := "a zero byte; the file is not text"
	if at < 0 && !utf8.Valid(data) {
		at, msg = firstInvalid(data), "not valid UTF-8; save the file as UTF-8"
	}
	if at < 0 {
		return nil
	}
	line := bytes.Count(data[:at], []byte("\n"))
	column := at - bytes.LastIndexByte(data[:at], '\n')
	return &Error{Pos{name, int32(line + 1), int32(column)}, msg}
}

// firstInvalid returns the offset of the first byte that is not UTF-8.
func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}
