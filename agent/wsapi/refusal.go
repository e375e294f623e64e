package wsapi

import (
	"biobridge/agent/contract"
	"biobridge/agent/locale"
)

// refusedMethod is the notification by which a page learns that it may not come
// in, or may not stay.
const refusedMethod = "bridge.refused"

// refusal is why somebody is turned away.
type refusal struct {
	goodbye
	rule contract.Code
	stem string // of its sentences
}

var (
	refusedOrigin = refusal{goodbye{CloseOriginDenied, "origin denied"}, contract.OriginDenied, "origin_denied"}
	refusedNever  = refusal{goodbye{CloseOriginDenied, "origin denied"}, contract.OriginDenied, "origin_never"}
	refusedAsked  = refusal{goodbye{CloseOriginDenied, "origin denied, the user is being asked"}, contract.OriginDenied, "origin_asked"}
	refusedUser   = refusal{goodbye{CloseUnauthorized, "user not allowed"}, contract.Unauthorized, "user_denied"}
	refusedMany   = refusal{goodbye{CloseTooMany, "too many connections"}, contract.LimitExceeded, "too_many_connections"}
)

// stopping is why everybody is sent away at the end.
var stopping = goodbye{closeGoingAway, "the bridge is stopping"}

// refusedParams is all that a stranger is told.
type refusedParams struct {
	Code    contract.Code `json:"code"`
	Message string        `json:"message"`
	Remedy  string        `json:"remedy"`
}

func (r refusal) params(texts *locale.Catalogue, lang locale.Lang) refusedParams {
	message, remedy := say(texts, lang, r.stem, nil)
	return refusedParams{Code: r.rule, Message: message, Remedy: remedy}
}
