package record

import "sync/atomic"

var numbers atomic.Uint64

// NewNumber returns a number for Record.Shape or Identity.Number that nobody has had
// yet, whoever reads.
func NewNumber() uint64 { return numbers.Add(1) }

// Seconds returns the seconds from 1970 to a time of the Gregorian calendar, in UTC.
func Seconds(year, month, day, hour, minute, second int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469
	return int64(days)*86400 + int64(hour*3600+minute*60+second)
}
