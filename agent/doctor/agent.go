package doctor

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"biobridge/agent/control"
	"biobridge/agent/daemon"
)

// agentFindings says whether the agent runs and what it complains about itself.
func agentFindings(s *control.Status, err error, cfg daemon.Config, usable bool) []Finding {
	switch {
	case errors.Is(err, control.ErrNotAllowed):
		return []Finding{doubt("agent", "The agent runs for another user.", "Run doctor as an administrator to see more.")}
	case err != nil:
		return []Finding{fault("agent", "The agent isn't running.", "Start it: \"biobridge service start\", or \"biobridge run\" to see why it doesn't start.")}
	}
	findings := []Finding{fine("agent", fmt.Sprintf("Version %s (%s) runs since %s.", s.Version, s.Environment, s.StartedAt.Local().Format(time.DateTime)))}
	for _, p := range s.Problems {
		if hasItsOwnCheck[p.Code] {
			continue
		}
		findings = append(findings, doubt(p.Code, p.Message, p.Remedy))
	}
	if usable && s.Environment != string(cfg.Environment) {
		findings = append(findings, doubt("agent", "The running agent has another environment than the configuration.", "Restart the agent so that it reads the configuration."))
	}
	return append(findings, clockFinding(s.ClockSkewMS)...)
}

// hasItsOwnCheck are the agent's complaints that a check of doctor's looks into
// more closely.
var hasItsOwnCheck = map[string]bool{
	"no_device": true, "pending": true, "ask_eko": true, "clock_wrong": true, "clock_off": true, "journal_damaged": true,
}

// clockFinding grades this PC's clock by what the agent measured of Eko's.
func clockFinding(ms *int64) []Finding {
	if ms == nil {
		return nil
	}
	return []Finding{gradeSkew(time.Duration(*ms) * time.Millisecond)}
}

// clockUnknown says that nobody knew Eko's time, where that is so.
func clockUnknown(groups [][]Finding) []Finding {
	for _, group := range groups {
		if slices.ContainsFunc(group, func(f Finding) bool { return f.Check == "clock" }) {
			return nil
		}
	}
	return []Finding{skipped("clock", "Eko's time is not known here, so this PC's clock was not compared with it.")}
}

// The clock differences that Eko's hash and UIDAI's block still bear.
const (
	warnSkew   = time.Minute
	refuseSkew = 10 * time.Minute
)

func gradeSkew(skew time.Duration) Finding {
	const remedy = "Set date, time and time zone (Windows: Settings, Time and language, Sync now)."
	text := fmt.Sprintf("This PC's clock differs from Eko's by %s.", skew.Round(time.Second))
	switch magnitude := max(skew, -skew); {
	case magnitude > refuseSkew:
		return fault("clock", text+" Nothing is sent.", remedy)
	case magnitude > warnSkew:
		return doubt("clock", text, remedy)
	default:
		return fine("clock", text)
	}
}
