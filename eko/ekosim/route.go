package ekosim

import (
	"net/http"
	"slices"
	"strings"
)

// route is an operation at its address.
type route struct {
	api     string
	methods []string
	// path is below the version. {name} stands for a segment or its end.
	path   string
	op     Operation
	types  []string // of content; nil for GET
	fields []field
	// hash says that request_hash is due; v3Hash that the rules decide.
	hash, v3Hash bool
	// plainAadhaar says that aadhar comes unencrypted.
	plainAadhaar bool
	handle       func(*exchange) object
}

const (
	contentJSON      = "application/json"
	contentForm      = "application/x-www-form-urlencoded"
	contentMultipart = "multipart/form-data"
)

func (r route) takes(contentType string) bool { return slices.Contains(r.types, contentType) }

// pathRules are the fields that stand in paths.
var pathRules = map[string]func(string) bool{
	"customer_id":   mobile,
	"user_code":     userCode,
	"mobile":        mobile,
	"tid":           digits,
	"client_ref_id": reference,
	"bank_code":     bankCode,
	"ifsc":          ifsc,
	"service_code":  wholeNumber,
}

// findRoute finds what the address means, or answers 404 or 405 as Eko does.
func (x *exchange) findRoute() bool {
	path := x.r.URL.EscapedPath()
	below, ok := strings.CutPrefix(path, "/ekoapi/")
	if !ok {
		below, ok = strings.CutPrefix(path, "/ekoicici/")
	}
	api, rest, found := strings.Cut(below, "/")
	if !ok || !found || !slices.Contains([]string{"v1", "v2", "v3"}, api) {
		return x.noMapping()
	}
	x.api, x.seen.API = api, api
	var allowed []string
	for _, r := range x.s.routes {
		vars, matches := matchPath(r.path, rest)
		if r.api != api || !matches {
			continue
		}
		if slices.Contains(r.methods, x.r.Method) {
			x.route, x.vars = r, vars
			return true
		}
		allowed = append(allowed, r.methods...)
	}
	if allowed != nil {
		x.w.Header().Set("Allow", strings.Join(allowed, ", "))
		x.refuse(http.StatusMethodNotAllowed, "the path is served, the method is not")
		return false
	}
	return x.noMapping()
}

func (x *exchange) noMapping() bool {
	x.seen.Refused = "no such path"
	x.send(http.StatusNotFound, "text/plain;charset=utf-8", []byte("No mapping rule matched"))
	return false
}

// matchPath compares an escaped path with a template, segment by segment. Nothing
// that Eko puts into a path needs escaping, the colon of client_ref_id: included,
// so a path with escapes is none of its.
func matchPath(template, path string) (map[string]string, bool) {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	vars := map[string]string{}
	for i, segment := range want {
		fixed, name, isVar := strings.Cut(segment, "{")
		rest, ok := strings.CutPrefix(got[i], fixed)
		if !ok || !isVar && rest != "" {
			return nil, false
		}
		if !isVar {
			continue
		}
		if rest == "" || strings.Contains(rest, "%") {
			return nil, false
		}
		vars[strings.TrimSuffix(name, "}")] = rest
	}
	return vars, true
}

// routes is the table of addresses. Where two match, the first one counts.
func routes() []route {
	return slices.Concat(inquiryRoutes(), v2Routes(), v1Routes(), v3Routes())
}

func get(api, path string, op Operation, handle func(*exchange) object, fields ...field) route {
	return route{api: api, methods: []string{http.MethodGet}, path: path, op: op, fields: fields, handle: handle}
}

// inquiryRoutes are the three spellings of the transaction inquiry (eko-api.md
// section 7). v2 wants the user_code, the others have it if it is sent.
func inquiryRoutes() []route {
	initiator := required("initiator_id", mobile)
	var list []route
	for _, key := range []string{"client_ref_id:{client_ref_id}", "{tid}"} {
		list = append(list,
			get("v1", "transactions/"+key, Inquiry, inquire, initiator, optional("user_code", userCode)),
			get("v2", "transactions/"+key, Inquiry, inquire, initiator, required("user_code", userCode)),
			get("v3", "tools/reference/transaction/"+key, Inquiry, inquire, initiator, optional("user_code", userCode)))
	}
	return list
}

