package update

import (
	"fmt"

	"golang.org/x/sys/windows/registry"
)

// Machine returns a text that is this PC's own and stays.
func Machine() (string, error) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Cryptography`, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return "", fmt.Errorf("find this PC's identity: %w", err)
	}
	defer k.Close()
	id, _, err := k.GetStringValue("MachineGuid")
	if err != nil {
		return "", fmt.Errorf("find this PC's identity: %w", err)
	}
	return id, nil
}

// syncDir has nothing to do: NTFS writes names into its journal, and a directory
// can't be opened for flushing.
func syncDir(string) error { return nil }
