package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store"
)

const completeLimit = 8 << 20 // ten thousand parts with their checksums

// A listedPart is a part as CompleteMultipartUpload lists it.
type listedPart struct {
	number    int
	etag      string
	checksums map[string]string // by algorithm
}

type completeXML struct {
	Parts []struct {
		PartNumber string
		ETag       string
		checksumsXML
	} `xml:"Part"`
}

// parseComplete reads the list of parts.
func (x *exchange) parseComplete(data []byte) error {
	if len(data) == 0 {
		return invalidRequest("You must specify at least one part")
	}
	var doc completeXML
	if err := decodeXML(data, "CompleteMultipartUpload", &doc); err != nil {
		return err
	}
	if len(doc.Parts) == 0 || len(doc.Parts) > maxPartNumber {
		return malformedXML()
	}
	var parts []listedPart
	for _, p := range doc.Parts {
		n, err := strconv.Atoi(strings.TrimSpace(p.PartNumber))
		switch {
		case err != nil || p.ETag == "":
			return malformedXML()
		case n < 1:
			return invalidArgument("PartNumber must be >= 1", "PartNumber", itoa(int64(n)))
		}
		one := listedPart{n, strings.Trim(p.ETag, `"`), p.byAlgorithm()}
		if err := one.checkForm(); err != nil {
			return err
		}
		parts = append(parts, one)
	}
	x.parsed = parts
	return nil
}

// checkForm refuses what cannot be one checksum.
func (p *listedPart) checkForm() error {
	bad, all := len(p.checksums) > 1, ""
	for i := range algorithms {
		if v, ok := p.checksums[algorithms[i].name]; ok {
			bad = bad || !algorithms[i].valid(v)
			all += algorithms[i].name + ":" + v + ";"
		}
	}
	if bad {
		return invalidArgument("Invalid Base64 or multiple checksums present in request", "Checksum", all)
	}
	return nil
}

type completeResult struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
	Location string
	Bucket   string
	Key      string
	ETag     string
	checksumsXML
	ChecksumType string `xml:",omitempty"`
}

// completeMultipartUpload is CompleteMultipartUpload. It can be sent again as long
// as the object is the current one, for clients that did not get the answer.
func (x *exchange) completeMultipartUpload() error {
	listed, _ := x.parsed.([]listedPart)
	if err := x.checkPreconditions(); err != nil {
		return err
	}
	if err := x.checkOrder(listed); err != nil {
		return err
	}
	if x.uploadErr != nil {
		if x.upload != nil && x.object.ETag == etagOf(listed) {
			return x.completed(&x.object)
		}
		return x.uploadErr
	}
	if err := x.checkParts(listed); err != nil {
		return err
	}
	req := store.CompleteRequest{Bucket: x.bucketName, Key: x.key, UploadID: x.uploadID(), MinPartSize: minPartSize,
		Preconditions: x.preconditions(), Seal: x.sealUpload}
	for _, p := range listed {
		req.Parts = append(req.Parts, store.CompletedPart{Number: p.number, ETag: p.etag})
	}
	o, err := x.store().CompleteUpload(x.ctx, req)
	if err != nil {
		return x.partError(err)
	}
	return x.completed(&o)
}

func (x *exchange) completed(o *store.Object) error {
	x.setWritten(o)
	x.setExpiry(o)
	x.setEncryption(o)
	res := completeResult{Location: x.location(), Bucket: x.bucketName, Key: x.key, ETag: `"` + o.ETag + `"`}
	if e := world.EncryptionOf(o); x.upload.Asked || e == nil || !isKMS(e.Algorithm) { // else untold here: observed at AWS
		res.checksumsXML, res.ChecksumType = shownChecksums(o.Checksums), o.ChecksumType
	}
	return x.xml(res)
}

// location is the URL of the object at the endpoint that the client used. S3
// encodes the slashes of the key, too.
func (x *exchange) location() string {
	base := "http://"
	if x.r.TLS != nil {
		base = "https://"
	}
	base += x.r.Host + "/"
	if !x.target.VirtualHosted {
		base += x.bucketName + "/"
	}
	return base + url.PathEscape(x.key)
}

func (x *exchange) checkOrder(listed []listedPart) error {
	for i := 1; i < len(listed); i++ {
		if listed[i].number <= listed[i-1].number {
			return x.invalidPartOrder()
		}
	}
	return nil
}

func (x *exchange) invalidPartOrder() *wire.Error {
	return wire.NewError(http.StatusBadRequest, "InvalidPartOrder",
		"The list of parts was not in ascending order. Parts must be ordered by part number.").With("UploadId", x.uploadID())
}

func (x *exchange) invalidPart(p listedPart) *wire.Error {
	return wire.NewError(http.StatusBadRequest, "InvalidPart", invalidPartMessage).
		With("UploadId", x.uploadID()).With("PartNumber", itoa(int64(p.number))).With("ETag", p.etag)
}

const invalidPartMessage = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."

