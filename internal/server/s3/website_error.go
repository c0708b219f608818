package s3

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"text/template"

	"github.com/why403/why403/internal/server/document"
	"github.com/why403/why403/internal/server/wire"
)

// failPage answers a request to a website with an error: where a rule redirects it,
// with the error document, else with S3's own page.
func (x *exchange) failPage(site *document.Element, err error) {
	var gone *clientGone
	if errors.As(err, &gone) || x.wrote {
		panic(http.ErrAbortHandler)
	}
	e := x.wireError(err)
	if e.Status >= 500 {
		x.s.Failed(x.r, x.ids, err)
	}
	if e.Status == http.StatusNotModified || e.Status < http.StatusBadRequest || site == nil {
		x.writePage(e, nil)
		return
	}
	if rule := x.routingRule(site, e.Status); rule != nil {
		_ = x.follow(rule) // an answer without a body does not fail
		return
	}
	key := site.Get("ErrorDocument", "Key")
	if key == "" {
		x.writePage(e, nil)
		return
	}
	custom := x.at(key)
	custom.w = &statusAs{ResponseWriter: x.w, status: e.Status}
	custom.op = operation{act: (*exchange).getObject}
	err = custom.serveObject()
	switch {
	case errors.As(err, &gone), err != nil && custom.wrote:
		panic(http.ErrAbortHandler)
	case err != nil:
		x.writePage(e, x.wireError(err))
	}
}

// statusAs answers with the status of an error where a document is found.
type statusAs struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusAs) WriteHeader(int) { s.ResponseWriter.WriteHeader(s.status) }

// Unwrap lets http.ResponseController find what is below.
func (s *statusAs) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// errorPage is S3's: "Custom error documents" in the Amazon S3 User Guide, and
// recorded answers. Not of package html/template, which escapes more than S3 does.
var errorPage = template.Must(template.New("error").Parse(`<html>
<head><title>{{.Title}}</title></head>
<body>
<h1>{{.Title}}</h1>
<ul>
{{range .Error}}<li>{{.Name}}: {{html .Value}}</li>
{{end}}</ul>
{{if .Custom}}<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>
<ul>
{{range .Custom}}<li>{{.Name}}: {{html .Value}}</li>
{{end}}</ul>
{{end}}<hr/>
</body>
</html>
`))

// writePage answers with S3's page. custom is why there is no error document, nil
// where none is configured.
func (x *exchange) writePage(e, custom *wire.Error) {
	h := x.w.Header()
	for name, values := range e.Header {
		h[name] = values
	}
	h.Set("X-Amz-Error-Code", e.Code)
	h.Set("X-Amz-Error-Message", e.Message)
	for _, extra := range e.Extra {
		h.Set("X-Amz-Error-Detail-"+extra.Name, strings.NewReplacer("\r", "", "\n", "").Replace(extra.Value))
	}
	page := struct {
		Title         string
		Error, Custom []wire.Element
	}{Title: strconv.Itoa(e.Status) + " " + http.StatusText(e.Status), Error: elements(e)}
	page.Error = append(page.Error, wire.Element{Name: "RequestId", Value: x.ids.Request}, wire.Element{Name: "HostId", Value: x.ids.Host})
	if custom != nil {
		page.Custom = elements(custom)
	}
	if x.r.Method == http.MethodHead || e.Status == http.StatusNotModified {
		x.w.WriteHeader(e.Status)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	x.w.WriteHeader(e.Status)
	_ = errorPage.Execute(x.w, page) // the client may be gone
}

func elements(e *wire.Error) []wire.Element {
	return append([]wire.Element{{Name: "Code", Value: e.Code}, {Name: "Message", Value: e.Message}}, e.Extra...)
}
