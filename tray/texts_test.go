package tray_test

import (
	"testing"

	"biobridge/agent/locale"
	"biobridge/tray"
)

func TestTexts_areInHindi(t *testing.T) {
	c := catalogue(t)
	for _, fault := range c.Check(locale.Hindi, tray.Texts()) {
		t.Error(fault)
	}
	for _, key := range c.Stray(locale.Hindi, "tray.", tray.Texts()) {
		t.Errorf("hi: %s is said nowhere", key)
	}
}

func catalogue(t *testing.T) *locale.Catalogue {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
