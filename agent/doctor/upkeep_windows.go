package doctor

import (
	"fmt"

	"golang.org/x/sys/windows/registry"
)

// clockKept reports whether Windows' time service has a source to follow.
func clockKept() (bool, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\W32Time\Parameters`, registry.QUERY_VALUE)
	if err != nil {
		return false, fmt.Errorf("look at the time service: %w", err)
	}
	defer key.Close()
	source, _, err := key.GetStringValue("Type")
	if err != nil {
		return false, fmt.Errorf("look at the time service's source: %w", err)
	}
	return source != "NoSync", nil
}
