package accesslog

import (
	"bytes"
	"hash/maphash"

	"github.com/why403/why403/internal/ingest/record"
)

// known remembers what many lines have in common: who asks, what stands behind the
// host id, the time. Each has a place by its text, and what has the place of another
// is forgotten with it.
type known struct {
	requesters [1024]requester
	endings    [256]ending
	stamp      []byte // of the line before
	time       int64
}

var seed = maphash.MakeSeed()

// placeOf returns the place of a text among so many.
func placeOf(text []byte, places int) uint64 { return maphash.Bytes(seed, text) % uint64(places) }

// A requester has a number of its own.
type requester struct {
	text   []byte
	number uint64
}

func (k *known) requester(text []byte) uint64 {
	q := &k.requesters[placeOf(text, len(k.requesters))]
	if q.number == 0 || !bytes.Equal(q.text, text) {
		q.text, q.number = append(q.text[:0], text...), record.NewNumber()
	}
	return q.number
}

// An ending is the fields behind the host id: signature, transport, access point.
// They are slices of its text.
type ending struct {
	text []byte
	rec  record.Record
	of   []shape
}

// A shape is lines of one ending that are alike in what Record.Shape stands for.
type shape struct {
	event, method string
	agent         bool
	number        uint64
}

// maxShapes is how many shapes of one ending are remembered: S3 has a hundred
// operations.
const maxShapes = 128

func (k *known) ending(text []byte) *ending {
	e := &k.endings[placeOf(text, len(k.endings))]
	if e.text == nil || !bytes.Equal(e.text, text) {
		*e = ending{text: bytes.Clone(text)}
		(&fields{rest: e.text}).later(&e.rec)
	}
	return e
}

// fill puts the fields into the record of a line, with the line's shape.
func (e *ending) fill(r *record.Record) {
	f := &e.rec
	r.TellsTLS, r.SignatureVer, r.Cipher, r.AuthMethod, r.Host = f.TellsTLS, f.SignatureVer, f.Cipher, f.AuthMethod, f.Host
	r.TLSVersion, r.AccessPoint, r.ACLRequired, r.Region = f.TLSVersion, f.AccessPoint, f.ACLRequired, f.Region
	r.Shape = e.shape(r)
}

func (e *ending) shape(r *record.Record) uint64 {
	agent := len(r.UserAgent) > 0
	for i := range e.of {
		if s := &e.of[i]; s.agent == agent && s.event == string(r.Event) && s.method == string(r.Method) {
			return s.number
		}
	}
	if len(e.of) == maxShapes {
		return 0
	}
	e.of = append(e.of, shape{string(r.Event), string(r.Method), agent, record.NewNumber()})
	return e.of[len(e.of)-1].number
}

// seconds is seconds for lines of which many in a row have the same time.
func (k *known) seconds(stamp []byte) int64 {
	if !bytes.Equal(stamp, k.stamp) {
		k.stamp, k.time = append(k.stamp[:0], stamp...), seconds(stamp)
	}
	return k.time
}
