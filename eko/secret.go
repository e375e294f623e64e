package eko

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every secret of this package prints instead of itself.
const redacted = "[redacted]"

// secret is text that shows itself to nothing but the code that sends it. It
// lies behind a pointer because package fmt reads an unexported field without
// asking its methods; a pointer inside a struct it prints as an address.
type secret struct{ text *string }

func newSecret(text string) secret { return secret{&text} }

func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no secret at all.
func (s secret) IsZero() bool { return s.reveal() == "" }

// String, GoString, Format, LogValue, MarshalText and MarshalJSON all answer
// with the same mark and never with the secret.
func (secret) String() string               { return redacted }
func (secret) GoString() string             { return redacted }
func (secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, redacted) }
func (secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// OTP is a one-time password. It redacts itself everywhere; the zero value is
// none.
type OTP struct{ secret }

// NewOTP takes an OTP as the customer or the merchant read it out.
func NewOTP(text string) OTP { return OTP{newSecret(text)} }