func v2Routes() []route {
	post, both := []string{http.MethodPost}, []string{http.MethodPost, http.MethodPut}
	asJSON, anyForm := []string{contentJSON}, []string{contentJSON, contentForm, contentMultipart}
	merchant := []field{
		required("initiator_id", mobile), required("user_code", userCode), required("customer_id", mobile),
		required("aadhar", anything), required("client_ref_id", reference), required("latlong", latlong),
	}
	with := func(more ...field) []field { return slices.Concat(merchant, more) }
	list := []route{
		{api: "v2", methods: post, path: "aeps", op: aeps, types: asJSON, hash: true},
		{api: "v2", methods: post, path: "aeps/aepsmerchantauth", op: MerchantAuth, types: asJSON, handle: merchantAuth,
			fields: with(required("bank_code", bankCode), required("piddata", pidDocument))},
		{api: "v2", methods: post, path: "aeps/otp", op: EKYCOTP, types: asJSON, fields: merchant, handle: ekycOTP},
		{api: "v2", methods: both, path: "aeps/kyc", op: EKYCBiometric, types: asJSON, handle: ekycBiometric,
			fields: with(required("piddata", pidDocument), required("bank_code", bankCode), optional("ekyc_flag", flag),
				optional("otp_ref_id", anything), optional("reference_tid", anything))},
		{api: "v2", methods: post, path: "aeps/dailyKyc", op: DailyKYC, types: anyForm, handle: dailyKYC,
			fields: with(required("piddata", pidDocument), required("bank_code", bankCode),
				required("service_code", oneOf("43", "52")))},
	}
	for _, api := range []string{"v2", "v1"} { // the page shows a v1 address too
		list = append(list, route{api: api, methods: both, path: "aeps/otp/verify", op: EKYCVerify, types: asJSON,
			fields: with(required("otp_ref_id", anything), required("reference_tid", anything), required("otp", sixDigits)),
			handle: ekycVerify})
	}
	return list
}

func v1Routes() []route {
	form := []string{contentForm}
	initiator, code := required("initiator_id", mobile), required("user_code", userCode)
	return []route{
		{api: "v1", methods: []string{http.MethodPut}, path: "user/service/activate", op: ServiceActivation,
			types: []string{contentForm, contentMultipart}, handle: activateService,
			fields: []field{initiator, code, required("service_code", wholeNumber), optional("latlong", latlong),
				optional("modelname", anything), optional("devicenumber", anything),
				optional("office_address", anything), optional("address_as_per_proof", anything),
				optional("pan_card", anything), optional("aadhar_front", anything), optional("aadhar_back", anything)}},
		get("v1", "user/services/user_code:{user_code}", UserServices, userServices, initiator),
		get("v1", "user/services", ServiceCatalogue, serviceCatalogue, initiator),
		get("v1", "customers/mobile_number:{mobile}/balance", WalletBalance, walletBalance, initiator,
			optional("user_code", userCode)),
		get("v1", "banks", BankDetails, bankDetails, initiator, optional("user_code", userCode),
			optional("bank_code", bankCode), optional("ifsc", ifsc)),
		{api: "v1", methods: []string{http.MethodPut}, path: "agent/user_code:{user_code}/settlementaccount",
			op: SettlementAccountAdd, types: form, handle: addSettlementAccount,
			fields: []field{initiator, required("service_code", oneOf("39")), required("bank_id", wholeNumber),
				required("ifsc", ifsc), required("account", accountNo)}},
		get("v1", "agent/user_code:{user_code}/settlementaccounts", SettlementAccounts, settlementAccounts,
			initiator, required("service_code", oneOf("39"))),
		{api: "v1", methods: []string{http.MethodPost}, path: "agent/user_code:{user_code}/settlement",
			op: Settlement, types: form, handle: settle,
			fields: []field{initiator, required("service_code", oneOf("39")), required("amount", rupees),
				required("recipient_id", wholeNumber), required("payment_mode", oneOf("4", "5", "13")),
				required("client_ref_id", reference)}},
	}
}

