package eko_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"biobridge/eko"
)

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func mustAadhaar(t testing.TB, text string) eko.Aadhaar {
	t.Helper()
	a, err := eko.ParseAadhaar(text)
	if err != nil {
		t.Fatalf("ParseAadhaar: %v", err)
	}
	return a
}

// holder has its secrets where package fmt can't call their methods.
type holder struct {
	aadhaar eko.Aadhaar
	key     eko.AccessKey
	otp     eko.OTP
}

// No verb, no encoding and no log shows a secret, however deep it lies.
func TestSecrets_stayHidden(t *testing.T) {
	const number, key, otp = "999941057058", "c0ffee00-aaaa-4bbb-8ccc-123456789abc", "737373"
	a, k, o := mustAadhaar(t, number), mustKey(t, key), eko.NewOTP(otp)
	values := map[string]any{
		"aadhaar": a, "key": k, "otp": o,
		"pointers":   []any{&a, &k, &o},
		"slices":     []eko.Aadhaar{a},
		"exported":   struct{ A, K, O any }{a, k, o},
		"unexported": holder{a, k, o},
		"pointer to": &holder{a, k, o},
		"request":    eko.Request{Aadhaar: a},
		"signer":     eko.KeySigner{Key: k},
		"config":     eko.Config{Signer: eko.KeySigner{Key: k}},
		"to sign":    eko.SignRequest{Aadhaar: a},
		"in a map":   map[string]any{"a": a, "k": k, "o": o},
	}
	for name, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%10v", "%T %v"} {
			if strings.HasPrefix(verb, "%T") {
				hidden(t, name, fmt.Sprintf(verb, value, value), number, key, otp)
				continue
			}
			hidden(t, name+" "+verb, fmt.Sprintf(verb, value), number, key, otp)
		}
		if j, err := json.Marshal(value); err == nil {
			hidden(t, name+" JSON", string(j), number, key, otp)
		}
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(handler(&b)).Info("message", "value", value)
			hidden(t, name+" log", b.String(), number, key, otp)
		}
	}
}

func hidden(t *testing.T, where, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if containsAny(text, s, fmt.Sprintf("%x", s), fmt.Sprintf("%X", s)) {
			t.Errorf("%s shows a secret: %s", where, text)
		}
	}
}

func TestAadhaar(t *testing.T) {
	// 123412341234 is the seed's, 999941057058 UIDAI's published test number.
	good := map[string]string{
		"the seed's":      "123412341234",
		"UIDAI's":         "999941057058",
		"in blocks":       "9999 4105 7058",
		"with hyphens":    "9999-4105-7058",
		"starting with 0": "012345678906",
	}
	for name, text := range good {
		t.Run(name, func(t *testing.T) {
			a, err := eko.ParseAadhaar(text)
			if err != nil {
				t.Fatalf("ParseAadhaar: %v", err)
			}
			digits := strings.NewReplacer(" ", "", "-", "").Replace(text)
			if a.Plain() != digits || a.Last4() != digits[8:] || a.IsZero() {
				t.Errorf("Plain %q, Last4 %q", a.Plain(), a.Last4())
			}
			if got, want := a.String(), "XXXXXXXX"+digits[8:]; got != want {
				t.Errorf("String = %q, want %q", got, want)
			}
			if !a.Equal(mustAadhaar(t, digits)) || a.Equal(eko.Aadhaar{}) {
				t.Error("Equal does not compare numbers")
			}
		})
	}
	bad := map[string]string{
		"empty":             "",
		"eleven digits":     "12341234123",
		"thirteen digits":   "1234123412345",
		"wrong check digit": "123412341235",
		"two swapped":       "213412341234",
		"a letter":          "12341234123A",
		"mixed separators":  "9999 4105-7058",
		"odd blocks":        "99994 105 7058",
		"other digits":      "१२३४१२३४१२३४",
		"a blank in front":  " 99994105705",
		"minus sign":        "-99994105705",
	}
	for name, text := range bad {
		t.Run(name, func(t *testing.T) {
			a, err := eko.ParseAadhaar(text)
			if !errors.Is(err, eko.ErrAadhaar) || !a.IsZero() {
				t.Fatalf("ParseAadhaar = %v, %v; want ErrAadhaar", a, err)
			}
			if text != "" && strings.Contains(err.Error(), text) {
				t.Errorf("the error holds the text: %v", err)
			}
		})
	}
	if zero := (eko.Aadhaar{}); zero.Last4() != "" || zero.Plain() != "" || zero.String() != "XXXXXXXXXXXX" {
		t.Errorf("the zero value shows %q, %q, %q", zero.Last4(), zero.Plain(), zero.String())
	}
}

// One wrong digit and two neighbours swapped are what Verhoeff finds always.
func TestAadhaar_findsEverySlip(t *testing.T) {
	const number = "999941057058"
	for i := range number {
		for d := byte('0'); d <= '9'; d++ {
			slip := []byte(number)
			if slip[i] == d {
				continue
			}
			slip[i] = d
			if _, err := eko.ParseAadhaar(string(slip)); err == nil {
				t.Errorf("digit %d wrong: accepted", i+1)
			}
		}
		if i > 0 && number[i] != number[i-1] {
			slip := []byte(number)
			slip[i], slip[i-1] = slip[i-1], slip[i]
			if _, err := eko.ParseAadhaar(string(slip)); err == nil {
				t.Errorf("digits %d and %d swapped: accepted", i, i+1)
			}
		}
	}
}

func asRefusal(err error) (*eko.Refusal, bool) { return errors.AsType[*eko.Refusal](err) }
