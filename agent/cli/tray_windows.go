package cli

import (
	"context"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// installedLanguage is what the person who installed has chosen ("service
// setup" wrote it).
func installedLanguage() string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `Software\biobridge`, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer k.Close()
	language, _, err := k.GetStringValue("Language")
	if err != nil {
		return ""
	}
	return language
}

// desktopLanguages are those in which the user has Windows speak.
func desktopLanguages() []string {
	const byName = 0x8 // MUI_LANGUAGE_NAME
	tags, err := windows.GetUserPreferredUILanguages(byName)
	if err != nil {
		return nil
	}
	return tags
}

func openPage(page string) error {
	verb, err := windows.UTF16PtrFromString("open")
	if err != nil {
		return err
	}
	target, err := windows.UTF16PtrFromString(page)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, verb, target, nil, nil, windows.SW_SHOWNORMAL)
}

// copyText uses the program that Windows brings along for it. The text is ASCII
// but for a page's or a scanner's name.
func copyText(ctx context.Context, text string) error {
	cmd := exec.CommandContext(ctx, "clip.exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n"))
	return cmd.Run()
}
