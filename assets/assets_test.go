package assets_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"biobridge/assets"
)

func decode(t *testing.T, name string, size int) image.Image {
	t.Helper()
	data, err := assets.Icon(name, size)
	if err != nil {
		t.Fatal(err)
	}
	icon, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s at %d: %v", name, size, err)
	}
	return icon
}

func TestEveryIconHasEverySize(t *testing.T) {
	for _, name := range assets.Icons() {
		for _, size := range assets.IconSizes() {
			if got := decode(t, name, size).Bounds(); got != image.Rect(0, 0, size, size) {
				t.Errorf("%s at %d is %v", name, size, got)
			}
		}
		if _, err := assets.Icon(name, 17); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s at 17: %v, want that it does not exist", name, err)
		}
	}
}

func TestWindowsIconHoldsEverySize(t *testing.T) {
	for _, name := range assets.Icons() {
		data, err := assets.WindowsIcon(name)
		if err != nil {
			t.Fatal(err)
		}
		sizes := assets.IconSizes()
		if count := int(binary.LittleEndian.Uint16(data[4:])); count != len(sizes) {
			t.Fatalf("%s holds %d images, want %d", name, count, len(sizes))
		}
		for i, size := range sizes {
			entry := data[6+16*i:]
			length, offset := binary.LittleEndian.Uint32(entry[8:]), binary.LittleEndian.Uint32(entry[12:])
			want, err := assets.Icon(name, size)
			if err != nil {
				t.Fatal(err)
			}
			if entry[0] != byte(size) || !bytes.Equal(data[offset:offset+length], want) {
				t.Errorf("%s: image %d is not the one of %d pixels", name, i, size)
			}
		}
	}
}

// Somebody who sees no colours, or has a dark taskbar, must tell the states
// apart at the smallest size.
func TestStatesDifferByShape(t *testing.T) {
	const size = 16
	for i, one := range assets.Icons() {
		for _, other := range assets.Icons()[i+1:] {
			if share := difference(decode(t, one, size), decode(t, other, size), size); share < 0.1 {
				t.Errorf("%s and %s differ in %.0f %% of their outline only", one, other, 100*share)
			}
		}
	}
}

// difference is how much of the square is covered by one of the two alone.
func difference(one, other image.Image, size int) float64 {
	sum := 0.0
	for y := range size {
		for x := range size {
			_, _, _, a := one.At(x, y).RGBA()
			_, _, _, b := other.At(x, y).RGBA()
			sum += math.Abs(float64(a) - float64(b))
		}
	}
	return sum / 0xFFFF / float64(size*size)
}

func TestIconsStandOutOnAnyTaskbar(t *testing.T) {
	for _, name := range assets.Icons() {
		main := dominant(decode(t, name, 64))
		for _, ground := range []color.Color{color.White, color.NRGBA{0x20, 0x20, 0x20, 0xFF}} {
			if ratio := contrast(main, ground); ratio < 3 {
				t.Errorf("%s has a contrast of %.2f against %v", name, ratio, ground)
			}
		}
	}
}

// dominant is the colour that covers most, but for white.
func dominant(icon image.Image) color.Color {
	counts := make(map[color.Color]int)
	var most color.Color
	for y := range icon.Bounds().Dy() {
		for x := range icon.Bounds().Dx() {
			c := icon.At(x, y)
			if r, g, b, a := c.RGBA(); a < 0xFFFF || r&g&b == 0xFFFF {
				continue
			}
			counts[c]++
			if counts[c] > counts[most] {
				most = c
			}
		}
	}
	return most
}

// contrast is WCAG 2's ratio of luminances.
func contrast(one, other color.Color) float64 {
	a, b := luminance(one), luminance(other)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		s := float64(v) / 0xFFFF
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func TestIconsAreWhatTheProgramDraws(t *testing.T) {
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), "go", "run", "./icons/gen", dir)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("draw the icons: %v\n%s", err, out)
	}
	drawn, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range drawn {
		want, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("icons", entry.Name()))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("icons/%s is not what the program draws (%v): run go generate", entry.Name(), err)
		}
	}
}

func TestSDKIsSmallAndComplete(t *testing.T) {
	source, err := fs.ReadFile(assets.SDK(), "src/biobridge.js")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(source); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if packed.Len() >= 8000 {
		t.Errorf("the SDK has %d bytes gzipped, 8000 are too many", packed.Len())
	}
	var manifest struct {
		Name, Version, License, Types string
		Dependencies                  map[string]string
	}
	data, err := fs.ReadFile(assets.SDK(), "package.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(manifest.Name, " ", manifest.License, " ", len(manifest.Dependencies)); got != "biobridge MIT 0" {
		t.Errorf("package.json says %s", got)
	}
	if _, err := fs.Stat(assets.SDK(), filepath.ToSlash(filepath.Clean(manifest.Types))); err != nil {
		t.Errorf("types: %v", err)
	}
}
