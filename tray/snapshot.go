package tray

import (
	"biobridge/agent/contract"
	"biobridge/agent/control"
)

// Snapshot is what the agent answered last. The zero value is an agent that
// doesn't run.
type Snapshot struct {
	// Reached says that the agent answered; Refused is its answer where this user
	// may not ask, or why it could not be asked.
	Reached bool
	Refused string

	Status    control.Status
	Recent    []control.Record // the newest first
	Unsettled []control.Record
	Approvals []control.Approval
}

// scanners counts the agent's devices in each status.
func (s Snapshot) scanners() (ready, busy int) {
	for _, d := range s.Status.Devices {
		switch d.Status {
		case contract.DeviceReady:
			ready++
		case contract.DeviceBusy:
			busy++
		}
	}
	return ready, busy
}
