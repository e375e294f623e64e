package vault

import (
	"fmt"
	"log/slog"
)

const redacted = "[secret]"

// Secret is the content of a sealed entry. It prints as a placeholder in every
// verb, in JSON and in logs; convert it to a string only where it is used.
type Secret []byte

// String returns a placeholder.
func (Secret) String() string { return redacted }

// GoString returns a placeholder.
func (Secret) GoString() string { return redacted }

// Format writes a placeholder for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a placeholder, for JSON and every other encoder.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Wipe overwrites the secret with zeroes. Copies that the runtime or a caller
// made are out of its reach.
func (s Secret) Wipe() { clear(s) }
