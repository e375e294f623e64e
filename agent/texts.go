package agent

import (
	"biobridge/agent/contract"
	"biobridge/agent/journal"
)

// text is what a key means: the code for programs and two sentences for the
// shopkeeper. {words in braces} are filled in.
type text struct {
	code            contract.Code
	message, remedy string
}

// The keys of errors. Each is also the "reason" in an error's data.
const (
	keyInternal        = "internal"
	keyBadService      = "bad_service"
	keyBadReference    = "bad_client_ref_id"
	keyBadAadhaar      = "bad_aadhaar"
	keyBadBank         = "bad_bank_code"
	keyNoService       = "service_not_at_bank"
	keyBadAmount       = "bad_amount"
	keyNeedlessAmount  = "amount_not_wanted"
	keyBadCustomer     = "bad_customer_id"
	keyBadLatLong      = "bad_latlong"
	keyLatLongDiffers  = "latlong_differs"
	keyBadUserCode     = "bad_user_code"
	keyUserCodeDiffers = "user_code_differs"
	keyNoConsent       = "no_consent"
	keyBadPurpose      = "bad_purpose"
	keyBadWadh         = "bad_wadh"
	keyBadOTP          = "bad_otp"
	keyBadOptions      = "bad_capture_options"
	keyBadDate         = "bad_date"
	keyBadCursor       = "bad_cursor"
	keyBadFilter       = "bad_filter"
	keyNoReason        = "no_reason"
	keyNoDevice        = "no_device"
	keyDeviceGone      = "device_gone"
	keyDeviceBusy      = "device_busy"
	keyDeviceNotReady  = "device_not_ready"
	keyCaptureTimeout  = "capture_timeout"
	keyCancelled       = "capture_cancelled"
	keyCaptureFailed   = "capture_failed"
	keyCaptureUnusable = "capture_unusable"
	keyCaptureRejected = "capture_rejected"
	keyCaptureStale    = "capture_too_old"
	keyReplay          = "capture_used_before"
	keyConflict        = "request_conflict"
	keyRepeat          = "confirm_repeat"
	keySettled         = "not_open"
	keyEkoKnows        = "known_to_eko"
	keyEkoSilent       = "eko_not_asked"
	keyMaxAmount       = "max_amount"
	keyDayLimit        = "per_aadhaar_per_day"
	keyMerchantAuth    = "merchant_auth_required"
	keyMerchantToken   = "merchant_token_required"
	keyMerchantRepeat  = "merchant_step_repeated"
	keyMerchantStep    = "merchant_step_unknown"
	keyMerchantConsent = "no_merchant_consent"
	keyMerchantAadhaar = "bad_merchant_aadhaar"
	keyMerchantMobile  = "bad_merchant_mobile"
	keyMerchantBank    = "bad_merchant_bank"
	keyMerchantOTP     = "bad_merchant_otp"
	keyEKYCReference   = "bad_ekyc_reference"
	keyNoOTPHere       = "otp_not_known"
	keyOTPNotSent      = "otp_not_sent"
	keyOTPRequired     = "otp_required"
	keyHookRefused     = "refused_by_hook"
	keyHookSilent      = "hook_silent"
	keyNoKey           = "key_missing"
	keyNotFound        = "not_found"
	keyLocalOnly       = "local_only"
	keyTooLate         = "too_late_to_cancel"
	keyMerchantBusy    = "merchant_busy"
	keyUnwritable      = "journal_unwritable"
	keyDamaged         = "journal_damaged"
	keyClock           = "clock_wrong"
	keyStopping        = "stopping"
	keyCallEnded       = "call_ended"
)

