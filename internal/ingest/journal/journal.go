// Package journal holds the records of logs that are worth a line in a report, and
// joins what several logs say of one request: by the request id, which CloudTrail
// and access logs share, and by the sharedEventID of the copies that the trails of
// different accounts have. What does not fit into its share of memory waits in
// temporary files, so its size has no bound but the disk's.
package journal

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

// An Entry is one record, or what several records say of one request.
type Entry struct {
	RequestID, SharedID, EventID string

	Kinds     uint8 // 1 << record.Kind of each log that has the request
	Time      int64
	Principal string
	Operation string // or the action, of records of half a call
	Bucket    string
	Key       string
	SourceIP  string
	Error     string
	Message   string

	// Label is what the reader made of the record, and Rank how sure that is: of
	// one request the label of the highest rank counts.
	Label string
	Rank  uint8
}

const (
	parts    = 256
	inMemory = 128 << 10 // bytes of one part
)

// A Journal takes entries from several goroutines. After the last it is read once.
type Journal struct {
	parts [parts]part
	by    func(*Entry) string
}

type part struct {
	mu   sync.Mutex
	buf  []byte
	file *os.File
}

// New returns an empty journal.
func New() *Journal {
	return &Journal{by: func(e *Entry) string { return cmp.Or(e.RequestID, e.SharedID, e.EventID) }}
}

// Add adds an entry.
func (j *Journal) Add(e *Entry) error {
	p := &j.parts[hash(j.by(e))%parts]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buf = e.append(p.buf)
	if len(p.buf) < inMemory {
		return nil
	}
	return p.spill()
}

// hash is FNV-1a.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// spill moves a part's entries to its file, which has no name any more and goes
// with the program.
func (p *part) spill() error {
	if p.file == nil {
		f, err := os.CreateTemp("", "why403-logs-*")
		if err != nil {
			return fmt.Errorf("set aside what does not fit into memory: %w", err)
		}
		_ = os.Remove(f.Name())
		p.file = f
	}
	if _, err := p.file.Write(p.buf); err != nil {
		return fmt.Errorf("set aside what does not fit into memory: %w", err)
	}
	p.buf = p.buf[:0]
	return nil
}

// Each calls each with every request, once, and empties the journal. The order is
// not that of the logs, and the same for the same entries.
func (j *Journal) Each(each func(*Entry) error) error {
	shared := &Journal{by: func(e *Entry) string { return e.SharedID }}
	err := j.joined(func(e *Entry) string { return e.RequestID }, func(e *Entry) error {
		if e.SharedID != "" {
			return shared.Add(e)
		}
		return each(e)
	})
	if err != nil {
		return err
	}
	return shared.joined(func(e *Entry) string { return e.SharedID }, each)
}

func (j *Journal) joined(id func(*Entry) string, each func(*Entry) error) error {
	for i := range j.parts {
		list, err := j.parts[i].entries()
		if err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b *Entry) int {
			if c := cmp.Compare(id(a), id(b)); c != 0 {
				return c
			}
			return a.compare(b)
		})
		for len(list) > 0 {
			n := 1
			for n < len(list) && id(list[n]) != "" && id(list[n]) == id(list[0]) && list[n].Operation == list[0].Operation && list[n].Key == list[0].Key {
				list[0].merge(list[n])
				n++
			}
			if err := each(list[0]); err != nil {
				return err
			}
			list = list[n:]
		}
	}
	return nil
}

// entries takes a part's entries out of it.
func (p *part) entries() ([]*Entry, error) {
	text := p.buf
	if p.file != nil {
		defer p.file.Close()
		if _, err := p.file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		spilled, err := io.ReadAll(p.file)
		if err != nil {
			return nil, err
		}
		text = append(spilled, text...)
	}
	p.buf, p.file = nil, nil
	var list []*Entry
	for rest := string(text); rest != ""; { // the entries' texts are parts of this one
		e := &Entry{}
		var ok bool
		if rest, ok = e.read(rest); !ok {
			return nil, errors.New("the temporary file of the journal was changed")
		}
		list = append(list, e)
	}
	return list, nil
}

// merge adds what another record says of the same request.
func (e *Entry) merge(o *Entry) {
	e.Kinds |= o.Kinds
	if e.Time == 0 || o.Time != 0 && o.Time < e.Time {
		e.Time = o.Time
	}
	if o.Rank > e.Rank {
		e.Rank, e.Label = o.Rank, o.Label
	}
	if named(o.Principal) > named(e.Principal) {
		e.Principal = o.Principal
	}
	if len(o.Message) > len(e.Message) {
		e.Message = o.Message
	}
	for _, f := range []struct{ to, from *string }{{&e.SharedID, &o.SharedID}, {&e.EventID, &o.EventID}, {&e.Bucket, &o.Bucket}, {&e.SourceIP, &o.SourceIP}, {&e.Error, &o.Error}} {
		*f.to = cmp.Or(*f.to, *f.from)
	}
}

// named tells how much the name of a caller says: the role's ARN has the path that
// a session's lacks.
func named(principal string) int {
	switch {
	case !strings.HasPrefix(principal, "arn:"):
		return 0
	case strings.Contains(principal, ":assumed-role/"):
		return 1
	}
	return 2
}

// Clone returns the entry with texts of its own, which do not hold on to those of
// others.
func (e *Entry) Clone() Entry {
	c := *e
	for _, s := range c.texts() {
		*s = strings.Clone(*s)
	}
	return c
}

func (e *Entry) texts() [11]*string {
	return [...]*string{&e.RequestID, &e.SharedID, &e.EventID, &e.Principal, &e.Operation, &e.Bucket, &e.Key, &e.SourceIP, &e.Error, &e.Message, &e.Label}
}

// compare orders entries of one request: those of one operation and key together.
func (e *Entry) compare(o *Entry) int {
	c := cmp.Or(cmp.Compare(e.Operation, o.Operation), cmp.Compare(e.Key, o.Key), cmp.Compare(e.Time, o.Time), cmp.Compare(e.Kinds, o.Kinds), cmp.Compare(o.Rank, e.Rank))
	mine, others := e.texts(), o.texts()
	for i := 0; i < len(mine) && c == 0; i++ {
		c = cmp.Compare(*mine[i], *others[i])
	}
	return c
}

func (e *Entry) append(b []byte) []byte {
	b = append(b, e.Kinds, e.Rank)
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Time))
	for _, s := range e.texts() {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(*s)))
		b = append(b, *s...)
	}
	return b
}

func (e *Entry) read(b string) (string, bool) {
	if len(b) < 10 {
		return "", false
	}
	e.Kinds, e.Rank = b[0], b[1]
	e.Time = int64(little(b[2:6])) | int64(little(b[6:10]))<<32
	b = b[10:]
	for _, s := range e.texts() {
		if len(b) < 4 {
			return "", false
		}
		n := int(little(b))
		if n > len(b)-4 {
			return "", false
		}
		*s, b = b[4:4+n], b[4+n:]
	}
	return b, true
}

func little(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}
