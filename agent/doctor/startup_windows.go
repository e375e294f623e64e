package doctor

import (
	"context"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func systemStartup(context.Context) (Startup, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\biobridge`, registry.QUERY_VALUE)
	if err != nil {
		return Startup{}, fmt.Errorf("look at the service: %w", err)
	}
	defer key.Close()
	start, _, err := key.GetIntegerValue("Start")
	if err != nil {
		return Startup{}, fmt.Errorf("look at the service's start: %w", err)
	}
	account, _, err := key.GetStringValue("ObjectName")
	if err != nil {
		return Startup{}, fmt.Errorf("look at the service's account: %w", err)
	}
	return Startup{start == windows.SERVICE_AUTO_START, account}, nil
}
