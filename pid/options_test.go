package pid_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"biobridge/pid"
)

var update = flag.Bool("update", false, "write the golden files anew")

const ekycWadh = "E0jzJ/P8UopUHAieZn8CKqS4WPMi5ZSYXgfnlfkWjrc="

// finger returns what a transaction asks for.
func finger() pid.Options {
	return pid.Options{FCount: 1, FType: pid.FMRFIR, Timeout: 10 * time.Second}
}

func with(change func(*pid.Options)) pid.Options {
	o := finger()
	change(&o)
	return o
}

func TestOptions_XML(t *testing.T) {
	for name, options := range map[string]pid.Options{
		"transaction": finger(),
		"minutiae":    with(func(o *pid.Options) { o.FType = pid.FMR; o.Timeout = 30 * time.Second }),
		"ekyc":        with(func(o *pid.Options) { o.Wadh = ekycWadh }),
		"otp":         with(func(o *pid.Options) { o.OTP = "123456" }),
		"two_thumbs": with(func(o *pid.Options) {
			o.FCount, o.Posh, o.Env = 2, "LEFT_THUMB,RIGHT_THUMB", "PP"
		}),
		"iris":            {ICount: 2, Timeout: 20 * time.Second},
		"finger_and_iris": with(func(o *pid.Options) { o.ICount = 1 }),
	} {
		t.Run(name, func(t *testing.T) {
			if err := options.Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			got := options.XML()
			golden := filepath.Join("testdata", "options", name+".xml")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("XML() =\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestOptions_XML_Escapes(t *testing.T) {
	got := with(func(o *pid.Options) { o.OTP = `"><x a="&` }).XML()
	var seen []string
	dec := xml.NewDecoder(bytes.NewReader(got))
	for {
		token, err := dec.Token()
		if err != nil {
			break
		}
		if start, ok := token.(xml.StartElement); ok {
			seen = append(seen, start.Name.Local)
		}
	}
	if strings.Join(seen, " ") != "PidOptions Opts" {
		t.Errorf("elements %v of %s, want PidOptions and Opts alone", seen, got)
	}
}

func TestOptions_Validate(t *testing.T) {
	set := func(change func(*pid.Options)) pid.Options { return with(change) }
	for _, test := range []struct {
		name      string
		options   pid.Options
		attribute string // "" is valid
	}{
		{"transaction", finger(), ""},
		{"nothing asked for", pid.Options{Timeout: 10 * time.Second}, "fCount"},
		{"ten fingers of minutiae", set(func(o *pid.Options) { o.FType, o.FCount = pid.FMR, 10 }), ""},
		{"eleven fingers", set(func(o *pid.Options) { o.FType, o.FCount = pid.FMR, 11 }), "fCount"},
		{"fewer than no fingers", set(func(o *pid.Options) { o.FCount = -1 }), "fCount"},
		{"two fingers with images", set(func(o *pid.Options) { o.FCount = 2 }), ""},
		{"three fingers with images", set(func(o *pid.Options) { o.FCount = 3 }), "fCount"},
		{"three fingers as images", set(func(o *pid.Options) { o.FType, o.FCount = pid.FIR, 3 }), "fCount"},
		{"unknown type", set(func(o *pid.Options) { o.FType = 3 }), "fType"},
		{"negative type", set(func(o *pid.Options) { o.FType = -1 }), "fType"},
		{"finger and iris", set(func(o *pid.Options) { o.ICount = 1 }), ""},
		{"three irises", set(func(o *pid.Options) { o.ICount = 3 }), "iCount"},
		{"fewer than no irises", set(func(o *pid.Options) { o.ICount = -1 }), "iCount"},
		{"no timeout", set(func(o *pid.Options) { o.Timeout = 0 }), "timeout"},
		{"a second", set(func(o *pid.Options) { o.Timeout = time.Second }), "timeout"},
		{"just over a second", set(func(o *pid.Options) { o.Timeout = 1001 * time.Millisecond }), ""},
		{"five digits of milliseconds", set(func(o *pid.Options) { o.Timeout = 99999 * time.Millisecond }), ""},
		{"six digits", set(func(o *pid.Options) { o.Timeout = 100 * time.Second }), "timeout"},
		{"otp", set(func(o *pid.Options) { o.OTP = "123456" }), ""},
		{"otp of letters", set(func(o *pid.Options) { o.OTP = "AZaz019876543210" }), ""},
		{"otp with letters of another script", set(func(o *pid.Options) { o.OTP = "१२३४" }), "otp"},
		{"otp with what lies between the letters", set(func(o *pid.Options) { o.OTP = "A[a" }), "otp"},
		{"long otp", set(func(o *pid.Options) { o.OTP = "12345678901234567" }), "otp"},
		{"otp with blank", set(func(o *pid.Options) { o.OTP = "12 34" }), "otp"},
		{"wadh", set(func(o *pid.Options) { o.Wadh = ekycWadh }), ""},
		{"short wadh", set(func(o *pid.Options) { o.Wadh = "AAAA" }), "wadh"},
		{"wadh in hex", set(func(o *pid.Options) { o.Wadh = strings.Repeat("ab", 32) }), "wadh"},
		{"wadh with line break", set(func(o *pid.Options) { o.Wadh = ekycWadh + "\n" }), "wadh"},
		{"unknown finger", set(func(o *pid.Options) { o.Posh = "UNKNOWN" }), ""},
		{"one finger named", set(func(o *pid.Options) { o.Posh = "RIGHT_INDEX" }), ""},
		{"two named, one asked", set(func(o *pid.Options) { o.Posh = "RIGHT_INDEX,LEFT_INDEX" }), "posh"},
		{"one named, two asked", set(func(o *pid.Options) { o.FCount, o.Posh = 2, "RIGHT_INDEX" }), "posh"},
		{"the same twice", set(func(o *pid.Options) { o.FCount, o.Posh = 2, "LEFT_RING,LEFT_RING" }), "posh"},
		{"unknown mixed in", set(func(o *pid.Options) { o.FCount, o.Posh = 2, "UNKNOWN,LEFT_RING" }), "posh"},
		{"iris for a finger", set(func(o *pid.Options) { o.Posh = "LEFT_IRIS" }), "posh"},
		{"iris beside a finger", set(func(o *pid.Options) { o.ICount, o.Posh = 1, "LEFT_THUMB,LEFT_IRIS" }), ""},
		{"a toe", set(func(o *pid.Options) { o.Posh = "LEFT_TOE" }), "posh"},
		{"no hand", set(func(o *pid.Options) { o.Posh = "UPPER_INDEX" }), "posh"},
		{"blank behind the comma", set(func(o *pid.Options) { o.FCount, o.Posh = 2, "LEFT_RING, LEFT_THUMB" }), "posh"},
		{"staging", set(func(o *pid.Options) { o.Env = "S" }), ""},
		{"pre-production", set(func(o *pid.Options) { o.Env = "PP" }), ""},
		{"unknown env", set(func(o *pid.Options) { o.Env = "UAT" }), "env"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.options.Validate()
			if test.attribute == "" {
				if err != nil {
					t.Fatalf("Validate() = %v, want nil", err)
				}
				return
			}
			e, ok := errors.AsType[*pid.OptionsError](err)
			if !ok || e.Attribute != test.attribute {
				t.Fatalf("Validate() = %v, want an error about %s", err, test.attribute)
			}
		})
	}
}
