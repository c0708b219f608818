package s3

import (
	"encoding/xml"
	"hash"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/store"
)

// partChecksums compute and verify the checksums of a part.
type partChecksums struct {
	sent *checksums // what the client brings; without an algorithm where it brings nothing
	own  *algorithm // that of the upload
	hash hash.Hash  // of own
}

// newPartChecksums reads which checksum a part brings. It must be of its upload's
// algorithm where the client chose one, and must be there for a COMPOSITE one.
func (x *exchange) newPartChecksums() (*partChecksums, error) {
	sent, err := x.newChecksums(false)
	if err != nil {
		return nil, err
	}
	p := &partChecksums{sent: sent, own: algorithmOf(x.upload.Algorithm)}
	actual := "null"
	if sent.algorithm != nil {
		actual = sent.algorithm.name
	}
	if x.upload.Asked && actual != p.own.name && (sent.algorithm != nil || x.upload.composite()) {
		return nil, invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + strings.ToLower(p.own.name) +
			", actual checksum Type: " + strings.ToLower(actual))
	}
	if p.hash = sent.hash; sent.algorithm != p.own {
		p.hash = p.own.make()
	}
	return p, nil
}

// writer takes the bytes of the part.
func (p *partChecksums) writer() io.Writer {
	if p.sent.algorithm == nil || p.sent.algorithm == p.own {
		return p.hash
	}
	return io.MultiWriter(p.hash, p.sent.hash)
}

// values are the checksums to keep: that of the upload's algorithm, and what the
// client sent.
func (p *partChecksums) values() map[string]string {
	own := checksums{algorithm: p.own, hash: p.hash}
	m := map[string]string{p.own.name: own.value()}
	if p.sent.algorithm != nil {
		m[p.sent.algorithm.name] = p.sent.value()
	}
	return m
}

// uploadPart is UploadPart.
func (x *exchange) uploadPart() error {
	n, err := x.partNumber()
	if err != nil {
		return err
	}
	if x.uploadErr != nil {
		return x.uploadErr
	}
	if err := x.checkLength(); err != nil {
		return err
	}
	if err := x.checkPartKey(); err != nil {
		return err
	}
	sums, err := x.newPartChecksums()
	if err != nil {
		return err
	}
	if err := x.checkLockDigest(x.pending.Lock, sums.sent, "Part"); err != nil {
		return err
	}
	body := x.auth.Body(bodyReader{x.r.Body})
	sealing := x.seal(&x.pending.Attributes, io.TeeReader(body, sums.writer()), n)
	meta := store.PartMeta{Bucket: x.bucketName, Key: x.key, UploadID: x.uploadID(), Number: n, Opaque: true}
	meta.Seal = func(p *store.Part) error {
		err := x.verifySealed(sealing)
		if err == nil && sums.sent.algorithm != nil {
			err = sums.sent.verify(body.Trailer())
		}
		p.ETag, p.Size = sealing.ETag(), sealing.Size()
		p.Checksums = sums.values()
		return err
	}
	p, err := x.store().PutPart(x.ctx, meta, sealing)
	if err != nil {
		return err
	}
	x.set("ETag", `"`+p.ETag+`"`)
	x.setEncryption(&store.Object{Attributes: x.pending.Attributes})
	shown := sums.own
	if sums.sent.algorithm != nil {
		shown = sums.sent.algorithm
	}
	x.set(shown.header, p.Checksums[shown.name])
	return x.empty(http.StatusOK)
}

type copyPartResult struct {
	XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyPartResult"`
	LastModified wire.Time
	ETag         string
	checksumsXML
}

// uploadPartCopy is UploadPartCopy.
func (x *exchange) uploadPartCopy() error {
	n, err := x.partNumber()
	if err != nil {
		return err
	}
	src, err := x.source()
	if err != nil {
		return err
	}
	if x.uploadErr != nil {
		return x.uploadErr
	}
	if err := x.checkPartKey(); err != nil {
		return err
	}
	from, bytes, err := x.openSource(src)
	if err != nil {
		return err
	}
	defer bytes.Close()
	part, err := x.sourceRange(from.Size)
	if err != nil {
		return err
	}
	plain, err := x.open(&from, bytes, copySSE)
	if err != nil {
		return err
	}
	if _, err := plain.Seek(part.first, io.SeekStart); err != nil {
		return err
	}
	p, err := x.copyPart(n, io.LimitReader(plain, part.length), part.length)
	if err != nil {
		return err
	}
	x.setSourceVersion(&from)
	x.setEncryption(&store.Object{Attributes: x.pending.Attributes})
	res := copyPartResult{LastModified: wire.Time(p.Modified), ETag: `"` + p.ETag + `"`}
	if x.upload.Asked {
		res.checksumsXML = shownChecksums(p.Checksums)
	}
	return x.xml(res)
}

func (x *exchange) copyPart(n int, from io.Reader, length int64) (store.Part, error) {
	own := algorithmOf(x.upload.Algorithm)
	sums := checksums{algorithm: own, hash: own.make()}
	sealing := x.seal(&x.pending.Attributes, io.TeeReader(from, sums.hash), n)
	meta := store.PartMeta{Bucket: x.bucketName, Key: x.key, UploadID: x.uploadID(), Number: n, Opaque: true}
	meta.Seal = func(p *store.Part) error {
		p.ETag, p.Size = sealing.ETag(), sealing.Size()
		p.Checksums = map[string]string{own.name: sums.value()}
		if p.Size != length {
			return errShortSource
		}
		return nil
	}
	return x.store().PutPart(x.ctx, meta, sealing)
}

var sourceRangeForm = regexp.MustCompile(`^bytes=([0-9]{1,18})-([0-9]{1,18})$`)

// sourceRange reads x-amz-copy-source-range, which must lie within the source.
func (x *exchange) sourceRange(size int64) (span, error) {
	const name = "x-amz-copy-source-range"
	s := span{length: size}
	if v := x.get(name); v != "" {
		m := sourceRangeForm.FindStringSubmatch(v)
		var first, last int64
		if m != nil { // eighteen digits fit
			first, _ = strconv.ParseInt(m[1], 10, 64)
			last, _ = strconv.ParseInt(m[2], 10, 64)
		}
		switch {
		case m == nil, first > last:
			return s, invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy", name, v)
		case first >= size: // observed at AWS, like the others
			return s, invalidRequest("The specified copy range is invalid for the source object size")
		case last >= size:
			return s, invalidArgument("Range specified is not valid for source object of size: "+itoa(size), name, v)
		}
		s = span{first: first, length: last - first + 1}
	}
	if s.length > maxPut {
		return s, invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: " + itoa(maxPut))
	}
	return s, nil
}
