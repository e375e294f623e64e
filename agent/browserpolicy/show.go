package browserpolicy

import (
	"fmt"
	"strings"
)

// Show returns what an administrator needs to write the policies by hand or into
// a group policy: the files for Linux and a registry file for Windows.
func Show(origin string) (string, error) {
	host, err := checkOrigin(origin)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Linux: %s and its like for Chrome and Edge\n%s\n", chromiums()[2].Directory+"/"+ownFile, chromiumFile(origin))
	fmt.Fprintf(&b, "# Linux: %s\n%s\n", firefoxFile, firefoxDocument(host))
	fmt.Fprintf(&b, "# Windows: biobridge.reg (if a value \"1\" is there already, take the next free number)\nWindows Registry Editor Version 5.00\n\n")
	for _, browser := range chromiums() {
		for _, list := range browser.Lists {
			fmt.Fprintf(&b, "[HKEY_LOCAL_MACHINE\\%s\\%s]\n\"1\"=\"%s\"\n\n", browser.Key, list, origin)
		}
	}
	fmt.Fprintf(&b, "[HKEY_LOCAL_MACHINE\\%s]\n\"1\"=\"%s\"\n", firefoxKey, host)
	return b.String(), nil
}
