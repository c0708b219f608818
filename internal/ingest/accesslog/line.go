package accesslog

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/why403/why403/internal/ingest/record"
)

var (
	errFields = errors.New("a line of an access log has 18 fields at least")
	errTorn   = errors.New("two records in one line")
)

// fields cuts a line into fields from the left.
type fields struct {
	rest []byte
	bad  error
}

// word cuts off a field without spaces.
func (f *fields) word() []byte {
	i := bytes.IndexByte(f.rest, ' ')
	if i < 0 {
		w := f.rest
		if f.rest = nil; len(w) == 0 && f.bad == nil {
			f.bad = errFields
		}
		return w
	}
	w := f.rest[:i]
	f.rest = f.rest[i+1:]
	return w
}

// stated is a word, nil for "-".
func (f *fields) stated() []byte { return dash(f.word()) }

func dash(w []byte) []byte {
	if len(w) == 1 && w[0] == '-' {
		return nil
	}
	return w
}

// parse reads one line into r.
func parse(line []byte, r *record.Record, text *[]byte, k *known) error {
	r.Reset()
	*text = (*text)[:0]
	f := &fields{rest: bytes.TrimRight(line, " \r")}
	r.Service = service
	r.BucketOwner = f.word()
	r.Bucket = f.word()
	stamp, ok := f.time()
	if r.Time = k.seconds(stamp); !ok || r.Time == 0 {
		return fmt.Errorf("the third field is no time such as [06/Feb/2019:00:00:38 +0000]")
	}
	if torn(f.rest) {
		return errTorn
	}
	r.SourceIP = f.stated()
	if err := f.requester(r); err != nil {
		return err
	}
	r.Who.Number = k.requester(r.Who.ARN)
	key := f.stated()
	uri := f.uri()
	r.Status = number(f.word())
	r.Error = f.stated()
	for range 4 {
		f.word() // bytes sent, object size, total time, turn-around time
	}
	r.Referer, r.UserAgent = f.agents()
	r.VersionID = f.stated()
	if f.bad != nil {
		return f.bad
	}
	request(uri, r, text)
	f.optional() // host id
	k.ending(f.rest).fill(r)
	r.Key = decodeKey(key, uri, text)
	return nil
}

var (
	service        = []byte("s3.amazonaws.com")
	betweenRecords = []byte(" +0000] ")
)

// torn reports that the time of a second record stands behind that of the first.
func torn(rest []byte) bool {
	i := bytes.IndexByte(rest, '[')
	return i >= 0 && bytes.Contains(rest[i:], betweenRecords)
}

// time cuts off the bracketed time.
func (f *fields) time() ([]byte, bool) {
	if len(f.rest) < 29 || f.rest[0] != '[' || f.rest[27] != ']' {
		return nil, false
	}
	stamp := f.rest[1:27]
	f.rest = f.rest[29:]
	return stamp, true
}

// requester cuts off requester, request id and operation. The operation is the
// first word of its form; what stands before the request id is the requester,
// whose spaces are not quoted (CloudFront's origin access identities have some).
func (f *fields) requester(r *record.Record) error {
	start := f.rest
	last := 0 // where the word before begins
	for at := 0; len(f.rest) > 0; {
		w := f.word()
		if at > 0 && isOperation(w) {
			r.Event = w
			r.RequestID = dash(start[last : at-1])
			if last > 0 {
				r.Who.ARN = dash(start[:last-1])
			}
			return nil
		}
		last = at
		at += len(w) + 1
	}
	return errors.New("no field is an operation such as REST.GET.OBJECT")
}

func isOperation(w []byte) bool {
	if len(w) < 4 {
		return false
	}
	switch w[0] {
	case 'R':
		return string(w[:4]) == "REST" && len(w) > 5 && w[4] == '.'
	case 'W':
		return bytes.HasPrefix(w, []byte("WEBSITE."))
	case 'B':
		return bytes.HasPrefix(w, []byte("BATCH."))
	case 'S':
		return bytes.HasPrefix(w, []byte("S3.")) || bytes.HasPrefix(w, []byte("SOAP."))
	}
	return false
}

// uri cuts off the request URI: to the first quote that a status follows.
func (f *fields) uri() []byte {
	if len(f.rest) == 0 || f.rest[0] != '"' {
		return f.stated()
	}
	n := closingURI(f.rest[1:])
	if n < 0 {
		f.bad, f.rest = errors.New("the request URI has no closing quote"), nil
		return nil
	}
	uri := f.rest[1 : 1+n]
	f.rest = f.rest[n+3:]
	return uri
}

// closingURI returns the index of the quote that closes a request URI: the first
// that is followed by three digits or "-" and a space. It is -1 where none is.
func closingURI(b []byte) int {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		switch t := b[i+1:]; {
		case len(t) >= 5 && t[0] == ' ' && isDigit(t[1]) && isDigit(t[2]) && isDigit(t[3]) && t[4] == ' ',
			len(t) >= 3 && t[0] == ' ' && t[1] == '-' && t[2] == ' ':
			return i
		}
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// agents cuts off referer and user agent. No later field holds a quote, so the
// last one of the line closes the user agent.
func (f *fields) agents() (referer, agent []byte) {
	if len(f.rest) > 0 && f.rest[0] == '"' {
		if n := bytes.Index(f.rest[1:], []byte(`" "`)); n >= 0 {
			referer, f.rest = f.rest[1:1+n], f.rest[n+3:]
		} else if n := bytes.Index(f.rest[1:], []byte(`" `)); n >= 0 {
			referer, f.rest = f.rest[1:1+n], f.rest[n+3:]
		}
	} else {
		referer = f.word()
	}
	if len(f.rest) == 0 || f.rest[0] != '"' {
		return dash(referer), f.stated()
	}
	n := lastQuote(f.rest)
	for n > 0 && (n+1 == len(f.rest) || f.rest[n+1] != ' ') {
		n = lastQuote(f.rest[:n])
	}
	if n < 1 {
		f.bad, f.rest = errors.New("the user agent has no closing quote"), nil
		return nil, nil
	}
	agent, f.rest = f.rest[1:n], f.rest[n+2:]
	return dash(referer), dash(agent)
}

// lastQuote is bytes.LastIndexByte of a quote, which goes byte by byte.
func lastQuote(b []byte) int {
	last := -1
	for {
		n := bytes.IndexByte(b[last+1:], '"')
		if n < 0 {
			return last
		}
		last += 1 + n
	}
}

// optional is stated for the fields that were added over the years: older lines lack
// them.
func (f *fields) optional() []byte {
	if len(f.rest) == 0 {
		return nil
	}
	return f.stated()
}

// later reads the fields behind the host id. What follows them is passed over.
func (f *fields) later(r *record.Record) {
	r.TellsTLS = len(f.rest) > 0
	r.SignatureVer = f.optional()
	r.Cipher = f.optional()
	r.AuthMethod = f.optional()
	r.Host = f.optional()
	r.TLSVersion = f.optional()
	r.AccessPoint = f.optional()
	r.ACLRequired = string(f.optional()) == "Yes"
	r.Region = f.optional()
}

func number(w []byte) int {
	n := 0
	for _, c := range w {
		if !isDigit(c) {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
