package table

import (
	"strings"
	"time"
)

// timeColumns are the names of the time of an access log: S3's own in CloudWatch Logs,
// and that of the table that the S3 User Guide makes in Athena.
var timeColumns = []string{"requesttime", "requestdatetime", "time", "timestamp"}

// accessColumns are the fields of a line of an access log in their order, by the names
// that tables have for them (S3 User Guide, Log format in CloudWatch Logs; Querying
// access logs for requests by using Amazon Athena). Those in quotes are quoted there.
var accessColumns = []struct {
	names  []string
	quoted bool
}{
	{[]string{"bucketownerid", "bucketowner"}, false}, {[]string{"bucketname", "bucket"}, false}, {timeColumns, false},
	{[]string{"remoteip", "remoteipaddress"}, false}, {[]string{"requester"}, false}, {[]string{"requestid"}, false}, {[]string{"operation"}, false}, {[]string{"key"}, false},
	{[]string{"requesturi"}, true}, {[]string{"httpstatus", "status", "httpstatuscode"}, false}, {[]string{"errorcode"}, false},
	{[]string{"bytessent"}, false}, {[]string{"objectsize"}, false}, {[]string{"totaltime"}, false}, {[]string{"turnaroundtime"}, false},
	{[]string{"referer", "referrer"}, true}, {[]string{"useragent"}, true}, {[]string{"versionid"}, false}, {[]string{"hostid"}, false},
	{[]string{"signatureversion", "sigv"}, false}, {[]string{"ciphersuite"}, false}, {[]string{"authenticationtype", "authtype"}, false},
	{[]string{"hostheader", "endpoint"}, false}, {[]string{"tlsversion"}, false}, {[]string{"accesspointarn"}, false}, {[]string{"aclrequired"}, false}, {[]string{"sourceregion"}, false},
}

// line writes the row as a line of an access log.
func (r Row) line() string {
	words := make([]string, 0, len(accessColumns))
	for _, c := range accessColumns {
		v := strings.NewReplacer("\n", " ", "\r", " ").Replace(r.first(c.names...))
		switch {
		case &c.names[0] == &timeColumns[0]:
			v = "[" + accessTime(v) + "]"
		case v == "":
			v = "-"
		case c.quoted && v != "-" && !strings.HasPrefix(v, `"`):
			v = `"` + v + `"`
		}
		words = append(words, v)
	}
	return strings.Join(words, " ")
}

// accessTime writes a time as access logs do.
func accessTime(s string) string {
	s = strings.Trim(s, "[]")
	if at, ok := moment(s); ok {
		return at.Format("02/Jan/2006:15:04:05 +0000")
	}
	return s
}

// moment reads a time as tables write it.
func moment(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999 UTC", "January 2, 2006, 15:04:05 (UTC-07:00)"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
