//go:build !windows

package cli

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
)

// installedLanguage is the installer's choice; only the Windows installer has one.
func installedLanguage() string { return "" }

// desktopLanguages are those of the environment, the most particular first
// (locale(7)).
func desktopLanguages() []string {
	var tags []string
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
		tags = append(tags, strings.Split(os.Getenv(name), ":")...)
	}
	return tags
}

func openPage(page string) error { return begin("xdg-open", page) }

// begin starts a program that may stay longer than the tray.
func begin(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // else it would stay as a zombie
	return nil
}

// clipboards are the programs that fill one, for Wayland and for X.
var clipboards = []struct {
	display string
	command []string
}{
	{"WAYLAND_DISPLAY", []string{"wl-copy"}},
	{"DISPLAY", []string{"xclip", "-selection", "clipboard"}},
	{"DISPLAY", []string{"xsel", "--clipboard", "--input"}},
}

// copyText needs one of them: a clipboard lives in a program that stays.
func copyText(ctx context.Context, text string) error {
	for _, c := range clipboards {
		program, err := exec.LookPath(c.command[0])
		if err != nil || os.Getenv(c.display) == "" {
			continue
		}
		cmd := exec.CommandContext(ctx, program, c.command[1:]...)
		cmd.Stdin = strings.NewReader(text)
		return cmd.Run()
	}
	return errors.New("nothing here can copy: install wl-clipboard or xclip, or save a diagnostics file instead")
}
