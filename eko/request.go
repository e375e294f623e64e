package eko

import "context"

// Request is one transaction of a customer. PidData is sent byte for byte; the
// caller wipes it once Submit has returned.
type Request struct {
	Service     Service
	ClientRefID string
	Aadhaar     Aadhaar
	BankCode    string
	// Amount is 0 for a balance enquiry and a mini statement.
	Amount         Rupees
	CustomerID     string
	UserCode       string
	LatLong        string
	SourceIP       string
	NotifyCustomer bool
	PidData        []byte
	// OTP and OTPRequestID carry the customer's one-time password where Eko wants
	// it (v3, above 5,000 rupees).
	OTP          OTP
	OTPRequestID string
	// MerchantReference is the single-use token of a merchant authentication.
	MerchantReference string
	// Adopt, when set, is called before anything is sent if the signing hook names
	// its own client_ref_id. An error stops the request. When nil, another
	// reference is a refusal: nobody may send what is not on disk.
	Adopt func(ctx context.Context, clientRefID string) error
}

// Inquiry asks what became of a transaction. TID is preferred, being faster;
// without it the reference is used (eko-api.md section 7). Amount 0 is not
// compared.
type Inquiry struct {
	TID         string
	ClientRefID string
	UserCode    string
	Amount      Rupees
}
