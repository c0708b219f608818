package replay

import (
	"strings"

	"github.com/why403/why403/internal/ingest/errortext"
	"github.com/why403/why403/internal/ingest/record"
)

// Messages reads AWS's messages. Of those that differ only in caller and resource it
// reads one. It serves one goroutine.
type Messages struct {
	known map[string]*errortext.Message
	key   []byte
}

// maxKnown bounds the messages that are kept.
const maxKnown = 1 << 14

// Told returns what AWS's answer tells of its cause.
func (m *Messages) Told(r *record.Record) *errortext.Message {
	code, text := string(r.Error), string(r.Message)
	switch code {
	case "", "Client.UnauthorizedOperation":
		code = "AccessDenied"
	case "AccessDenied":
		if text == "" && r.ExpiredURL() {
			text = "Request has expired" // as S3 answers it; access logs have no messages
		}
	case "VpceAccessDenied": // "The request was denied due to a VPC endpoint policy"
		code, text = "AccessDenied", "with an explicit deny in a VPC endpoint policy"
	}
	return m.Read(code, string(r.Event), text)
}

// Read reads the message of an error code.
func (m *Messages) Read(code, operation, text string) *errortext.Message {
	before, after := alike(text)
	m.key = append(append(append(append(append(append(append(m.key[:0], code...), 0), operation...), 0), before...), 0), after...)
	if read, ok := m.known[string(m.key)]; ok {
		return read
	}
	if m.known == nil || len(m.known) >= maxKnown {
		m.known = map[string]*errortext.Message{}
	}
	read, _ := errortext.Parse("An error occurred (" + code + ") when calling the " + operation + " operation: " + text)
	m.known[string(m.key)] = &read
	return &read
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
