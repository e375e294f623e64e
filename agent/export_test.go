package agent

// Waiting reports how many calls wait for a transaction under way.
func Waiting(a *Agent, ref string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	f, under := a.flights[ref]
	if !under {
		return 0
	}
	f.gate.mu.Lock()
	defer f.gate.mu.Unlock()
	return f.gate.holders
}

// NextInquiry is the pace of inquiries.
var NextInquiry = nextInquiry

// Proved is the last look at an inquiry's outcome.
var Proved = proved

// FollowUp, PayOwed and Upkeep are single turns of Run's loop.
var (
	FollowUp = (*Agent).followUp
	PayOwed  = (*Agent).payOwed
	Upkeep   = (*Agent).upkeep
)
