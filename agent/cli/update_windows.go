package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

func packageKind() string { return "msi" }

// runInstaller installs a package that was verified. 3010 says that files in use are
// replaced at the next start of the PC.
func runInstaller(ctx context.Context, path string) error {
	err := exec.CommandContext(ctx, "msiexec", "/i", path, "/qn", "/norestart", "/l*v", path+".log").Run()
	if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() == 3010 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("run the installer, which logs to %s.log: %w", path, err)
	}
	return nil
}

// stepAside goes on in a copy of the program: Windows doesn't replace one that runs.
// The copy works on after this process has ended, and writes to update.log.
func (u *updater) stepAside(dir string, out io.Writer) (program string, moved bool, err error) {
	if u.program != "" {
		return u.program, false, nil
	}
	if program, err = os.Executable(); err != nil {
		return "", false, fmt.Errorf("find this program: %w", err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return "", false, fmt.Errorf("copy this program: %w", err)
	}
	helper := filepath.Join(dir, "biobridge-update.exe")
	if err := os.WriteFile(helper, content, 0o700); err != nil {
		return "", false, fmt.Errorf("copy this program: %w", err)
	}
	log, err := os.Create(filepath.Join(dir, "update.log"))
	if err != nil {
		return "", false, fmt.Errorf("open the update's log: %w", err)
	}
	defer log.Close()
	args := []string{"update", "apply", "--config", u.config, "--program", program}
	if u.now {
		args = append(args, "--now")
	}
	cmd := exec.Command(helper, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_NEW_PROCESS_GROUP}
	if err := cmd.Start(); err != nil {
		return "", false, fmt.Errorf("start the update: %w", err)
	}
	_, err = fmt.Fprintf(out, "the update goes on by itself; what it did stands in %s\n", strings.TrimSpace(log.Name()))
	return program, true, err
}
