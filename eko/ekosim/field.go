package ekosim

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// field is a member of a request as the documents have it.
type field struct {
	name     string
	optional bool
	// number says that JSON carries it as a number and not as text.
	number bool
	valid  func(string) bool
}

func required(name string, valid func(string) bool) field { return field{name: name, valid: valid} }

func optional(name string, valid func(string) bool) field {
	return field{name: name, valid: valid, optional: true}
}

func number(name string, valid func(string) bool) field {
	return field{name: name, valid: valid, number: true}
}

var (
	mobilePattern    = regexp.MustCompile(`^[6-9][0-9]{9}$`)
	userCodePattern  = regexp.MustCompile(`^[0-9]{8}$`)
	bankCodePattern  = regexp.MustCompile(`^[A-Z]{4}$`)
	ifscPattern      = regexp.MustCompile(`^[A-Z]{4}0[A-Z0-9]{6}$`)
	latlongPattern   = regexp.MustCompile(`^-?[0-9]{1,2}(\.[0-9]+)?,-?[0-9]{1,3}(\.[0-9]+)?$`)
	referencePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,20}$`)
	rupeesPattern    = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)
	otpPattern       = regexp.MustCompile(`^[0-9]{6}$`)
	accountPattern   = regexp.MustCompile(`^[0-9]{9,18}$`)
)

func anything(text string) bool  { return strings.TrimSpace(text) != "" }
func mobile(text string) bool    { return mobilePattern.MatchString(text) }
func userCode(text string) bool  { return userCodePattern.MatchString(text) }
func bankCode(text string) bool  { return bankCodePattern.MatchString(text) }
func ifsc(text string) bool      { return ifscPattern.MatchString(text) }
func latlong(text string) bool   { return latlongPattern.MatchString(text) }
func reference(text string) bool { return referencePattern.MatchString(text) }
func rupees(text string) bool    { return rupeesPattern.MatchString(text) }
func sixDigits(text string) bool { return otpPattern.MatchString(text) }
func accountNo(text string) bool { return accountPattern.MatchString(text) }
func wholeNumber(s string) bool  { return digits(s) && len(s) < 10 }
func flag(text string) bool      { return text == "0" || text == "1" }
func nought(text string) bool    { return text == "0" }
func ipAddress(text string) bool { _, err := netip.ParseAddr(text); return err == nil }
func pidDocument(s string) bool  { return strings.Contains(s, "<PidData") }

// withdrawable holds for what one transaction may ask for: whole rupees up to
// 10,000 (eko-api.md section 11).
func withdrawable(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return rupees(text) && err == nil && n > 0 && n <= maxRupees
}

const maxRupees = 10_000

func oneOf(texts ...string) func(string) bool {
	return func(text string) bool {
		for _, t := range texts {
			if t == text {
				return true
			}
		}
		return false
	}
}

// complaint is an entry of invalid_params. It never repeats the value.
type complaint struct{ field, text string }

// checkFields compares what came with what is expected, in both directions.
func checkFields(values map[string]value, expected []field) []complaint {
	var complaints []complaint
	known := map[string]bool{}
	for _, f := range expected {
		known[f.name] = true
		v, present := values[f.name]
		switch {
		case !present && f.optional:
		case !present:
			complaints = append(complaints, complaint{f.name, "Please provide the value of the field"})
		case !f.fits(v):
			complaints = append(complaints, complaint{f.name, "Please provide the value of the field as " + f.kind()})
		case !f.valid(v.text):
			complaints = append(complaints, complaint{f.name, "Please provide a valid value of the field"})
		}
	}
	for name := range values {
		if !known[name] {
			complaints = append(complaints, complaint{name, "There is no such field"})
		}
	}
	return complaints
}

// fits reports whether the JSON type is the documented one. A form or a query
// has text only, which fits everything.
func (f field) fits(v value) bool {
	if v.kind == kindForm {
		return true
	}
	if f.number {
		return v.kind == kindNumber
	}
	return v.kind == kindText
}

func (f field) kind() string {
	if f.number {
		return "a number"
	}
	return "text"
}
