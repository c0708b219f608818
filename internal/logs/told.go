package logs

import (
	"strings"

	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/ingest/record"
)

// reader reads AWS's messages. Of messages that differ only in caller and resource
// it reads one.
type reader struct{ known map[string]*errortext.Message }

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
	key := code + "\x00" + operation + "\x00" + alike(text)
	if m, ok := rd.known[key]; ok {
		return m
	}
	if rd.known == nil || len(rd.known) >= maxKnown {
		rd.known = map[string]*errortext.Message{}
	}
	m, _ := errortext.Parse("An error occurred (" + code + ") when calling the " + operation + " operation: " + text)
	rd.known[key] = &m
	return &m
}

// alike leaves the caller and the resource out of a message.
func alike(message string) string {
	rest, ok := strings.CutPrefix(message, "User: ")
	if !ok {
		return message
	}
	_, rest, _ = strings.Cut(rest, " ")
	before, after, ok := strings.Cut(rest, ` on resource: `)
	if !ok {
		return rest
	}
	if quoted, ok := strings.CutPrefix(after, `"`); ok {
		_, after, _ = strings.Cut(quoted, `"`)
		return before + after
	}
	_, after, _ = strings.Cut(after, " ")
	return before + " " + after
}
