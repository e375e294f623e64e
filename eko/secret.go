package eko

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every secret of this package prints instead of itself.
const redacted = "[redacted]"

// secret is text that shows itself to nothing but the code that sends it.
type secret struct{ text string }

func (secret) String() string               { return redacted }
func (secret) GoString() string             { return redacted }
func (secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Format answers every verb of package fmt.
func (secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// IsZero reports whether there is no secret at all.
func (s secret) IsZero() bool { return s.text == "" }

// OTP is a one-time password. It redacts itself everywhere.
type OTP struct{ secret }

// NewOTP takes an OTP as the customer read it out.
func NewOTP(text string) OTP { return OTP{secret{text}} }
