package eko

// Service names what is asked of Eko. The values of the four that a customer
// asks for are the public contract's.
type Service string

// The services of a customer (seed: AePS page, "Transaction types").
const (
	CashWithdrawal Service = "cash_withdrawal"
	BalanceEnquiry Service = "balance_enquiry"
	MiniStatement  Service = "mini_statement"
	AadhaarPay     Service = "aadhaar_pay"
	// WithdrawalOTP asks for the customer's one-time password (v3 only).
	WithdrawalOTP Service = "withdrawal_otp"
)

// The merchant's own steps (eko-api.md sections 4.2, 4.3 and 6). The first two
// are service types of v2's transaction address (seed: AePS page, "AePS two
// factor authentication process"); the others have addresses of their own.
const (
	TwoFactorRegistration   Service = "two_factor_registration"
	TwoFactorAuthentication Service = "two_factor_authentication"
	MerchantAuthentication  Service = "merchant_authentication"
	KYCOTP                  Service = "kyc_otp"
	KYCVerify               Service = "kyc_verify"
	KYCBiometric            Service = "kyc_biometric"
	DailyKYC                Service = "daily_kyc"
)

// Settlement moves the merchant's earnings to his own bank account.
const Settlement Service = "settlement"

// MovesMoney reports whether the service debits an account. Only such a service
// carries a tx_status and can be inquired into.
func (s Service) MovesMoney() bool {
	return s == CashWithdrawal || s == AadhaarPay || s == Settlement
}

// The two that only a [Signer] sees: an inquiry about a transaction, and any
// other question.
const (
	TransactionInquiry Service = "inquiry"
	Query              Service = "query"
)

// onlyAsks reports whether the service puts a question, which may be repeated at
// will and which no reference of a partner's belongs to.
func (s Service) onlyAsks() bool { return s == TransactionInquiry || s == Query }

// merchantStep reports whether the service is the merchant's own.
func (s Service) merchantStep() bool {
	switch s {
	case TwoFactorRegistration, TwoFactorAuthentication, MerchantAuthentication, KYCOTP, KYCVerify, KYCBiometric, DailyKYC:
		return true
	}
	return false
}

// twoFactor reports whether the service is a service type of v2's transaction
// address although it is the merchant's own.
func (s Service) twoFactor() bool {
	return s == TwoFactorRegistration || s == TwoFactorAuthentication
}

// takesFinger reports whether a PID block goes with the service.
func (s Service) takesFinger() bool {
	switch s {
	case CashWithdrawal, BalanceEnquiry, MiniStatement, AadhaarPay,
		TwoFactorRegistration, TwoFactorAuthentication, MerchantAuthentication, KYCBiometric, DailyKYC:
		return true
	}
	return false
}

// proofs are the response types by which a service that moves no money proves
// itself (eko-api.md sections 5.2 and 5.3). The answers of the two-factor
// services and of the merchant authentication are not published: for them the
// envelope decides.
var proofs = map[Service][]int64{
	BalanceEnquiry: {typeBalance},
	MiniStatement:  {typeStatement},
	WithdrawalOTP:  {typeOTPSent},
	KYCOTP:         {typeKYCOTPSent, typeOTPSentLater},
	KYCVerify:      {typeKYCOTPRight},
	KYCBiometric:   {typeKYCDone},
	DailyKYC:       {typeDailyDone, typeDailyDoneBefore},
}
