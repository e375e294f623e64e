package eko

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// ErrHook says that the signing hook gave no usable answer: a time-out, junk, an
// HTTP error, a signature that can't be right. It means no.
var ErrHook = errors.New("signing hook gave no usable answer")

// HookRefusal is the partner's no. Message is the partner's own sentence for the
// shopkeeper; it may be empty. What looks like an Aadhaar number is masked in it,
// and so is the customer's mobile number.
type HookRefusal struct {
	Message string
}

func (e *HookRefusal) Error() string { return "refused by the partner's hook" }

func asHookRefusal(err error) (*HookRefusal, bool) { return errors.AsType[*HookRefusal](err) }

// HookConfig is what a HookSigner needs.
type HookConfig struct {
	// URL is the partner's endpoint: https, or http on this computer.
	URL string
	// Token and Certificate authenticate this shop; at least one is needed.
	Token       BearerToken
	Certificate *tls.Certificate
	// SealKey is the partner's key for Aadhaar numbers (see [ParseSealKey]). It is
	// needed wherever request_hash covers the number, as it does on v2.
	SealKey string
	// Timeout bounds one question. Zero means 15 s.
	Timeout time.Duration
	// SkipCheck leaves out the question before the finger.
	SkipCheck bool
	// Roots are the certificate authorities to trust, nil for the system's.
	Roots *x509.CertPool
}

// DefaultHookTimeout is how long a partner's server may think.
const DefaultHookTimeout = 15 * time.Second

// HookSigner asks the partner's server, where the access key belongs (seed:
// debit-hook page; eko-api.md section 8). It is asked twice: with phase "check"
// before the finger, and with phase "sign" right before sending, because a
// signature must be fresh. It is safe for concurrent use; Close it when done.
type HookSigner struct {
	cfg  HookConfig
	url  *url.URL
	seal *SealKey
	line *line
}

// NewHookSigner checks the configuration, with [*ConfigError]. It opens nothing.
func NewHookSigner(cfg HookConfig) (*HookSigner, error) {
	u, err := parseEndpoint(cfg.URL)
	if err != nil {
		return nil, &ConfigError{"hook_url", err}
	}
	if cfg.Token.IsZero() && cfg.Certificate == nil {
		return nil, &ConfigError{"hook_bearer", errors.New("is missing, and there is no client certificate: the hook has to know who asks")}
	}
	if err := checkTimeout(cfg.Timeout); err != nil {
		return nil, &ConfigError{"hook_timeout", err}
	}
	s := &HookSigner{cfg: cfg, url: u, line: newLine(u, nil, cfg.Roots, cfg.Certificate)}
	if s.cfg.Timeout == 0 {
		s.cfg.Timeout = DefaultHookTimeout
	}
	if cfg.SealKey != "" {
		if s.seal, err = ParseSealKey(cfg.SealKey); err != nil {
			return nil, &ConfigError{"hook_public_key", err}
		}
	}
	return s, nil
}

// Close closes the connections that are kept warm.
func (s *HookSigner) Close() error {
	s.line.close()
	return nil
}

// Check asks whether the transaction may go ahead. Errors are [*HookRefusal] and
// [ErrHook].
func (s *HookSigner) Check(ctx context.Context, r SignRequest) (Approval, error) {
	if s.cfg.SkipCheck {
		return Approval{}, nil
	}
	answer, err := s.ask(ctx, "check", r)
	if err != nil {
		return Approval{}, err
	}
	return Approval{ClientRefID: answer.clientRefID}, nil
}

// Sign asks for the signature. Errors are [*HookRefusal] and [ErrHook].
func (s *HookSigner) Sign(ctx context.Context, r SignRequest) (Signature, Approval, error) {
	answer, err := s.ask(ctx, "sign", r)
	if err != nil {
		return Signature{}, Approval{}, err
	}
	signature := answer.signature
	if len(r.HashParams) == 0 {
		signature.RequestHash = ""
	} else if signature.RequestHash == "" {
		return Signature{}, Approval{}, fmt.Errorf("%w: request_hash is missing", ErrHook)
	}
	if err := signature.Check(time.UnixMilli(r.TimestampMS)); err != nil {
		return Signature{}, Approval{}, fmt.Errorf("%w: %w", ErrHook, err)
	}
	return signature, Approval{ClientRefID: answer.clientRefID}, nil
}

