package pid_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"sync"
	"testing"
	"time"

	"biobridge/pid"
	"biobridge/pid/pidtest"
)

// takenAt is when every sample was captured.
var takenAt = time.Date(2026, 3, 14, 11, 2, 30, 0, time.FixedZone("IST", 19800))

// sampleSize makes PidData of the size that a finger with images gives.
const sampleSize = 17_000

// newSample seals a block for real and lays it out as a Mantra L1 service does.
func newSample(t testing.TB, spec pidtest.DeviceSpec) pidtest.Document {
	t.Helper()
	d, err := pidtest.NewDocument(pidtest.Simulated(), spec, int(pid.FMRFIR), takenAt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var oneSample = sync.OnceValues(func() (pidtest.Document, error) {
	return pidtest.NewDocument(pidtest.Simulated(), pidtest.DeviceSpec{}, int(pid.FMRFIR), takenAt)
})

func sampleDocument(t testing.TB) pidtest.Document {
	t.Helper()
	d, err := oneSample()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sample is a good document of a Mantra MFS110, as text for editing.
func sample(t testing.TB) string {
	t.Helper()
	return string(sampleDocument(t).XML())
}

// edit replaces the only occurrence of each old text by the new one that
// follows it.
func edit(t testing.TB, doc string, oldnew ...string) string {
	t.Helper()
	for i := 0; i < len(oldnew); i += 2 {
		if n := strings.Count(doc, oldnew[i]); n != 1 {
			t.Fatalf("%q occurs %d times, want once", oldnew[i], n)
		}
		doc = strings.Replace(doc, oldnew[i], oldnew[i+1], 1)
	}
	return doc
}

// content returns what stands between two texts of the document.
func content(t testing.TB, doc, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(doc, before)
	if !ok {
		t.Fatalf("no %q in the document", before)
	}
	text, _, ok := strings.Cut(rest, after)
	if !ok {
		t.Fatalf("no %q behind %q", after, before)
	}
	return text
}

// wrapped breaks base64 into lines as Android's encoder does.
func wrapped(text string) string {
	var b strings.Builder
	for len(text) > 76 {
		b.WriteString(text[:76] + "\n")
		text = text[76:]
	}
	return b.String() + text + "\n"
}

func encoded(size int) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0x5a}, size))
}

func codes(problems []pid.Problem) string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Code+" "+p.Element)
	}
	return strings.Join(list, ", ")
}
