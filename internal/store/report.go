package store

// A Reporter is a store that tells figures on itself.
type Reporter interface {
	// Figures returns the present figures, always of the same names. It is quick, and may be called from any goroutine.
	Figures() []Figure
}

// A Figure is one number on a store, with its name and help as Prometheus shows them.
type Figure struct {
	Name, Help string
	Value      float64
	Counts     bool // it only ever grows
}
