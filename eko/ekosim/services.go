package ekosim

import (
	"slices"
	"strconv"
	"time"
)

// userServices tells the state of every service of a merchant.
func userServices(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, known := x.s.merchants[x.fields["user_code"]]
	if !known {
		return refusal(463, "User not found")
	}
	codes := []int{}
	for code := range m.Services {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	list := []object{}
	for _, code := range codes {
		list = append(list, m.serviceStatus(code))
	}
	return envelope(0, -1, 1299, "Status of services for this user", object{
		{"user_code", m.UserCode}, {"initiator_id", x.fields["initiator_id"]}, {"service_status_list", list}})
}

func (m *merchant) serviceStatus(code int) object {
	status := m.Services[code]
	verified := map[int]int{ServiceDeactivated: 0, ServiceActivated: 1, ServicePending: 3}[status]
	at := m.changed.In(ist).Format(time.DateTime) + ".0"
	return object{
		{"service_code", strconv.Itoa(code)}, {"status", status},
		{"status_desc", []string{"DEACTIVATED", "ACTIVATED", "PENDING"}[status]},
		{"verification_status", verified}, {"createdAt", at}, {"updatedAt", at},
		{"comments", nil}, {"city", nil}, {"state", nil}, {"mobile", nil},
		{"user_name", nil}, {"user_code", nil}, {"service_provider", nil},
	}
}

func serviceCatalogue(x *exchange) object {
	list := []object{}
	for _, row := range [][3]string{
		{"4", "Pan Verification", "NSDL"}, {"39", "AePS Fund Settlement", "Yes Bank"},
		{"43", "AEPS", "Fingpay"}, {"52", "AePS API", "Fino"}, {"53", "BBPS", ""},
	} {
		list = append(list, object{{"service_code", row[0]}, {"service_name", row[1]}, {"provider_name", row[2]}})
	}
	return envelope(0, -1, 1280, "List of active services", object{{"service_list", list}})
}

// activateService asks for a service. On v1 it is pending until somebody at Eko
// has looked at the documents ([Server.SetService] is that somebody), but for
// settlement, which needs none; v3's sample says that it is active at once.
func activateService(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, known := x.s.merchants[x.fields["user_code"]]
	if !known {
		return refusal(1297, "This user does not exist")
	}
	code, _ := strconv.Atoi(x.fields["service_code"]) // digits, by the field's rule
	state, description := ServicePending, "Pending"
	if code == ServiceSettlement || m.may(code) || x.api == "v3" {
		state, description = ServiceActivated, "Activated"
	}
	m.Services[code], m.changed = state, x.s.now()
	if x.api == "v3" {
		return envelope(0, 0, 0, "Service activated successfully.", object{})
	}
	return x.activationAnswer(m, code, state, description)
}

func (x *exchange) activationAnswer(m *merchant, code, state int, description string) object {
	return envelope(0, 0, 1259, "Service activation request accepted", object{
		{"service_status_desc", description}, {"service_status", strconv.Itoa(state)},
		{"service_code", strconv.Itoa(code)}, {"user_code", m.UserCode},
		{"initiator_id", x.fields["initiator_id"]}, {"balance", ""}, {"remarks", ""}})
}

func deactivateService(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, known := x.s.merchants[x.fields["user_code"]]
	if !known {
		return refusal(1297, "This user does not exist")
	}
	code, _ := strconv.Atoi(x.fields["service_code"])
	m.Services[code], m.changed = ServiceDeactivated, x.s.now()
	return envelope(0, 0, 0, "Service deactivated successfully.", object{})
}

// activateFingpay is v3's activation with documents.
func activateFingpay(x *exchange) object {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	m, known := x.s.merchants[x.fields["user_code"]]
	if !known {
		return envelope(1297, 1, 1297, "This user does not exist", object{{"initiator_id", ""}})
	}
	m.Services[ServiceFingpay], m.changed = ServiceActivated, x.s.now()
	return x.activationAnswer(m, ServiceFingpay, ServiceActivated, "Activated")
}

func walletBalance(x *exchange) object {
	// The sample writes the balance in exponents: 2.20834002375E9.
	return envelope(0, -1, 1, "SUCCESS", object{{"balance", "2.20834002375E9"}, {"currency", "INR"},
		{"customer_id", x.fields["initiator_id"]}, {"last_used_okekey", "0"}})
}

// bankDetails is a transfer API: it knows banks, not whether AePS works there.
func bankDetails(x *exchange) object {
	code, asked := x.fields["bank_code"], x.fields["ifsc"]
	i := slices.IndexFunc(x.s.opts.Banks, func(b Bank) bool {
		return code != "" && b.Code == code || asked != "" && b.Code == asked[:4]
	})
	if i < 0 {
		return refusal(467, "Please provide valid bank details")
	}
	b := x.s.opts.Banks[i]
	data := object{{"bank_id", b.EkoID}, {"ifsc_status", 4}, {"available_channels", 0},
		{"isverificationavailable", "1"}, {"user_code", x.fields["user_code"]}}
	if code != "" {
		return envelope(0, 0, 466, "Bank Detials Found", data.put("code", b.Code).put("name", b.Name))
	}
	return envelope(0, -1, 414, "Success ! Found bank Details for given Ifsc",
		data.put("bank", b.Name).put("ifsc", asked).put("branch", "SIMULATED"))
}

// bankList is listed without an answer in the documents; this shape is made up.
func bankList(x *exchange) object {
	list := []object{}
	for _, b := range x.s.opts.Banks {
		list = append(list, object{{"bank_id", b.EkoID}, {"code", b.Code}, {"name", b.Name}})
	}
	return envelope(0, -1, -1, "List of banks", object{{"bank_list", list}})
}

func shopTypes(x *exchange) object {
	return listAnswer(2110, []object{
		{{"label", "Groceries and supermarkets"}, {"value", 5411}},
		{{"label", "Electronics Shops"}, {"value", 5732}},
	})
}

func states(x *exchange) object {
	return listAnswer(2127, []object{
		{{"stateCode", "DL"}, {"label", "Delhi"}, {"value", 7}},
		{{"stateCode", "MH"}, {"label", "Maharashtra"}, {"value", 15}},
	})
}

// listAnswer has param_attributes where other answers have data.
func listAnswer(responseTypeID int, list []object) object {
	return envelope(0, 0, responseTypeID, "Success", nil).put("param_attributes", object{{"list_elements", list}})
}
