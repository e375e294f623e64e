package pid

import (
	"fmt"
	"io"
	"log/slog"
)

// OTP is a customer's one-time password. It shows as [otp] in every fmt verb,
// in JSON and in logs; string(otp) is the way to its content. (%w is for errors
// alone: vet refuses it here.)
type OTP string

const hiddenOTP = "[otp]"

// Format implements fmt.Formatter for every verb.
func (OTP) Format(f fmt.State, _ rune) { io.WriteString(f, hiddenOTP) }

// String implements fmt.Stringer.
func (OTP) String() string { return hiddenOTP }

// MarshalText implements encoding.TextMarshaler, which JSON and TOML follow.
func (OTP) MarshalText() ([]byte, error) { return []byte(hiddenOTP), nil }

// LogValue implements slog.LogValuer.
func (OTP) LogValue() slog.Value { return slog.StringValue(hiddenOTP) }
