package eko

import "slices"

// Explanation says what one of Eko's codes means, as data: for help texts, for
// doctor and for the documentation.
type Explanation struct {
	// Kind is "http", "status", "response_type" or "message".
	Kind string
	// Code is the number, or for a message the words that are recognised.
	Code   string
	Cause  string
	Remedy string
	// Reason is the outcome's reason that goes with it, empty where none does.
	Reason string
}

// refusals maps the codes of a business refusal to reasons. Eko repeats the
// response type as the status, so either is looked up (eko-api.md section 5.3).
var refusals = map[int64]string{
	typeNotDone:         ReasonDeclined,
	typeStatementFailed: ReasonStatementFailed,
	302:                 ReasonOTPWrong,
	303:                 ReasonOTPExpired,
	346:                 ReasonAgentNotAllowed,
	1297:                ReasonUserUnknown,
	463:                 ReasonUserUnknown,
	319:                 ReasonInitiatorUnknown,
	97:                  ReasonFieldInvalid,
	347:                 ReasonWalletLow,
	945:                 ReasonLimitReached,
	544:                 ReasonBankUnavailable,
	55:                  ReasonNetworkError,
	461:                 ReasonKYCFailed,
	1714:                ReasonDailyKYCFailed,
	467:                 ReasonBankDetails,
	1334:                ReasonNameMissing,
	1335:                ReasonNameMismatch,
}

// refusal names the reason of a complete answer that says no.
func (a answer) refusal() string {
	if _, bad := a.invalidParams()["aadhar"]; bad {
		return ReasonAadhaarUnreadable
	}
	if a.typ.is(typeNotDone) && a.tx.empty {
		return ReasonNotProcessed
	}
	for _, c := range []code{a.typ, a.status} {
		if reason := refusals[c.n]; c.present && reason != "" {
			return reason
		}
	}
	if a.tx.is(1) {
		return ReasonDeclined
	}
	return ReasonRefused
}

// Explain finds what is known of a code of the given kind.
func Explain(kind, code string) (Explanation, bool) {
	i := slices.IndexFunc(explanations, func(e Explanation) bool { return e.Kind == kind && e.Code == code })
	if i < 0 {
		return Explanation{}, false
	}
	return explanations[i], true
}

// Explanations lists all that is known. The caller may change the slice.
func Explanations() []Explanation { return slices.Clone(explanations) }
