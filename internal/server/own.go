package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/why403/why403/report"
)

// ownPath is under which the endpoint speaks of itself. No bucket has such a name.
const ownPath = "/_why403/"

// own answers under ownPath, to peers on the loopback interface alone: decisions
// say more than their callers may know. Browsers get them at ConsoleHost alone.
func (s *Server) own(w http.ResponseWriter, r *http.Request, path string) {
	apart(w.Header())
	name, ours := strings.CutPrefix(path, ownPath)
	switch {
	case !local(r):
		http.Error(w, "forbidden", http.StatusForbidden)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case path == "/":
		http.Redirect(w, r, ownPath, http.StatusFound)
	case !ours:
		http.Error(w, "not found: objects have other hosts", http.StatusNotFound)
	case name == "healthz":
		s.health(w)
	case byBrowser(r) && !atConsole(r):
		http.Redirect(w, r, consoleURL(r)+r.URL.RequestURI(), http.StatusFound)
	case fromElsewhere(r):
		http.Error(w, "forbidden: this is not told to web pages", http.StatusForbidden)
	default:
		s.tell(w, r, path, name)
	}
}

// tell answers who may know.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, path, name string) {
	kind, id, _ := strings.Cut(name, "/")
	switch {
	case name == "metrics":
		s.metrics.handler().ServeHTTP(w, r)
	case path == EstatePath && ofPage(r):
		http.Error(w, "forbidden: the estate is not told to web pages", http.StatusForbidden)
	case path == EstatePath:
		s.exportEstate(w, r)
	case name == "" || kind == "requests" || name == "style.css":
		s.console(w, r, name, id)
	case kind == "decisions" && s.decisions.get(id) != nil:
		writeDecisions(w, s.decisions.get(id))
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

// health answers whether the endpoint works: the store can be read.
func (s *Server) health(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain")
	if _, err := s.config.Store.Revision(context.Background()); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "the store cannot be read:", err)
		return
	}
	w.Write([]byte("ok\n"))
}

// writeDecisions writes one decision a line, in the form of the JSON contract.
func writeDecisions(w http.ResponseWriter, list []*report.Decision) {
	var body []byte
	for _, d := range list {
		line, err := json.Marshal(d)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body = append(append(body, line...), '\n')
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}
