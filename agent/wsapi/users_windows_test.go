package wsapi_test

import (
	"testing"

	"golang.org/x/sys/windows"
)

// ownID is the user that this test runs as.
func ownID(t testing.TB) string {
	t.Helper()
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	return user.User.Sid.String()
}
