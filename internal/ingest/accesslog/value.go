package accesslog

import (
	"bytes"
	"time"

	"github.com/why403/why403/internal/ingest/record"
)

// seconds reads the time of a line, 06/Feb/2019:00:00:38 +0000; 0 for none.
func seconds(s []byte) int64 {
	const layout = "02/Jan/2006:15:04:05 +0000"
	if len(s) != len(layout) || s[2] != '/' || s[6] != '/' || s[11] != ':' || s[14] != ':' || s[17] != ':' || string(s[20:]) != " +0000" {
		t, err := time.Parse("02/Jan/2006:15:04:05 -0700", string(s))
		if err != nil {
			return 0
		}
		return t.Unix()
	}
	month := bytes.Index(months, s[3:6])
	day, year, hour, minute, second := number(s[:2]), number(s[7:11]), number(s[12:14]), number(s[15:17]), number(s[18:20])
	if month < 0 || month%3 != 0 || day < 1 || day > 31 || year == 0 || hour > 23 || minute > 59 || second > 59 {
		return 0
	}
	return record.Seconds(year, month/3+1, day, hour, minute, second)
}

var months = []byte("JanFebMarAprMayJunJulAugSepOctNovDec")

// request takes method and query parameters out of a request URI such as
// "GET /b/k?versionId=1 HTTP/1.1".
func request(uri []byte, r *record.Record, text *[]byte) {
	method, target, _ := bytes.Cut(uri, []byte{' '})
	r.Method = method
	if i := bytes.LastIndexByte(target, ' '); i >= 0 {
		target = target[:i]
	}
	_, query, _ := bytes.Cut(target, []byte{'?'})
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte{'&'})
		name, value, _ := bytes.Cut(pair, []byte{'='})
		r.Params = append(r.Params, record.Param{Name: decode(name, true, text), Value: decode(value, true, text)})
	}
}

// decodeKey reads the key field. Records of S3 encode keys twice, others once; the
// path of the request URI, encoded once by the client, tells which.
func decodeKey(field, uri []byte, text *[]byte) []byte {
	if bytes.IndexByte(field, '%') < 0 && bytes.IndexByte(field, '+') < 0 {
		return field
	}
	once := decode(field, true, text)
	if bytes.IndexByte(once, '%') < 0 && bytes.IndexByte(once, '+') < 0 {
		return once
	}
	if path := pathOf(uri); len(path) > 0 && bytes.HasSuffix(decode(path, false, text), once) {
		return once
	}
	return decode(once, true, text)
}

func pathOf(uri []byte) []byte {
	_, target, _ := bytes.Cut(uri, []byte{' '})
	target, _, _ = bytes.Cut(target, []byte{' '})
	path, _, _ := bytes.Cut(target, []byte{'?'})
	return path
}

// decode takes percent-encoding off, and plus signs where they mean spaces. What
// is no encoding stays.
func decode(s []byte, plus bool, text *[]byte) []byte {
	if bytes.IndexByte(s, '%') < 0 && (!plus || bytes.IndexByte(s, '+') < 0) {
		return s
	}
	from := len(*text)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+' && plus:
			*text = append(*text, ' ')
		case c == '%' && i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0:
			*text = append(*text, byte(hex(s[i+1])<<4|hex(s[i+2])))
			i += 2
		default:
			*text = append(*text, c)
		}
	}
	return (*text)[from:len(*text):len(*text)]
}

func hex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
