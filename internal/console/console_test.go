package console

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/why403/why403/report"
)

// What clients chose is text on the pages, whatever it holds.
func TestPagesEscape(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	row := Row{ID: evil, Request: evil, Principal: evil, Verdict: "denied", Gate: evil, Reason: evil, Summary: evil, At: time.Unix(0, 0), Status: 403}
	list, page := httptest.NewRecorder(), httptest.NewRecorder()
	WriteList(list, List{Base: "/_why403/", Rows: []Row{row}})
	WritePage(page, Page{Base: "/_why403/", Row: row, Decisions: []Decision{{Decision: &report.Decision{}, Text: evil, JSON: evil}}})
	for name, w := range map[string]*httptest.ResponseRecorder{"list": list, "page": page} {
		body := w.Body.String()
		if strings.Contains(body, "<script") || !strings.Contains(body, "alert(1)") || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
			t.Errorf("%s: %s", name, body)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'; style-src 'self';") {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
}

func TestStyle(t *testing.T) {
	w := httptest.NewRecorder()
	WriteStyle(w)
	if w.Header().Get("Content-Type") != "text/css; charset=utf-8" || strings.Contains(w.Body.String(), "http") || w.Body.Len() == 0 {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}
