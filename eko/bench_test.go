package eko_test

import (
	"testing"

	"biobridge/eko"
)

// What the bridge adds to a request before it leaves: signature, encryption of
// the Aadhaar number, body. Goal: under a millisecond.
func BenchmarkBuild(b *testing.B) {
	_, public := testPair(b)
	key, err := eko.ParsePublicKey(public)
	if err != nil {
		b.Fatal(err)
	}
	build := eko.BenchBuild(key, mustKey(b, stagingKeyText), withdrawal(b))
	b.ReportAllocs()
	for b.Loop() {
		if err := build(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	key := mustKey(b, stagingKeyText)
	b.ReportAllocs()
	for b.Loop() {
		eko.Sign(key, 1700000000000, "123412341234", "500", "20810200")
	}
}

func BenchmarkDecide(b *testing.B) {
	e := eko.Evidence{Service: eko.MiniStatement, ClientRefID: "REF1", Sent: true, HTTPStatus: 200, Body: []byte(miniStatement)}
	b.ReportAllocs()
	for b.Loop() {
		if o := eko.Decide(e); o.State != eko.Succeeded {
			b.Fatal(o.Reason)
		}
	}
}

// A transaction over TLS on this computer: with a connection that Reach or the
// last transaction left warm, and with a new one. The difference is what keeping
// it saves, without the distance to Eko.
func BenchmarkSubmit(b *testing.B) {
	config, pool := authority(b)
	s := newWireServer(b, config, always(withdrawn))
	cfg := testConfig(b, s.url())
	cfg.Roots = pool
	r := withdrawal(b)
	b.Run("warm", func(b *testing.B) {
		c := newClient(b, cfg)
		for b.Loop() {
			wantState(b, c.Submit(b.Context(), r), eko.Succeeded)
		}
	})
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			c := newClient(b, cfg)
			wantState(b, c.Submit(b.Context(), r), eko.Succeeded)
			_ = c.Close()
		}
	})
}
