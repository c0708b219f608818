package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

var lockModes = []string{"GOVERNANCE", "COMPLIANCE"}

// The longest default retention: "Object Lock considerations" in the Amazon S3 User Guide has a hundred years.
const (
	maxRetentionDays  = 36500
	maxRetentionYears = 100
)

type defaultRetentionXML struct {
	Mode  string
	Days  int `xml:",omitempty"`
	Years int `xml:",omitempty"`
}

type lockConfiguration struct {
	XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ObjectLockConfiguration"`
	ObjectLockEnabled string
	Default           *defaultRetentionXML `xml:"Rule>DefaultRetention"`
}

// parseLockConfiguration reads an ObjectLockConfiguration; parsed is its *world.DefaultRetention, nil without a rule.
func (x *exchange) parseLockConfiguration(data []byte) error {
	var c struct {
		ObjectLockEnabled string
		Rule              *struct {
			DefaultRetention *struct {
				Mode        string
				Days, Years *string
			}
		}
	}
	if err := decodeXML(data, "ObjectLockConfiguration", &c); err != nil {
		return err
	}
	if c.ObjectLockEnabled != "Enabled" {
		return malformedXML()
	}
	var rule *world.DefaultRetention
	if c.Rule != nil {
		d := c.Rule.DefaultRetention
		if d == nil || !slices.Contains(lockModes, d.Mode) || (d.Days == nil) == (d.Years == nil) {
			return malformedXML()
		}
		rule = &world.DefaultRetention{Mode: d.Mode}
		if err := period(&rule.Days, "Days", d.Days, maxRetentionDays); err != nil {
			return err
		}
		if err := period(&rule.Years, "Years", d.Years, maxRetentionYears); err != nil {
			return err
		}
	}
	x.parsed = rule
	return nil
}

func period(into *int, name string, text *string, longest int) error {
	if text == nil {
		return nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(*text), 10, 32)
	switch {
	case err != nil:
		return malformedXML()
	case n <= 0:
		return invalidArgument("Default retention period must be a positive integer value.", name, itoa(n))
	case n > int64(longest):
		return invalidArgument("Default retention period too large.", name, itoa(n))
	}
	*into = int(n)
	return nil
}

// putLockConfiguration is PutObjectLockConfiguration. It enables Object Lock, for good.
func (x *exchange) putLockConfiguration() error {
	rule, _ := x.parsed.(*world.DefaultRetention)
	err := x.change(func(b *estate.Bucket, side *world.Side) error {
		if b.Versioning.Status != "Enabled" {
			return wire.NewError(http.StatusConflict, "InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
		}
		b.ObjectLock.Enabled, side.DefaultRetention = true, rule
		return nil
	})
	if err != nil {
		return err
	}
	return x.empty(http.StatusOK)
}

func (x *exchange) getLockConfiguration() error {
	if !x.bucket.ObjectLock.Enabled {
		return wire.NewError(http.StatusNotFound, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket").
			With("BucketName", x.bucketName)
	}
	c := lockConfiguration{ObjectLockEnabled: "Enabled"}
	if d := x.s.World.Side(x.bucketName).DefaultRetention; d != nil {
		c.Default = &defaultRetentionXML{d.Mode, d.Days, d.Years}
	}
	return x.xml(c)
}

// defaultLock is the retention that a bucket gives new objects, nil for none. S3 counts a year as 365 days.
func (s *Service) defaultLock(b *estate.Bucket) *store.Lock {
	d := s.World.Side(b.Name).DefaultRetention
	if d == nil || !b.ObjectLock.Enabled {
		return nil
	}
	until := s.World.Now().Add(time.Duration(d.Days+365*d.Years) * 24 * time.Hour).Truncate(time.Millisecond)
	return &store.Lock{Mode: d.Mode, RetainUntil: until}
}
