package eko

// The reasons of an outcome: stable words for programs. Each has its sentences
// in [Reasons]; the catalogues key them "eko.<reason>.message" and ".remedy".
const (
	ReasonSucceeded = "succeeded"

	// Nothing was sent.
	ReasonNotSent         = "not_sent"
	ReasonBadRequest      = "bad_request"
	ReasonClockSkew       = "clock_skew"
	ReasonNotSigned       = "not_signed"
	ReasonRefusedByHook   = "refused_by_hook"
	ReasonHookUnavailable = "hook_unavailable"
	ReasonNotAdopted      = "not_adopted"

	// Eko's door refused the request (eko-api.md section 5.4).
	ReasonDeveloperKey = "developer_key_missing"
	ReasonForbidden    = "forbidden"
	ReasonClockRefused = "clock_refused"
	ReasonWrongURL     = "wrong_url"
	ReasonWrongMethod  = "wrong_method"
	ReasonWrongType    = "wrong_content_type"

	// Eko or the bank said no (eko-api.md sections 5.2 and 5.3).
	ReasonDeclined          = "declined"
	ReasonNotProcessed      = "not_processed"
	ReasonRefused           = "refused"
	ReasonOTPRequired       = "otp_required"
	ReasonOTPWrong          = "otp_wrong"
	ReasonOTPExpired        = "otp_expired"
	ReasonAgentNotAllowed   = "agent_not_allowed"
	ReasonUserUnknown       = "user_not_onboarded"
	ReasonInitiatorUnknown  = "initiator_unknown"
	ReasonFieldInvalid      = "field_invalid"
	ReasonAadhaarUnreadable = "aadhaar_unreadable"
	ReasonWalletLow         = "wallet_low"
	ReasonLimitReached      = "limit_reached"
	ReasonBankUnavailable   = "bank_unavailable"
	ReasonNetworkError      = "npci_error"
	ReasonKYCFailed         = "kyc_failed"
	ReasonDailyKYCFailed    = "daily_kyc_failed"
	ReasonStatementFailed   = "mini_statement_failed"
	ReasonBankDetails       = "bank_details_invalid"
	ReasonNameMismatch      = "account_name_mismatch"
	ReasonNameMissing       = "account_name_missing"

	// The result is open.
	ReasonAwaited        = "awaited"
	ReasonOnHold         = "on_hold"
	ReasonUnknownStatus  = "unknown_status"
	ReasonNoAnswer       = "no_answer"
	ReasonServerError    = "server_error"
	ReasonBusy           = "too_many_requests"
	ReasonRedirected     = "redirected"
	ReasonUnreadable     = "unreadable"
	ReasonContradictory  = "contradictory"
	ReasonUnclear        = "unclear"
	ReasonAlreadyRunning = "already_running"
	ReasonRefundPending  = "refund_pending"
	ReasonRefunded       = "refunded"

	// An inquiry that settled nothing.
	ReasonUnknownToEko    = "unknown_to_eko"
	ReasonInquiryNoAnswer = "inquiry_no_answer"
	ReasonInquiryRefused  = "inquiry_refused"
	ReasonInquiryUnclear  = "inquiry_unclear"

	// A call that moves no money and got no usable answer.
	ReasonEnquiryNoAnswer = "enquiry_no_answer"
	ReasonEnquiryUnclear  = "enquiry_unclear"

	// A merchant's own step, which may be charged, and got no usable answer.
	ReasonStepNoAnswer = "step_no_answer"
	ReasonStepUnclear  = "step_unclear"
)

// Reason explains one reason in English.
type Reason struct {
	Code    string
	Message string
	Remedy  string
}

// Texts which several reasons share.
const (
	remedyPending = "Do not pay out and do not repeat the transaction. biobridge keeps asking Eko and will tell you."
	remedyRepeat  = "Nothing was debited. You can try again."
	remedyPartner = "Nothing was debited. Tell your portal's support; trying again will not help until they have put it right."
	remedyInquiry = "Keep the transaction as pending. biobridge asks again by itself."
)

