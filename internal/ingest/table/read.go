package table

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Each calls back for every row of a table in CSV whose first row has the columns, with
// the line that it begins in.
func Each(in io.Reader, row func(line int, r Row) error, bad func(line int, err error) error) error {
	within := &bounded{in, maxRow}
	c := csv.NewReader(within)
	c.LazyQuotes, c.FieldsPerRecord, c.ReuseRecord = true, -1, true
	head, err := c.Read()
	if err != nil {
		return err
	}
	columns := append([]string(nil), head...)
	columns[0] = strings.TrimPrefix(columns[0], "\ufeff")
	for {
		within.left = maxRow
		values, err := c.Read()
		if err == io.EOF {
			return nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			if err := bad(wrong.StartLine, wrong.Err); err != nil {
				return err
			}
			continue
		} else if err != nil {
			return err
		}
		line, _ := c.FieldPos(0)
		if len(values) != len(columns) {
			err = bad(line, fmt.Errorf("a row of %d values under %d columns", len(values), len(columns)))
		} else {
			r := Row{}
			for i, v := range values {
				r.set(columns[i], strings.Clone(v))
			}
			err = row(line, r)
		}
		if err != nil {
			return err
		}
	}
}

// maxRow bounds a row, and with it what a quote that nothing closes takes in.
const maxRow = 16 << 20

// bounded reads so many bytes at most.
type bounded struct {
	in   io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLong
	}
	n, err := b.in.Read(p)
	b.left -= n
	return n, err
}

// ErrTooLong is for rows, and answers to queries, that are longer than any of AWS.
var ErrTooLong = errors.New("a row, or the answer to a query, of more than 16 MiB; is a quote or a bracket not closed?")

// IsCSV reports that a text begins with the columns of a table of logs.
func IsCSV(head []byte) bool {
	line, _, _ := strings.Cut(strings.TrimPrefix(string(head), "\ufeff"), "\n")
	if !strings.Contains(line, ",") {
		return plain(line) == "eventjson" || plain(line) == "cloudtrailevent"
	}
	c := csv.NewReader(strings.NewReader(line))
	c.LazyQuotes = true
	columns, err := c.Read()
	return err == nil && Names(columns)
}

// Object reads a row that is a JSON object, such as a request of an access log in
// CloudWatch Logs.
func Object(text []byte) (Row, bool) {
	var v map[string]any
	if json.Unmarshal(text, &v) != nil {
		return nil, false
	}
	r := Row{}
	for name, value := range v {
		r.set(name, textOf(value))
	}
	return r, true
}

// textOf is a value of JSON as the text that a table has.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, _ := json.Marshal(v) // what was JSON before
	return string(text)
}
