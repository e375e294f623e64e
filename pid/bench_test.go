package pid_test

import (
	"strings"
	"testing"

	"biobridge/pid"
)

// BenchmarkCheck17kB reads and checks a document of the size that a finger with
// images gives, as each capture is before it costs money.
func BenchmarkCheck17kB(b *testing.B) {
	doc := sample(b)
	if len(doc) < sampleSize {
		data := content(b, doc, `<Data type="X">`, "<")
		doc = strings.Replace(doc, data, data[:400]+strings.Repeat("AAAA", (sampleSize-len(doc))/4)+data[400:], 1)
	}
	raw := []byte(doc)
	policy := requested(pid.Options{FCount: 1, FType: pid.FMRFIR})
	policy.Seen = func([32]byte) bool { return false }
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		c, err := pid.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		if v := policy.Check(c, takenAt); len(v.Problems) > 0 {
			b.Fatal(codes(v.Problems))
		}
	}
}

func BenchmarkOptionsXML(b *testing.B) {
	options := finger()
	b.ReportAllocs()
	for b.Loop() {
		_ = options.XML()
	}
}
