package query

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/report"
)

// Can tells what a principal may do: on each bucket and through each access point
// with which actions on which keys. Rows that are alike on several buckets are
// one. The scope bounds buckets and actions.
func (e *Engine) Can(name string, s Scope) ([]report.Right, error) {
	p, err := e.find(name)
	if err != nil {
		return nil, err
	}
	list := units()
	if s.Actions != nil {
		list = unitsNamed(s.Actions)
	}
	c := canner{engine: e, principal: &p, units: list}
	for _, bucket := range e.bucketNames(s.Buckets) {
		if err := c.bucket(bucket); err != nil {
			return nil, err
		}
	}
	if s.Buckets == nil {
		if err := c.account(s.Actions); err != nil {
			return nil, err
		}
	}
	return c.rights(), nil
}

// bucketNames lists the estate's buckets, or those of a list that it holds.
func (e *Engine) bucketNames(only []string) []string {
	var names []string
	for _, a := range e.estate.Accounts {
		for name := range a.Buckets {
			if only == nil || slices.Contains(only, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// canner collects what one principal may do.
type canner struct {
	engine    *Engine
	principal *Principal
	units     []unit
	rows      map[string]*report.Right // of one bucket, by all but the action
	order     []string
	all       []report.Right
}

func (c *canner) bucket(name string) error {
	c.rows, c.order = map[string]*report.Right{}, nil
	points := []string{""}
	for _, p := range c.engine.estate.AccessPointsOf(name) {
		points = append(points, p.ARN(estate.PartitionOf(p.Region)))
	}
	for _, point := range points {
		for i := range c.units {
			if u := &c.units[i]; point == "" || u.through {
				if err := c.unit(u, name, point); err != nil {
					return err
				}
			}
		}
	}
	for _, key := range c.order {
		c.all = append(c.all, *c.rows[key])
	}
	return nil
}

func (c *canner) unit(u *unit, bucket, point string) error {
	a := u.on(bucket, point)
	if point != "" {
		a.Bucket = ""
	}
	if c.engine.filter(&a, u.object).refuses(c.principal) {
		return nil
	}
	list, err := c.engine.regions(c.principal, &a, u.object)
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.accesses[0].Verdict != iam.Denied {
			o.accesses[0].Partial = o.accesses[0].Partial || o.partial
			c.add(report.Right{Buckets: []string{bucket}, AccessPoint: point, Keys: o.keys, Access: o.accesses[0]}, u.action)
		}
	}
	return nil
}

// add puts an action into the row of its like.
func (c *canner) add(r report.Right, action string) {
	key := fmt.Sprintf("%s %q %v", r.AccessPoint, r.Keys, r.Access)
	if c.rows[key] == nil {
		c.rows[key] = &r
		c.order = append(c.order, key)
	}
	c.rows[key].Actions = append(c.rows[key].Actions, action)
}

// account asks about the actions that name no resource, such as
// s3:ListAllMyBuckets.
func (c *canner) account(only []string) error {
	c.rows, c.order = map[string]*report.Right{}, nil
	for _, name := range iamdata.Actions("s3") {
		id, ok := iamdata.ActionID(name)
		if !ok || len(iamdata.ActionByID(id).ResourceTypes) > 0 || only != nil && !slices.Contains(only, name) {
			continue
		}
		answers, err := accesses([]*Engine{c.engine}, c.principal, &Ask{Action: name})
		if err != nil {
			return err
		}
		if answers[0].Verdict != iam.Denied {
			c.add(report.Right{Buckets: []string{}, Access: answers[0]}, name)
		}
	}
	for _, key := range c.order {
		c.all = append(c.all, *c.rows[key])
	}
	return nil
}

// rights joins the rows of buckets that are alike.
func (c *canner) rights() []report.Right {
	joined := map[string]int{}
	out := []report.Right{}
	for _, r := range c.all {
		key := fmt.Sprintf("%v %s %q %q %v", len(r.Buckets) > 0, r.AccessPoint, r.Keys, r.Actions, r.Access)
		if at, ok := joined[key]; ok && r.AccessPoint == "" {
			out[at].Buckets = append(out[at].Buckets, r.Buckets...)
			continue
		}
		joined[key] = len(out)
		out = append(out, r)
	}
	return out
}

// Rows writes a difference as rows, with actions that change alike together.
func (d *Diff) Rows() []report.AccessChange {
	rows := map[string]*report.AccessChange{}
	for i := range d.Changes {
		c := &d.Changes[i]
		key := fmt.Sprintf("%s %s %s %q %v %v", c.Principal.Name, c.Bucket, c.AccessPoint, c.Keys, c.Before, c.After)
		if rows[key] == nil {
			w := c.Principal.who(nil, Access{})
			rows[key] = &report.AccessChange{Change: c.word(), Principal: w.Principal, Kind: w.Kind, Account: w.Account,
				Bucket: c.Bucket, AccessPoint: c.AccessPoint, Keys: c.Keys, Before: c.Before, After: c.After}
		}
		rows[key].Actions = append(rows[key].Actions, c.Action)
	}
	list := make([]report.AccessChange, 0, len(rows))
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		list = append(list, *rows[key])
	}
	slices.SortStableFunc(list, func(a, b report.AccessChange) int {
		return cmp.Or(strings.Compare(a.Change, b.Change), strings.Compare(a.Bucket, b.Bucket), strings.Compare(a.AccessPoint, b.AccessPoint))
	})
	return list
}

func (c *Change) word() string {
	switch gains, loses := c.Gains(), c.Loses(); {
	case gains && loses:
		return "changed"
	case gains:
		return "gained"
	}
	return "lost"
}
