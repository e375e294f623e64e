package eko

// Service names what is asked of Eko. The values of the four that a customer
// asks for are the public contract's.
type Service string

// The services. The two-factor services are the merchant's own (seed: AePS page,
// "AePS two factor authentication process").
const (
	CashWithdrawal          Service = "cash_withdrawal"
	BalanceEnquiry          Service = "balance_enquiry"
	MiniStatement           Service = "mini_statement"
	AadhaarPay              Service = "aadhaar_pay"
	TwoFactorRegistration   Service = "two_factor_registration"
	TwoFactorAuthentication Service = "two_factor_authentication"
)

// MovesMoney reports whether the service debits a customer's account. Only such
// a service carries a tx_status and can be inquired into.
func (s Service) MovesMoney() bool { return s == CashWithdrawal || s == AadhaarPay }

// merchants reports whether the service takes the merchant's own finger.
func (s Service) merchants() bool {
	return s == TwoFactorRegistration || s == TwoFactorAuthentication
}
