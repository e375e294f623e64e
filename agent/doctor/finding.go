package doctor

// Grade says how bad a finding is.
type Grade string

// The grades. Skipped says that the check could not be made here, and why.
const (
	OK      Grade = "ok"
	Warning Grade = "warning"
	Failed  Grade = "failed"
	Skipped Grade = "skipped"
)

// Finding is what one check saw.
type Finding struct {
	// Check is a stable word, "scanners" or "eko_tls".
	Check   string `json:"check"`
	Grade   Grade  `json:"status"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
}

// Report is everything that was found, in the order in which it matters.
type Report struct {
	// OK is set where nothing failed.
	OK       bool      `json:"ok"`
	Findings []Finding `json:"checks"`
}

func newReport(groups [][]Finding) Report {
	report := Report{OK: true, Findings: []Finding{}}
	for _, group := range groups {
		for _, f := range group {
			report.OK = report.OK && f.Grade != Failed
			report.Findings = append(report.Findings, f)
		}
	}
	return report
}

func fine(check, message string) Finding {
	return Finding{Check: check, Grade: OK, Message: message}
}

func doubt(check, message, remedy string) Finding {
	return Finding{Check: check, Grade: Warning, Message: message, Remedy: remedy}
}

func fault(check, message, remedy string) Finding {
	return Finding{Check: check, Grade: Failed, Message: message, Remedy: remedy}
}

func skipped(check, why string) Finding {
	return Finding{Check: check, Grade: Skipped, Message: why}
}
