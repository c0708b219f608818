package logs

import (
	"strings"

	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/ingest/record"
)

// reader reads AWS's messages. Of messages that differ only in caller and resource
// it reads one.
type reader struct {
	known map[string]*errortext.Message
	key   []byte
}

// maxKnown bounds the messages that are kept.
const maxKnown = 1 << 14

// told returns what AWS's answer tells of its cause.
func (rd *reader) told(r *record.Record) *errortext.Message {
	code, text := string(r.Error), string(r.Message)
	switch code {
	case "", "Client.UnauthorizedOperation":
		code = "AccessDenied"
	case "VpceAccessDenied": // "The request was denied due to a VPC endpoint policy"
		code, text = "AccessDenied", "with an explicit deny in a VPC endpoint policy"
	}
	return rd.read(code, string(r.Event), text)
}

// read reads the message of an error code.
func (rd *reader) read(code, operation, text string) *errortext.Message {
	before, after := alike(text)
	rd.key = append(append(append(append(append(append(append(rd.key[:0], code...), 0), operation...), 0), before...), 0), after...)
	if m, ok := rd.known[string(rd.key)]; ok {
		return m
	}
	if rd.known == nil || len(rd.known) >= maxKnown {
		rd.known = map[string]*errortext.Message{}
	}
	m, _ := errortext.Parse("An error occurred (" + code + ") when calling the " + operation + " operation: " + text)
	rd.known[string(rd.key)] = &m
	return &m
}

// alike leaves the caller and the resource out of a message, and returns what
// stands before and behind the resource.
func alike(message string) (before, after string) {
	rest, ok := strings.CutPrefix(message, "User: ")
	if !ok {
		return message, ""
	}
	_, rest, _ = strings.Cut(rest, " ")
	before, after, ok = strings.Cut(rest, ` on resource: `)
	if quoted, is := strings.CutPrefix(after, `"`); ok && is {
		_, after, _ = strings.Cut(quoted, `"`)
	} else if ok {
		_, after, _ = strings.Cut(after, " ")
	}
	return before, after
}
