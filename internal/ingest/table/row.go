package table

import (
	"strings"
	"unicode"
)

// A Row is one row: values by the plain names of their columns. A column without a
// value is left out.
type Row map[string]string

// plain is the name of a column without case and punctuation: "Event time", "eventTime"
// and "event_time" are one.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func (r Row) set(column, value string) {
	if value != "" && value != "null" && value != "NULL" {
		r[plain(column)] = value
	}
}

// first returns the value of the first column that the row has, "" for none.
func (r Row) first(columns ...string) string {
	for _, c := range columns {
		if v := r[c]; v != "" {
			return v
		}
	}
	return ""
}

// holds is a column that has the record as a whole, as text.
var holds = []string{"eventjson", "cloudtrailevent", "message", "event"}

// Record returns what the row was made of: a record of CloudTrail as JSON, or a line of
// an access log. It is false where the row is neither.
func (r Row) Record() (text string, access, ok bool) {
	if whole := strings.TrimSpace(r.first(holds...)); strings.HasPrefix(whole, "{") {
		return whole, false, true
	}
	switch {
	case r["eventname"] != "":
		return r.trail(), false, true
	case r["operation"] != "" && r.first(timeColumns...) != "":
		return r.line(), true, true
	}
	return "", false, false
}

// Names reports that a list of columns is that of a table of logs.
func Names(columns []string) bool {
	row := Row{}
	for _, c := range columns {
		row.set(c, "x")
	}
	return row["eventname"] != "" || row["operation"] != "" && row.first(timeColumns...) != "" || row["eventjson"] != "" || row["cloudtrailevent"] != ""
}
