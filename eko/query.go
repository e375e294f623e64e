package eko

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Refusal is the error of a query: why there is no result. Its Outcome is never
// Succeeded and holds Eko's own text, which the error's does not.
type Refusal struct{ Outcome Outcome }

func (e *Refusal) Error() string {
	if e.Outcome.Err != nil {
		return e.Outcome.Reason + ": " + e.Outcome.Err.Error()
	}
	return e.Outcome.Reason + ": " + e.Outcome.Message
}

// Unwrap is the error of the transport or the reader, if there was one.
func (e *Refusal) Unwrap() error { return e.Outcome.Err }

// queries are the calls that only ask (eko-api.md sections 9 and 10).
type queries interface {
	services(userCode string) call
	catalogue() call
	bank(code string) call
	ifsc(code string) call
	wallet(userCode string) call
	settlementAccounts(userCode string) call
	addSettlementAccount(a NewSettlementAccount) call
	settle(s SettlementRequest) call
}

// ServiceState is how one of Eko's services stands for a merchant.
type ServiceState struct {
	// Code is Eko's number: 43 AePS Fingpay, 52 AePS Fino, 39 settlement …
	Code string
	// Name and Provider stand in the catalogue only.
	Name, Provider string
	// Status: 0 deactivated, 1 activated, 2 pending. Verification: 0 not
	// applicable, 1 verified, 2 rejected (see Comments), 3 pending; samples show
	// activated services with 3, so it decides nothing. -1 where Eko sent none.
	Status, Verification int
	StatusText           string
	Comments             string
	CreatedAt, UpdatedAt string
	City, State, Mobile  string
	UserName             string
}

// Active reports whether the merchant may use the service now.
func (s ServiceState) Active() bool { return s.Status == 1 }

// Services asks how Eko's services stand for a merchant. Errors are [*Refusal].
func (c *Client) Services(ctx context.Context, userCode string) ([]ServiceState, error) {
	if !wordText.MatchString(userCode) {
		return nil, errors.New("user_code must have 1 to 20 letters or digits")
	}
	a, err := c.ask(ctx, "services", c.dialect.services(userCode), typeServices)
	if err != nil {
		return nil, err
	}
	return serviceStates(a.data, "service_status_list"), nil
}

// Catalogue asks which services Eko has at all.
func (c *Client) Catalogue(ctx context.Context) ([]ServiceState, error) {
	a, err := c.ask(ctx, "catalogue", c.dialect.catalogue(), typeCatalogue)
	if err != nil {
		return nil, err
	}
	return serviceStates(a.data, "service_list"), nil
}

func serviceStates(data object, list string) []ServiceState {
	var states []ServiceState
	for o := range data.rows(list) {
		states = append(states, ServiceState{
			Code: o.short("service_code"), Name: o.short("service_name"),
			Provider: o.short("provider_name") + o.short("service_provider"),
			Status:   o.number("status"), StatusText: o.short("status_desc"), Verification: o.number("verification_status"),
			Comments: o.short("comments"), CreatedAt: o.short("createdAt"), UpdatedAt: o.short("updatedAt"),
			City: o.short("city"), State: o.short("state"), Mobile: o.short("mobile"), UserName: o.short("user_name"),
		})
	}
	return states
}

// Bank is what Eko knows of a bank. It speaks of transfers: whether the bank
// takes part in AePS it does not say.
type Bank struct {
	Code, Name, Branch, IFSC string
	// ID is Eko's number of the bank, which a settlement account wants.
	ID string
	// IFSCStatus: 1 the short code works for IMPS and NEFT, 2 for IMPS only, 3 an
	// IFSC can be made up for both, 4 the IFSC is needed. Channels: 0 both, 1 NEFT,
	// 2 IMPS. CanVerify: accounts can be verified. (seed: FAQ, "Get Bank Details".)
	IFSCStatus, Channels int
	CanVerify            bool
}

