package audit

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/internal/server/world"
)

// A Trail is a trail of CloudTrail.
type Trail struct {
	Name        string     `json:"name"`
	Region      string     `json:"region"` // home Region
	Bucket      string     `json:"bucket"`
	Prefix      string     `json:"prefix,omitempty"`
	MultiRegion bool       `json:"multiRegion,omitempty"`
	Global      bool       `json:"global,omitempty"` // IncludeGlobalServiceEvents
	Validation  bool       `json:"validation,omitempty"`
	Logging     bool       `json:"logging,omitempty"`
	Started     time.Time  `json:"started,omitzero"`
	Stopped     time.Time  `json:"stopped,omitzero"`
	Selectors   []Selector `json:"selectors,omitempty"` // none: management events

	Advanced json.RawMessage   `json:"advanced,omitempty"` // the selectors as they were put, where in the advanced form
	Tags     map[string]string `json:"tags,omitempty"`
}

// A Selector says which events a trail takes.
type Selector struct {
	Read, Write bool
	Management  bool
	Excluded    []string // event sources of which no management events are taken
	Objects     []string // ARNs, or beginnings of ARNs, of objects whose data events are taken
}

// Trails are the trails of an account, by TrailKey.
var Trails = world.NewKind[Trail]("trail")

// TrailKey is the name of a trail's record.
func TrailKey(region, name string) string { return region + "/" + name }

var managementEvents = []Selector{{Read: true, Write: true, Management: true}}

// wants reports whether a trail takes an event.
func (t *Trail) wants(r *Record) bool {
	if !t.Logging || !t.MultiRegion && r.Region != t.Region {
		return false
	}
	selectors := t.Selectors
	if len(selectors) == 0 {
		selectors = managementEvents
	}
	return slices.ContainsFunc(selectors, func(s Selector) bool { return s.takes(r) })
}

func (s *Selector) takes(r *Record) bool {
	if r.ReadOnly && !s.Read || !r.ReadOnly && !s.Write {
		return false
	}
	if r.Management {
		return s.Management && !slices.Contains(s.Excluded, r.EventSource)
	}
	return slices.ContainsFunc(r.Resources, func(about Resource) bool {
		arn := about.ARN + about.ARNPrefix
		return about.Type == "AWS::S3::Object" && slices.ContainsFunc(s.Objects, func(begin string) bool { return strings.HasPrefix(arn, begin) })
	})
}