// texts is every error's code and English sentences.
var texts = map[string]text{
	keyInternal: {contract.Internal,
		"Something went wrong inside biobridge (incident {incident}).",
		"Look at the transaction in today's list before trying again. Tell support the incident number."},

	keyBadService:      {contract.InvalidParams, "This service is not known.", "The page must be corrected by its maker."},
	keyBadReference:    {contract.InvalidParams, "client_ref_id must be 1 to 20 letters, digits, hyphens or underscores.", "Leave it out to have one made."},
	keyBadAadhaar:      {contract.InvalidParams, "The Aadhaar number is not right.", "Type the 12 digits from the customer's card again."},
	keyBadBank:         {contract.InvalidParams, "The bank code is not right.", "Choose the customer's bank again."},
	keyNoService:       {contract.InvalidParams, "This bank does not offer this service.", "Choose another service or another bank."},
	keyBadAmount:       {contract.InvalidParams, "The amount must be whole rupees, 1 or more.", "Type the amount again, without paise."},
	keyNeedlessAmount:  {contract.InvalidParams, "This service takes no amount.", "Leave the amount out."},
	keyBadCustomer:     {contract.InvalidParams, "The customer's mobile number is not right.", "Type the 10 digits again."},
	keyBadLatLong:      {contract.InvalidParams, "The shop's location is missing or not right: latitude,longitude is wanted.", "Let the page use the location, or set eko.latlong in the configuration."},
	keyLatLongDiffers:  {contract.InvalidParams, "The page names another location than this PC's configuration.", "Leave latlong out, or correct the configuration."},
	keyBadUserCode:     {contract.InvalidParams, "The merchant's user_code is missing or not right.", "Log in to the portal again, or set eko.user_code in the configuration."},
	keyUserCodeDiffers: {contract.InvalidParams, "The page names another merchant than this PC's configuration.", "Log in to the portal as this shop's merchant."},
	keyNoConsent:       {contract.InvalidParams, "The customer's consent to this scan is missing.", "Ask the customer, and tick that he agreed."},
	keyBadPurpose:      {contract.InvalidParams, "The purpose of this capture is not known.", "The page must be corrected by its maker."},
	keyBadWadh:         {contract.InvalidParams, "wadh must be there for eKYC, and only there.", "The page must be corrected by its maker."},
	keyBadOTP:          {contract.InvalidParams, "The OTP must be digits.", "Type the OTP from the customer's SMS again."},
	keyBadOptions:      {contract.InvalidParams, "These capture options cannot be used.", "The page must be corrected by its maker."},
	keyBadDate:         {contract.InvalidParams, "A date must be written YYYY-MM-DD.", "Choose the day again."},
	keyBadCursor:       {contract.InvalidParams, "This place in the list is not known.", "Start the list again from the top."},
	keyBadFilter:       {contract.InvalidParams, "This selection is not possible.", "Start the list again without a selection."},
	keyNoReason:        {contract.InvalidParams, "A reason is needed.", "Write who at Eko said what, and when."},

	keyNoDevice:       {contract.NoDevice, "No fingerprint scanner was found.", "Plug in the scanner and wait until its light is on. If it stays away, restart the scanner's RD service."},
	keyDeviceGone:     {contract.NoDevice, "This scanner is not there any more.", "Check the scanner's cable, then choose the scanner again."},
	keyDeviceBusy:     {contract.DeviceIsBusy, "The scanner is in use.", "Finish or cancel the other scan, then try again."},
	keyDeviceNotReady: {contract.DeviceIsNotReady, "The scanner is not ready.", "Unplug the scanner, plug it in again and wait ten seconds."},

	keyCaptureTimeout:  {contract.CaptureTimeout, "No finger was placed in time. Nothing was sent.", "Try again and place the finger when the scanner lights up."},
	keyCancelled:       {contract.CaptureCancelled, "Cancelled before anything was sent. No money has moved.", "Start again when the customer is ready."},
	keyCaptureFailed:   {contract.CaptureFailed, "The scanner could not take the finger. Nothing was sent.", "Clean the scanner, dry the finger and try again."},
	keyCaptureUnusable: {contract.CaptureFailed, "The scanner's answer cannot be understood. Nothing was sent.", "Restart the scanner's RD service. If it happens again, update its driver."},
	keyCaptureRejected: {contract.CaptureRejected, "The scan is not good enough to be sent. No money has moved.", "Clean the finger and the scanner and try again, or use another finger."},
	keyCaptureStale:    {contract.CaptureRejected, "The scan had become too old to be sent. No money has moved.", "Scan the finger again."},
	keyReplay:          {contract.CaptureRejected, "The scanner handed out an old scan. Nothing was sent.", "Scan the finger again. If it happens again, restart the scanner's RD service."},

	keyConflict: {contract.RequestConflict, "This client_ref_id is already in use for another request.", "Use a new client_ref_id for each transaction."},
	keyRepeat:   {contract.RequestConflict, "The same withdrawal (customer, bank, amount) was made just now or is not settled yet.", "Look at the first one's result. Confirm only if the customer really wants the money a second time."},
	keySettled:  {contract.RequestConflict, "This transaction does not wait for an answer.", "Look at its state; nothing is left to do."},

	keyEkoKnows: {contract.RequestConflict, "Eko knows this transaction and has not settled it, so it cannot be declared failed: the money may still move.", "Wait; biobridge goes on asking Eko. Do not pay out and do not repeat the transaction."},

	keyMaxAmount: {contract.LimitExceeded, "The amount is above the limit of ₹{limit} a transaction.", "Take a smaller amount."},
	keyDayLimit:  {contract.LimitExceeded, "This customer has had today's {limit} withdrawals.", "The customer can come again tomorrow."},

	keyMerchantAuth:    {contract.MerchantAuthRequired, "The merchant must give his own fingerprint first today.", "Open the daily authentication in the portal, then start again."},
	keyMerchantToken:   {contract.MerchantAuthRequired, "This withdrawal needs the merchant's own fingerprint just before it.", "Give the merchant's fingerprint in the portal, then start the withdrawal at once."},
	keyMerchantRepeat:  {contract.RequestConflict, "This step of the merchant's was already done, or sent without a clear answer. Eko charges for it each time.", "Look at the merchant's status first. Confirm only if it really is to be done again."},
	keyMerchantStep:    {contract.InvalidParams, "Eko's API in use does not have this step of the merchant's.", "Look at the merchant's status for what is due."},
	keyMerchantConsent: {contract.InvalidParams, "The merchant's consent to the use of his Aadhaar number and finger is missing.", "Ask the merchant, and tick that he agreed."},
	keyMerchantAadhaar: {contract.InvalidParams, "The merchant's Aadhaar number is not right.", "Type the 12 digits from the merchant's own card again."},
	keyMerchantMobile:  {contract.InvalidParams, "The merchant's mobile number is not right.", "Type the 10 digits that Eko knows the merchant by."},
	keyMerchantBank:    {contract.InvalidParams, "The code of the merchant's bank is missing or not right.", "Choose the merchant's own bank."},
	keyMerchantOTP:     {contract.InvalidParams, "The OTP must be digits.", "Type the OTP from the merchant's SMS again."},
	keyEKYCReference:   {contract.InvalidParams, "The reference of the eKYC's step before is missing or not right.", "Begin the eKYC again by asking for an OTP."},
	keyNoOTPHere:       {contract.InvalidParams, "Eko's API in use knows no OTP for a withdrawal.", "Leave the OTP out."},
	keyOTPNotSent:      {contract.Unavailable, "Eko has not sent the OTP. No money has moved.", "Check the customer's mobile number, then ask for the OTP again."},
	keyOTPRequired:     {contract.OTPRequired, "An amount above ₹{limit} needs the OTP that the customer gets by SMS.", "Ask for the OTP first, then start again with it."},
	keyHookRefused:     {contract.RefusedByHook, "Your portal did not approve this transaction. No money has moved.", "Ask your portal's support for the cause."},
	keyNoKey:           {contract.Unavailable, "The key that proves this shop to Eko is not on this PC, so nothing was sent. No money has moved.", "Ask whoever looks after this PC to store it: biobridge secret set access_key (with a hook hook_bearer, with a relay relay_bearer)."},
	keyHookSilent:      {contract.RefusedByHook, "Your portal gave no usable answer, so nothing was sent. No money has moved.", "Check the internet connection and try again. If it stays so, tell your portal's support."},

	keyNotFound:  {contract.NotFound, "There is no such transaction.", "Check the reference."},
	keyLocalOnly: {contract.Unauthorized, "Only the user of this PC may do this.", "Use biobridge's icon in the tray or the command line."},
	keyTooLate:   {contract.TooLateToCancel, "The request is already on its way to Eko.", "Wait for the result. Do not repeat the transaction."},

	keyMerchantBusy: {contract.Unavailable, "Another transaction of this shop is still under way.", "Wait until it has a result, then try again."},
	keyUnwritable:   {contract.Unavailable, "The journal cannot be written, so nothing was sent. No money has moved.", "Free some disk space or check the disk, then try again."},
	keyDamaged:      {contract.Unavailable, "The journal was damaged and has been set aside. No new money is moved until you decide.", "Compare today's transactions with Eko's portal, then confirm the new journal in the tray or with biobridge."},
	keyClock:        {contract.Unavailable, "This PC's clock is wrong by {minutes} minutes, so Eko would refuse the request. Nothing was sent.", "Set the PC's date and time to automatic, then try again."},
	keyEkoSilent:    {contract.Unavailable, "Eko could not be asked about this transaction just now, so it cannot be declared failed. Its result is not known.", "Check the internet connection and try again later. Do not pay out and do not repeat the transaction."},
	keyCallEnded:    {contract.Unavailable, "The call was broken off before its answer.", "Look at the transaction in today's list. Do not repeat it before you have seen its state."},
	keyStopping:     {contract.Unavailable, "biobridge is shutting down. Nothing was sent.", "Wait until it runs again, then try again."},
}

