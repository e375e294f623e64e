package contract

import "time"

// CaptureStage is a step of a capture as the customer lives it.
type CaptureStage string

// The stages, in the order in which a page sees them; StageRetry leads back to
// StagePlaceFinger.
const (
	StageLooking     CaptureStage = "looking"
	StagePlaceFinger CaptureStage = "place_finger"
	StageRetry       CaptureStage = "retry"
	StageCaptured    CaptureStage = "captured"
)

// CaptureProgress is the notification capture.progress. It goes to the
// connection that asked and to no other.
type CaptureProgress struct {
	// ID is the JSON-RPC id of the call this belongs to.
	ID          any            `json:"id,omitempty"`
	ClientRefID string         `json:"client_ref_id,omitempty"`
	Stage       CaptureStage   `json:"stage"`
	Device      *DeviceSummary `json:"device,omitempty"`
	// Attempt counts from 1.
	Attempt int    `json:"attempt,omitempty"`
	Message string `json:"message"`
}

// CaptureSummary says how good a capture is without containing it.
type CaptureSummary struct {
	Device   DeviceSummary `json:"device"`
	FType    int           `json:"ftype"`
	FCount   int           `json:"fcount"`
	QScore   *int          `json:"q_score"`
	NmPoints *int          `json:"nm_points"`
	// TakenAt is the time inside the block, by the scanner's clock.
	TakenAt  time.Time        `json:"taken_at"`
	Warnings []LocalisedPoint `json:"warnings,omitempty"`
}

// CaptureResult answers the method capture. PidData is the RD service's
// document, byte for byte.
type CaptureResult struct {
	Capture CaptureSummary `json:"capture"`
	PidData string         `json:"pid_data"`
	// PidOptions is the document that the scanner was sent, an OTP in it replaced.
	PidOptions string `json:"pid_options"`
	// Problems are what was found in the block and did not stop it.
	Problems []CaptureProblem `json:"problems"`
}

// CaptureProblem is one remark of the checks on a PID block.
type CaptureProblem struct {
	Code string `json:"code"`
	// Element is where in the document: "Data", "DeviceInfo@mc".
	Element  string `json:"element"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Remedy   string `json:"remedy,omitempty"`
	// Args fill the sentences in other languages.
	Args map[string]string `json:"-"`
}

// Inspection answers the method device.inspect: the RD service's own documents,
// as they were sent.
type Inspection struct {
	RDService string `json:"rd_service"`
	// DeviceInfo is empty where the service gave none that can be understood.
	DeviceInfo string `json:"device_info"`
}
