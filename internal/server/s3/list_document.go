package s3

import (
	"bytes"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

// A listDocument is XML that is written element by element: a page of a thousand keys by
// reflection costs more than reading it from the store. TestListDocument holds it to
// what encoding/xml writes.
type listDocument struct{ b []byte }

func (d *listDocument) open(name string) *listDocument {
	d.b = append(append(append(d.b, '<'), name...), '>')
	return d
}

func (d *listDocument) close(name string) *listDocument {
	d.b = append(append(append(d.b, '<', '/'), name...), '>')
	return d
}

func (d *listDocument) element(name, value string) *listDocument {
	d.open(name)
	d.text(value)
	return d.close(name)
}

// optional is element, unless the value is empty.
func (d *listDocument) optional(name, value string) *listDocument {
	if value == "" {
		return d
	}
	return d.element(name, value)
}

func (d *listDocument) number(name string, n int64) *listDocument {
	d.open(name)
	d.b = strconv.AppendInt(d.b, n, 10)
	return d.close(name)
}

// text writes character data.
func (d *listDocument) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '<' || c == '>' || c == '&' || c == '"' || c == '\'' {
			var escaped bytes.Buffer
			_ = xml.EscapeText(&escaped, []byte(s)) // a Buffer does not fail
			d.b = append(d.b, bytes.ReplaceAll(escaped.Bytes(), []byte("&#34;"), []byte("&quot;"))...)
			return
		}
	}
	d.b = append(d.b, s...)
}

// begin writes what both versions of ListObjects begin with.
func (l *listing) begin() *listDocument {
	d := &listDocument{make([]byte, 0, 64<<10)}
	d.b = append(d.b, xml.Header+`<ListBucketResult xmlns="`+wire.S3Namespace+`">`...)
	return d.element("Name", l.x.bucketName).element("Prefix", l.key(l.query.Prefix))
}

// end writes the page, and answers with the document.
func (l *listing) end(d *listDocument, p store.ListPage, owner bool) error {
	d.number("MaxKeys", int64(min(l.maxKeys, maxKeys))).optional("Delimiter", l.key(l.query.Delimiter)).optional("EncodingType", l.encoding()).
		element("IsTruncated", strconv.FormatBool(p.Truncated))
	id := ""
	for i := range p.Objects {
		o := &p.Objects[i]
		if owner && (i == 0 || o.Owner != p.Objects[i-1].Owner) {
			id = world.Canonical(l.x.estate, l.x.objectOwner(o))
		}
		l.contents(d, o, id)
	}
	for _, prefix := range p.CommonPrefixes {
		d.open("CommonPrefixes").element("Prefix", l.key(prefix)).close("CommonPrefixes")
	}
	return l.x.sendDocument(d.close("ListBucketResult").b)
}

// contents writes one object, with the canonical id of its owner unless that is empty.
func (l *listing) contents(d *listDocument, o *store.Object, owner string) {
	d.open("Contents").element("Key", l.key(o.Key)).open("LastModified")
	d.b = o.Modified.UTC().Truncate(time.Second).AppendFormat(d.b, wire.TimeFormat)
	d.close("LastModified").open("ETag")
	d.b = append(d.b, "&quot;"...)
	d.text(o.ETag)
	d.b = append(d.b, "&quot;"...)
	d.close("ETag")
	for _, name := range algorithmNames(o.Checksums) {
		d.element("ChecksumAlgorithm", name)
	}
	d.optional("ChecksumType", o.ChecksumType).number("Size", o.Size)
	if owner != "" {
		d.open("Owner").element("ID", owner).close("Owner")
	}
	d.element("StorageClass", storageClass(o))
	if r := l.restoreStatus(o); r != nil {
		d.open("RestoreStatus").element("IsRestoreInProgress", strconv.FormatBool(r.IsRestoreInProgress)).open("RestoreExpiryDate")
		d.b = time.Time(*r.RestoreExpiryDate).UTC().AppendFormat(d.b, wire.TimeFormat)
		d.close("RestoreExpiryDate").close("RestoreStatus")
	}
	d.close("Contents")
}

// algorithmNames lists the algorithms of checksums, as a rule one.
func algorithmNames(m map[string]string) []string {
	if len(m) == 1 {
		for name := range m {
			if a := algorithmOf(name); a != nil {
				return algorithmLists[a.name]
			}
		}
	}
	return slices.Sorted(maps.Keys(m))
}

// algorithmLists are lists of one algorithm each.
var algorithmLists = map[string][]string{}

func init() {
	for i := range algorithms {
		algorithmLists[algorithms[i].name] = []string{algorithms[i].name}
	}
}

// sendDocument answers with a document.
func (x *exchange) sendDocument(body []byte) error {
	x.wrote = true
	x.set("Content-Type", "application/xml")
	x.set("Content-Length", itoa(int64(len(body))))
	x.w.WriteHeader(http.StatusOK)
	if _, err := x.w.Write(body); err != nil {
		return &clientGone{err}
	}
	return nil
}
