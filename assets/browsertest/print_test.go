package browsertest_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"biobridge/agent/demo"
)

// toFile has Firefox print without asking, into a file.
func toFile(path string) map[string]string {
	const printer = "print.printer_Mozilla_Save_to_PDF."
	return map[string]string{
		"print.always_print_silent":   "true",
		"print_printer":               `"Mozilla Save to PDF"`,
		printer + "print_to_file":     "true",
		printer + "print_to_filename": strconv.Quote(path),
	}
}

// kiosk has Chromium print without asking, into files of a directory.
func kiosk(t *testing.T, directory string) []chromedp.ExecAllocatorOption {
	t.Helper()
	profile := t.TempDir()
	state := `{"version":2,"recentDestinations":[{"id":"Save as PDF","origin":"local","account":""}]}`
	preferences, err := json.Marshal(map[string]any{
		"printing": map[string]any{"print_preview_sticky_settings": map[string]any{"appState": state}},
		"savefile": map[string]any{"default_directory": directory},
		"download": map[string]any{"default_directory": directory},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), preferences, 0o600); err != nil {
		t.Fatal(err)
	}
	return []chromedp.ExecAllocatorOption{chromedp.UserDataDir(profile), chromedp.Flag("kiosk-printing", true)}
}

var (
	mediaBox = regexp.MustCompile(`/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]`)
	stream   = regexp.MustCompile(`(?s)stream\r?\n(.*?)endstream`)
)

// sheets are the widths in millimetres of a PDF's sheets.
func sheets(pdf []byte) []int {
	objects := [][]byte{pdf}
	for _, match := range stream.FindAllSubmatch(pdf, -1) {
		if inflated, err := zlib.NewReader(bytes.NewReader(match[1])); err == nil {
			text, _ := io.ReadAll(inflated) // what can't be read has no sheets in it
			objects = append(objects, text)
		}
	}
	var widths []int
	for _, text := range objects {
		for _, match := range mediaBox.FindAllSubmatch(text, -1) {
			points, _ := strconv.ParseFloat(string(match[1]), 64)
			widths = append(widths, int(math.Round(points*25.4/72)))
		}
	}
	return widths
}

// A click on the button prints the receipt, and it alone, through the browser: one
// sheet of an office printer takes it.
func TestReceiptIsPrinted(t *testing.T) {
	for _, test := range []struct {
		name string
		open func(t *testing.T, directory string) *tab
	}{
		{"chromium", func(t *testing.T, directory string) *tab {
			openScreen(t) // one without a screen does not print
			return openChromium(t, append(kiosk(t, directory), chromedp.VisibleWindow)...)
		}},
		{"firefox", func(t *testing.T, directory string) *tab {
			return openFirefox(t, toFile(filepath.Join(directory, "receipt.pdf")))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openShop(t, demo.Options{})
			directory := t.TempDir()
			page := test.open(t, directory)
			page.open(s.PageURL)
			page.connect()
			page.serve("mini_statement")
			page.receipt()
			page.click("#result .buttons button")
			var paper []byte
			until(t, "the receipt is printed", func() bool {
				files, err := filepath.Glob(filepath.Join(directory, "*.pdf"))
				if err != nil || len(files) == 0 {
					return false
				}
				paper, err = os.ReadFile(files[0])
				return err == nil && bytes.HasSuffix(bytes.TrimSpace(paper), []byte("%%EOF"))
			})
			if got := sheets(paper); !slices.Equal(got, []int{210}) {
				t.Errorf("the receipt takes sheets of %v mm, want one of 210", got)
			}
			if *screenshots != "" {
				if err := os.WriteFile(filepath.Join(*screenshots, "paper-"+test.name+".pdf"), paper, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
