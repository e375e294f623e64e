package main

import (
	"context"
	"strconv"
	"strings"
)

// decision is a yes or a no. Message is shown to the shopkeeper, in his words.
type decision struct {
	allow   bool
	message string
	// clientRefID is the portal's own reference, empty to keep the caller's.
	clientRefID string
}

// approve is the place for a partner's own rules. It is called once for each
// transaction and phase, however often the question is repeated.
//
// A real portal would, in phase "sign" and in one database transaction, record
// the client_ref_id, block the amount in the merchant's wallet where the service
// debits it, and answer no if that fails. In phase "check" it only looks.
func (h *hook) approve(_ context.Context, m merchant, q question) decision {
	if code := q.Detail.Data["user_code"]; code != "" && string(code) != m.UserCode {
		return decision{message: "This merchant is not yours."}
	}
	rupees := 0
	if text := string(q.Detail.Data["amount"]); text != "" {
		whole, _, _ := strings.Cut(text, ".")
		var err error
		if rupees, err = strconv.Atoi(whole); err != nil || !forms["amount"].MatchString(text) {
			return decision{message: "The amount can't be used."}
		}
	}
	if m.MaxAmount > 0 && rupees > m.MaxAmount {
		return decision{message: "The amount is above your limit of ₹" + strconv.Itoa(m.MaxAmount) + "."}
	}
	return decision{allow: true}
}
