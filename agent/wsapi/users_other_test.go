//go:build !linux

package wsapi_test

import (
	"testing"

	"biobridge/agent/wsapi"
)

// ownID is the user that this test runs as, as the bridge sees him.
func ownID(t testing.TB) string {
	b := open(t, wsapi.Config{})
	b.join(t, shopOrigin)
	user := b.Pages()[0].User
	if user == "" {
		t.Skip("this system doesn't tell whose a connection is")
	}
	return user
}