// sentence is a state's English words for the shopkeeper.
type sentence struct{ message, remedy string }

// reasonOverruled: Eko's word stands against what was declared by hand.
const reasonOverruled = "overruled"

// reasons are the words that the agent itself puts beside a state; all others
// are Eko's (package eko) or, beside abandoned, keys of texts.
var reasons = map[string]sentence{
	"started":     {"The transaction has begun.", "Wait for the scanner."},
	"captured":    {"The finger has been scanned.", "Wait."},
	"sending":     {"The request is on its way to Eko. The result is not known yet.", "Wait for the result. Do not pay out yet and do not repeat the transaction."},
	"restarted":   {"biobridge was stopped before anything was sent. No money has moved.", "Start the transaction again."},
	"broken_off":  {"Something went wrong inside biobridge before anything was sent. No money has moved.", "Start the transaction again. If it happens again, tell support."},
	"interrupted": {"biobridge was stopped while the request was on its way to Eko.", ""},
	"not_written": {"The answer could not be written to this PC's disk.", "Free some disk space."},
	"pending": {"The result is not known yet.",
		"Do not pay out and do not repeat the transaction: the customer's account may already be debited. biobridge goes on asking Eko and shows the result here."},
	"ask_eko": {"Eko has not said for more than a day what became of this transaction.",
		"Ask Eko's support with this reference. Do not pay out and do not repeat the transaction before Eko has answered."},
	"refund_pending": {"The withdrawal failed; the customer's money is on its way back to the account.",
		"Do not pay out. Tell the customer that the bank returns the money by itself."},
	"enquiry_interrupted":   {"biobridge was stopped before the answer came. No money was asked for.", "Start the enquiry again."},
	"daily_done":            {"The merchant's authentication for today is done.", ""},
	"withdrawal_done":       {"The merchant's authentication is done. It is good for one withdrawal.", "Start the withdrawal now."},
	"register_done":         {"The merchant is registered.", ""},
	"ekyc_request_otp_done": {"Eko has sent an OTP to the merchant's mobile.", "Type it in."},
	"ekyc_verify_otp_done":  {"The OTP is right.", "Give the merchant's fingerprint now."},
	"ekyc_biometric_done":   {"The merchant's eKYC is done.", ""},
	journal.ReasonDeclared: {"The shopkeeper has declared this transaction failed after asking Eko.",
		"biobridge goes on asking Eko for a month and shows it here if Eko says otherwise."},
	reasonOverruled: {"This transaction was declared failed on this PC, but Eko now says that the customer's account was debited.",
		"If the customer did not get the cash, call him and tell Eko's support this reference. Correct your day's book."},
}

