package eko

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
)

// SettlementAccount is a bank account to which a merchant's AePS earnings can be
// settled. Account and Name are personal data: show, do not log.
type SettlementAccount struct {
	RecipientID, Name, Account, IFSC string
}

// SettlementAccounts is a merchant's accounts and what he can settle: rupees as
// Eko writes them.
type SettlementAccounts struct {
	UnsettledFund, RemainingLimit string
	Accounts                      []SettlementAccount
}

// SettlementAccounts asks for a merchant's accounts; there are three at most.
func (c *Client) SettlementAccounts(ctx context.Context, userCode string) (SettlementAccounts, error) {
	if !wordText.MatchString(userCode) {
		return SettlementAccounts{}, errors.New("user_code must have 1 to 20 letters or digits")
	}
	a, err := c.ask(ctx, "settlement accounts", c.dialect.settlementAccounts(userCode), typeAccounts)
	if err != nil {
		return SettlementAccounts{}, err
	}
	found := SettlementAccounts{UnsettledFund: a.data.short("unsettled_fund"), RemainingLimit: a.data.short("remaining_limit")}
	for o := range a.data.rows("fund_transfer_list") {
		found.Accounts = append(found.Accounts, SettlementAccount{
			RecipientID: o.short("recipient_id"), Name: o.short("name"), Account: o.short("account"), IFSC: o.short("ifsc"),
		})
	}
	return found, nil
}

// NewSettlementAccount is an account to be added. BankID is [Bank].ID.
type NewSettlementAccount struct {
	ClientRefID, UserCode, BankID, IFSC, Account string
}

var accountText = regexp.MustCompile(`^[A-Za-z0-9]{5,34}$`)

// AddSettlementAccount adds an account and returns its recipient id. Eko
// compares the account's name with the merchant's; there is no way to take an
// account away again but Eko's support (seed: FAQ).
func (c *Client) AddSettlementAccount(ctx context.Context, a NewSettlementAccount) (recipientID string, err error) {
	switch {
	case !referenceText.MatchString(a.ClientRefID):
		return "", errors.New("client_ref_id must have 1 to 20 letters, digits, points, hyphens or underscores")
	case !wordText.MatchString(a.UserCode):
		return "", errors.New("user_code must have 1 to 20 letters or digits")
	case !numberText.MatchString(a.BankID):
		return "", errors.New("bank_id must be Eko's number of the bank")
	case !wordText.MatchString(a.IFSC) || !accountText.MatchString(a.Account):
		return "", errors.New("ifsc or account can't be used")
	}
	added, err := c.ask(ctx, "new settlement account", c.dialect.addSettlementAccount(a), typeAccount)
	if err != nil {
		return "", err
	}
	return added.data.short("recipient_id"), nil
}

// SettlementRequest moves earnings to one of the merchant's accounts.
type SettlementRequest struct {
	ClientRefID, UserCode, RecipientID string
	Amount                             Rupees
	// Mode is how the money travels.
	Mode PaymentMode
}

// PaymentMode is Eko's number of a way to transfer (eko-api.md section 9).
type PaymentMode int

// The payment modes of a settlement.
const (
	NEFT PaymentMode = 4
	IMPS PaymentMode = 5
	RTGS PaymentMode = 13
)

var numberText = regexp.MustCompile(`^[0-9]{1,18}$`)

