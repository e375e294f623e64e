package main

import (
	"errors"
	"slices"

	"biobridge/eko"
)

// errUnsignable says that a question asks for something that is not signed here.
var errUnsignable = errors.New("this transaction is not signed here")

// parts are what request_hash covers after the timestamp, in Eko's order
// (eko-api.md section 2.2; seed: debit-hook page, "Data for generating
// request_hash"). None means that the transaction has no hash.
func (h *hook) parts(q question) ([]string, error) {
	switch {
	case q.Phase != "":
		return h.bridgeParts(q.Detail)
	case q.Detail.InteractionTypeID != "":
		return widgetParts(q.Detail)
	}
	return gatewayParts(q.Detail)
}

// bridgeParts: biobridge names what is covered. The plain Aadhaar number comes
// sealed, for this client_ref_id only.
func (h *hook) bridgeParts(d detail) ([]string, error) {
	known := [][]string{nil, {eko.HashAadhaar, eko.HashAmount, eko.HashUserCode}, {eko.HashEncryptedAadhaar, eko.HashAmount, eko.HashUserCode}}
	if !slices.ContainsFunc(known, func(order []string) bool { return slices.Equal(order, d.RequestHashParams) }) {
		return nil, errUnsignable
	}
	var parts []string
	for _, name := range d.RequestHashParams {
		value, ok := d.value(name)
		if name == eko.HashAadhaar {
			number, err := h.cfg.openKey.Open(string(d.Data["aadhaar_sealed"]), string(d.ClientRefID))
			if err != nil {
				return nil, err
			}
			value, ok = number.Plain(), true
		}
		if !ok {
			return nil, errUnsignable
		}
		parts = append(parts, value)
	}
	return parts, nil
}

// widgetParts: a money transfer and an Indo-Nepal transfer cover three values,
// the verification of an account only the timestamp.
func widgetParts(d detail) ([]string, error) {
	switch d.InteractionTypeID {
	case "221", "279":
		return d.listed("customer_id", "recipient_id", "amount")
	case "149":
		return []string{""}, nil
	}
	return nil, errUnsignable
}

// gatewayParts: the gateway says in request_hash_params what is covered. Only
// the orders that Eko uses are signed.
func gatewayParts(d detail) ([]string, error) {
	order := d.RequestHashParams
	if order == nil {
		order = map[text][]string{
			"2": {"customer_id", "amount", "user_code"},
			"3": {"customer_id", "user_code"},
			"4": {"customer_id", "user_code"},
		}[d.Data["type"]]
	}
	for _, known := range [][]string{
		{"customer_id", "amount", "user_code"},
		{"customer_id", "user_code"},
		{"utility_acc_no", "amount", "user_code"},
	} {
		if slices.Equal(order, known) {
			return d.listed(order...)
		}
	}
	return nil, errUnsignable
}

func (d detail) listed(names ...string) ([]string, error) {
	parts := make([]string, len(names))
	for i, name := range names {
		value, ok := d.value(name)
		if !ok {
			return nil, errUnsignable
		}
		parts[i] = value
	}
	return parts, nil
}
