package ekosim

import "slices"

// Operation is what a request asks for, whichever API asks.
type Operation string

// The operations of the simulator.
const (
	CashWithdrawal          Operation = "cash_withdrawal"
	BalanceEnquiry          Operation = "balance_enquiry"
	MiniStatement           Operation = "mini_statement"
	AadhaarPay              Operation = "aadhaar_pay"
	TwoFactorRegistration   Operation = "two_factor_registration"
	TwoFactorAuthentication Operation = "two_factor_authentication"
	WithdrawalOTP           Operation = "withdrawal_otp"
	Inquiry                 Operation = "inquiry"
	MerchantAuth            Operation = "merchant_auth"
	EKYCOTP                 Operation = "ekyc_otp"
	EKYCVerify              Operation = "ekyc_verify"
	EKYCBiometric           Operation = "ekyc_biometric"
	DailyKYC                Operation = "daily_kyc"
	UserServices            Operation = "user_services"
	ServiceCatalogue        Operation = "service_catalogue"
	ServiceActivation       Operation = "service_activation"
	ServiceDeactivation     Operation = "service_deactivation"
	WalletBalance           Operation = "wallet_balance"
	BankDetails             Operation = "bank_details"
	BankList                Operation = "bank_list"
	SettlementAccountAdd    Operation = "settlement_account_add"
	SettlementAccounts      Operation = "settlement_accounts"
	Settlement              Operation = "settlement"
	AePSActivation          Operation = "aeps_activation"
	ShopTypes               Operation = "shop_types"
	States                  Operation = "states"

	// aeps is v2's one path for six operations; service_type says which.
	aeps Operation = "aeps"

	anyOperation Operation = "*"
)

// Operations lists every operation once.
func Operations() []Operation {
	return []Operation{
		CashWithdrawal, BalanceEnquiry, MiniStatement, AadhaarPay, TwoFactorRegistration,
		TwoFactorAuthentication, WithdrawalOTP, Inquiry, MerchantAuth, EKYCOTP, EKYCVerify,
		EKYCBiometric, DailyKYC, UserServices, ServiceCatalogue, ServiceActivation,
		ServiceDeactivation, WalletBalance, BankDetails, BankList, SettlementAccountAdd,
		SettlementAccounts, Settlement, AePSActivation, ShopTypes, States,
	}
}

// movesMoney reports whether the operation debits a customer.
func (op Operation) movesMoney() bool {
	return slices.Contains([]Operation{CashWithdrawal, AadhaarPay}, op)
}
