package console

import (
	"embed"
	"html/template"
	"net/http"
	"time"

	"github.com/why403/why403/report"
)

//go:embed *.html style.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "*.html"))

// A Row is one request in the list.
type Row struct {
	ID, Request, Principal, Verdict string
	At                              time.Time
	Status                          int
	Gate, Reason, Summary           string // of a refusal
}

// A List is the page of the last requests.
type List struct {
	Base string // the path that the pages are below
	Rows []Row
	Only string // "denied": refusals alone; "" all
}

// A Decision is one decision on a request, explained.
type Decision struct {
	Decision *report.Decision
	Text     string // the explanation, as the command prints it
	JSON     string // the decision in the form of the contract, indented
}

// A Page is the page of one request.
type Page struct {
	Base string
	Row
	Decisions []Decision
}

// WriteList answers with the list.
func WriteList(w http.ResponseWriter, l List) { write(w, "list.html", l) }

// WritePage answers with the page of a request.
func WritePage(w http.ResponseWriter, p Page) { write(w, "request.html", p) }

// WriteStyle answers with the pages' style sheet.
func WriteStyle(w http.ResponseWriter) {
	css, err := files.ReadFile("style.css")
	if err != nil {
		panic(err) // it is embedded
	}
	secure(w.Header())
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(css) // the reader may be gone
}

func write(w http.ResponseWriter, name string, data any) {
	secure(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pages.ExecuteTemplate(w, name, data) // the reader may be gone
}

// secure lets a page load its style sheet and nothing else, and keeps it out of
// frames and caches.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
