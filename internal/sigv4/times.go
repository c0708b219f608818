package sigv4

import "time"

const (
	basicFormat = "20060102T150405Z"     // ISO 8601 basic, as in x-amz-date
	dateFormat  = "20060102"             // date of a credential scope
	isoFormat   = "2006-01-02T15:04:05Z" // times in error bodies
)

func isDate(s string) bool {
	_, err := time.Parse(dateFormat, s)
	return err == nil && len(s) == 8
}

// parseBasic parses YYYYMMDDTHHMMSSZ and nothing else.
func parseBasic(s string) (time.Time, bool) {
	t, err := time.Parse(basicFormat, s)
	return t, err == nil && len(s) == len(basicFormat)
}
