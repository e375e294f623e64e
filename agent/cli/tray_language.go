package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"biobridge/agent/locale"
)

// languageChoice is the file in which a user's language is kept; empty: there is
// no place for it.
type languageChoice string

func languageFile() languageChoice {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return languageChoice(filepath.Join(dir, "biobridge", "language"))
}

// read returns the language that was kept, "" for none.
func (c languageChoice) read() string {
	if c == "" {
		return ""
	}
	text, err := os.ReadFile(string(c))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// keep stores a language.
func (c languageChoice) keep(lang locale.Lang) error {
	if c == "" {
		return errors.New("this user has no directory for settings")
	}
	if err := os.MkdirAll(filepath.Dir(string(c)), 0o700); err != nil {
		return fmt.Errorf("remember the language: %w", err)
	}
	// Renamed into place, so that a power cut leaves the old choice or the new one.
	fresh := string(c) + ".new"
	if err := os.WriteFile(fresh, []byte(lang+"\n"), 0o600); err != nil {
		return fmt.Errorf("remember the language: %w", err)
	}
	if err := os.Rename(fresh, string(c)); err != nil {
		return fmt.Errorf("remember the language: %w", err)
	}
	return nil
}

// firstLanguage is the user's own choice, else the installer's, else that of his
// desktop, else English.
func firstLanguage(c *locale.Catalogue, choice languageChoice) locale.Lang {
	for _, tag := range append([]string{choice.read(), installedLanguage()}, desktopLanguages()...) {
		if lang, ok := c.Parse(tag); ok {
			return lang
		}
	}
	return locale.English
}
