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
