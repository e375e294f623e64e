package setup

import (
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/windows/registry"
)

// policies are the lists of pages that may reach this PC without the browser's
// question (browser.md section 4): the new name and the one before it, of Chrome and Edge.
var policies = []string{
	`Software\Policies\Google\Chrome\LoopbackNetworkAllowedForUrls`,
	`Software\Policies\Google\Chrome\LocalNetworkAccessAllowedForUrls`,
	`Software\Policies\Microsoft\Edge\LoopbackNetworkAllowedForUrls`,
	`Software\Policies\Microsoft\Edge\LocalNetworkAccessAllowedForUrls`,
}

// written is where the installer remembers which numbers of a list are its own.
const written = key + `\BrowserPolicy`

// allowInBrowsers adds origin to every list, under a number that nobody uses.
func allowInBrowsers(origin string) error {
	own, _, err := registry.CreateKey(registry.LOCAL_MACHINE, written, registry.SET_VALUE|registry.QUERY_VALUE)
	if err != nil {
		return fmt.Errorf("remember the browsers' policy: %w", err)
	}
	defer own.Close()
	for _, path := range policies {
		name, err := appendTo(path, origin)
		if err != nil {
			return fmt.Errorf("write the browsers' policy: %w", err)
		}
		if name == "" {
			continue // an administrator has listed it
		}
		if err := own.SetStringsValue(path, []string{name, origin}); err != nil {
			return fmt.Errorf("remember the browsers' policy: %w", err)
		}
	}
	return nil
}

// appendTo returns the name under which origin was added, "" where it was there.
func appendTo(path, origin string) (string, error) {
	list, _, err := registry.CreateKey(registry.LOCAL_MACHINE, path, registry.SET_VALUE|registry.QUERY_VALUE)
	if err != nil {
		return "", err
	}
	defer list.Close()
	names, err := list.ReadValueNames(0)
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	for _, name := range names {
		used[name] = true
		if value, _, err := list.GetStringValue(name); err == nil && value == origin {
			return "", nil
		}
	}
	for n := 1; ; n++ {
		if name := strconv.Itoa(n); !used[name] {
			return name, list.SetStringValue(name, origin)
		}
	}
}

// forgetBrowsers takes away what allowInBrowsers wrote, unless somebody has given
// the number another page since.
func forgetBrowsers() error {
	own, err := registry.OpenKey(registry.LOCAL_MACHINE, written, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("recall the browsers' policy: %w", err)
	}
	defer own.Close()
	for _, path := range policies {
		entry, _, err := own.GetStringsValue(path)
		if err != nil || len(entry) != 2 {
			continue
		}
		list, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.SET_VALUE|registry.QUERY_VALUE)
		if err != nil {
			continue // the list is gone, and our page with it
		}
		if value, _, err := list.GetStringValue(entry[0]); err == nil && value == entry[1] {
			err = list.DeleteValue(entry[0])
			if err != nil {
				_ = list.Close()
				return fmt.Errorf("take back the browsers' policy: %w", err)
			}
		}
		_ = list.Close()
	}
	if err := registry.DeleteKey(registry.LOCAL_MACHINE, written); err != nil {
		return fmt.Errorf("forget the browsers' policy: %w", err)
	}
	return nil
}
