package s3

import (
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

const maxKeys = 1000

// listing is what the three listings share.
type listing struct {
	x       *exchange
	query   store.ListQuery
	maxKeys int
	url     bool // encode keys in the answer

	restores bool // tell what was restored
}

// newListing reads prefix, delimiter, max-keys and encoding-type.
func (x *exchange) newListing() (*listing, error) {
	l := &listing{x: x, maxKeys: maxKeys}
	if v, ok := x.query.Lookup("max-keys"); ok && v != "" {
		n, err := strconv.ParseInt(v, 10, 32)
		switch {
		case err != nil:
			return nil, invalidArgument("Provided max-keys not an integer or within integer range", "max-keys", v)
		case n < 0:
			return nil, invalidArgument("Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", v)
		}
		l.maxKeys = int(n)
	}
	switch v, stated := x.query.Lookup("encoding-type"); {
	case v == "url":
		l.url = true
	case stated:
		return nil, invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", v)
	}
	if err := l.optionalAttributes(); err != nil {
		return nil, err
	}
	l.query = store.ListQuery{Bucket: x.bucketName, Prefix: x.query.Get("prefix"), Delimiter: x.query.Get("delimiter"), Limit: min(l.maxKeys, maxKeys)}
	return l, nil
}

// key shows a key as the client asked for it.
func (l *listing) key(s string) string {
	if !l.url {
		return s
	}
	return strings.ReplaceAll(url.QueryEscape(s), "%2F", "/")
}

func (l *listing) encoding() string {
	if l.url {
		return "url"
	}
	return ""
}

// page asks the store. A page of no keys at all is not truncated.
func (l *listing) page() (store.ListPage, error) {
	if l.query.Limit == 0 {
		return store.ListPage{}, nil
	}
	l.x.set("X-Amz-Bucket-Region", l.x.bucket.RegionOrDefault())
	return l.x.store().List(l.x.ctx, l.query)
}

// past is where the query goes on behind a marker: where that lies within a group, behind all of the group (observed at AWS).
func (l *listing) past(marker string) string {
	rest, within := strings.CutPrefix(marker, l.query.Prefix)
	if i := strings.Index(rest, l.query.Delimiter); within && i >= 0 && l.query.Delimiter != "" {
		return marker[:len(l.query.Prefix)+i+len(l.query.Delimiter)]
	}
	return marker
}

type prefixXML struct{ Prefix string }

func storageClass(o *store.Object) string {
	if o.StorageClass == "" {
		return "STANDARD"
	}
	return o.StorageClass
}

// listObjects is ListObjects, the first version. NextMarker comes with a
// delimiter only.
func (x *exchange) listObjects() error {
	l, err := x.newListing()
	if err != nil {
		return err
	}
	marker := x.query.Get("marker")
	l.query.After, l.query.Brief = l.past(marker), !l.restores
	page, err := l.page()
	if err != nil {
		return err
	}
	doc := l.begin().element("Marker", l.key(marker))
	if page.Truncated && l.query.Delimiter != "" {
		doc.optional("NextMarker", l.key(page.Next))
	}
	return l.end(doc, page, true)
}

func (x *exchange) listObjectsV2() error {
	l, err := x.newListing()
	if err != nil {
		return err
	}
	startAfter := x.query.Get("start-after")
	l.query.After, l.query.Brief = l.past(startAfter), !l.restores
	token, resumed := x.query.Lookup("continuation-token")
	if resumed {
		if token == "" {
			return invalidParameter(wrongToken, "continuation-token")
		}
		if l.query.After, err = decodeToken(token); err != nil {
			return err
		}
	}
	page, err := l.page()
	if err != nil {
		return err
	}
	doc := l.begin()
	if resumed {
		doc.element("ContinuationToken", token)
	} else {
		doc.optional("StartAfter", l.key(startAfter))
	}
	if page.Truncated {
		doc.element("NextContinuationToken", encodeToken(page.Next))
	}
	doc.element("KeyCount", itoa(int64(len(page.Objects)+len(page.CommonPrefixes))))
	return l.end(doc, page, x.query.Get("fetch-owner") == "true")
}

const wrongToken = "The continuation token provided is incorrect"

func encodeToken(after string) string { return "1" + base64.URLEncoding.EncodeToString([]byte(after)) }

func decodeToken(token string) (string, error) {
	if token == "" {
		return "", nil
	}
	b, err := base64.URLEncoding.DecodeString(token[1:])
	if token[0] != '1' || err != nil {
		return "", invalidArgument(wrongToken, "continuation-token", token)
	}
	return string(b), nil
}

type versionXML struct {
	XMLName      xml.Name
	Key          string
	VersionId    string
	IsLatest     bool
	LastModified wire.Time
	ETag         string `xml:",omitempty"`

	ChecksumAlgorithm []string `xml:",omitempty"`
	ChecksumType      string   `xml:",omitempty"`

	Size          *int64 `xml:",omitempty"`
	StorageClass  string `xml:",omitempty"`
	Owner         ownerXML
	RestoreStatus *restoreStatusXML
}

type listVersionsResult struct {
	XMLName             xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
	Name                string
	Prefix              string
	KeyMarker           string
	VersionIdMarker     string
	NextKeyMarker       string `xml:",omitempty"`
	NextVersionIdMarker string `xml:",omitempty"`
	MaxKeys             int
	Delimiter           string `xml:",omitempty"`
	EncodingType        string `xml:",omitempty"`
	IsTruncated         bool
	Versions            []versionXML
	CommonPrefixes      []prefixXML
}

func (x *exchange) listObjectVersions() error {
	l, err := x.newListing()
	if err != nil {
		return err
	}
	key, version := x.query.Get("key-marker"), x.query.Get("version-id-marker")
	if version != "" && key == "" {
		return invalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", version)
	}
	l.query.Versions, l.query.After = true, l.past(key)
	if l.query.After == key {
		l.query.AfterVersion = version
	}
	page, err := l.page()
	if err != nil {
		return err
	}
	res := listVersionsResult{
		Name: x.bucketName, Prefix: l.key(l.query.Prefix), KeyMarker: l.key(key), VersionIdMarker: version,
		MaxKeys: min(l.maxKeys, maxKeys), Delimiter: l.key(l.query.Delimiter), EncodingType: l.encoding(), IsTruncated: page.Truncated,
	}
	if page.Truncated {
		res.NextKeyMarker, res.NextVersionIdMarker = l.key(page.Next), page.NextVersion
	}
	for i := range page.Objects {
		res.Versions = append(res.Versions, l.version(&page.Objects[i]))
	}
	for _, prefix := range page.CommonPrefixes {
		res.CommonPrefixes = append(res.CommonPrefixes, prefixXML{l.key(prefix)})
	}
	return x.xml(res)
}

func (l *listing) version(o *store.Object) versionXML {
	v := versionXML{XMLName: xml.Name{Local: "Version"}, Key: l.key(o.Key), VersionId: world.ShownVersion(o), IsLatest: o.Latest,
		LastModified: wire.Time(o.Modified), Owner: ownerXML{world.Canonical(l.x.estate, l.x.objectOwner(o))}}
	if o.DeleteMarker {
		v.XMLName.Local = "DeleteMarker"
		return v
	}
	v.ETag, v.Size, v.StorageClass = `"`+o.ETag+`"`, &o.Size, storageClass(o)
	v.ChecksumAlgorithm, v.ChecksumType, v.RestoreStatus = slices.Sorted(maps.Keys(o.Checksums)), o.ChecksumType, l.restoreStatus(o)
	return v
}
