package table

import (
	"bytes"
	"encoding/json"
	"io"
)

// IsResults reports that a JSON text begins like the answer to a query.
func IsResults(head []byte) bool {
	for _, name := range [][]byte{[]byte(`"QueryResultRows"`), []byte(`"QueryStatus"`), []byte(`"ResultSet"`)} {
		if bytes.Contains(head, name) {
			return true
		}
	}
	return bytes.Contains(head, []byte(`"results"`)) && bytes.Contains(head, []byte(`"field"`))
}

// results are the answers of cloudtrail get-query-results, logs get-query-results and
// athena get-query-results.
type results struct {
	QueryResultRows [][]map[string]any
	Results         [][]struct{ Field, Value string }
	ResultSet       struct {
		Rows []struct {
			Data []struct{ VarCharValue string }
		}
	}
}

// EachResult calls back for every row of the answer to a query.
func EachResult(in io.Reader, row func(Row) error) error {
	within := &bounded{in: in}
	for d := json.NewDecoder(within); ; {
		var all results
		within.left = maxRow
		if err := d.Decode(&all); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		for _, r := range all.rows() {
			if err := row(r); err != nil {
				return err
			}
		}
	}
}

func (all *results) rows() []Row {
	var rows []Row
	for _, parts := range all.QueryResultRows {
		r := Row{}
		for _, part := range parts {
			for name, value := range part {
				r.set(name, textOf(value))
			}
		}
		rows = append(rows, r)
	}
	for _, fields := range all.Results {
		r := Row{}
		for _, f := range fields {
			r.set(f.Field, f.Value)
		}
		rows = append(rows, r)
	}
	if len(all.ResultSet.Rows) > 0 {
		rows = append(rows, all.athena()...)
	}
	return rows
}

// athena are the rows of an answer of Athena, of which the first has the columns.
func (all *results) athena() []Row {
	columns := all.ResultSet.Rows[0].Data
	var rows []Row
	for _, values := range all.ResultSet.Rows[1:] {
		r := Row{}
		for i, v := range values.Data {
			if i < len(columns) {
				r.set(columns[i].VarCharValue, v.VarCharValue)
			}
		}
		rows = append(rows, r)
	}
	return rows
}
