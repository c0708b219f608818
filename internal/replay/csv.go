package replay

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// Columns are the head of groups as CSV.
var Columns = []string{"type", "count", "gate", "kind", "reason", "policy", "statement", "source", "principal", "operation", "action", "bucket", "keys", "first", "last", "requestId", "eventId", "message", "why"}

// Row is the group as a row of CSV; its type is that of the section it stands in.
func (g *Group) Row(section string) []string {
	var gate, kind, code, policy, statement, source, action string
	if c := g.Cause; c != nil {
		gate, kind, code, policy, source, action = c.Gate, c.Kind, c.Reason, c.Policy, c.Source, c.Action
		if c.Statement != nil {
			statement = c.Statement.Sid
			if statement == "" {
				statement = strconv.Itoa(c.Statement.Index)
			}
		}
	}
	var keys []string
	for _, p := range g.Keys {
		keys = append(keys, p.Text)
	}
	row := []string{section, strconv.FormatInt(g.Count, 10), gate, kind, code, policy, statement, source, g.Principal, g.Operation, action, g.Bucket, strings.Join(keys, " "),
		g.FirstText, g.LastText, g.Example.RequestID, g.Example.EventID, g.Example.Message, g.Why}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return row
}

// harmless keeps a spreadsheet from taking a text of a log for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// CSV writes the groups as rows, those too that the estate as it is contradicts.
func (r *Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns); err != nil {
		return err
	}
	for _, section := range []struct {
		name string
		list []*Group
	}{{"newly-denied", r.NewlyDenied}, {"newly-allowed", r.NewlyAllowed}, {"cannot-tell", r.CannotTell}, {"contradicted", r.Contradicted}} {
		for _, g := range section.list {
			if err := out.Write(g.Row(section.name)); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
