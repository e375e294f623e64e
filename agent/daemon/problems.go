package daemon

import (
	"strconv"
	"time"

	"biobridge/agent/contract"
	"biobridge/agent/control"
)

var kolkata = time.FixedZone("Asia/Kolkata", 5*3600+1800)

func kolkataDay(t time.Time) string { return t.In(kolkata).Format(time.DateOnly) }

// problems says what the user should do something about beside what the agent
// says itself (journal, clock, transactions that are open for a day), worst first.
func problems(s control.Status, cfg Config) []contract.LocalisedPoint {
	var found []contract.LocalisedPoint
	say := func(code, message, remedy string) {
		found = append(found, contract.LocalisedPoint{Code: code, Message: message, Remedy: remedy})
	}
	if s.Pending > 0 {
		say("pending", "The result of "+strconv.Itoa(s.Pending)+" transaction(s) is not known yet.", "Don't pay out and don't repeat them; they are being asked about.")
	}
	if s.Approvals > 0 {
		say("approval", "A web page asks to be let in.", "Look at its address, then allow or deny it in the tray or with \"biobridge origin\".")
	}
	if s.Asking > 0 {
		say("browser_asking", "A browser seems to be asking for permission.", "Choose Allow in the browser's box.")
	}
	if len(s.Devices) == 0 {
		say("no_device", "No scanner was found.", "Plug the scanner in and start its RD service.")
	}
	if len(s.Listen) > 0 && len(cfg.Listen.Ports) > 1 && cfg.Listen.Ports[0] != 0 && !onPort(s.Listen[0], cfg.Listen.Ports[0]) {
		say("other_port", "Port "+strconv.Itoa(cfg.Listen.Ports[0])+" was taken; the bridge is at "+s.Listen[0]+".", "Pages find it by themselves.")
	}
	return found
}

// keyProblem is worse than every other: no transaction is possible.
var keyProblem = contract.LocalisedPoint{
	Code:    "key_missing",
	Message: "The key that proves this shop to Eko is not on this PC: nothing can be sent.",
	Remedy:  "As an administrator store it: \"biobridge secret set access_key\" (with a hook hook_bearer, with a relay relay_bearer).",
}

func onPort(address string, port int) bool {
	suffix := ":" + strconv.Itoa(port)
	return len(address) > len(suffix) && address[len(address)-len(suffix):] == suffix
}
