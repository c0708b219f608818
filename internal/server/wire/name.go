package wire

import "net/http"

// Named is what a ResponseWriter can be that wants to know which operation it answers
// to.
type Named interface {
	Name(service, operation string)
}

// Name tells w, if it wants to know.
func Name(w http.ResponseWriter, service, operation string) {
	if n, ok := w.(Named); ok {
		n.Name(service, operation)
	}
}
