package s3

import (
	"encoding/xml"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

// An initiatorXML is who began an upload: a user or role session by its ARN, an
// account by its canonical id.
type initiatorXML struct{ ID, DisplayName string }

func (x *exchange) initiator(u *upload) initiatorXML {
	name := u.Initiator[strings.LastIndexByte(u.Initiator, '/')+1:]
	if p, ok := iam.ParseARN(u.Initiator); ok && p.Resource == "root" {
		return initiatorXML{ID: world.Canonical(x.estate, string(p.Account)), DisplayName: string(p.Account)}
	}
	return initiatorXML{ID: u.Initiator, DisplayName: name}
}

type partXML struct {
	PartNumber   int
	LastModified wire.Time
	ETag         string
	Size         int64
	checksumsXML
}

type listPartsResult struct {
	XMLName              xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
	Bucket               string
	Key                  string
	EncodingType         string `xml:",omitempty"`
	UploadId             string
	Initiator            initiatorXML
	Owner                ownerXML
	StorageClass         string
	ChecksumAlgorithm    string `xml:",omitempty"`
	ChecksumType         string `xml:",omitempty"`
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Parts                []partXML `xml:"Part"`
}

// listParts is ListParts.
func (x *exchange) listParts() error {
	l, err := x.newListing()
	if err != nil {
		return err
	}
	limit, err := x.number("max-parts", maxKeys)
	if err != nil {
		return err
	}
	marker, err := x.number("part-number-marker", 0)
	if err != nil {
		return err
	}
	if x.uploadErr != nil {
		return x.uploadErr
	}
	limit = min(limit, maxKeys)
	parts, more, err := x.store().ListParts(x.ctx, x.bucketName, x.key, x.uploadID(), marker, limit)
	if err != nil {
		return err
	}
	o := store.Object{Bucket: x.bucketName, Key: x.key, Attributes: x.pending.Attributes}
	res := listPartsResult{
		Bucket: x.bucketName, Key: l.key(x.key), EncodingType: l.encoding(), UploadId: x.uploadID(), Initiator: x.initiator(x.upload),
		Owner: ownerXML{world.Canonical(x.estate, x.objectOwner(&o))}, StorageClass: storageClass(&o),
		PartNumberMarker: marker, MaxParts: limit, IsTruncated: more,
	}
	if x.upload.Asked {
		res.ChecksumAlgorithm, res.ChecksumType = x.upload.Algorithm, x.upload.Type
	}
	for _, p := range parts {
		row := partXML{PartNumber: p.Number, LastModified: wire.Time(p.Modified), ETag: `"` + p.ETag + `"`, Size: p.Size}
		if x.upload.Asked {
			row.checksumsXML = shownChecksums(p.Checksums)
		}
		res.Parts, res.NextPartNumberMarker = append(res.Parts, row), p.Number
	}
	return x.xml(res)
}

// number reads a parameter that is no negative number.
func (x *exchange) number(name string, absent int) (int, error) {
	v := x.query.Get(name)
	if v == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(v, 10, 32)
	switch {
	case err != nil:
		return 0, invalidArgument("Provided "+name+" not an integer or within integer range", name, v)
	case n < 0:
		return 0, invalidArgument("Argument "+name+" must be an integer between 0 and 2147483647", name, v)
	}
	return int(n), nil
}

type uploadXML struct {
	Key               string
	UploadId          string
	Initiator         initiatorXML
	Owner             ownerXML
	StorageClass      string
	Initiated         wire.Time
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

type listUploadsResult struct {
	XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
	Bucket             string
	KeyMarker          string
	UploadIdMarker     string
	NextKeyMarker      string
	NextUploadIdMarker string
	Prefix             string `xml:",omitempty"`
	Delimiter          string `xml:",omitempty"`
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []uploadXML `xml:"Upload"`
	CommonPrefixes     []prefixXML
}

// listMultipartUploads is ListMultipartUploads. An upload-id-marker without a
// key-marker is ignored. The next markers are those of the last upload of the page,
// be it the last page, and are empty behind a common prefix (observed at AWS).
func (x *exchange) listMultipartUploads() error {
	l, err := x.newListing()
	if err != nil {
		return err
	}
	limit, err := x.number("max-uploads", maxKeys)
	if err != nil {
		return err
	}
	key, id := x.query.Get("key-marker"), ""
	if key != "" {
		id = x.query.Get("upload-id-marker")
	}
	if err := x.checkUploadMarker(key, id); err != nil {
		return err
	}
	q := store.UploadQuery{Bucket: x.bucketName, Prefix: l.query.Prefix, Delimiter: l.query.Delimiter, After: l.past(key), Limit: min(limit, maxKeys)}
	if q.After == key {
		q.AfterUpload = id
	}
	var page store.UploadPage
	if q.Limit > 0 {
		if page, err = x.store().ListUploads(x.ctx, q); err != nil {
			return err
		}
	}
	res := listUploadsResult{
		Bucket: x.bucketName, KeyMarker: l.key(key), UploadIdMarker: id, Prefix: l.key(q.Prefix), Delimiter: l.key(q.Delimiter),
		EncodingType: l.encoding(), MaxUploads: q.Limit, IsTruncated: page.Truncated,
	}
	if n := len(page.Uploads); n > 0 && (len(page.CommonPrefixes) == 0 || page.Uploads[n-1].Key > page.CommonPrefixes[len(page.CommonPrefixes)-1]) {
		res.NextKeyMarker, res.NextUploadIdMarker = l.key(page.Uploads[n-1].Key), page.Uploads[n-1].UploadID
	}
	for i := range page.Uploads {
		res.Uploads = append(res.Uploads, l.upload(&page.Uploads[i]))
	}
	for _, prefix := range page.CommonPrefixes {
		res.CommonPrefixes = append(res.CommonPrefixes, prefixXML{l.key(prefix)})
	}
	return x.xml(res)
}

// checkUploadMarker refuses an upload of another key than the key-marker. One that is over passes.
func (x *exchange) checkUploadMarker(key, id string) error {
	if id == "" {
		return nil
	}
	_, err := x.store().StatUpload(x.ctx, x.bucketName, key, id)
	if !errors.Is(err, store.ErrNoSuchUpload) {
		return err
	}
	q := store.UploadQuery{Bucket: x.bucketName, Limit: maxKeys}
	for {
		page, err := x.store().ListUploads(x.ctx, q)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(page.Uploads, func(u store.Upload) bool { return u.UploadID == id }) {
			return invalidArgument("Invalid uploadId marker", "upload-id-marker", id)
		}
		if !page.Truncated {
			return nil
		}
		q.After, q.AfterUpload = page.Next, page.NextUpload
	}
}

func (l *listing) upload(p *store.Upload) uploadXML {
	o := store.Object{Bucket: p.Bucket, Key: p.Key, Attributes: p.Attributes}
	row := uploadXML{Key: l.key(p.Key), UploadId: p.UploadID, Owner: ownerXML{world.Canonical(l.x.estate, l.x.objectOwner(&o))},
		StorageClass: storageClass(&o), Initiated: wire.Time(p.Initiated)}
	if u, ok := uploadOf(&p.Attributes); ok {
		row.Initiator = l.x.initiator(u)
		if u.Asked {
			row.ChecksumAlgorithm, row.ChecksumType = u.Algorithm, u.Type
		}
	}
	return row
}
