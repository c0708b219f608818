package wire

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

// S3Namespace is the namespace of S3's XML.
const S3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// WriteXML answers with a document. HEAD gets its length alone.
func WriteXML(w http.ResponseWriter, status int, v any) error {
	body, err := xml.Marshal(v)
	if err != nil {
		return err
	}
	body = append([]byte(xml.Header), bytes.ReplaceAll(body, []byte("&#34;"), []byte("&quot;"))...) // as S3 escapes it
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// A Time is a moment as S3's XML shows it, in milliseconds of UTC.
type Time time.Time

// TimeFormat is how S3's XML shows a moment of UTC.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// MarshalText writes the time in TimeFormat. S3 keeps times of objects, parts and uploads to the second (observed at AWS).
func (t Time) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Truncate(time.Second).Format(TimeFormat)), nil
}
