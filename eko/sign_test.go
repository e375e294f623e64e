package eko_test

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"biobridge/eko"
)

// vector is one entry of testdata/signing-vectors.json: signatures that Eko
// published, and others that four languages computed alike.
type vector struct {
	ID               string
	Key              string
	Timestamp        string
	Aadhaar          *string
	Amount           *string
	UserCode         *string `json:"user_code"`
	CustomerID       string  `json:"customer_id"`
	RecipientID      string  `json:"recipient_id"`
	UtilityAccNo     string  `json:"utility_acc_no"`
	SecretKey        string  `json:"secret_key"`
	RequestHash      string  `json:"request_hash"`
	RequestHashTexts string  `json:"request_hash_message"`
	Negative         bool
}

func vectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/signing-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func mustKey(t testing.TB, text string) eko.AccessKey {
	t.Helper()
	key, err := eko.ParseAccessKey(text)
	if err != nil {
		t.Fatalf("ParseAccessKey: %v", err)
	}
	return key
}

// parts is what the vector's hash covers after the timestamp, in the order of
// its scheme (eko-api.md section 2.2).
func (v vector) parts() []string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	switch {
	case v.RequestHash == "":
		return nil
	case v.RecipientID != "": // Connect widget, interactions 221 and 279
		return []string{v.CustomerID, v.RecipientID, text(v.Amount)}
	case v.UtilityAccNo != "": // BBPS
		return []string{v.UtilityAccNo, text(v.Amount), text(v.UserCode)}
	case v.CustomerID != "": // popup gateway; types 3 and 4 without the amount
		return []string{v.CustomerID, text(v.Amount), text(v.UserCode)}
	case v.Aadhaar != nil:
		return []string{*v.Aadhaar, text(v.Amount), text(v.UserCode)}
	}
	return []string{""} // Connect widget, interaction 149: the timestamp alone
}

func TestSign_vectors(t *testing.T) {
	good := 0
	for _, v := range vectors(t) {
		if v.Negative {
			continue
		}
		good++
		t.Run(v.ID, func(t *testing.T) {
			ms, err := strconv.ParseInt(v.Timestamp, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			got := eko.Sign(mustKey(t, v.Key), ms, v.parts()...)
			want := eko.Signature{SecretKey: v.SecretKey, Timestamp: v.Timestamp, RequestHash: v.RequestHash}
			if got.SecretKey != want.SecretKey || got.Timestamp != want.Timestamp || got.RequestHash != want.RequestHash {
				t.Errorf("Sign = %+v, want %+v", got, want)
			}
			if err := eko.Verify(mustKey(t, v.Key), want, v.parts()...); err != nil {
				t.Errorf("Verify = %v, want nil", err)
			}
		})
	}
	if good != 24 {
		t.Errorf("%d good vectors, want 24: the file is not whole", good)
	}
}

// The four deliberate mistakes: a raw key, the developer key, the gateway's order
// on the direct API, seconds instead of milliseconds.
func TestSign_deliberateMistakes(t *testing.T) {
	bad := 0
	for _, v := range vectors(t) {
		if !v.Negative {
			continue
		}
		bad++
		t.Run(v.ID, func(t *testing.T) {
			s := eko.Signature{SecretKey: v.SecretKey, Timestamp: v.Timestamp, RequestHash: v.RequestHash}
			fits := eko.Verify(mustKey(t, v.Key), s, v.parts()...)
			if now := time.Unix(1700000000, 0); fits == nil {
				fits = s.Check(now)
			}
			if !errors.Is(fits, eko.ErrSignature) {
				t.Errorf("the mistake passes: %v", fits)
			}
		})
	}
	if bad != 4 {
		t.Errorf("%d deliberate mistakes, want 4: the file is not whole", bad)
	}
}

// The seeds print two staging keys. Only one of them makes the pair that the FAQ
// prints beside the other.
func TestSign_whichKeyMadeThePairOfTheFAQ(t *testing.T) {
	const stamp, pair = 1516705204593, "MC6dKW278tBef+AuqL/5rW2K3WgOegF0ZHLW/FriZQw="
	for key, want := range map[string]bool{
		"f74c50a1-f705-4634-9cda-30a477df91b7": true,
		"d2fe1d99-6298-4af2-8cc5-d97dcf46df30": false,
	} {
		if got := eko.Sign(mustKey(t, key), stamp).SecretKey == pair; got != want {
			t.Errorf("key %s… makes the pair: %v, want %v", key[:8], got, want)
		}
	}
}

func TestSignature_Check(t *testing.T) {
	now := time.UnixMilli(1700000000000)
	key := mustKey(t, "d2fe1d99-6298-4af2-8cc5-d97dcf46df30")
	fresh := eko.Sign(key, now.UnixMilli(), "123412341234", "500", "20810200")
	with := func(change func(*eko.Signature)) eko.Signature {
		s := fresh
		change(&s)
		return s
	}
	tests := map[string]struct {
		s    eko.Signature
		good bool
	}{
		"fresh":              {fresh, true},
		"without a hash":     {eko.Sign(key, now.UnixMilli()), true},
		"nine minutes ahead": {eko.Sign(key, now.Add(9*time.Minute).UnixMilli()), true},
		"eleven minutes old": {eko.Sign(key, now.Add(-11*time.Minute).UnixMilli()), false},
		"in seconds":         {eko.Sign(key, now.Unix()), false},
		"no timestamp":       {with(func(s *eko.Signature) { s.Timestamp = "" }), false},
		"a float":            {with(func(s *eko.Signature) { s.Timestamp = "1.7E12" }), false},
		"a leading zero":     {with(func(s *eko.Signature) { s.Timestamp = "0" + s.Timestamp }), false},
		"no secret-key":      {with(func(s *eko.Signature) { s.SecretKey = "" }), false},
		"a short secret-key": {with(func(s *eko.Signature) { s.SecretKey = "c2hvcnQ=" }), false},
		"a cut hash":         {with(func(s *eko.Signature) { s.RequestHash = s.RequestHash[:20] }), false},
		"hexadecimal":        {with(func(s *eko.Signature) { s.SecretKey = "a88888ca1" }), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := tt.s.Check(now); (err == nil) != tt.good || (err != nil && !errors.Is(err, eko.ErrSignature)) {
				t.Errorf("Check = %v, want good %v", err, tt.good)
			}
		})
	}
}

func TestParseAccessKey_refuses(t *testing.T) {
	const key = "d2fe1d99-6298-4af2-8cc5-d97dcf46df30"
	tests := map[string]string{
		"empty":              "",
		"newline at the end": key + "\n",
		"Windows line end":   key + "\r\n",
		"byte-order mark":    "\ufeff" + key,
		"UTF-16":             "\xff\xfed\x002\x00",
		"blank in front":     " " + key,
		"tab":                key[:5] + "\t" + key[5:],
		"non-breaking space": key + "\u00a0",
		"fancy hyphen":       "d2fe1d99‐6298",
		"zero byte":          key + "\x00",
		"a whole file":       string(make([]byte, 1000)),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := eko.ParseAccessKey(text)
			if !errors.Is(err, eko.ErrAccessKey) || !got.IsZero() {
				t.Fatalf("ParseAccessKey = %v, %v; want ErrAccessKey and no key", got, err)
			}
			if containsAny(err.Error(), "d2fe1d99", key[8:]) {
				t.Errorf("the error holds the key: %v", err)
			}
		})
	}
}
