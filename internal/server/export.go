package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/why403/why403/internal/server/world"
)

// EstatePath is where the endpoint tells its present state as an estate. The
// parameter objects=N includes at most N objects, secrets=true the secrets of
// access keys and MFA devices.
const EstatePath = ownPath + "estate"

func (s *Server) exportEstate(w http.ResponseWriter, r *http.Request) {
	options, err := exportOptions(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e, err := s.world.Export(r.Context(), options)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Cache-Control", "no-store")
	_ = e.Encode(w) // the reader is gone
}

func exportOptions(q url.Values) (o world.ExportOptions, err error) {
	for name, values := range q {
		switch value := values[0]; name {
		case "objects":
			if o.Objects, err = strconv.Atoi(value); err != nil || o.Objects < 0 {
				return o, errors.New("objects=" + value + "; it is how many objects to include at most")
			}
		case "secrets":
			if o.Secrets, err = strconv.ParseBool(value); err != nil {
				return o, errors.New("secrets=" + value + "; it is true or false")
			}
		default:
			return o, errors.New("unknown parameter " + name + "; known here: objects, secrets")
		}
	}
	return o, nil
}
