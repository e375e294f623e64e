package tray

import (
	"time"

	"biobridge/agent/control"
)

// How often the same kind of thing is worth a notification. What is not told is
// still shown by the icon.
const (
	approvalPause = 5 * time.Second
	askingPause   = time.Minute
	goneScanner   = 2 * time.Minute
)

// Notice is a notification of the desktop: it comes up, and goes.
type Notice struct {
	Title, Body string
	// Urgent ones stay until they are looked at, where the desktop can do that.
	Urgent bool
}

// herald decides what is worth a notification. It is used by one goroutine.
type herald struct {
	seen    map[string]bool // questions that were told
	told    time.Time       // when the last one was
	asking  bool
	asked   time.Time
	scanner bool // the last answer had one that could be used
	gone    time.Time
}

// hear compares an answer with the ones before.
func (h *herald) hear(n news, w words, now time.Time) []Notice {
	if !n.snapshot.Reached || n.snapshot.Refused != "" {
		return nil // the icon says so; the agent may be restarting
	}
	var notices []Notice
	for _, r := range n.settled {
		notices = append(notices, settledNotice(r, w))
	}
	notices = append(notices, h.questions(n.snapshot.Approvals, w, now)...)
	if asking := n.snapshot.Status.Asking > 0; asking != h.asking {
		h.asking = asking
		if asking && now.Sub(h.asked) >= askingPause {
			h.asked = now
			notices = append(notices, Notice{Title: w.say("notice.asking"), Body: w.say("notice_text.asking")})
		}
	}
	ready, busy := n.snapshot.scanners()
	if there := ready+busy > 0; there != h.scanner {
		h.scanner = there
		if !there && now.Sub(h.gone) >= goneScanner {
			h.gone = now
			notices = append(notices, Notice{Title: w.say("notice.no_scanner"), Body: w.say("notice_text.no_scanner")})
		}
	}
	return notices
}

// questions tells of pages that ask, each once. One that comes too soon after
// another is told at a later look.
func (h *herald) questions(open []control.Approval, w words, now time.Time) []Notice {
	seen := make(map[string]bool, len(open))
	var notices []Notice
	for _, a := range open {
		seen[a.ID] = h.seen[a.ID]
		if seen[a.ID] || now.Sub(h.told) < approvalPause {
			continue
		}
		seen[a.ID], h.told = true, now
		notices = append(notices, Notice{Title: w.say("notice.approval"), Body: w.say("notice_text.approval", "origin", a.Origin), Urgent: true})
	}
	h.seen = seen
	return notices
}

func settledNotice(r control.Record, w words) Notice {
	return Notice{
		Title:  w.say("notice.settled", "service", w.service(r.Service), "amount", rupees(r.Amount), "state", w.state(r.State)),
		Body:   w.say("notice_text.settled", "last4", r.AadhaarLast4, "ref", r.ClientRefID, "message", r.Message),
		Urgent: true,
	}
}
