package eko_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"biobridge/eko"
)

func TestKeySlot(t *testing.T) {
	const text = "canary-access-key"
	var slot eko.KeySlot
	request := eko.SignRequest{TimestampMS: 1700000000000, UserCode: "20810200", HashParams: []string{eko.HashUserCode}}
	without := func(when string) {
		t.Helper()
		if _, err := slot.Check(t.Context(), request); !errors.Is(err, eko.ErrNoKey) || !slot.Empty() {
			t.Errorf("%s: Check = %v, Empty = %v", when, err, slot.Empty())
		}
		if s, _, err := slot.Sign(t.Context(), request); !errors.Is(err, eko.ErrNoKey) || s.SecretKey != "" {
			t.Errorf("%s: Sign = %+v, %v", when, s, err)
		}
	}
	without("at first")
	slot.Put(mustKey(t, text))
	if _, err := slot.Check(t.Context(), request); err != nil || slot.Empty() {
		t.Errorf("Check = %v, Empty = %v", err, slot.Empty())
	}
	got, _, err := slot.Sign(t.Context(), request)
	want, _, _ := eko.KeySigner{Key: mustKey(t, text)}.Sign(t.Context(), request)
	if err != nil || got.SecretKey != want.SecretKey || got.RequestHash != want.RequestHash || got.RequestHash == "" {
		t.Errorf("Sign = %+v, %v, want %+v", got, err, want)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if said := fmt.Sprintf(verb, &slot); strings.Contains(said, text) {
			t.Errorf("%s shows the key: %s", verb, said)
		}
	}
	slot.Put(eko.AccessKey{})
	without("taken away")
}
