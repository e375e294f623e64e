package service

import (
	"context"
	"fmt"

	"golang.org/x/sys/windows"
)

// hearNetwork calls news at every change of an address that Windows tells of,
// until ctx ends.
func hearNetwork(ctx context.Context, news func()) error {
	told := windows.NewCallback(func(_, _, _ uintptr) uintptr { news(); return 0 })
	var handle windows.Handle
	if err := windows.NotifyUnicastIpAddressChange(windows.AF_UNSPEC, told, nil, false, &handle); err != nil {
		return fmt.Errorf("listen to the network's changes: %w", err)
	}
	<-ctx.Done()
	// It returns when no call is under way any more.
	if err := windows.CancelMibChangeNotify2(handle); err != nil {
		return fmt.Errorf("stop listening to the network's changes: %w", err)
	}
	return nil
}
