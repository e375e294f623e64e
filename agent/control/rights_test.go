package control

import (
	"slices"
	"testing"
)

// The shopkeeper may do his work; what touches everybody is an administrator's.
func TestMayCall(t *testing.T) {
	admin := []string{"stop", "accept_new_journal", "backup", "log_tail", "secrets", "set_secret", "remove_secret"}
	for name := range methods {
		if err := mayCall(Peer{ID: "uid:0", Admin: true}, name); err != nil {
			t.Errorf("an administrator may not call %s: %v", name, err)
		}
		err := mayCall(Peer{ID: "uid:1000"}, name)
		if want := slices.Contains(admin, name); (err != nil) != want {
			t.Errorf("%s: another user gets %v, refused should be %v", name, err, want)
		}
	}
}