// reasons is in the order of the constants above.
var reasons = []Reason{
	{ReasonSucceeded, "The transaction succeeded.", ""},

	{ReasonNotSent, "Eko could not be reached. Nothing was sent.", "Check the internet connection, then try again."},
	{ReasonBadRequest, "The request is not complete. Nothing was sent.", "Correct the details and try again."},
	{ReasonClockSkew, "This computer's clock is wrong by more than ten minutes. Nothing was sent.", "Set the date, time and time zone of this computer, then try again."},
	{ReasonNotSigned, "The request could not be signed. Nothing was sent.", "Tell your portal's support: the access key on this computer can't be used."},
	{ReasonRefusedByHook, "Your portal refused this transaction. Nothing was sent.", "Ask your portal's support why."},
	{ReasonHookUnavailable, "Your portal's server did not approve the transaction in time. Nothing was sent.", "Check the internet connection, then try again. If it stays, tell your portal's support."},
	{ReasonNotAdopted, "The portal's own reference could not be written down. Nothing was sent.", "Try again. If it stays, restart biobridge."},

	{ReasonDeveloperKey, "Eko received no developer key (HTTP 402).", remedyPartner},
	{ReasonForbidden, "Eko refused this computer's credentials (HTTP 403).", remedyPartner},
	{ReasonClockRefused, "Eko refused the request (HTTP 403), and this computer's clock is wrong.", "Nothing was debited. Set the date, time and time zone of this computer, then try again."},
	{ReasonWrongURL, "Eko's address is wrong (HTTP 404).", remedyPartner},
	{ReasonWrongMethod, "Eko's address is wrong for this operation (HTTP 405).", remedyPartner},
	{ReasonWrongType, "Eko did not accept the form of the request (HTTP 415).", remedyPartner},

	{ReasonDeclined, "The bank declined the transaction.", "Nothing was paid. Ask the customer to try another bank account or to ask his bank."},
	{ReasonNotProcessed, "Eko refused the transaction before the bank saw it.", "Nothing was debited. Check the bank and try again."},
	{ReasonRefused, "Eko refused the request.", remedyRepeat},
	{ReasonOTPRequired, "The bank wants the customer's one-time password. Nothing was withdrawn.", "Ask the customer for the OTP on his mobile, enter it and take the finger again."},
	{ReasonOTPWrong, "The one-time password is wrong.", "Ask for the OTP again."},
	{ReasonOTPExpired, "The one-time password has expired.", "Ask for a new OTP."},
	{ReasonAgentNotAllowed, "This merchant may not use the service: it is not active, or the user code is wrong.", remedyPartner},
	{ReasonUserUnknown, "This merchant is not registered with Eko.", remedyPartner},
	{ReasonInitiatorUnknown, "Eko does not know the initiator id.", remedyPartner},
	{ReasonFieldInvalid, "Eko could not use a field of the request.", remedyPartner},
	{ReasonAadhaarUnreadable, "Eko could not read the Aadhaar number: it was encrypted with the wrong key.", remedyPartner},
	{ReasonWalletLow, "The wallet's balance is too low.", "Nothing was debited. Add money to the wallet."},
	{ReasonLimitReached, "A limit has been reached.", "Nothing was debited. Try another day, or another bank account."},
	{ReasonBankUnavailable, "The customer's bank can't be reached at the moment.", "Nothing was debited. Try again later."},
	{ReasonNetworkError, "The Aadhaar payment network reported an error.", "Nothing was debited. Try again later."},
	{ReasonKYCFailed, "The eKYC was not accepted.", "Check the details, ask for a new OTP and try again."},
	{ReasonDailyKYCFailed, "The day's merchant authentication was not accepted.", "Read the reason. Do not repeat it blindly: each attempt is charged."},
	{ReasonStatementFailed, "The bank gave no mini statement.", "Nothing was debited. Try again, or ask for the balance."},
	{ReasonBankDetails, "Eko does not know these bank details.", "Check the bank code or the IFSC."},
	{ReasonNameMismatch, "The account's name does not match the merchant's.", "Ask Eko to add the account by hand."},
	{ReasonNameMissing, "The bank did not tell the account's name.", "Try again later, or ask Eko to add the account by hand."},

	{ReasonAwaited, "The bank has not answered yet. The result is not known.", remedyPending},
	{ReasonOnHold, "Eko holds the transaction. The result is not known.", remedyPending},
	{ReasonUnknownStatus, "Eko gave a status that is not known. The result is open.", remedyPending},
	{ReasonNoAnswer, "No complete answer came from Eko. The result is not known.", remedyPending},
	{ReasonServerError, "Eko's server reported an error of its own. The result is not known.", remedyPending},
	{ReasonBusy, "Eko asked to wait. The result is not known.", remedyPending},
	{ReasonRedirected, "The answer came from somewhere else than Eko. The result is not known.", remedyPending},
	{ReasonUnreadable, "Eko's answer could not be read. The result is not known.", remedyPending},
	{ReasonContradictory, "Eko's answer contradicts itself or the request. The result is not known.", remedyPending},
	{ReasonUnclear, "Eko's answer proves neither success nor failure. The result is not known.", remedyPending},
	{ReasonAlreadyRunning, "Eko says that another transaction is still running. The result is not known.", remedyPending},
	{ReasonRefundPending, "The transaction failed, and the money is on its way back to the customer.", "Do not pay out. Tell the customer that his bank returns the money."},
	{ReasonRefunded, "The transaction failed, and the money has been returned.", "Do not pay out."},

	{ReasonUnknownToEko, "Eko does not know this transaction.", "Keep it as pending and ask Eko's support before paying or repeating anything."},
	{ReasonInquiryNoAnswer, "Eko could not be asked about the transaction.", remedyInquiry},
	{ReasonInquiryRefused, "Eko refused to be asked about the transaction.", "Keep the transaction as pending and tell your portal's support."},
	{ReasonInquiryUnclear, "Eko's answer about the transaction settles nothing.", remedyInquiry},

	{ReasonEnquiryNoAnswer, "No complete answer came from Eko. No money was moved.", "You can try again."},
	{ReasonEnquiryUnclear, "Eko's answer could not be used. No money was moved.", "You can try again. If it stays, tell your portal's support."},

	{ReasonStepNoAnswer, "No complete answer came from Eko. Whether the step was done is not known.", "Look at the merchant's status first: a repeated step may be charged again."},
	{ReasonStepUnclear, "Eko's answer could not be used. Whether the step was done is not known.", "Look at the merchant's status first: a repeated step may be charged again."},
}

// Reasons lists every reason with its sentences, for the catalogues and the
// documentation. The caller may change the slice.
func Reasons() []Reason { return append([]Reason(nil), reasons...) }

func explainReason(code string) (message, remedy string) {
	for _, r := range reasons {
		if r.Code == code {
			return r.Message, r.Remedy
		}
	}
	return "", ""
}