func entityTooSmall() *wire.Error {
	return wire.NewError(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
}

// partError tells what the store refuses: parts that were replaced since they were
// checked.
func (x *exchange) partError(err error) error {
	switch {
	case errors.Is(err, store.ErrInvalidPart):
		return wire.NewError(http.StatusBadRequest, "InvalidPart", invalidPartMessage).With("UploadId", x.uploadID())
	case errors.Is(err, store.ErrInvalidPartOrder):
		return x.invalidPartOrder()
	case errors.Is(err, store.ErrEntityTooSmall):
		return entityTooSmall().With("MinSizeAllowed", itoa(minPartSize))
	}
	return err
}

// checkParts compares the list with the parts that there are.
func (x *exchange) checkParts(listed []listedPart) error {
	parts, _, err := x.store().ListParts(x.ctx, x.bucketName, x.key, x.uploadID(), 0, maxPartNumber)
	if err != nil {
		return err
	}
	held := make(map[int]*store.Part, len(parts))
	for i := range parts {
		held[parts[i].Number] = &parts[i]
	}
	for i, want := range listed {
		p := held[want.number]
		if p == nil || p.ETag != want.etag {
			return x.invalidPart(want)
		}
		if err := x.checkListedChecksum(want, p); err != nil {
			return err
		}
		if p.Size < minPartSize && i < len(listed)-1 {
			return entityTooSmall().With("ProposedSize", itoa(p.Size)).With("MinSizeAllowed", itoa(minPartSize)).
				With("PartNumber", itoa(int64(p.Number))).With("ETag", p.ETag)
		}
	}
	return nil
}

// checkListedChecksum demands the checksum of every part of a COMPOSITE one, and
// that those given are right.
func (x *exchange) checkListedChecksum(want listedPart, p *store.Part) error {
	u := x.upload
	if u.Asked && u.composite() && want.checksums[u.Algorithm] == "" {
		for name := range want.checksums {
			return wire.NewError(http.StatusBadRequest, "BadDigest",
				fmt.Sprintf("The %s you specified for part %d did not match what we received.", strings.ToLower(name), p.Number))
		}
		return invalidRequest(fmt.Sprintf("The upload was created using a %s checksum. The complete request must include the checksum for each part. "+
			"It was missing for part %d in the request.", strings.ToLower(u.Algorithm), p.Number))
	}
	for name, v := range want.checksums {
		if p.Checksums[name] != v || !u.Asked && name != u.Algorithm { // the latter observed at AWS
			return x.invalidPart(want)
		}
	}
	return nil
}

// sealUpload gives the object its checksum, and compares it and the size with what
// the request says of them.
func (x *exchange) sealUpload(o *store.Object, parts []store.Part) error {
	u := *x.upload
	if v := x.get("X-Amz-Mp-Object-Size"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		switch {
		case err != nil:
			return invalidRequest("Value for x-amz-mp-object-size header is invalid: '" + v + "'")
		case n < 0:
			return invalidRequest("Value for x-amz-mp-object-size header is less than zero: '" + v + "'")
		case n != o.Size:
			return invalidRequest(fmt.Sprintf("The provided 'x-amz-mp-object-size' header value %d does not match what was computed: %d", n, o.Size))
		}
	}
	mode := u.Type
	if !u.Asked {
		mode = "null" // observed at AWS
	}
	if v := x.get("X-Amz-Checksum-Type"); v != "" && !strings.EqualFold(v, mode) {
		return invalidRequest("The upload was created using the " + mode + " checksum mode. The complete request must use the same checksum mode.")
	}
	value, err := u.checksum(parts)
	if err != nil {
		return err
	}
	if err := x.verifyWhole(&u, value); err != nil {
		return err
	}
	if e := world.EncryptionOf(o); u.Asked || e == nil || e.Algorithm != "SSE-C" { // else there is none: observed at AWS
		o.Checksums, o.ChecksumType = map[string]string{u.Algorithm: value}, u.Type
	}
	u.ID = x.uploadID()
	return u.keep(&o.Attributes)
}

// verifyWhole compares the object's checksum with the header that states it. A
// COMPOSITE one may come without the number of parts.
func (x *exchange) verifyWhole(u *upload, value string) error {
	for i := range algorithms {
		sent := x.get(algorithms[i].header)
		bare, _, _ := strings.Cut(value, "-")
		switch {
		case sent == "":
		case algorithms[i].name != u.Algorithm:
			return invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + strings.ToLower(u.Algorithm) +
				", actual checksum Type: " + strings.ToLower(algorithms[i].name))
		case sent != value && sent != bare:
			return wire.NewError(http.StatusBadRequest, "BadDigest", "The "+strings.ToLower(u.Algorithm)+" you specified did not match the calculated checksum.")
		}
	}
	return nil
}

// checksum makes the object's checksum of those of its parts.
func (u *upload) checksum(parts []store.Part) (string, error) {
	a := algorithmOf(u.Algorithm)
	all, whole := a.make(), combined{algorithm: a}
	for _, p := range parts {
		sum, err := base64.StdEncoding.DecodeString(p.Checksums[u.Algorithm])
		if err != nil || len(sum) != a.size {
			return "", fmt.Errorf("part %d has no %s", p.Number, u.Algorithm)
		}
		all.Write(sum)
		whole.add(sum, p.Size)
	}
	if !u.composite() {
		return base64.StdEncoding.EncodeToString(whole.sum()), nil
	}
	return fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(all.Sum(nil)), len(parts)), nil
}

// etagOf is the ETag of the object that the listed parts make.
func etagOf(listed []listedPart) string {
	sum := md5.New()
	for _, p := range listed {
		b, err := hex.DecodeString(p.etag)
		if err != nil {
			return ""
		}
		sum.Write(b)
	}
	return fmt.Sprintf("%x-%d", sum.Sum(nil), len(listed))
}
