package contract

// Code is the string by which a program tells errors apart. Declined and
// pending are states of a transaction, not errors.
type Code string

// Every code that any door of biobridge answers with.
const (
	InvalidParams        Code = "invalid_params"
	Unauthorized         Code = "unauthorized"
	OriginDenied         Code = "origin_denied"
	NoDevice             Code = "no_device"
	DeviceIsBusy         Code = "device_busy"
	DeviceIsNotReady     Code = "device_not_ready"
	CaptureTimeout       Code = "capture_timeout"
	CaptureCancelled     Code = "capture_cancelled"
	CaptureFailed        Code = "capture_failed"
	CaptureRejected      Code = "capture_rejected"
	RequestConflict      Code = "request_conflict"
	LimitExceeded        Code = "limit_exceeded"
	MerchantAuthRequired Code = "merchant_auth_required"
	OTPRequired          Code = "otp_required"
	RefusedByHook        Code = "refused_by_hook"
	NotFound             Code = "not_found"
	TooLateToCancel      Code = "too_late_to_cancel"
	Unavailable          Code = "unavailable"
	Internal             Code = "internal"
)

// Codes lists every code once, in the order of the contract.
func Codes() []Code {
	return []Code{
		InvalidParams, Unauthorized, OriginDenied, NoDevice, DeviceIsBusy,
		DeviceIsNotReady, CaptureTimeout, CaptureCancelled, CaptureFailed,
		CaptureRejected, RequestConflict, LimitExceeded, MerchantAuthRequired,
		OTPRequired, RefusedByHook, NotFound, TooLateToCancel, Unavailable, Internal,
	}
}

// Scope is a right that an origin can be given.
type Scope string

// The scopes of an origin.
const (
	ScopeDevice   Scope = "device"
	ScopeCapture  Scope = "capture"
	ScopeTransact Scope = "transact"
	ScopeHistory  Scope = "history"
	ScopeMerchant Scope = "merchant"
)

// Scopes lists every scope once.
func Scopes() []Scope {
	return []Scope{ScopeDevice, ScopeCapture, ScopeTransact, ScopeHistory, ScopeMerchant}
}
