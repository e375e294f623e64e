package eko

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// ErrAadhaar says that a text is not an Aadhaar number. It never says which text.
var ErrAadhaar = errors.New("not an Aadhaar number: twelve digits with a valid check digit are needed")

// Aadhaar is a customer's or merchant's Aadhaar number. It shows its last four
// digits and nothing else, in every verb of fmt, in JSON and in logs. The zero
// value is no number. Compare two with Equal, not with ==.
type Aadhaar struct{ digits *string }

// ParseAadhaar takes twelve digits, groups of four parted by single blanks or
// hyphens allowed, and verifies the check digit (Verhoeff). The error is
// [ErrAadhaar] and never holds the text.
func ParseAadhaar(text string) (Aadhaar, error) {
	digits, ok := aadhaarDigits(text)
	if !ok || !verhoeff(digits) {
		return Aadhaar{}, ErrAadhaar
	}
	return Aadhaar{&digits}, nil
}

// aadhaarDigits takes the separators out, if they stand where people write them.
func aadhaarDigits(text string) (string, bool) {
	if len(text) == 14 {
		sep := text[4]
		if (sep != ' ' && sep != '-') || text[9] != sep {
			return "", false
		}
		text = text[:4] + text[5:9] + text[10:]
	}
	if len(text) != 12 {
		return "", false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return "", false
		}
	}
	return text, true
}

// IsZero reports whether there is no number.
func (a Aadhaar) IsZero() bool { return a.digits == nil }

// Equal reports whether both are the same number.
func (a Aadhaar) Equal(b Aadhaar) bool { return a.Plain() == b.Plain() }

// Last4 is what a receipt may show. It is empty for the zero value.
func (a Aadhaar) Last4() string {
	if a.digits == nil {
		return ""
	}
	return (*a.digits)[8:]
}

// Plain is the full number, for hashing and encrypting and nothing else, empty
// for the zero value. Whoever calls it must not store, print or log what it
// returns.
func (a Aadhaar) Plain() string {
	if a.digits == nil {
		return ""
	}
	return *a.digits
}

func (a Aadhaar) masked() string { return "XXXXXXXX" + (a.Last4() + "XXXX")[:4] }

// String is the masked form.
func (a Aadhaar) String() string { return a.masked() }

// GoString is the masked form.
func (a Aadhaar) GoString() string { return a.masked() }

// LogValue is the masked form.
func (a Aadhaar) LogValue() slog.Value { return slog.StringValue(a.masked()) }

// MarshalText is the masked form.
func (a Aadhaar) MarshalText() ([]byte, error) { return []byte(a.masked()), nil }

// MarshalJSON is the masked form.
func (a Aadhaar) MarshalJSON() ([]byte, error) { return []byte(`"` + a.masked() + `"`), nil }

// Format answers every verb of package fmt with the masked form.
func (a Aadhaar) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.masked()) }