// stages are the words of a capture's progress.
var stages = map[contract.CaptureStage]string{
	contract.StageLooking:     "Looking for the scanner.",
	contract.StagePlaceFinger: "Place the finger on the scanner.",
	contract.StageRetry:       "The scan was weak. Clean the finger and place it again.",
	contract.StageCaptured:    "The finger has been scanned. You can lift it.",
}

// The keys of warnings.
const (
	warnBelow         = "below_minimum"
	warnStep          = "odd_step"
	warnClock         = "clock_off"
	warnMerchantAgain = "merchant_again"
)

// warnings are remarks that stop nothing.
var warnings = map[string]sentence{
	warnBelow:         {"Many banks refuse less than ₹{limit}.", "If the bank refuses, take a larger amount."},
	warnStep:          {"Many banks only pay multiples of ₹{limit}.", "If the bank refuses, take a multiple."},
	warnMerchantAgain: {"Eko wants the merchant's fingerprint a second time today.", "Give the merchant's fingerprint in the portal, then start again."},
	warnClock:         {"This PC's clock is off by {seconds} seconds.", "Set the PC's date and time to automatic."},
}

// English lists every sentence of this package by the key under which the
// catalogues keep it.
func English() map[string]string {
	out := make(map[string]string)
	add := func(stem, message, remedy string) {
		out[stem+".message"] = message
		if remedy != "" {
			out[stem+".remedy"] = remedy
		}
	}
	for key, t := range texts {
		add("agent."+key, t.message, t.remedy)
	}
	for key, s := range reasons {
		add("agent."+key, s.message, s.remedy)
	}
	for key, s := range warnings {
		add("agent."+key, s.message, s.remedy)
	}
	for key, word := range receiptWords {
		out["receipt."+key] = word
	}
	for stage, message := range stages {
		out["stage."+string(stage)] = message
	}
	return out
}
