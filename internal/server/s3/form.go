package s3

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/why403/why403/internal/server/wire"
	"github.com/why403/why403/internal/sigv4"
	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/request"
)

// useForm takes the fields of a form for the headers of the request, as which they
// act: "POST Object" in the Amazon S3 API Reference. Of the headers proper those
// stay that are about the connection.
func (x *exchange) useForm(form *sigv4.Form) {
	h := http.Header{}
	for name, values := range x.r.Header {
		if lower := strings.ToLower(name); !strings.HasPrefix(lower, "x-amz-") && lower != "authorization" && !isSystemHeader(lower) {
			h[name] = values
		}
	}
	for _, f := range form.Fields {
		switch name := strings.ToLower(f.Name); {
		case name == "acl":
			h.Set("X-Amz-Acl", f.Value)
		case name == "tagging", isSystemHeader(name), strings.HasPrefix(name, "x-amz-") && !ofSignature[name]:
			h.Add(f.Name, f.Value)
		}
	}
	fold(h)
	x.key, _ = form.Get("key")
	x.r = x.r.Clone(x.r.Context())
	x.r.Header, x.header = h, h
}

// errFormOperation refuses a form that is posted to another operation.
func errFormOperation() error {
	return invalidRequest("A form uploads an object, and does nothing else. Sign the request in its headers or its query string.")
}

// ofSignature are the fields that sign the policy.
var ofSignature = map[string]bool{"x-amz-algorithm": true, "x-amz-credential": true, "x-amz-date": true, "x-amz-signature": true, "x-amz-security-token": true}

func isSystemHeader(name string) bool {
	for _, known := range systemHeaders {
		if name == known {
			return true
		}
	}
	return false
}

// decideForm has the upload decided, once it is known where to.
func (x *exchange) decideForm() error {
	if x.r.ContentLength < 0 {
		return wire.NewError(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	if x.key == "" {
		return invalidArgument("Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.", "key", "")
	}
	tags, err := formTags(x.auth.Form)
	x.body, x.parsed, x.bodyErr = &request.Body{Tags: tags}, tags, err
	return x.decide()
}

// postObject is the upload of a browser's form, whose file goes to the store as it
// comes.
func (x *exchange) postObject() error {
	form := x.auth.Form
	if len(x.key) > store.MaxKeyLength {
		return store.ErrKeyTooLong
	}
	attributes, err := x.newAttributes()
	if err != nil {
		return err
	}
	attributes.Tags, _ = x.parsed.(map[string]string)
	if err := x.metadata(&attributes); err != nil {
		return err
	}
	sums, err := x.newChecksums(true)
	if err != nil {
		return err
	}
	file := &greatest{src: bodyReader{form.File}}
	o, err := x.write(&attributes, sums, file, func() http.Header { return nil })
	if err != nil {
		return err
	}
	return x.answerForm(form, &o)
}

// greatest ends with S3's error where an upload is greater than one may be.
type greatest struct {
	src  io.Reader
	size int64
}

// Read implements io.Reader.
func (g *greatest) Read(p []byte) (int, error) {
	n, err := g.src.Read(p)
	if g.size += int64(n); g.size > maxPut {
		return 0, wire.NewError(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size").
			With("ProposedSize", itoa(g.size)).With("MaxSizeAllowed", itoa(maxPut))
	}
	return n, err
}

// formTags reads the field "tagging", a document as PutObjectTagging has it.
func formTags(form *sigv4.Form) (map[string]string, error) {
	text, ok := form.Get("tagging")
	if !ok || text == "" {
		return nil, nil
	}
	var c struct {
		Tags []tagXML `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal([]byte(text), &c); err != nil { // the root element may be any: observed at AWS
		return nil, malformedXML()
	}
	return tagMap(c.Tags, maxObjectTags)
}

// answerForm answers as the form asks: by a redirect, or by a status.
func (x *exchange) answerForm(form *sigv4.Form, o *store.Object) error {
	location := x.location()
	x.set("Location", location)
	target, _ := form.Get("success_action_redirect")
	if target == "" {
		target, _ = form.Get("redirect")
	}
	if u, err := url.Parse(target); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += "bucket=" + url.QueryEscape(x.bucketName) + "&key=" + url.QueryEscape(x.key) + "&etag=" + url.QueryEscape(`"`+o.ETag+`"`)
		x.set("Location", u.String())
		return x.empty(http.StatusSeeOther)
	}
	switch status, _ := form.Get("success_action_status"); status {
	case "200":
		return x.empty(http.StatusOK)
	case "201":
		x.wrote = true
		if err := wire.WriteXML(x.w, http.StatusCreated, postResponse{Location: location, Bucket: x.bucketName, Key: x.key, ETag: `"` + o.ETag + `"`}); err != nil {
			return &clientGone{err}
		}
		return nil
	}
	return x.empty(http.StatusNoContent)
}

type postResponse struct {
	XMLName                     xml.Name `xml:"PostResponse"`
	Location, Bucket, Key, ETag string
}
