package eko

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Client talks to Eko. It is safe for concurrent use; Close it when done.
type Client struct {
	cfg     Config
	base    *url.URL
	dialect dialect
	key     *PublicKey
	line    *line
	clock   *clock
}

// NewClient checks the configuration, with [*ConfigError], and makes a client.
// It opens nothing.
func NewClient(cfg Config) (*Client, error) {
	base, key, err := cfg.parsed()
	if err != nil {
		return nil, fmt.Errorf("configure the Eko client: %w", err)
	}
	cfg = cfg.withDefaults()
	c := &Client{
		cfg:   cfg,
		base:  base,
		key:   key,
		line:  newLine(base, cfg.Proxy, cfg.Roots, cfg.Certificate),
		clock: newClock(cfg.Now),
	}
	c.dialect = v2{initiatorID: cfg.InitiatorID, referenceField: cfg.ReferenceField}
	if cfg.API == "v3" {
		c.dialect = v3{initiatorID: cfg.InitiatorID, hash: cfg.V3Hash}
	}
	return c, nil
}

// Close closes the connections that are kept warm. Calls under way end by
// themselves; later ones fail without sending anything.
func (c *Client) Close() error {
	c.line.close()
	return nil
}

// DropIdle closes the connections that are kept warm; the next call opens its
// own. It is for when this computer's network has changed: a connection whose
// path is gone looks open from here. Calls under way are left alone.
func (c *Client) DropIdle() { c.line.dropIdle() }

// Reach opens a connection to Eko, TLS and proxy included, and keeps it for the
// next call, so that nobody waits for it with a finger on the scanner. It sends
// no request. A connection that is already waiting is good enough.
func (c *Client) Reach(ctx context.Context) error { return c.line.warm(ctx) }

// Skew is how far Eko's clock is ahead of this computer's, by the Date header of
// the last answer. It is unknown until there was one, and again after this
// computer's clock was set or the computer has slept.
func (c *Client) Skew() (time.Duration, bool) { return c.clock.measured() }

// ReadClock asks the server what time it is, and nothing else: a bare GET of the
// base address, without keys, whatever the answer. It is for when the last answer's
// clock is reason to send no more: without a request there would never be another.
func (c *Client) ReadClock(ctx context.Context) error {
	w, err := c.line.take(ctx)
	if err != nil {
		return fmt.Errorf("ask for the time: %w", err)
	}
	header := http.Header{"Accept": {contentJSON}, "User-Agent": {userAgent}}
	if r := c.send(ctx, w, message{method: http.MethodGet, url: c.base, header: header}); r.status == 0 {
		return fmt.Errorf("ask for the time: %w", r.err)
	}
	return nil
}

// ErrSkew says that this computer's clock is too wrong to send anything.
var ErrSkew = errors.New("clock differs from Eko's by more than ten minutes")

// Submit sends one transaction, once: one POST, written to one connection. It
// returns within the configured timeout. A context that ends before the first
// byte leaves stops the request; one that ends later leaves it pending.
func (c *Client) Submit(ctx context.Context, r Request) Outcome {
	err := r.check()
	if err == nil {
		err = c.dialect.checkTransaction(r)
	}
	if err != nil {
		return unsent(ReasonBadRequest, err)
	}
	if c.NeedsOTP(r.Service, r.Amount) && r.OTPRequestID == "" {
		return unsent(ReasonOTPRequired, nil)
	}
	aadhar, err := c.key.Encrypt(c.cfg.Rand, r.Aadhaar)
	if err != nil {
		return unsent(ReasonBadRequest, err)
	}
	return c.do(ctx, operation{
		name:   string(r.Service),
		strict: true,
		sign:   c.signRequest(r, aadhar),
		adopt:  r.Adopt,
		build: func(ref string) call {
			r.ClientRefID = ref
			return c.dialect.transaction(r, aadhar)
		},
		evidence: Evidence{Service: r.Service, ClientRefID: r.ClientRefID, Amount: r.Amount},
	})
}

// NeedsOTP reports whether the customer's one-time password has to be asked for
// with [Client.RequestOTP], and typed into the capture's options, before a
// transaction.
func (c *Client) NeedsOTP(s Service, amount Rupees) bool {
	_, current := c.dialect.(v3)
	return current && s == CashWithdrawal && amount > c.cfg.OTPAbove
}

// RequestOTP has Eko send the customer a one-time password for one withdrawal.
// The request is the withdrawal's own without a PID block. Succeeded means that
// Details.OTPRequestID names it; it is good for one attempt.
func (c *Client) RequestOTP(ctx context.Context, r Request) Outcome {
	r.Service, r.PidData, r.OTPRequestID = WithdrawalOTP, nil, ""
	o := c.Submit(ctx, r)
	if o.State == Succeeded && o.Details.OTPRequestID == "" {
		o = o.with(verdict{Failed, ReasonEnquiryUnclear})
	}
	return o
}

// Check asks the signing hook, where there is one, whether the transaction may
// go ahead: before the customer is asked for a finger. Other signers agree.
// Errors are [*HookRefusal] and [ErrHook].
func (c *Client) Check(ctx context.Context, r Request) (Approval, error) {
	checker, ok := c.cfg.Signer.(Checker)
	if !ok {
		return Approval{}, nil
	}
	asked := c.signRequest(r, "")
	approval, err := checker.Check(ctx, asked)
	return approval, asked.numbers().refusal(err)
}

func (c *Client) signRequest(r Request, aadhar string) SignRequest {
	return SignRequest{
		Service:          r.Service,
		ClientRefID:      r.ClientRefID,
		BankCode:         r.BankCode,
		CustomerID:       r.CustomerID,
		UserCode:         r.UserCode,
		Amount:           r.Amount,
		Aadhaar:          r.Aadhaar,
		EncryptedAadhaar: aadhar,
		HashParams:       c.dialect.hashParams(),
	}
}

// Inquire asks what became of a transaction, once. Every state but Pending was
// said by the tx_status of a complete answer of Eko's. Pending means that nothing
// new is known, also where the inquiry could not be signed or sent (not Sent,
// [ReasonInquiryNoAnswer], and Err says why); the caller asks again later. It may
// be repeated at will: it carries no idempotency key, and the signing hook's own
// reference is ignored.
//
// With a TID the TID is asked for, being faster. Where that ends in
// [ReasonUnknownToEko] or [ReasonInquiryUnclear], the same inquiry with an empty
// TID asks by ClientRefID, and then no TID is compared with the answer's.
func (c *Client) Inquire(ctx context.Context, i Inquiry) Outcome {
	if err := i.check(); err != nil {
		return Outcome{Err: err}.with(verdict{Pending, ReasonInquiryUnclear})
	}
	return c.do(ctx, operation{
		name:  "inquiry",
		sign:  SignRequest{Service: TransactionInquiry, ClientRefID: i.ClientRefID, UserCode: i.UserCode},
		build: func(string) call { return c.dialect.inquiry(i) },
		evidence: Evidence{
			Inquiry:     true,
			TID:         i.TID,
			ClientRefID: i.ClientRefID,
			Amount:      i.Amount,
		},
	})
}

// unsent is the outcome of a request of the caller's that can't be sent at all.
func unsent(reason string, err error) Outcome {
	return Outcome{Err: err}.with(verdict{Failed, reason})
}
