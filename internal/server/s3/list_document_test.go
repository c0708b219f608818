package s3

import (
	"encoding/xml"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/store"
)

// The result of ListObjectsV2, as encoding/xml writes it.
type listBucketResult struct {
	XMLName        xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name           string
	Prefix         string
	MaxKeys        int
	Delimiter      string `xml:",omitempty"`
	EncodingType   string `xml:",omitempty"`
	IsTruncated    bool
	Contents       []objectXML
	CommonPrefixes []prefixXML
}

type objectXML struct {
	Key               string
	LastModified      wire.Time
	ETag              string
	ChecksumAlgorithm []string `xml:",omitempty"`
	ChecksumType      string   `xml:",omitempty"`
	Size              int64
	Owner             *ownerXML `xml:",omitempty"`
	StorageClass      string
}

// writeListing writes a listing of two objects both ways.
func writeListing(t testing.TB, key, prefix, delimiter, etag, owner string, size int64, modified time.Time) (got, want string) {
	t.Helper()
	e, err := estate.Parse("estate.yaml", []byte(`{version: 1, accounts: {"111122223333": {buckets: {b: {ownership: ObjectWriter}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	bucket, _ := e.Bucket("b")
	l := &listing{x: &exchange{w: w, estate: e, bucket: bucket, bucketName: "b"}, maxKeys: 7, query: store.ListQuery{Prefix: prefix, Delimiter: delimiter}}
	objects := []store.Object{{Key: key, ETag: etag, Size: size, Modified: modified,
		Attributes: store.Attributes{Owner: owner, Checksums: map[string]string{"SHA256": "", "CRC32": ""}, ChecksumType: fullObject}},
		{Key: key + "2", ETag: etag, Modified: modified, Attributes: store.Attributes{Owner: owner, StorageClass: "GLACIER", Checksums: map[string]string{"CRC64NVME": ""}}}}
	if err := l.end(l.begin(), store.ListPage{Objects: objects, CommonPrefixes: []string{prefix}, Truncated: true}, owner != ""); err != nil {
		t.Fatal(err)
	}
	result := listBucketResult{Name: "b", Prefix: prefix, MaxKeys: 7, Delimiter: delimiter, IsTruncated: true, CommonPrefixes: []prefixXML{{prefix}},
		Contents: []objectXML{{Key: key, LastModified: wire.Time(modified), ETag: `"` + etag + `"`, ChecksumAlgorithm: []string{"CRC32", "SHA256"}, ChecksumType: fullObject,
			Size: size, StorageClass: "STANDARD"}, {Key: key + "2", LastModified: wire.Time(modified), ETag: `"` + etag + `"`, ChecksumAlgorithm: []string{"CRC64NVME"}, StorageClass: "GLACIER"}}}
	if owner != "" {
		result.Contents[0].Owner, result.Contents[1].Owner = &ownerXML{owner}, &ownerXML{owner}
	}
	body, err := xml.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	return w.Body.String(), xml.Header + strings.ReplaceAll(string(body), "&#34;", "&quot;")
}

func TestListDocument(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 80_000_000, time.UTC)
	for _, c := range []struct{ key, prefix, delimiter, etag, owner string }{
		{"a/b.txt", "", "", "d41d8cd98f00b204e9800998ecf8427e", ""},
		{"a&b<c>\"d'\t\r\n", "<&>", "&", "x\"-1", "65a011a29cdf8ec533ec3d1ccaae921c"},
		{"größe/日本\x00\x1f\x7f\ufffe", "日", "/", "", "o"},
		{"\xff\xfe bytes", "p", "\xff", "e", ""},
	} {
		if got, want := writeListing(t, c.key, c.prefix, c.delimiter, c.etag, c.owner, 1<<40, at); got != want {
			t.Errorf("key %q:\ngot  %s\nwant %s", c.key, got, want)
		}
	}
}

func FuzzListDocument(f *testing.F) {
	f.Add("k", "p", "/", "e", "o", int64(5), int64(1_700_000_000_123))
	f.Add("<\x00&\"'>\r\n\t", "]]>", "\xc3", "\"", "", int64(-1), int64(0))
	f.Fuzz(func(t *testing.T, key, prefix, delimiter, etag, owner string, size, millis int64) {
		if len(owner) == 12 || owner == "anonymous" || !utf8.ValidString(owner) {
			return // these are turned into canonical ids
		}
		at := time.UnixMilli(millis % (1 << 42)).UTC()
		if got, want := writeListing(t, key, prefix, delimiter, etag, owner, size, at); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
