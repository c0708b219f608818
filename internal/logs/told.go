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
	key := string(r.Error) + "\x00" + string(r.Event) + "\x00" + alike(string(r.Message))
	if m, ok := rd.known[key]; ok {
		return m
	}
	if rd.known == nil || len(rd.known) >= maxKnown {
		rd.known = map[string]*errortext.Message{}
	}
	code := string(r.Error)
	if code == "" || code == "VpceAccessDenied" || code == "Client.UnauthorizedOperation" {
		code = "AccessDenied"
	}
	text := string(r.Message)
	if string(r.Error) == "VpceAccessDenied" {
		text = "with an explicit deny in a VPC endpoint policy" // so is CloudTrail's "The request was denied due to a VPC endpoint policy"
	}
	m, _ := errortext.Parse("An error occurred (" + code + ") when calling the " + string(r.Event) + " operation: " + text)
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
