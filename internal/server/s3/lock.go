package s3

import (
	"encoding/xml"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

const pastDate = "The retain until date must be in the future!"

type retentionXML struct {
	XMLName         xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Retention"`
	Mode            string
	RetainUntilDate string
}

// parseRetention reads a Retention. An empty one takes the retention away.
func (x *exchange) parseRetention(data []byte) error {
	x.body = &request.Body{}
	var r struct{ Mode, RetainUntilDate string }
	if err := decodeXML(data, "Retention", &r); err != nil {
		return err
	}
	if r.Mode == "" && r.RetainUntilDate == "" {
		x.body.Retention = &estate.Lock{}
		return nil
	}
	until, err := time.Parse(time.RFC3339, strings.TrimSpace(r.RetainUntilDate))
	if err != nil || !slices.Contains(lockModes, r.Mode) {
		return malformedXML()
	}
	until = until.UTC().Truncate(time.Millisecond)
	x.body.Retention = &estate.Lock{Mode: r.Mode, Until: &until}
	if !until.After(x.s.World.Now()) {
		return invalidArgument(pastDate, "RetainUntilDate", atHeadquarters(until))
	}
	return nil
}

// atHeadquarters is how S3 repeats a date that it refuses: in the time of its makers (observed at AWS).
func atHeadquarters(t time.Time) string {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		zone = time.FixedZone("PST", -8*60*60)
	}
	return t.In(zone).Format("Mon Jan 02 15:04:05 MST 2006")
}

func (x *exchange) putRetention() error {
	want := x.body.Retention
	return x.setLock(func(l *store.Lock) {
		l.Mode, l.RetainUntil = want.Mode, time.Time{}
		if want.Until != nil {
			l.RetainUntil = *want.Until
		}
	})
}

// setLock changes the lock that was decided on, and answers.
func (x *exchange) setLock(change func(*store.Lock)) error {
	o, err := x.update(func(o *store.Object) error {
		if !reflect.DeepEqual(o.Lock, x.object.Lock) {
			return errChanged
		}
		l := store.Lock{}
		if o.Lock != nil {
			l = *o.Lock
		}
		change(&l)
		o.Lock = &l
		return nil
	})
	if err != nil {
		return err
	}
	x.setVersion(&o)
	return x.empty(http.StatusOK)
}

func noLock() error {
	return wire.NewError(http.StatusNotFound, "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration")
}

func (x *exchange) getRetention() error {
	switch l := x.object.Lock; {
	case x.objectErr != nil:
		return x.missing()
	case l == nil || l.Mode == "":
		return noLock()
	default:
		return x.xml(retentionXML{Mode: l.Mode, RetainUntilDate: l.RetainUntil.UTC().Format(wire.TimeFormat)})
	}
}

type legalHoldXML struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LegalHold"`
	Status  string
}

func (x *exchange) parseLegalHold(data []byte) error {
	x.body = &request.Body{}
	var h struct{ Status string }
	if err := decodeXML(data, "LegalHold", &h); err != nil {
		return err
	}
	if h.Status != "ON" && h.Status != "OFF" {
		return malformedXML()
	}
	x.body.LegalHold = h.Status
	return nil
}

func (x *exchange) putLegalHold() error {
	return x.setLock(func(l *store.Lock) { l.LegalHold, l.HadHold = x.body.LegalHold == "ON", true })
}

func (x *exchange) getLegalHold() error {
	switch l := x.object.Lock; {
	case x.objectErr != nil:
		return x.missing()
	case l == nil || !l.HadHold && !l.LegalHold:
		return noLock()
	default:
		return x.xml(legalHoldXML{Status: holdStatus(l)})
	}
}

func holdStatus(l *store.Lock) string {
	if l.LegalHold {
		return "ON"
	}
	return "OFF"
}

// newLock reads the Object Lock headers of a new object, and adds what the bucket has for all.
func (x *exchange) newLock() (*store.Lock, error) {
	l, err := x.lockFromHeaders()
	if err != nil {
		return nil, err
	}
	if l != nil && !x.bucket.ObjectLock.Enabled {
		return nil, invalidRequest("Bucket is missing ObjectLockConfiguration")
	}
	def := x.s.defaultLock(x.bucket)
	switch {
	case l == nil:
		return def, nil
	case l.Mode == "" && def != nil: // a legal hold alone
		l.Mode, l.RetainUntil = def.Mode, def.RetainUntil
	}
	return l, nil
}

const (
	lockModeHeader  = "x-amz-object-lock-mode"
	lockUntilHeader = "x-amz-object-lock-retain-until-date"
	lockHoldHeader  = "x-amz-object-lock-legal-hold"
)

func (x *exchange) lockFromHeaders() (*store.Lock, error) {
	mode, until, hold := x.get(lockModeHeader), x.get(lockUntilHeader), x.get(lockHoldHeader)
	if mode == "" && until == "" && hold == "" {
		return nil, nil
	}
	if x.auth.Mechanism == sigv4.Anonymous {
		return nil, invalidArgument("Put Object requests with Object Lock parameters require AWS Signature Version 4", "Authorization", "null")
	}
	if hold != "" && hold != "ON" && hold != "OFF" {
		return nil, invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", lockHoldHeader, hold)
	}
	l := &store.Lock{LegalHold: hold == "ON", HadHold: hold != ""}
	const both = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
	switch {
	case mode == "" && until == "":
		return l, nil
	case mode == "":
		return nil, invalidParameter(both, lockModeHeader)
	case until == "":
		return nil, invalidParameter(both, lockUntilHeader)
	case !slices.Contains(lockModes, mode):
		return nil, invalidArgument("Unknown wormMode directive.", lockModeHeader, mode)
	}
	t, err := time.Parse(time.RFC3339, until)
	if err != nil {
		return nil, invalidArgument("The retain until date must be provided in ISO 8601 format", lockUntilHeader, until)
	}
	if !t.After(x.s.World.Now()) {
		return nil, invalidArgument(pastDate, lockUntilHeader, atHeadquarters(t))
	}
	l.Mode, l.RetainUntil = mode, t.UTC().Truncate(time.Millisecond)
	return l, nil
}

// checkLockDigest demands that what is to be locked comes with a digest: "Object Lock considerations".
func (x *exchange) checkLockDigest(l *store.Lock, sums *checksums, what string) error {
	if l == nil || sums.sent != "" || sums.trailing || x.get("Content-Md5") != "" {
		return nil
	}
	return invalidRequest("Content-MD5 OR x-amz-checksum- HTTP header is required for Put " + what + " requests with Object Lock parameters")
}