// ask puts one question. The hook knows a transaction's by its idempotency key,
// so one whose connection broke may be put once more; what only asks has no key,
// for it is signed and decided afresh each time.
func (s *HookSigner) ask(ctx context.Context, phase string, r SignRequest) (hookAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	body, err := s.question(phase, r)
	if err != nil {
		return hookAnswer{}, err
	}
	defer clear(body)
	key := ""
	if !r.Service.onlyAsks() {
		key = phase + " " + string(r.Service) + " " + r.ClientRefID
	}
	reply, err := s.post(ctx, key, body)
	if err != nil && ctx.Err() == nil {
		reply, err = s.post(ctx, key, body)
	}
	if err != nil {
		return hookAnswer{}, fmt.Errorf("%w: %w", ErrHook, err)
	}
	answer, err := readHookAnswer(phase, reply, !r.Service.onlyAsks())
	return answer, r.numbers().refusal(err)
}

func (s *HookSigner) post(ctx context.Context, key string, body []byte) (reply, error) {
	w, err := s.line.take(ctx)
	if err != nil {
		return reply{}, err
	}
	req := &http.Request{
		Method: http.MethodPost, URL: s.url, Host: s.url.Host, ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Accept": {contentJSON}, "Content-Type": {contentJSON}, "User-Agent": {userAgent},
		},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
	if key != "" {
		req.Header["Idempotency-Key"] = []string{key}
	}
	if !s.cfg.Token.IsZero() {
		req.Header["Authorization"] = []string{"Bearer " + s.cfg.Token.reveal()}
	}
	r := w.call(ctx, req)
	if r.reusable {
		s.line.give(w)
	} else {
		w.close()
	}
	return r, r.err
}

// hookQuestion has the shape of the seeds' debit-hook; amounts are texts there.
type hookQuestion struct {
	Action string     `json:"action"`
	Phase  string     `json:"phase"`
	Detail hookDetail `json:"detail"`
}

type hookDetail struct {
	ClientRefID       string   `json:"client_ref_id"`
	InteractionLabel  string   `json:"interaction_label"`
	RequestHashParams []string `json:"request_hash_params"`
	Data              hookData `json:"data"`
}

type hookData struct {
	Service string `json:"service"`
	// Type is v2's service type, by which the gateway tells its transactions apart.
	Type         string `json:"type,omitempty"`
	Amount       string `json:"amount"`
	BankCode     string `json:"bank_code,omitempty"`
	CustomerID   string `json:"customer_id,omitempty"`
	UserCode     string `json:"user_code,omitempty"`
	AadhaarLast4 string `json:"aadhaar_last4,omitempty"`
	// AadhaarSealed goes with phase "sign" where the hash needs the number.
	AadhaarSealed string `json:"aadhaar_sealed,omitempty"`
	// Aadhar is the encrypted number, where the hash covers that.
	Aadhar string `json:"aadhar_encrypted,omitempty"`
}

// labels are what a person reads in the partner's log.
var labels = map[Service]string{
	CashWithdrawal: "AePS Cash Withdrawal", BalanceEnquiry: "AePS Balance Enquiry", MiniStatement: "AePS Mini Statement",
	AadhaarPay: "Aadhaar Pay", WithdrawalOTP: "AePS Withdrawal OTP", TwoFactorRegistration: "AePS Two Factor Registration",
	TwoFactorAuthentication: "AePS Two Factor Authentication", MerchantAuthentication: "AePS Merchant Authentication",
	KYCOTP: "AePS eKYC OTP", KYCVerify: "AePS eKYC OTP Verification", KYCBiometric: "AePS eKYC", DailyKYC: "AePS Daily KYC",
	Settlement: "AePS Settlement", TransactionInquiry: "Transaction Inquiry", Query: "Query",
}

func (s *HookSigner) question(phase string, r SignRequest) ([]byte, error) {
	q := hookQuestion{Action: "debit-hook", Phase: phase, Detail: hookDetail{
		ClientRefID: r.ClientRefID, InteractionLabel: labels[r.Service], RequestHashParams: append([]string{}, r.HashParams...),
		Data: hookData{
			Service: string(r.Service), Type: v2ServiceTypes[r.Service], Amount: r.Amount.Text(), BankCode: r.BankCode,
			CustomerID: r.CustomerID, UserCode: r.UserCode, AadhaarLast4: r.Aadhaar.Last4(),
		},
	}}
	if phase == "sign" && slices.Contains(r.HashParams, HashAadhaar) {
		if s.seal == nil {
			return nil, fmt.Errorf("%w: there is no hook_public_key, and the hash needs the Aadhaar number", ErrHook)
		}
		sealed, err := s.seal.Seal(r.Aadhaar, r.ClientRefID)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrHook, err)
		}
		q.Detail.Data.AadhaarSealed = sealed
	}
	if slices.Contains(r.HashParams, HashEncryptedAadhaar) {
		q.Detail.Data.Aadhar = r.EncryptedAadhaar
	}
	return marshal(q)
}
