package setup

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"

	"biobridge/agent/service"
)

// secure shuts every ordinary user out of the configuration's and the data's
// directory: the service's account may read the one and write the other. What is
// in there already falls under the same rights.
func secure(configDir, dataDir string) error {
	sid := ServiceSID(service.Name)
	for _, place := range []struct{ dir, rights string }{
		{configDir, "0x1200a9"}, // read and enter
		{dataDir, "FA"},
	} {
		if err := os.MkdirAll(place.dir, 0o700); err != nil {
			return fmt.Errorf("make %s: %w", place.dir, err)
		}
		text := "O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;" + place.rights + ";;;" + sid + ")"
		if err := setRights(place.dir, text, windows.PROTECTED_DACL_SECURITY_INFORMATION); err != nil {
			return err
		}
		if err := inherit(place.dir, dataDir); err != nil {
			return err
		}
	}
	return nil
}

// inherit gives everything below dir the rights of its directory and takes it from
// whoever owned it: a user who was there first must not keep a door open.
func inherit(dir, except string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("look at what is in %s: %w", dir, err)
		case path == dir:
			return nil
		case path == except:
			return fs.SkipDir
		case d.Type()&(fs.ModeSymlink|fs.ModeIrregular) != 0:
			return nil // somebody else's target
		}
		return setRights(path, "O:BAD:AI", windows.UNPROTECTED_DACL_SECURITY_INFORMATION)
	})
}

func setRights(path, sddl string, inheritance windows.SECURITY_INFORMATION) error {
	descriptor, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return fmt.Errorf("describe the rights on %s: %w", path, err)
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return fmt.Errorf("describe the rights on %s: %w", path, err)
	}
	dacl, _, err := descriptor.DACL()
	if err != nil {
		return fmt.Errorf("describe the rights on %s: %w", path, err)
	}
	err = windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT,
		windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION|inheritance, owner, nil, dacl, nil)
	if err != nil {
		return fmt.Errorf("set the rights on %s: %w", path, err)
	}
	return nil
}
