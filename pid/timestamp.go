package pid

import (
	"errors"
	"time"
)

// India is the zone of every time that a driver writes without one. It has no
// daylight saving, so no zone database is needed.
var india = time.FixedZone("IST", 5*60*60+30*60)

const timestampLayout = "2006-01-02T15:04:05"

// readTimestamp reads the 19 bytes before the sealed data. time.Parse alone
// would let single digits pass.
func readTimestamp(data []byte) (time.Time, error) {
	if len(data) < len(timestampLayout) {
		return time.Time{}, errNoTimestamp
	}
	text := data[:len(timestampLayout)]
	for i, c := range []byte("dddd-dd-ddTdd:dd:dd") {
		if c == 'd' && !isDigit(text[i]) || c != 'd' && text[i] != c {
			return time.Time{}, errNoTimestamp
		}
	}
	at, err := time.ParseInLocation(timestampLayout, string(text), india)
	if err != nil {
		// time's error quotes its input.
		return time.Time{}, errors.New("pid: the time before the sealed data is no date")
	}
	return at, nil
}
