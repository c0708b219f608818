package s3

import (
	"encoding/xml"
	"errors"
	"net/http"
	"reflect"
	"regexp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/server/audit"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

var versionForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// checkVersion refuses what no version id looks like: S3's have some thirty characters. Estates name the versions of
// their buckets as they like.
func (x *exchange) checkVersion(id string) error {
	short := len(id) < 24 && id != store.NullVersion && x.bucket.Pos == estate.Pos{}
	if id != "" && (short || len(id) > 1024 || !versionForm.MatchString(id)) {
		return invalidArgument("Invalid version id specified", "versionId", id)
	}
	return nil
}

// checkMissing refuses, where there is no such version, an id that S3 never gave: it can tell (observed at AWS). What buckets
// of an estate had once is not known.
func (x *exchange) checkMissing(id string, why error) error {
	switch {
	case errors.Is(why, store.ErrInvalidVersion) && x.bucket != nil && x.bucket.Pos == estate.Pos{}:
		return invalidArgument("Invalid version id specified", "versionId", id)
	case errors.Is(why, store.ErrNoSuchVersion):
		return x.checkVersion(id)
	}
	return nil
}

// deleteObject is DeleteObject. What does not exist is deleted just as well.
func (x *exchange) deleteObject() error {
	if err := x.checkMissing(x.versionID(), x.objectErr); err != nil {
		return err
	}
	for _, name := range []string{"x-amz-if-match-last-modified-time", "x-amz-if-match-size"} { // of directory buckets
		if x.get(name) != "" {
			return notImplementedHeader(name, "We don't accept the provided value of "+name+" header for this API")
		}
	}
	gone, err := x.remove(x.key, x.stored, x.get("If-Match"), &x.object)
	if err != nil {
		return err
	}
	if gone.DeleteMarker {
		x.set("X-Amz-Delete-Marker", "true")
	}
	if x.bucket.Versioning.Ever() {
		x.set("X-Amz-Version-Id", x.shown(gone.VersionID))
	}
	return x.empty(http.StatusNoContent)
}

// shown is a version that was deleted as the request named it.
func (x *exchange) shown(id string) string {
	if id == x.stored && id != "" {
		return x.versionID()
	}
	return id
}

// remove deletes an object, if it is still the one that was decided on.
func (x *exchange) remove(key, versionID, ifMatch string, decided *store.Object) (store.Deleted, error) {
	return x.store().Delete(x.ctx, store.DeleteRequest{Bucket: x.bucketName, Key: key, VersionID: versionID, IfMatch: ifMatch,
		Check: func(o store.Object) error {
			if o.Revision != decided.Revision || !reflect.DeepEqual(o.Lock, decided.Lock) {
				return errChanged
			}
			return nil
		}})
}

// A deletion is what DeleteObjects asks for.
type deletion struct {
	quiet bool
	items []*deleteItem
}

// A deleteItem is one object of a deletion.
type deleteItem struct {
	key, versionID, etag string
	stored               string // versionID as the store names it
	object               store.Object
	objectErr            error
	refused              *wire.Error
}

const maxDelete = 1000

func (x *exchange) parseDelete(data []byte) error {
	x.body = &request.Body{}
	var doc struct {
		Quiet   bool
		Objects []struct{ Key, VersionId, ETag string } `xml:"Object"`
	}
	if err := decodeXML(data, "Delete", &doc); err != nil {
		return err
	}
	if len(doc.Objects) == 0 || len(doc.Objects) > maxDelete {
		return malformedXML()
	}
	d := &deletion{quiet: doc.Quiet}
	for _, o := range doc.Objects {
		if o.Key == "" {
			return wire.NewError(http.StatusBadRequest, "UserKeyMustBeSpecified", "The bucket POST must contain the specified field name. If it is specified, check the order of the fields.")
		}
		d.items = append(d.items, &deleteItem{key: o.Key, versionID: o.VersionId, etag: o.ETag})
		x.body.Objects = append(x.body.Objects, request.ObjectID{Key: o.Key, VersionID: o.VersionId})
	}
	x.parsed = d
	return nil
}

// decideDelete decides each object by itself. Refusals that concern the request,
// such as a missing second factor, refuse all of it.
func (x *exchange) decideDelete() error {
	d, ok := x.parsed.(*deletion)
	switch {
	case x.bucket == nil && !ok:
		return x.noSuchBucket()
	case x.bucket == nil:
		return x.decide()
	case !ok:
		return nil // bodyErr tells: no permission is asked for without a key
	}
	for _, item := range d.items {
		whole, err := x.decideItem(item)
		if err != nil {
			return err
		}
		if whole != nil {
			return whole
		}
	}
	return nil
}

// decideItem decides one object. A refusal is left in item.refused; whole is one
// that refuses the request.
func (x *exchange) decideItem(item *deleteItem) (whole *wire.Error, err error) {
	item.refused = nil
	facts, err := x.itemFacts(item)
	if err != nil {
		return nil, err
	}
	r := x.request()
	r.Body = &request.Body{Objects: []request.ObjectID{{Key: item.key, VersionID: item.versionID, Object: facts}}}
	if item.etag != "" {
		r.Headers["if-match"] = item.etag
	}
	d, err := x.ask(r)
	if err != nil {
		return nil, err
	}
	x.s.Record(x.r, x.ids, d)
	refused := x.refused(d)
	if refused == nil {
		return nil, nil
	}
	if errors.As(refused, &item.refused) && wholeRequest(d) {
		return item.refused, nil
	}
	return nil, nil
}

func (x *exchange) itemFacts(item *deleteItem) (*estate.Object, error) {
	item.stored = x.s.World.StoredVersion(x.ctx, x.bucketName, item.key, item.versionID)
	var err error
	item.object, err = x.store().Stat(x.ctx, x.bucketName, item.key, item.stored)
	item.objectErr = err
	switch {
	case err == nil:
		return x.s.World.Facts(&item.object), nil
	case errors.Is(err, store.ErrDeleteMarker):
		return &estate.Object{DeleteMarker: true, Owner: item.object.Owner}, nil
	case absent(err):
		return world.Missing(), nil
	}
	return nil, err
}

// wholeRequest reports whether a refusal concerns more than one object.
func wholeRequest(d *report.Decision) bool {
	if d.Cause == nil {
		return false
	}
	if d.Cause.Reason == string(reason.NoObjectLock) {
		return true
	}
	switch d.Cause.Gate {
	case iam.GateMFADelete, iam.GateRequesterPays, iam.GateEndpoint, iam.GateCredentials, iam.GateSignature, iam.GateExistence:
		return true
	case iam.GateOwnership:
		return d.Cause.Kind == iam.KindSetting
	}
	return false
}

type deletedXML struct {
	Key                   string
	VersionId             string `xml:",omitempty"`
	DeleteMarker          bool   `xml:",omitempty"`
	DeleteMarkerVersionId string `xml:",omitempty"`
}

type deleteErrorXML struct {
	Key, Code, Message string
	VersionId          string `xml:",omitempty"`
}

type deleteResult struct {
	XMLName xml.Name         `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deletedXML     `xml:"Deleted"`
	Errors  []deleteErrorXML `xml:"Error"`
}

func (x *exchange) deleteObjects() error {
	d := x.parsed.(*deletion)
	var res deleteResult
	for _, item := range d.items {
		row, err := x.deleteItem(item)
		if err != nil {
			e := x.wireError(err)
			if e.Code == "InternalError" {
				x.s.Failed(x.r, x.ids, err)
			}
			res.Errors = append(res.Errors, deleteErrorXML{item.key, e.Code, e.Message, item.versionID})
			x.deleted(item, e.Status, e.Code)
			continue
		}
		x.deleted(item, 204, "")
		if !d.quiet {
			res.Deleted = append(res.Deleted, row)
		}
	}
	return x.xml(res)
}

// deleted notes for the access log what became of one key.
func (x *exchange) deleted(item *deleteItem, status int, code string) {
	if code == "AccessDenied" {
		status = http.StatusForbidden // the call as a whole is answered 200
	}
	x.parts = append(x.parts, audit.Part{Operation: "BATCH.DELETE.OBJECT", Bucket: x.bucket, Key: item.key, VersionID: item.versionID, Status: status, Code: code})
}

func (x *exchange) deleteItem(item *deleteItem) (deletedXML, error) {
	row := deletedXML{Key: item.key, VersionId: item.versionID}
	if x.checkMissing(item.versionID, item.objectErr) != nil {
		return row, x.noSuchVersion()
	}
	for attempt := 1; ; attempt++ {
		if item.refused != nil {
			return row, item.refused
		}
		gone, err := x.remove(item.key, item.stored, item.etag, &item.object)
		if errors.Is(err, errChanged) && attempt < maxAttempts {
			if _, err := x.decideItem(item); err != nil {
				return row, err
			}
			continue
		}
		if err == nil && gone.DeleteMarker {
			row.DeleteMarker, row.DeleteMarkerVersionId = true, gone.VersionID
		}
		return row, err
	}
}
