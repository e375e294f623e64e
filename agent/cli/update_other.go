//go:build !windows

package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// packageKind says which package manager has installed the program.
func packageKind() string {
	if err := exec.Command("dpkg-query", "--status", "biobridge").Run(); err == nil {
		return "deb"
	}
	return "rpm"
}

// runInstaller installs a package that was verified, or installs it again where a
// power cut interrupted that. The shop's configuration is never replaced. dpkg waits
// until a file is on disk before it takes the old one's place, rpm has to be told to.
func runInstaller(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, "rpm", "--define", "_flush_io 1", "--upgrade", "--replacepkgs", path)
	if filepath.Ext(path) == ".deb" {
		cmd = exec.CommandContext(ctx, "dpkg", "--force-confdef", "--force-confold", "--install", path)
	}
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("run the installer: %w: %s", err, said)
	}
	return nil
}

// stepAside has nothing to do: a program that runs may be replaced here.
func (u *updater) stepAside(string, io.Writer) (program string, moved bool, err error) {
	if u.program != "" {
		return u.program, false, nil
	}
	program, err = os.Executable()
	if err != nil {
		return "", false, fmt.Errorf("find this program: %w", err)
	}
	return program, false, nil
}
