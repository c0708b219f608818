package query

import "github.com/why403/why403/iam"

// A Row is the answer for one principal.
type Row struct {
	Principal Principal
	Keys      string // the key, or the pattern of keys; "" for what concerns the bucket
	Access    Access
}

// WhoCan answers an ask for every principal. Those that are refused are left out
// unless all is set.
func (e *Engine) WhoCan(a *Ask, all bool) ([]Row, error) {
	if err := e.check(a); err != nil {
		return nil, err
	}
	var rows []Row
	for i := range e.principals {
		access, err := e.access(&e.principals[i], a)
		if err != nil {
			return nil, err
		}
		if all || access.Verdict != iam.Denied {
			rows = append(rows, Row{e.principals[i], a.Key, access})
		}
	}
	return rows, nil
}