func v3Routes() []route {
	post, put := []string{http.MethodPost}, []string{http.MethodPut}
	asJSON := []string{contentJSON}
	initiator, code := required("initiator_id", mobile), required("user_code", userCode)
	ref, maybeRef := required("client_ref_id", reference), optional("client_ref_id", reference)
	aadhar, where := required("aadhar", anything), required("latlong", latlong)
	bank, finger := required("bank_code", bankCode), required("piddata", pidDocument)
	agent := []field{initiator, code, maybeRef, aadhar, required("customer_id", mobile), where}
	session := append(slices.Clone(agent), required("otp_ref_id", anything), required("reference_tid", anything))
	amount := number("amount", withdrawable)
	const fingpay, kyc = "customer/collection/aeps-fingpay/", "user/collection/aeps-fingpay/kyc/"
	return []route{
		// The misspelling is the provider's (eko-api.md section 4.3); the address
		// of the OTP is spelled right.
		{api: "v3", methods: post, path: fingpay + "cash-withdrawl/{customer_id}", op: CashWithdrawal, types: asJSON,
			v3Hash: true, handle: withdraw,
			fields: []field{initiator, ref, code, bank, aadhar, where, finger, amount, optional("txn_otp_request_id", anything)}},
		{api: "v3", methods: post, path: fingpay + "cash-withdrawal/otp/{customer_id}", op: WithdrawalOTP, types: asJSON,
			v3Hash: true, handle: requestWithdrawalOTP,
			fields: []field{initiator, ref, code, bank, aadhar, where, amount}},
		{api: "v3", methods: post, path: fingpay + "balance-enquiry/{customer_id}", op: BalanceEnquiry, types: asJSON,
			v3Hash: true, handle: enquireBalance, fields: []field{initiator, ref, code, bank, aadhar, where, finger}},
		{api: "v3", methods: post, path: fingpay + "mini-statement/{customer_id}", op: MiniStatement, types: asJSON,
			v3Hash: true, handle: miniStatement, fields: []field{initiator, ref, code, bank, aadhar, where, finger}},
		{api: "v3", methods: post, path: kyc + "otp", op: EKYCOTP, types: asJSON, fields: agent, handle: ekycOTP},
		{api: "v3", methods: put, path: kyc + "otp/verify", op: EKYCVerify, types: asJSON, handle: ekycVerify,
			fields: append(slices.Clone(session), required("otp", sixDigits))},
		{api: "v3", methods: put, path: kyc + "biometric", op: EKYCBiometric, types: asJSON, handle: ekycBiometric,
			fields: append(slices.Clone(session), finger, bank)},
		{api: "v3", methods: put, path: kyc + "biometric/daily", op: DailyKYC, types: asJSON, handle: dailyKYC,
			fields: append(slices.Clone(agent), finger, bank)},
		{api: "v3", methods: put, path: "admin/network/agent/{user_code}/aeps-fingpay/activate", op: AePSActivation,
			types: []string{contentMultipart}, plainAadhaar: true, handle: activateFingpay, fields: fingpayFields()},
		get("v3", "user/collection/aeps-fingpay/get-Mcc-Category", ShopTypes, shopTypes, initiator, optional("user_code", userCode)),
		get("v3", "user/collection/aeps-fingpay/get-states", States, states, initiator, optional("user_code", userCode)),
		{api: "v3", methods: put, path: "admin/network/agent/{user_code}/service/{service_code}/activate",
			op: ServiceActivation, types: asJSON, handle: activateService, fields: []field{initiator, maybeRef}},
		{api: "v3", methods: put, path: "admin/network/agent/{user_code}/service/{service_code}/deactivate",
			op: ServiceDeactivation, types: asJSON, handle: deactivateService, fields: []field{initiator, maybeRef}},
		get("v3", "user/account/services", UserServices, userServices, initiator, code),
		get("v3", "tools/catalog/service-codes", ServiceCatalogue, serviceCatalogue, initiator, optional("user_code", userCode)),
		get("v3", "user/account/balance", WalletBalance, walletBalance, initiator, optional("user_code", userCode)),
		get("v3", "tools/reference/banks", BankList, bankList, initiator, optional("user_code", userCode)),
		get("v3", "tools/reference/banks/ifsc/{ifsc}", BankDetails, bankDetails, initiator, optional("user_code", userCode)),
		get("v3", "tools/reference/bank/{bank_code}", BankDetails, bankDetails, initiator, optional("user_code", userCode)),
		{api: "v3", methods: post, path: "user/payment/aeps/settlement/account", op: SettlementAccountAdd, types: asJSON,
			handle: addSettlementAccount, fields: []field{initiator, maybeRef, code, number("bank_id", wholeNumber),
				required("ifsc", ifsc), number("service_code", oneOf("39")), required("account", accountNo)}},
		get("v3", "user/payment/aeps/settlement/accounts", SettlementAccounts, settlementAccounts, initiator, code),
		{api: "v3", methods: post, path: "user/payment/aeps/settlement", op: Settlement, types: asJSON, handle: settle,
			fields: []field{initiator, ref, code, number("amount", rupees), number("recipient_id", wholeNumber),
				number("payment_mode", oneOf("4", "5", "13"))}},
	}
}

