package ekosim

import "slices"

// Bank is an issuing bank of the simulated network.
type Bank struct {
	// Code is Eko's bank_code.
	Code string `json:"code"`
	Name string `json:"name"`
	// FType is the one PidOptions value the bank accepts: 2 (FMR and FIR in one
	// block), or 0 for a bank that is not live with it.
	FType int `json:"ftype"`
	// Down says that the bank does not answer today (code 544).
	Down bool `json:"down,omitempty"`
	// EkoID is Eko's bank_id, IFSC the bank's head office.
	EkoID int    `json:"bank_id"`
	IFSC  string `json:"ifsc"`
}

// DefaultBanks returns the banks of a simulator that is told nothing else. Which
// real banks still want fType 0 is not published, so those here are invented.
func DefaultBanks() []Bank {
	return []Bank{
		{Code: "SBIN", Name: "State Bank of India (simulated)", FType: 2, EkoID: 108, IFSC: "SBIN0000001"},
		{Code: "HDFC", Name: "HDFC Bank (simulated)", FType: 2, EkoID: 39, IFSC: "HDFC0000001"},
		{Code: "PUNB", Name: "Punjab National Bank (simulated)", FType: 2, EkoID: 90, IFSC: "PUNB0000001"},
		{Code: "IDFB", Name: "IDFC Bank (simulated)", FType: 2, EkoID: 262, IFSC: "IDFB0000001"},
		{Code: "SIMG", Name: "Simulated Gramin Bank (fType 0)", FType: 0, EkoID: 9001, IFSC: "SIMG0000001"},
		{Code: "SIMC", Name: "Simulated Co-operative Bank (fType 0)", FType: 0, EkoID: 9002, IFSC: "SIMC0000001"},
		{Code: "SIMD", Name: "Simulated Bank Down", FType: 2, Down: true, EkoID: 9003, IFSC: "SIMD0000001"},
	}
}

// Account is a customer's account at one bank. The simulator knows people by
// Aadhaar number alone, all of them invented.
type Account struct {
	Aadhaar  string `json:"aadhaar"`
	BankCode string `json:"bank_code"`
	Name     string `json:"name"`
	Balance  Paise  `json:"balance"`
	// Mismatch says that this person's finger never matches (UIDAI's 300).
	Mismatch bool `json:"mismatch,omitempty"`
	// Locked says that the holder has locked his biometrics (UIDAI's 330).
	Locked    bool           `json:"locked,omitempty"`
	Statement []StatementRow `json:"statement,omitempty"`
}

// StatementRow is a line of a mini statement, in the bank's own text.
type StatementRow struct {
	Date      string `json:"date"`
	Amount    string `json:"amount"`
	TxnType   string `json:"txnType"`
	Narration string `json:"narration"`
}

// DefaultAccounts returns the people of a simulator that is told nothing else.
func DefaultAccounts() []Account {
	rows := sampleStatement()
	return []Account{
		{Aadhaar: "123412341234", BankCode: "SBIN", Name: "Asha Devi", Balance: Rupees(25_000), Statement: rows},
		{Aadhaar: "123412341234", BankCode: "HDFC", Name: "Asha Devi", Balance: 875_050, Statement: rows[:2]},
		{Aadhaar: "123412341234", BankCode: "SIMG", Name: "Asha Devi", Balance: Rupees(6_200), Statement: rows[1:]},
		{Aadhaar: "999941057058", BankCode: "SBIN", Name: "Ramesh Kumar", Balance: Rupees(50_000_000), Statement: rows},
		{Aadhaar: "999941057058", BankCode: "PUNB", Name: "Ramesh Kumar", Balance: 1_234_567, Statement: rows},
		{Aadhaar: "999900000016", BankCode: "SBIN", Name: "Poor Balance", Balance: 3_075, Statement: rows[:1]},
		{Aadhaar: "999900000028", BankCode: "SBIN", Name: "Worn Fingers", Balance: Rupees(10_000), Mismatch: true, Statement: rows},
		{Aadhaar: "999900000037", BankCode: "SBIN", Name: "Locked Holder", Balance: Rupees(10_000), Locked: true, Statement: rows},
		{Aadhaar: "999900000044", BankCode: "SIMC", Name: "Only Cooperative", Balance: Rupees(9_999), Statement: rows},
		{Aadhaar: "999900000059", BankCode: "HDFC", Name: "No Statement", Balance: Rupees(4_000)},
	}
}

// sampleStatement mixes what was seen of banks: dates with and without a year,
// narrations padded with blanks (eko-api.md section 5.2).
func sampleStatement() []StatementRow {
	return []StatementRow{
		{Date: "14/11", Amount: "500.00", TxnType: "Dr", Narration: "MAT/W/000123"},
		{Date: "09/11/2026", Amount: "12000.00", TxnType: "Cr", Narration: "NEFT-SIMULATED SALARY     "},
		{Date: "02/11", Amount: "1,250.50", TxnType: "Dr", Narration: "POS/W/000456 <simulated & co>"},
		{Date: "28/10", Amount: "75.00", TxnType: "Dr", Narration: ""},
		{Date: "21/10", Amount: "2000.0", TxnType: "Cr", Narration: "MAT/D/000789"},
	}
}

// bank returns the bank of that code. The caller holds no lock: banks don't
// change.
func (s *Server) bank(code string) (Bank, bool) {
	i := slices.IndexFunc(s.opts.Banks, func(b Bank) bool { return b.Code == code })
	if i < 0 {
		return Bank{}, false
	}
	return s.opts.Banks[i], true
}

type accountKey struct{ aadhaar, bankCode string }

// validAadhaar reports whether the text is twelve digits whose last one is their
// Verhoeff check digit.
func validAadhaar(text string) bool {
	if len(text) != 12 || !digits(text) {
		return false
	}
	check := 0
	for i := range len(text) {
		digit := int(text[len(text)-1-i] - '0')
		check = verhoeffTimes(check, verhoeffPermute(i, digit))
	}
	return check == 0
}

// verhoeffTimes multiplies in the dihedral group of ten elements, on which the
// check digit of an Aadhaar number is built.
func verhoeffTimes(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return (a+b)%5 + 5
	case b < 5:
		return (a-b)%5 + 5
	default:
		return ((a-b)%5 + 5) % 5
	}
}

// verhoeffPermute applies the scheme's permutation as often as the position says.
func verhoeffPermute(position, digit int) int {
	step := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	for range position % 8 {
		digit = step[digit]
	}
	return digit
}

func digits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}
