package wire

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// An Element is one extra element of an error body.
type Element struct{ Name, Value string }

// An Error is what a service answers in place of a result.
type Error struct {
	Status  int
	Code    string
	Message string
	Extra   []Element   // in the order in which they are sent
	Header  http.Header // further headers of the answer; nil for none
	Why     string      // what the log says of it where no decision does; never sent
}

// NewError returns an error without extra elements.
func NewError(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// With returns a copy of the error with one more element.
func (e *Error) With(name, value string) *Error {
	c := *e
	c.Extra = append(slices.Clone(e.Extra), Element{name, value})
	return &c
}

// Because returns a copy of the error with what the log is to say of it.
func (e *Error) Because(why string) *Error {
	c := *e
	c.Why = why
	return &c
}

// WithHeader returns a copy of the error with one more header.
func (e *Error) WithHeader(name, value string) *Error {
	c := *e
	c.Header = e.Header.Clone()
	if c.Header == nil {
		c.Header = http.Header{}
	}
	c.Header.Set(name, value)
	return &c
}

// XML returns the body that S3 sends: "Error Responses" in the Amazon S3 API
// Reference.
func (e *Error) XML(ids IDs) []byte {
	var b strings.Builder
	b.WriteString(xml.Header + "<Error>")
	e.elements(&b)
	ids.elements(&b)
	b.WriteString("</Error>")
	return []byte(b.String())
}

// ControlXML returns the body that S3 Control sends, where the ids stand beside the
// error.
func (e *Error) ControlXML(ids IDs) []byte {
	var b strings.Builder
	b.WriteString(xml.Header + "<ErrorResponse><Error>")
	e.elements(&b)
	b.WriteString("</Error>")
	ids.elements(&b)
	b.WriteString("</ErrorResponse>")
	return []byte(b.String())
}

func (e *Error) elements(b *strings.Builder) {
	element(b, "Code", e.Code)
	element(b, "Message", e.Message)
	for _, x := range e.Extra {
		element(b, x.Name, x.Value)
	}
}

func (ids IDs) elements(b *strings.Builder) {
	element(b, "RequestId", ids.Request)
	element(b, "HostId", ids.Host)
}

// WriteS3 answers a request to S3 with the error. HEAD gets the status alone.
func (e *Error) WriteS3(w http.ResponseWriter, r *http.Request, ids IDs) { e.write(w, r, e.XML(ids)) }

// WriteControl answers a request to S3 Control with the error.
func (e *Error) WriteControl(w http.ResponseWriter, r *http.Request, ids IDs) {
	e.write(w, r, e.ControlXML(ids))
}

func (e *Error) write(w http.ResponseWriter, r *http.Request, body []byte) {
	h := w.Header()
	for name, values := range e.Header {
		h[name] = values
	}
	if r.Method == http.MethodHead || e.Status == http.StatusNotModified {
		if r.Method == http.MethodHead {
			h.Set("Content-Type", "application/xml")
		}
		w.WriteHeader(e.Status)
		return
	}
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.Status)
	w.Write(body) // the client may be gone
}

func element(b *strings.Builder, name, value string) {
	var text strings.Builder
	xml.EscapeText(&text, []byte(value)) // a Builder does not fail
	b.WriteString("<" + name + ">" + likeS3.Replace(text.String()) + "</" + name + ">")
}

// likeS3 writes what S3 leaves as it is, or escapes by name.
var likeS3 = strings.NewReplacer("&#xA;", "\n", "&#x9;", "\t", "&#34;", "&quot;", "&#39;", "'")
