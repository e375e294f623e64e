package wsapi_test

import (
	"testing"

	"biobridge/agent/locale"
	"biobridge/agent/wsapi"
)

func TestTexts_areInHindi(t *testing.T) {
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range c.Check(locale.Hindi, wsapi.Texts()) {
		t.Error(fault)
	}
	for _, key := range c.Stray(locale.Hindi, "wsapi.", wsapi.Texts()) {
		t.Errorf("hi: %s is said nowhere", key)
	}
}
