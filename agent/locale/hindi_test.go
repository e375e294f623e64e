package locale_test

import (
	"testing"

	"biobridge/agent"
	"biobridge/agent/locale"
	"biobridge/agent/wsapi"
	"biobridge/eko"
	"biobridge/pid"
	"biobridge/rdservice"
)

// english gathers every sentence that a shopkeeper may read, by its key.
func english() map[string]string {
	all := map[string]string{}
	put := func(key, text string) {
		if text != "" {
			all[key] = text
		}
	}
	for _, texts := range []map[string]string{agent.English(), wsapi.Texts()} {
		for key, text := range texts {
			put(key, text)
		}
	}
	for _, p := range pid.Problems() {
		put("pid."+p.Code+".message", p.Message)
		put("pid."+p.Code+".remedy", p.Remedy)
	}
	for _, e := range rdservice.Codes() {
		put(e.Key+".cause", e.Cause)
		put(e.Key+".action", e.Action)
	}
	for _, r := range eko.Reasons() {
		put("eko."+r.Code+".message", r.Message)
		put("eko."+r.Code+".remedy", r.Remedy)
	}
	return all
}

// TestHindi_IsComplete holds that nobody who chose Hindi is answered in English.
func TestHindi_IsComplete(t *testing.T) {
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	sentences := english()
	if len(sentences) < 300 {
		t.Fatalf("only %d sentences were found", len(sentences))
	}
	for _, fault := range catalogue.Check(locale.Hindi, sentences) {
		t.Error(fault)
	}
	for _, prefix := range []string{"agent.", "pid.", "rd.", "eko.", "wsapi."} {
		for _, key := range catalogue.Stray(locale.Hindi, prefix, sentences) {
			t.Errorf("%s is said by nobody any more", key)
		}
	}
}