// Settle sends one settlement, once. It moves money: what is said of [Client.Submit]
// holds for it, and a pending one is inquired about with [Client.Inquire].
func (c *Client) Settle(ctx context.Context, s SettlementRequest) Outcome {
	var err error
	switch {
	case !referenceText.MatchString(s.ClientRefID):
		err = errors.New("client_ref_id must have 1 to 20 letters, digits, points, hyphens or underscores")
	case !wordText.MatchString(s.UserCode) || !numberText.MatchString(s.RecipientID):
		err = errors.New("user_code or recipient_id can't be used")
	case s.Amount <= 0:
		err = errors.New("amount must be more than 0")
	case s.Mode != NEFT && s.Mode != IMPS && s.Mode != RTGS:
		err = errors.New("payment mode must be NEFT, IMPS or RTGS")
	}
	if err != nil {
		return unsent(ReasonBadRequest, err)
	}
	return c.do(ctx, operation{
		name:   string(Settlement),
		strict: true,
		sign:   SignRequest{Service: Settlement, ClientRefID: s.ClientRefID, UserCode: s.UserCode, Amount: s.Amount},
		build: func(ref string) call {
			s.ClientRefID = ref
			return c.dialect.settle(s)
		},
		evidence: Evidence{Service: Settlement, ClientRefID: s.ClientRefID, Amount: s.Amount},
	})
}

// v1's addresses take forms (eko-api.md section 2.1); 39 is the service's code.
func (v v2) settlementAccounts(userCode string) call {
	return v.query("/agent/user_code:"+userCode+"/settlementaccounts", "service_code", "39")
}

func (v v2) addSettlementAccount(a NewSettlementAccount) call {
	return call{method: http.MethodPut, path: "/v1/agent/user_code:" + a.UserCode + "/settlementaccount", form: url.Values{
		"initiator_id": {v.initiatorID}, "service_code": {"39"}, "bank_id": {a.BankID}, "ifsc": {a.IFSC}, "account": {a.Account},
	}}
}

func (v v2) settle(s SettlementRequest) call {
	return call{method: http.MethodPost, path: "/v1/agent/user_code:" + s.UserCode + "/settlement", form: url.Values{
		"initiator_id": {v.initiatorID}, "service_code": {"39"}, "amount": {s.Amount.Text()}, "recipient_id": {s.RecipientID},
		"payment_mode": {strconv.Itoa(int(s.Mode))}, "client_ref_id": {s.ClientRefID},
	}}
}

func (v v3) settlementAccounts(userCode string) call {
	return v.query("/user/payment/aeps/settlement/accounts", "user_code", userCode)
}

type v3SettlementAccount struct {
	InitiatorID string      `json:"initiator_id"`
	ClientRefID string      `json:"client_ref_id"`
	UserCode    string      `json:"user_code"`
	BankID      wholeNumber `json:"bank_id"`
	IFSC        string      `json:"ifsc"`
	ServiceCode int         `json:"service_code"`
	Account     string      `json:"account"`
}

type v3Settlement struct {
	InitiatorID string      `json:"initiator_id"`
	ClientRefID string      `json:"client_ref_id"`
	UserCode    string      `json:"user_code"`
	Amount      Rupees      `json:"amount"`
	RecipientID wholeNumber `json:"recipient_id"`
	PaymentMode PaymentMode `json:"payment_mode"`
}

// wholeNumber is checked text that v3 wants as a number.
type wholeNumber string

func (n wholeNumber) MarshalJSON() ([]byte, error) {
	value, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil {
		return nil, errors.New("not a whole number")
	}
	return strconv.AppendInt(nil, value, 10), nil
}

func (v v3) addSettlementAccount(a NewSettlementAccount) call {
	return call{method: http.MethodPost, path: "/v3/user/payment/aeps/settlement/account", body: v3SettlementAccount{
		InitiatorID: v.initiatorID, ClientRefID: a.ClientRefID, UserCode: a.UserCode, BankID: wholeNumber(a.BankID),
		IFSC: a.IFSC, ServiceCode: 39, Account: a.Account,
	}}
}

func (v v3) settle(s SettlementRequest) call {
	return call{method: http.MethodPost, path: "/v3/user/payment/aeps/settlement", body: v3Settlement{
		InitiatorID: v.initiatorID, ClientRefID: s.ClientRefID, UserCode: s.UserCode, Amount: s.Amount,
		RecipientID: wholeNumber(s.RecipientID), PaymentMode: s.Mode,
	}}
}