// Bank asks for a bank by its four-letter code, or by an IFSC of eleven
// characters.
func (c *Client) Bank(ctx context.Context, code string) (Bank, error) {
	if !wordText.MatchString(code) {
		return Bank{}, errors.New("a bank code or an IFSC is needed")
	}
	k := c.dialect.bank(code)
	if len(code) == 11 {
		k = c.dialect.ifsc(code)
	}
	a, err := c.ask(ctx, "bank", k, typeBankFound, typeIFSCFound)
	if err != nil {
		return Bank{}, err
	}
	return Bank{
		Code: a.data.short("code"), Name: a.data.short("name") + a.data.short("bank"), Branch: a.data.short("branch"),
		IFSC: a.data.short("ifsc"), ID: a.data.short("bank_id"), IFSCStatus: a.data.number("ifsc_status"),
		Channels: a.data.number("available_channels"), CanVerify: a.data.short("isverificationavailable") == "1",
	}, nil
}

// WalletBalance asks for the partner's wallet: rupees as Eko writes them, which
// may be "2.208E9". The mobile number is the partner's own.
func (c *Client) WalletBalance(ctx context.Context, userCode string) (balance, currency string, err error) {
	if userCode != "" && !wordText.MatchString(userCode) {
		return "", "", errors.New("user_code must have 1 to 20 letters or digits")
	}
	a, err := c.ask(ctx, "wallet balance", c.dialect.wallet(userCode))
	if err != nil {
		return "", "", err
	}
	return a.data.short("balance"), a.data.short("currency"), nil
}

// The types by which queries prove themselves (eko-api.md section 5.3).
const (
	typeServices  = 1299
	typeCatalogue = 1280
	typeBankFound = 466
	typeIFSCFound = 414
	typeAccounts  = 1321
	typeAccount   = 1336
)

// ask carries out a query and gives its answer. Without types the envelope
// decides.
func (c *Client) ask(ctx context.Context, name string, k call, types ...int64) (answer, error) {
	var a answer
	o := c.do(ctx, operation{
		name:     name,
		sign:     SignRequest{Service: Query},
		build:    func(string) call { return k },
		keep:     func(body []byte) { a, _ = readAnswer(body) },
		evidence: Evidence{Service: Query},
	})
	if o.State == Succeeded && len(types) > 0 && !a.typ.in(types...) {
		o = o.with(verdict{Failed, ReasonEnquiryUnclear})
	}
	if o.State != Succeeded {
		return answer{}, fmt.Errorf("ask Eko for %s: %w", name, &Refusal{o})
	}
	return a, nil
}

// rows goes through a list of objects.
func (o object) rows(name string) iter.Seq[object] {
	return func(yield func(object) bool) {
		list, _ := o[name].([]any)
		for _, row := range list {
			if r, ok := row.(object); ok && !yield(r) {
				return
			}
		}
	}
}

func (o object) short(name string) string { return clean(o.text(name), 200) }

// number is a member as a small whole number, -1 where it is none.
func (o object) number(name string) int {
	n, err := strconv.Atoi(o.text(name))
	if err != nil {
		return -1
	}
	return n
}

func (v v2) query(path string, more ...string) call {
	return get("/v1"+path, v.initiatorID, more...)
}

func get(path, initiatorID string, more ...string) call {
	query := url.Values{"initiator_id": {initiatorID}}
	for pair := range slices.Chunk(more, 2) {
		if pair[1] != "" {
			query.Set(pair[0], pair[1])
		}
	}
	return call{method: http.MethodGet, path: path, query: query}
}

// v2 has these under v1 (eko-api.md section 9).
func (v v2) services(userCode string) call { return v.query("/user/services/user_code:" + userCode) }
func (v v2) catalogue() call               { return v.query("/user/services") }
func (v v2) bank(code string) call         { return v.query("/banks", "bank_code", code) }
func (v v2) ifsc(code string) call         { return v.query("/banks", "ifsc", code) }
func (v v2) wallet(userCode string) call {
	return v.query("/customers/mobile_number:"+v.initiatorID+"/balance", "user_code", userCode)
}

func (v v3) query(path string, more ...string) call {
	return get("/v3"+path, v.initiatorID, more...)
}

func (v v3) services(userCode string) call {
	return v.query("/user/account/services", "user_code", userCode)
}
func (v v3) catalogue() call       { return v.query("/tools/catalog/service-codes") }
func (v v3) bank(code string) call { return v.query("/tools/reference/bank/" + code) }
func (v v3) ifsc(code string) call { return v.query("/tools/reference/banks/ifsc/" + code) }
func (v v3) wallet(userCode string) call {
	return v.query("/user/account/balance", "user_code", userCode)
}
