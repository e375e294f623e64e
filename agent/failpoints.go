package agent

// The points of a transaction's life at which Config.Failpoint is called, in
// their order. What lies between the first and the last byte of the request
// belongs to package eko; a test reaches it from Eko's side of the wire.
const (
	BeforeStarted   = "before_started"
	AfterStarted    = "after_started"
	BeforeCaptured  = "before_captured"
	AfterCaptured   = "after_captured"
	BeforeAbandoned = "before_abandoned"
	AfterAbandoned  = "after_abandoned"
	BeforeSending   = "before_sending"
	// AfterSending: on disk, and not a byte has left.
	AfterSending = "after_sending"
	// AfterAnswer: Eko's answer has been read, nothing of it is on disk.
	AfterAnswer   = "after_answer"
	BeforeOutcome = "before_outcome"
	// AfterOutcome: on disk, and nobody has been told.
	AfterOutcome = "after_outcome"
	AfterTold    = "after_told"
	// The recovery loop's own.
	BeforeInquiry       = "before_inquiry"
	AfterInquiry        = "after_inquiry"
	AfterInquiryWritten = "after_inquiry_written"
)

// Failpoints lists them once.
func Failpoints() []string {
	return []string{
		BeforeStarted, AfterStarted, BeforeCaptured, AfterCaptured, BeforeAbandoned, AfterAbandoned,
		BeforeSending, AfterSending, AfterAnswer, BeforeOutcome, AfterOutcome, AfterTold,
		BeforeInquiry, AfterInquiry, AfterInquiryWritten,
	}
}
