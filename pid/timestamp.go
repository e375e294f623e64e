package pid

import (
	"errors"
	"time"
)

// india is the zone of every time that a driver writes without one. It has no
// daylight saving, so no zone database is needed.
var india = time.FixedZone("IST", 5*60*60+30*60)

const timestampLayout = "2006-01-02T15:04:05"

// readTimestamp reads the 19 bytes before the sealed data. The shorter forms
// that time.Parse allows (an hour of one digit) would not fill them.
func readTimestamp(data []byte) (time.Time, error) {
	if len(data) < len(timestampLayout) {
		return time.Time{}, errNoTimestamp
	}
	at, err := time.ParseInLocation(timestampLayout, string(data[:len(timestampLayout)]), india)
	if err != nil {
		// time's error quotes its input.
		return time.Time{}, errors.New("pid: what stands before the sealed data is no time")
	}
	return at, nil
}
