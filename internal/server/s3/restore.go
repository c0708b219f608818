package s3

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

// A restoreRequest is what RestoreObject asks for.
type restoreRequest struct {
	days int // 0: none stated
	tier string
}

var restoreTiers = map[string]bool{"": true, "Standard": true, "Bulk": true, "Expedited": true}

func (x *exchange) parseRestore(data []byte) error {
	var r struct {
		Days                 *string
		Type                 string
		Tier                 string
		GlacierJobParameters struct{ Tier string }
	}
	if err := decodeXML(data, "RestoreRequest", &r); err != nil {
		return err
	}
	if r.Type != "" { // SELECT: closed to new customers
		return x.closed()
	}
	p := restoreRequest{tier: r.GlacierJobParameters.Tier}
	if p.tier == "" {
		p.tier = r.Tier
	}
	if !restoreTiers[p.tier] {
		return malformedXML()
	}
	if r.Days != nil {
		n, err := strconv.ParseInt(strings.TrimSpace(*r.Days), 10, 31)
		if err != nil {
			return malformedXML()
		}
		if n < 1 {
			return invalidArgument("restoration days should be at least 1", "Days", *r.Days)
		}
		p.days = int(n)
	}
	x.parsed = p
	return nil
}

// restoreObject is RestoreObject. What takes S3 minutes to hours is done here at once: the answer to HEAD says that
// nothing is going on, and until when the copy stays.
func (x *exchange) restoreObject() error {
	if x.objectErr != nil {
		return x.missing()
	}
	p, _ := x.parsed.(restoreRequest)
	a := world.ArchiveOf(&x.object)
	switch {
	case !a.Is():
		return wire.NewError(http.StatusForbidden, "InvalidObjectState", "Restore is not allowed for the object's current storage class").
			With("StorageClass", storageClass(&x.object))
	case a.Class == "INTELLIGENT_TIERING" && p.days > 0, a.Class != "INTELLIGENT_TIERING" && p.days == 0:
		return malformedXML()
	case p.tier == "Expedited" && strings.HasPrefix(a.Name(), "DEEP_ARCHIVE"):
		return invalidArgument("Retrieval option is not supported by this storage class", "Tier", p.tier)
	}
	now, status := x.s.World.Now(), http.StatusAccepted
	if a.Restored.After(now) {
		status = http.StatusOK
	}
	_, err := x.update(func(o *store.Object) error {
		world.Restore(&o.Attributes, restoredUntil(now, p.days))
		return nil
	})
	if err != nil {
		return err
	}
	x.setVersion(&x.object)
	return x.empty(status)
}

// restoredUntil is when a copy goes: so many days from now, rounded up to the next midnight UTC ("Restoring an archived
// object").
func restoredUntil(now time.Time, days int) time.Time {
	return now.AddDate(0, 0, days+1).Truncate(24 * time.Hour)
}

// setArchive tells of a copy that was restored, and in which archive an object of INTELLIGENT_TIERING is.
func (x *exchange) setArchive(o *store.Object) {
	a := world.ArchiveOf(o)
	x.set("X-Amz-Archive-Status", a.Status)
	if a.Restored.After(x.s.World.Now()) {
		x.set("X-Amz-Restore", `ongoing-request="false", expiry-date="`+httpTime(a.Restored)+`"`)
	}
}

type restoreStatusXML struct {
	IsRestoreInProgress bool
	RestoreExpiryDate   *wire.Time
}

// restoreStatus is what listings tell on x-amz-optional-object-attributes, nil where nothing was restored.
func (l *listing) restoreStatus(o *store.Object) *restoreStatusXML {
	if !l.restores {
		return nil
	}
	a := world.ArchiveOf(o)
	if !a.Restored.After(l.x.s.World.Now()) {
		return nil
	}
	until := wire.Time(a.Restored)
	return &restoreStatusXML{RestoreExpiryDate: &until}
}

// optionalAttributes reads which more a listing is to tell.
func (l *listing) optionalAttributes() error {
	for one := range strings.SplitSeq(l.x.get("X-Amz-Optional-Object-Attributes"), ",") {
		switch one = strings.TrimSpace(one); one {
		case "":
		case "RestoreStatus":
			l.restores = true
		default:
			return invalidArgument("Invalid attribute name specified", "x-amz-optional-object-attributes", one)
		}
	}
	return nil
}
