package explain

import (
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/report"
)

func (w *writer) nearMisses(r *decide.Refusal) []report.NearMiss { return nil }

func (w *writer) settingSummary(r *decide.Refusal) string { return string(r.Reason) }
