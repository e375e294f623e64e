package control_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"biobridge/agent/control"
)

// newAddress is an address that no other test uses. A pipe needs no directory.
func newAddress(t *testing.T) string {
	t.Helper()
	return control.Address(fmt.Sprintf(`C:\%s-%d`, t.Name(), os.Getpid()))
}

func TestListen_inUse(t *testing.T) {
	d := open(t, control.Config{})
	if _, err := control.Listen(d.address, false); !errors.Is(err, control.ErrInUse) {
		t.Errorf("Listen where another answers = %v, want ErrInUse", err)
	}
	if _, err := d.dial(t).Status(t.Context()); err != nil {
		t.Errorf("the first one: %v", err)
	}
}

func TestListen_everyone(t *testing.T) {
	d := &door{log: &lockedBuffer{}, address: newAddress(t)}
	l, err := control.Listen(d.address, true)
	if err != nil {
		t.Fatal(err)
	}
	d.serve(t, control.Config{}, l)
	for range 5 { // each caller gets an instance of the pipe of his own
		if _, err := d.dial(t).Status(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
