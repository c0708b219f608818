package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/store"
)

var objectAttributes = []string{"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}

type attributesXML struct {
	XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ GetObjectAttributesResponse"`
	ETag         string   `xml:",omitempty"`
	Checksum     *checksumXML
	ObjectParts  *objectPartsXML
	StorageClass string `xml:",omitempty"`
	ObjectSize   *int64
}

type checksumXML struct {
	checksumsXML
	ChecksumType string
}

type objectPartsXML struct {
	PartsCount int
	*PartsPage
}

// A PartsPage is what ObjectParts tells of parts that have checksums.
type PartsPage struct {
	PartNumberMarker, NextPartNumberMarker int
	MaxParts                               int
	IsTruncated                            bool
	Part                                   []objectPartXML
}

type objectPartXML struct {
	PartNumber int
	Size       int64
	checksumsXML
}

// getObjectAttributes is GetObjectAttributes.
func (x *exchange) getObjectAttributes() error {
	if x.objectErr != nil {
		return x.missing()
	}
	wanted, err := x.wantedAttributes()
	if err != nil {
		return err
	}
	o := &x.object
	if err := x.checkReadKey(o, sse); err != nil {
		return err
	}
	if err := x.checkConditions(o); err != nil {
		return err
	}
	var res attributesXML
	if slices.Contains(wanted, "ETag") {
		res.ETag = o.ETag // here without quotes
	}
	if slices.Contains(wanted, "Checksum") && len(o.Checksums) > 0 {
		res.Checksum = &checksumXML{shownChecksums(withoutCounts(o.Checksums)), o.ChecksumType}
	}
	if slices.Contains(wanted, "ObjectParts") && o.Parts > 0 {
		if res.ObjectParts, err = x.objectParts(o); err != nil {
			return err
		}
	}
	if slices.Contains(wanted, "StorageClass") {
		res.StorageClass = storageClass(o)
	}
	if slices.Contains(wanted, "ObjectSize") {
		res.ObjectSize = &o.Size
	}
	x.set("Last-Modified", httpTime(o.Modified))
	x.setVersion(o)
	return x.xml(res)
}

// withoutCounts are checksums without the number of parts that composite ones end with: it is told apart (observed at
// AWS).
func withoutCounts(sums map[string]string) map[string]string {
	bare := make(map[string]string, len(sums))
	for name, v := range sums {
		bare[name], _, _ = strings.Cut(v, "-")
	}
	return bare
}

func (x *exchange) wantedAttributes() ([]string, error) {
	const name = "x-amz-object-attributes"
	var wanted []string
	for one := range strings.SplitSeq(strings.Join(x.header[http.CanonicalHeaderKey(name)], ","), ",") {
		if one = strings.TrimSpace(one); one != "" {
			wanted = append(wanted, one)
		}
	}
	if len(wanted) == 0 {
		return nil, invalidArgument("The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty", name, "null")
	}
	for _, one := range wanted {
		if !slices.Contains(objectAttributes, one) {
			return nil, invalidArgument("Invalid attribute name specified.", name, one)
		}
	}
	return wanted, nil
}

// objectParts is one page of the parts. They are listed where the upload was created with a composite checksum, and are
// counted otherwise (observed at AWS).
func (x *exchange) objectParts(o *store.Object) (*objectPartsXML, error) {
	if u, ok := uploadOf(&o.Attributes); !ok || !u.Asked || !u.composite() {
		return &objectPartsXML{PartsCount: o.Parts}, nil
	}
	res := &objectPartsXML{o.Parts, &PartsPage{MaxParts: maxKeys}}
	for name, into := range map[string]*int{"x-amz-max-parts": &res.MaxParts, "x-amz-part-number-marker": &res.PartNumberMarker} {
		v := x.get(name)
		if v == "" {
			continue
		}
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil || n < 0 {
			return nil, invalidArgument("Provided "+name+" not an integer or within integer range", name, v)
		}
		*into = int(n)
	}
	res.MaxParts = min(res.MaxParts, maxKeys)
	parts, more, err := x.store().ObjectParts(x.ctx, o.Bucket, o.Key, o.VersionID, res.PartNumberMarker, res.MaxParts)
	if err != nil {
		return nil, x.goneMeanwhile(err)
	}
	res.IsTruncated = more
	if n := len(parts); n > 0 {
		res.NextPartNumberMarker = parts[n-1].Number
	}
	for _, p := range parts {
		res.Part = append(res.Part, objectPartXML{p.Number, p.Size, shownChecksums(p.Checksums)})
	}
	return res, nil
}