func fingpayFields() []field {
	list := []field{required("initiator_id", mobile), optional("client_ref_id", reference),
		required("aadhar", validAadhaar), required("latlong", latlong), required("ifsc", ifsc), required("account", accountNo)}
	for _, name := range []string{"modelname", "devicenumber", "shop_type", "office_address", "address_as_per_proof",
		"pan_card", "aadhar_front", "aadhar_back"} {
		list = append(list, required(name, anything))
	}
	return list
}

// serviceRoute is v2's aeps for one service_type (eko-api.md section 4.1).
func serviceRoute(r route, serviceType string) route {
	r.fields = []field{
		required("service_type", oneOf("2", "3", "4", "5", "6", "7")),
		required("initiator_id", mobile), required("user_code", userCode), required("customer_id", mobile),
		required("client_ref_id", reference), required("aadhar", anything), required("piddata", pidDocument),
		optional("pipe", nought), optional("notify_customer", flag), optional("latlong", latlong),
		optional("source_ip", ipAddress), optional("reference_tid", anything), optional("reference_id", anything),
	}
	bank, none := required("bank_code", bankCode), required("amount", nought)
	switch serviceType {
	case "2":
		r.op, r.handle, r.fields = CashWithdrawal, withdraw, append(r.fields, bank, required("amount", withdrawable))
	case "3":
		r.op, r.handle, r.fields = BalanceEnquiry, enquireBalance, append(r.fields, bank, none)
	case "4":
		r.op, r.handle, r.fields = MiniStatement, miniStatement, append(r.fields, bank, none)
	case "5":
		r.op, r.handle, r.fields = AadhaarPay, withdraw, append(r.fields, bank, required("amount", withdrawable))
	case "6":
		r.op, r.handle = TwoFactorRegistration, register
		r.fields = append(r.fields, optional("bank_code", bankCode), optional("amount", nought))
	case "7":
		r.op, r.handle = TwoFactorAuthentication, merchantAuth
		r.fields = append(r.fields, optional("bank_code", bankCode), optional("amount", nought))
	default:
		r.fields = append(r.fields, optional("bank_code", anything), optional("amount", anything))
	}
	return r
}
