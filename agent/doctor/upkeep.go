package doctor

import (
	"net/url"

	"biobridge/agent/daemon"
)

// updates says whether newer versions come by themselves, and from where.
func updates(cfg daemon.Config) []Finding {
	if cfg.Update.URL == "" {
		return []Finding{skipped("updates", "Updates are off: update.url names no address. Whoever looks after this PC installs new versions.")}
	}
	from := cfg.Update.URL
	if u, err := url.Parse(from); err == nil {
		from = u.Host
	}
	return []Finding{fine("updates", "Signed updates are taken from "+from+"; \"biobridge update check\" asks now.")}
}

// timeSource says whether something keeps this PC's clock right: Eko refuses what
// is signed with a wrong one.
func (e Examination) timeSource() []Finding {
	kept, err := e.ClockKept()
	switch {
	case err != nil:
		return []Finding{skipped("time_source", "This PC doesn't tell what keeps its clock right.")}
	case !kept:
		return []Finding{doubt("time_source", "No time server keeps this PC's clock right.", "Set the PC's date and time to automatic.")}
	}
	return []Finding{fine("time_source", "A time server keeps this PC's clock right.")}
}
